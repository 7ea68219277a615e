"""The promise of the simulator: the same spikes however the work is cut."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

import spikelab as sl
from spikelab.language import log, where
from spikelab.simulator import engine, workers

from .nets import (
    CELL,
    NETS,
    SPIKING,
    STEPS,
    assert_equal,
    assert_same_state,
    cut,
    join_rows,
    record,
    run,
    simulator,
)


@pytest.mark.parametrize("name", NETS)
def test_nets_are_worth_comparing(name):
    # Guards the tests below: an all-silent or saturated network would agree with anything.
    for population, part in run(name).items():
        if part.events is not None:
            assert 20 < len(part.spikes) < 0.4 * np.prod(part.spikes.shape), population
        assert all(np.ptp(array, axis=0).max() > 0.05 for array in part.traces.values())


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("cuts", [(0, 25, STEPS), (0, 5, 10, 45, STEPS)])
def test_a_run_in_parts_equals_a_run_at_once(name, cuts):
    net, data = NETS[name](2)
    whole = simulator(net, 2)
    expected = whole.run(inputs=data, record=record(name))
    sim = simulator(net, 2)
    parts = [sim.run(inputs=cut(data, a, b), record=record(name)) for a, b in pairwise(cuts)]
    assert_equal(expected, *parts)
    assert_same_state(whole, sim)
    assert [part.t0_step for part in parts] == list(cuts[:-1])
    assert sim.time_ms == whole.time_ms == STEPS


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("slab_bytes, most", [(1, 256), (1, 1), (4 << 20, 7), (4 << 20, 1)])
def test_the_size_of_chunks_does_not_matter(name, slab_bytes, most, monkeypatch):
    expected = run(name)
    monkeypatch.setattr(engine, "_SLAB_BYTES", slab_bytes)
    monkeypatch.setattr(engine, "_MAX_CHUNK", most)
    assert_equal(expected, run(name))


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("batch", [1, 5])
def test_threads_do_not_matter(name, batch, monkeypatch):
    expected = run(name, batch, threads=1)
    for threads in (2, 3):
        assert_equal(expected, run(name, batch, threads=threads))
    monkeypatch.setattr(workers, "_SMALL_WORK", 0)
    assert_equal(expected, run(name, batch))


def test_tiles_do_not_matter():
    net = sl.Network(seed=1)
    cells = net.add("cells", 40_001, sl.LIF(**CELL))  # 320 kB of state in float32: two tiles
    net.drive(cells, sl.PoissonDrive(rate_hz=3000.0, weight=1.0))
    net.connect(cells, cells, sl.OneToOne(), weight=3.0, delay_ms=2.0)
    runs = [simulator(net, 1, threads=threads).run(30.0) for threads in (1, 2)]
    assert_equal(*runs)
    assert runs[0]["cells"].mean_rate_hz > 0
    first = sl.Simulator(half_of(net, 63), 1.0).run(30.0)["cells"].spikes.dense()
    np.testing.assert_array_equal(runs[0]["cells"].spikes.dense()[:, :, :63], first)


def half_of(net, n):
    small = sl.Network(net.seed)
    cells = small.add("cells", n, net.populations["cells"].neuron)
    small.drive(cells, sl.PoissonDrive(rate_hz=3000.0, weight=1.0))
    small.connect(cells, cells, sl.OneToOne(), weight=3.0, delay_ms=2.0)
    return small


@pytest.mark.parametrize("name", NETS)
def test_any_split_of_the_batch_gives_the_same(name):
    whole = run(name, 5)
    for split in (([0], [1], [2], [3], [4]), ([3, 1], [4, 0, 2])):
        parts = [run(name, sample_ids=ids) for ids in split]
        order = np.argsort([i for ids in split for i in ids])
        for population in whole:
            expected, got = join_rows([whole], population), join_rows(parts, population)
            for kind, array in expected.items():
                np.testing.assert_array_equal(got[kind][:, order], array, err_msg=f"{population}.{kind}")


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_reference_gives_the_same(name, dtype):
    assert_equal(run(name, dtype=dtype), run(name, dtype=dtype, device="reference"))


@pytest.mark.parametrize("name", SPIKING)
def test_reset_replays_and_reseed_draws_other_noise(name):
    net, data = NETS[name](2)
    sim = simulator(net, 2)
    first, again = (replay(sim, data, name) for _ in range(2))
    assert_equal(first, again)
    other, other_again = (replay(sim, data, name, reseed=1) for _ in range(2))
    assert_equal(other, other_again)
    if name == "latencies":  # nothing random in it
        assert_equal(first, other)
        return
    differs = [not np.array_equal(first[p].spikes.dense(), other[p].spikes.dense()) for p in first]
    assert all(differs)
    assert_equal(first, replay(sim, data, name))


def replay(sim, data, name, **options):
    sim.reset(**options)
    assert sim.time_ms == 0.0
    return sim.run(inputs=data, record=record(name))


def test_reseed_reaches_the_random_numbers_of_a_model():
    net = sl.Network()
    net.add("dice", 63, dice())
    sim = sl.Simulator(net, 1.0)
    first = sim.run(20.0)
    sim.reset(reseed=1)
    other = sim.run(20.0)
    sim.reset()
    assert_equal(first, sim.run(20.0))
    assert not np.array_equal(first["dice"].spikes.dense(), other["dice"].spikes.dense())


@dataclass(frozen=True)
class DiceParams:
    p_spike: float = 0.2


@sl.neuron(params=DiceParams, state={"last": 0.0})
def dice(s, p, inp, rng):
    u = rng.uniform()
    return s.next(last=u), u < p.p_spike


def test_another_population_changes_no_spike():
    net, data = NETS["recurrent"](2)
    expected = simulator(net, 2).run(inputs=data)
    more = sl.Network(net.seed)
    third = more.add("third", 11, sl.LIF(synapse="exp", **CELL))  # first: shifts the others
    more.drive(third, sl.PoissonDrive(rate_hz=2000.0, weight=150.0))
    wave = more.input("wave", 4, sl.DeltaEncoder(threshold=0.2))
    handles = {name: more.add(name, p.n, p.neuron) for name, p in net.populations.items()}
    for p in net.projections.values():
        source = handles.get(p.source.name, wave)
        more.connect(source, handles[p.target.name], p.pattern, p.weight, p.delay_ms, p.receptor)
    for drive in net.drives.values():
        more.drive(handles[drive.target.name], drive.drive)
    more.connect(handles["exc"], third, weight=200.0, delay_ms=1.0)
    got = simulator(more, 2).run(inputs=data)
    for name in expected:
        np.testing.assert_array_equal(got[name].spikes.dense(), expected[name].spikes.dense())
    assert got["third"].counts.any()


def test_kinds_of_record_agree():
    net, data = NETS["recurrent"](2)
    full = simulator(net, 2).run(inputs=data, record=sl.Record(traces=["v_mv", "ref"]))
    counts = simulator(net, 2).run(inputs=data, record=sl.Record(spikes="counts"))
    nothing = simulator(net, 2).run(inputs=data, record=sl.Record(spikes="none"))
    for name in full:
        np.testing.assert_array_equal(counts[name].counts, full[name].spikes.counts())
        assert counts[name].events is None and not counts[name].traces
        assert nothing[name].events is None and nothing[name].spike_counts is None
    with pytest.raises(sl.ParameterError, match=r"spikes must have been recorded\. Run with record=Record"):
        _ = nothing["exc"].spikes
    some = simulator(net, 2).run(
        inputs=data,
        record=sl.Record(traces=["v_mv", "ref"], neurons={"exc": [40, 3], "inh": slice(5, None, 4)}),
    )
    for trace in ("v_mv", "ref"):
        np.testing.assert_array_equal(some["exc"][trace], full["exc"][trace][:, :, [40, 3]])
        np.testing.assert_array_equal(some["inh"][trace], full["inh"][trace][:, :, 5::4])
    one = simulator(net, 2).run(inputs=data, record=sl.Record(spikes="counts", populations=["inh"]))
    np.testing.assert_array_equal(one["inh"].counts, full["inh"].counts)
    assert one["exc"].spike_counts is None and one["exc"].events is None


def test_counts_of_a_layer_nobody_hears_are_its_spikes():
    net, data = NETS["layers"](3)
    full = simulator(net, 3).run(inputs=data)
    counted = simulator(net, 3).run(inputs=data, record=sl.Record(spikes="counts"))
    np.testing.assert_array_equal(counted["two"].counts, full["two"].spikes.counts())


def test_traces_of_a_rate_that_others_read_may_be_a_few():
    net, data = NETS["rates"](2)
    full = simulator(net, 2).run(inputs=data, record=record("rates"))
    few = sl.Record(traces=["x"], neurons={"pool": [30, 2]})
    some = simulator(net, 2).run(inputs=data, record=few)
    np.testing.assert_array_equal(some["pool"]["x"], full["pool"]["x"][:, :, [30, 2]])


def test_a_run_of_no_time_changes_nothing():
    net = sl.Network()
    net.drive(net.add("cells", 3, sl.LIF()), sl.PoissonDrive(rate_hz=2e4, weight=1.0))
    sim = sl.Simulator(net)
    result = sim.run(0.0)
    assert result.n_steps == 0 and not result.interrupted and sim.time_ms == 0.0
    assert len(result["cells"].spikes) == 0


class TestInterrupt:
    @pytest.fixture(autouse=True)
    def python_handler(self):
        # Where tests run in the background the shell has SIGINT ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    @pytest.mark.parametrize("name", NETS)
    def test_ctrl_c_gives_what_was_done_and_the_run_goes_on(self, name, monkeypatch):
        monkeypatch.setattr(engine, "_MAX_CHUNK", 7)  # not a divisor of the frames
        net, data = NETS[name](2)
        expected = simulator(net, 2).run(inputs=data, record=record(name))
        sim = simulator(net, 2)

        first = sim.run(inputs=data, record=record(name), progress=ctrl_c_at(14))
        assert first.interrupted
        assert 14 <= first.n_steps < STEPS
        assert sim.time_ms == first.n_steps
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        rest = sim.run(inputs=cut(data, first.n_steps, STEPS), record=record(name))
        assert not rest.interrupted
        assert_equal(expected, first, rest)

    def test_a_second_ctrl_c_raises(self):
        sim = driven()

        def stop(done, total):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            sim.run(1000.0, progress=stop)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_a_handler_of_the_host_stays(self):
        calls = []
        signal.signal(signal.SIGINT, lambda *_: calls.append(1))
        result = driven().run(300.0, progress=ctrl_c_at(14))
        assert calls == [1] and not result.interrupted

    def test_sigint_from_outside(self):
        code = """
            import signal
            signal.signal(signal.SIGINT, signal.default_int_handler)
            import spikelab as sl
            net = sl.Network()
            net.drive(net.add("cells", 63, sl.LIF()), sl.PoissonDrive(rate_hz=2e4, weight=1.0))
            sim = sl.Simulator(net, 1.0, device="reference")
            says = iter(["running"])
            result = sim.run(1e7, progress=lambda *_: [print(word, flush=True) for word in says])
            assert result.interrupted and 0 < result.n_steps < 1e7, result
            assert sim.time_ms == result.n_steps
            print("whole", flush=True)
        """
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout.readline() == "running\n"
            child.send_signal(signal.SIGINT)
            out, _ = child.communicate(timeout=60)
        assert (child.returncode, out) == (0, "whole\n")


def ctrl_c_at(step):
    """A meter that presses Ctrl-C once, when `step` steps are done."""
    pressed = []

    def meter(done, total):
        if done >= step and not pressed:
            pressed.append(done)
            signal.raise_signal(signal.SIGINT)

    return meter


def driven():
    net = sl.Network()
    net.drive(net.add("cells", 3, sl.LIF()), sl.PoissonDrive(rate_hz=2000.0, weight=1.0))
    return sl.Simulator(net, 1.0)


@dataclass(frozen=True)
class FuseParams:
    fuse: float = 0.0


@sl.neuron(params=FuseParams, state={"level": "fuse"})
def bomb(s, p, inp, rng):
    """Counts down from `fuse`; below zero the logarithm is NaN."""
    level = s.level - 1.0
    return s.next(level=where(level < 0.0, log(level), level)), False


@dataclass(frozen=True)
class ClimbParams:
    slope: float = 1.0


@sl.neuron(params=ClimbParams, state={"both": "slope"})
def climb(s, p, inp, rng):
    """Grows without bound, up or down by the sign of `slope`."""
    return s.next(both=s.both * 1e30), False


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_nan_is_traced_to_its_first_step(device):
    net = sl.Network()
    safe = net.add("safe", 2, bomb(fuse=1e6))
    net.add("boom", 3, bomb(fuse=np.array([1e6, 41.0, 55.0])))
    net.drive(safe, sl.PoissonDrive(rate_hz=100.0, weight=1.0))
    sim = sl.Simulator(net, 1.0, batch=2, device=device)
    text = (
        r"level of neuron 1 of population 'boom' became NaN in step 41 \(42 ms\), batch row 0\. "
        r"The state before that step is kept\."
    )
    sim.run(10.0)
    with pytest.raises(sl.NotFiniteError, match=text):
        sim.run(200.0)
    assert sim.time_ms == 41.0
    assert sim.state()["boom"]["level"][0].tolist() == [1e6 - 41, 0.0, 14.0]


@pytest.mark.parametrize("spikes", ["events", "counts"])
@pytest.mark.parametrize("to_disk", [False, True])
def test_what_was_kept_before_a_nan_is_in_the_error(spikes, to_disk, tmp_path, monkeypatch):
    monkeypatch.setattr("spikelab.simulator.recorder._SHARD_BYTES", 1)  # a shard after each chunk

    def simulator(fuse):
        net = sl.Network(seed=2)
        net.add("boom", 2, bomb(fuse=fuse))
        net.drive(net.add("cell", 9, sl.LIF()), sl.PoissonDrive(rate_hz=5000.0, weight=3.0))
        return sl.Simulator(net, 1.0)

    def kept(folder, **options):
        return sl.Record(traces=["v_mv", "level"], spikes=spikes, to=folder if to_disk else None, **options)

    sim = simulator(700.0)
    sim.run(10.0)
    with pytest.raises(sl.NotFiniteError, match=r"in step 700 \(701 ms\)") as error:
        sim.run(2000.0, record=kept(tmp_path / "until", interval_ms=3.0, rate_bin_ms=50.0))
    found = sl.open_recording(tmp_path / "until") if to_disk else error.value.rest
    whole = simulator(1e6)
    whole.run(10.0)
    expected = whole.run(690.0, record=kept(tmp_path / "whole", interval_ms=3.0, rate_bin_ms=50.0))
    assert (error.value.rest.n_steps, error.value.rest.interrupted) == (690, True)
    for result in (found, error.value.rest):
        np.testing.assert_array_equal(result["cell"].counts, expected["cell"].counts)
        np.testing.assert_array_equal(result["cell"]["v_mv"], expected["cell"]["v_mv"])
        np.testing.assert_array_equal(result["boom"]["level"][:, 0, 0], np.arange(688.0, 0.0, -3.0))
    assert expected["cell"].counts.sum() > 100


def test_infinities_are_not_nan():
    net = sl.Network()
    net.add("far", 3, bomb(fuse=np.array([1e6, 3e38, 3e38])))
    net.add("further", 2, climb(slope=np.array([1.0, -1.0])))
    result = sl.Simulator(net, 1.0).run(10.0, record=sl.Record(traces=["level", "both"]))
    assert result["far"]["level"][-1, 0].tolist() == [1e6 - 10, *[np.float32(3e38)] * 2]
    assert result["further"]["both"][-1, 0].tolist() == [np.inf, -np.inf]


def test_a_projection_without_an_edge_cuts_no_time_into_windows():
    net = sl.Network()
    cells = net.add("cells", 5, sl.LIF())
    net.connect(cells, cells, sl.FixedProbability(0.0), weight=1.0, delay_ms=1.5)
    net.drive(cells, sl.PoissonDrive(rate_hz=9000.0, weight=2.0))
    sim = sl.Simulator(net)
    assert sim._engine.windows == [0]
    alone = sl.Network()
    alone.drive(alone.add("cells", 5, sl.LIF()), sl.PoissonDrive(rate_hz=9000.0, weight=2.0))
    expected, found = (one.run(50.0)["cells"].counts for one in (sl.Simulator(alone), sim))
    assert expected.sum() > 0
    np.testing.assert_array_equal(found, expected)
