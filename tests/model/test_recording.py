"""Recordings on disk: the same as in memory, appended to, and whole after whatever happens."""

from __future__ import annotations

import errno
import json
import resource
import subprocess
import sys
import textwrap
import tracemalloc

import numpy as np
import pytest

import spikelab as sl
from spikelab.io import manifest, recorded, recording
from spikelab.simulator import recorder


def network():
    net = sl.Network(seed=3)
    exc, inh = net.add("exc", 60, sl.LIF()), net.add("inh", 20, sl.LIF())
    for source, weight in ((exc, 0.4), (inh, -1.0)):
        for target in (exc, inh):
            net.connect(source, target, sl.FixedIndegree(5), weight=weight, delay_ms=1.5)
    for target in (exc, inh):
        net.drive(target, sl.PoissonDrive(rate_hz=15_000.0, weight=1.0))
    net.add("rate", 3, sl.LeakyIntegrator())
    return net


FULL = {
    "traces": ["v_mv", "v"], "neurons": {"exc": [3, 1], "inh": slice(2)}, "interval_ms": 0.7,
    "rate_bin_ms": 2.0, "weights": [("exc", "inh", 0)], "weights_interval_ms": 10.0,
}  # fmt: skip


def assert_same(one, other):
    """Two results hold the same, whatever they were read from."""
    assert (one.t0_step, one.n_steps, one.batch, list(one)) == (
        other.t0_step, other.n_steps, other.batch, list(other),
    )  # fmt: skip
    for name, part in one.items():
        twin = other[name]
        np.testing.assert_array_equal(part.time_ms, twin.time_ms)
        assert list(part.traces) == list(twin.traces)
        for trace in part.traces:
            np.testing.assert_array_equal(part[trace], twin[trace])
            np.testing.assert_array_equal(part.neurons, twin.neurons)
        for field in ("spike_counts", "bin_counts"):
            np.testing.assert_array_equal(getattr(part, field), getattr(twin, field))
        assert (part.events is None) == (twin.events is None)
        if part.events is not None:
            for field in ("step", "batch", "neuron"):
                np.testing.assert_array_equal(getattr(part.spikes, field), getattr(twin.spikes, field))
    assert list(one.weights) == list(other.weights)
    for name, samples in one.weights.items():
        for ours, theirs in zip(samples, other.weights[name], strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.fixture
def small_shards(monkeypatch):
    """A shard a chunk."""
    monkeypatch.setattr(recorder, "_SHARD_BYTES", 1)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("spikes", ["events", "counts", "none"])
def test_what_is_on_disk_is_what_would_be_in_memory(spikes, batch, small_shards, tmp_path):
    record = {**FULL, "spikes": spikes}
    expected = sl.Simulator(network(), batch=batch).run(70.3, record=sl.Record(**record))
    folder = tmp_path / "new" / "recording"
    result = sl.Simulator(network(), batch=batch).run(70.3, record=sl.Record(**record, to=folder))
    assert len(list(folder.glob("part-*.safetensors"))) > 2
    assert_same(result, expected)
    assert_same(sl.open_recording(folder), expected)
    assert repr(sl.open_recording(folder)).splitlines()[1:] == repr(expected).splitlines()[1:]


def test_runs_are_appended_and_go_on_after_a_file(small_shards, tmp_path):
    expected = sl.Simulator(network()).run(60.0, record=sl.Record(**FULL))
    to, sim = sl.Record(**FULL, to=tmp_path / "recording"), sl.Simulator(network())
    first = sim.run(20.1, record=to)
    sim.save(tmp_path / "state")
    second = sl.Simulator.load(tmp_path / "state").run(39.9, record=to)
    assert (first.n_steps, second.t0_step, second.n_steps) == (201, 201, 399)
    assert len(first["exc"].spikes) + len(second["exc"].spikes) == len(expected["exc"].spikes)
    assert_same(sl.open_recording(tmp_path / "recording"), expected)


def test_a_run_that_is_taken_up_from_an_earlier_file_replaces_what_came_after(small_shards, tmp_path):
    expected = sl.Simulator(network()).run(60.0, record=sl.Record(**FULL))
    to, sim = sl.Record(**FULL, to=tmp_path / "recording"), sl.Simulator(network())
    sim.run(20.1, record=to)
    sim.save(tmp_path / "state")
    sim.run(33.3, record=to)  # this one is lost with the process, say
    later = sl.Simulator.load(tmp_path / "state")
    with pytest.warns(UserWarning, match=r"reached 53.4 ms, and the run begins at 20.1 ms; what came after"):
        later.run(39.9, record=to)
    assert_same(sl.open_recording(tmp_path / "recording"), expected)
    listed = json.loads((tmp_path / "recording" / "manifest.json").read_text())["shards"]
    assert len(listed) == len(list((tmp_path / "recording").glob("part-*")))


def test_shards_can_be_read_one_at_a_time(small_shards, tmp_path):
    whole = sl.Simulator(network()).run(60.0, record=sl.Record(to=tmp_path / "recording"))
    parts = list(sl.iterate_recording(tmp_path / "recording"))
    assert sum(part.n_steps for part in parts) == 600
    times = np.concatenate([part["exc"].spikes.time_ms for part in parts])
    np.testing.assert_array_equal(times, whole["exc"].spikes.time_ms)


def test_the_number_of_spikes_is_known_without_reading_them(tmp_path, monkeypatch):
    folder = tmp_path / "recording"
    sl.Simulator(network()).run(20.0, record=sl.Record(traces=["v_mv"], to=folder))
    monkeypatch.setattr(recorded, "read_arrays", None)
    result = sl.open_recording(folder)
    assert "exc         60" in repr(result)
    assert len(result["exc"].spikes) > 10
    assert result["exc"].mean_rate_hz > 1.0


@pytest.mark.parametrize("what", ["shard", "manifest"])
def test_a_full_disk_loses_nothing(what, small_shards, tmp_path, monkeypatch):
    expected = sl.Simulator(network()).run(80.0, record=sl.Record(**FULL))
    write, calls = recording.write_checkpoint, []

    def failing(path, arrays, meta):
        calls.append(path)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, arrays, meta)

    def failing_replace(source, target):
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    replace = manifest.os.replace
    if what == "shard":
        monkeypatch.setattr(recording, "write_checkpoint", failing)
    else:
        monkeypatch.setattr(recording, "write_checkpoint", lambda *a: (calls.append(a), write(*a))[1])
        monkeypatch.setattr(manifest.os, "replace", failing_replace)
    sim = sl.Simulator(network())
    folder = tmp_path / "recording"
    text = r"could not write \(No space left on device\). On disk are 2 shards, 0 to [\d.]+ ms"
    with pytest.raises(sl.RecordingError, match=text) as caught:
        sim.run(80.0, record=sl.Record(**FULL, to=folder))
    monkeypatch.undo()
    kept, rest = sl.open_recording(folder), caught.value.rest
    assert rest.t0_step == kept.n_steps and rest.t0_step + rest.n_steps == round(sim.time_ms / 0.1)
    left = sim.run(80.0 - sim.time_ms, record=sl.Record(**FULL))
    parts = [kept, rest, left]
    for name in ("exc", "inh"):
        times = np.concatenate([part[name].spikes.time_ms for part in parts])
        np.testing.assert_array_equal(times, expected[name].spikes.time_ms)
        rows = np.concatenate([part[name]["v_mv"] for part in parts])
        np.testing.assert_array_equal(rows, expected[name]["v_mv"])


def child(code, folder):
    """Run code in a process of its own."""
    script = textwrap.dedent(code).replace("FOLDER", repr(str(folder)))
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


SETUP = """
    import os, resource, signal
    import spikelab as sl
    from spikelab.simulator import recorder
    recorder._SHARD_BYTES = 1 << 16
    net = sl.Network(seed=3)
    net.add("noise", 1000, sl.PoissonSource(500.0))
    sim = sl.Simulator(net, 0.1)
"""


def test_a_limit_on_the_size_of_files_is_met_with_a_clear_error(tmp_path):
    assert resource.RLIMIT_FSIZE  # a real refusal by the system, in the middle of a file
    done = child(
        SETUP
        + """
    sim.run(100.0, record=sl.Record(to=FOLDER))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 15, 1 << 15))
    try:
        sim.run(100.0, record=sl.Record(to=FOLDER))
    except sl.RecordingError as error:
        print(error)
        print(error.rest.t0_step, len(error.rest["noise"].spikes) > 1000)
    """,
        tmp_path / "recording",
    )
    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("True")
    assert sl.open_recording(tmp_path / "recording").n_steps >= 1000
    assert not list((tmp_path / "recording").glob(".*.part"))


def test_a_killed_process_leaves_all_finished_shards(tmp_path):
    done = child(
        SETUP
        + """
    def stop(done, total):
        if done > 6000:
            os.kill(os.getpid(), signal.SIGKILL)
    sim.run(1000.0, record=sl.Record(to=FOLDER), progress=stop)
    """,
        tmp_path / "recording",
    )
    assert done.returncode == -9
    kept = sl.open_recording(tmp_path / "recording")
    assert 5000 < kept.n_steps <= 6400
    net = sl.Network(seed=3)
    net.add("noise", 1000, sl.PoissonSource(500.0))
    again = sl.Simulator(net, 0.1).run(kept.duration_ms)
    np.testing.assert_array_equal(kept["noise"].spikes.neuron, again["noise"].spikes.neuron)


def test_an_error_of_the_run_leaves_what_was_simulated_before(tmp_path):
    def stop(done, total):
        if done >= 400:
            raise KeyError("enough")

    sim = sl.Simulator(network())
    with pytest.raises(KeyError, match="enough"):
        sim.run(100.0, record=sl.Record(to=tmp_path / "recording"), progress=stop)
    kept = sl.open_recording(tmp_path / "recording")
    assert kept.n_steps == round(sim.time_ms / 0.1) >= 400


def test_memory_is_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(recorder, "_SHARD_BYTES", 1 << 18)
    net = sl.Network(seed=3)
    net.add("noise", 2000, sl.PoissonSource(1000.0))
    sim = sl.Simulator(net, 0.1)
    sim.run(30.0, record=sl.Record(to=tmp_path / "recording"))
    tracemalloc.start()
    try:
        sim.run(1000.0, record=sl.Record(to=tmp_path / "recording"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    spikes = sum(len(part["noise"].spikes) for part in sl.iterate_recording(tmp_path / "recording"))
    assert spikes > 1_900_000  # 24 MB of events
    assert peak < 6e6


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda f: (f / "notes.txt").write_text("x"), "to must be empty or hold a recording"),
        (lambda f: sl.Simulator(network()).run(5.0, record=sl.Record(to=f)), "spans 0 to 5 ms; name a new"),
        (
            lambda f: sl.Simulator(network()).run(5.0, record=sl.Record(to=f, spikes="counts")),
            "a recording of the same network, time step and record",
        ),
        (lambda f: (f / "manifest.json").write_text("{"), "hold a readable manifest.json"),
    ],
)
def test_a_folder_of_something_else_is_refused(prepare, text, tmp_path):
    prepare(tmp_path)
    sim = sl.Simulator(network())
    with pytest.raises(sl.ParameterError, match=text):
        sim.run(5.0, record=sl.Record(to=tmp_path))
    assert sim.time_ms == 0.0


def test_what_is_no_recording_is_refused(tmp_path):
    with pytest.raises(sl.CheckpointError, match="be the folder of a recording"):
        sl.open_recording(tmp_path / "none")
    sl.Simulator(network()).run(5.0, record=sl.Record(to=tmp_path))
    said = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**said, "version": 99}))
    with pytest.raises(sl.CheckpointError, match="It is of a newer spikelab"):
        sl.open_recording(tmp_path)
    elsewhere = [{**said["shards"][0], "file": "../part-000000.safetensors"}]
    (tmp_path / "manifest.json").write_text(json.dumps({**said, "shards": elsewhere}))
    with pytest.raises(sl.CheckpointError, match="it names '"):
        sl.open_recording(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    shard = tmp_path / "part-000000.safetensors"
    shard.write_bytes(shard.read_bytes()[:-5])
    with pytest.raises(sl.CheckpointError, match="be whole"):
        len(sl.open_recording(tmp_path)["exc"].spikes.step)
