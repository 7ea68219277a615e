"""Small networks that tests of the simulator share, and what it means that two runs are equal."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence

import numpy as np

import spikelab as sl

Data = dict[str, np.ndarray]
Made = tuple[sl.Network, Data]

#: Steps of 1 ms that every network of `NETS` runs; a multiple of its frames.
STEPS = 60
FRAME = 5
CELL = {"tau_mem_ms": 10.0, "tau_ref_ms": 2.0}


def values(rows: int, batch: int, features: int, seed: int = 0) -> np.ndarray:
    """Uniform numbers, the first batch rows of which do not depend on the batch."""
    columns = [np.random.default_rng([seed, b]).random((rows, features)) for b in range(batch)]
    return np.stack(columns, axis=1)


def layers(batch: int) -> Made:
    """Poisson frames through two layers without a cycle; same-step and delayed edges."""
    net = sl.Network(seed=5)
    inp = net.input("mel", 12, sl.PoissonEncoder(max_rate_hz=400.0), frame_ms=FRAME)
    one, two = net.add("one", 63, sl.LIF(**CELL)), net.add("two", 30, sl.LIF(**CELL))
    net.connect(inp, one, weight=sl.Uniform(1.0, 5.0))
    net.connect(one, two, sl.FixedProbability(0.3), weight=sl.Normal(3.0, 2.0))
    net.connect(one, two, sl.FixedIndegree(3), weight=2.0, delay_ms=3.0)
    return net, {"mel": values(STEPS // FRAME, batch, 12)}


def recurrent(batch: int) -> Made:
    """Two populations that excite and inhibit each other with random delays, noise and delta spikes."""
    net = sl.Network(seed=6)
    inp = net.input("wave", 4, sl.DeltaEncoder(threshold=0.2))
    exc, inh = (net.add(name, n, sl.LIF(synapse="exp", **CELL)) for name, n in (("exc", 63), ("inh", 17)))
    net.connect(inp, exc, weight=800.0)
    for source, sign in ((exc, 1.0), (inh, -4.0)):
        for target in (exc, inh):
            bounds = sorted((sign * 40.0, sign * 120.0))
            delay = sl.Uniform(1.0, 7.0)
            net.connect(source, target, sl.FixedProbability(0.2), sl.Uniform(*bounds), delay)
    for target in (exc, inh):
        net.drive(target, sl.PoissonDrive(rate_hz=2000.0, weight=150.0))
    return net, {"wave": values(STEPS, batch, 4, 1)}


def latencies(batch: int) -> Made:
    """Latency frames into one layer of the unitless model, and its spikes into a rate."""
    net = sl.Network(seed=7)
    inp = net.input("x", 10, sl.LatencyEncoder(), frame_ms=FRAME)
    layer = net.add("layer", 20, sl.LIF.unitless(beta=0.8))
    trace = net.add("trace", 5, sl.LeakyIntegrator())
    net.connect(inp, layer, weight=sl.Uniform(-0.6, 0.8))
    net.connect(layer, trace, weight=sl.Normal(0.0, 1.0), delay_ms=2.0)
    return net, {"x": values(STEPS // FRAME, batch, 10, 2)}


def rates(batch: int) -> Made:
    """A reservoir of rates with several delays, whose sums have three terms, and a layer above it."""
    net = sl.Network(seed=8)
    inp, slow = net.input("u", 3), net.input("held", 2, frame_ms=FRAME)
    pool = net.add("pool", 31, sl.LeakyTanh(leak_rate=0.5))
    top = net.add("top", 7, sl.LeakyIntegrator())
    net.connect(inp, pool, weight=sl.Uniform(-1.0, 1.0))
    net.connect(slow, pool, weight=sl.Uniform(-1.0, 1.0), delay_ms=4.0)
    net.connect(pool, pool, sl.FixedIndegree(5), weight=sl.Normal(0.0, 0.3))
    net.connect(pool, pool, sl.FixedIndegree(5), weight=sl.Normal(0.0, 0.3), delay_ms=3.0)
    net.connect(pool, top, weight=sl.Normal(0.0, 0.3))
    net.connect(pool, top, weight=sl.Normal(0.0, 0.3), delay_ms=2.0)
    net.connect(inp, top, weight=0.7, delay_ms=6.0)
    return net, {"u": values(STEPS, batch, 3, 3), "held": values(STEPS // FRAME, batch, 2, 4)}


NETS: dict[str, Callable[[int], Made]] = {f.__name__: f for f in (layers, recurrent, latencies, rates)}
SPIKING = [name for name in NETS if name != "rates"]
TRACES = {"layers": ("v_mv",), "recurrent": ("v_mv", "i_exc_pa"), "latencies": ("v",), "rates": ("x", "v")}


def simulator(net: sl.Network, batch: int, **options: object) -> sl.Simulator:
    return sl.Simulator(net, 1.0, batch, **options)  # type: ignore[arg-type]


def cut(data: Data, first: int, last: int) -> Data:
    """The rows of `data` that last from step `first` to step `last`."""
    return {name: x[first * len(x) // STEPS : last * len(x) // STEPS] for name, x in data.items()}


def record(name: str) -> sl.Record:
    return sl.Record(traces=TRACES[name])


def run(name: str, batch: int = 2, sample_ids: Sequence[int] | None = None, **options: object) -> sl.Result:
    """Make the network `name` and run all its data at once."""
    net, data = NETS[name](batch if sample_ids is None else max(sample_ids) + 1)
    if sample_ids is not None:
        data = {key: x[:, sample_ids] for key, x in data.items()}
        batch = len(sample_ids)
    sim = simulator(net, batch, **options)
    return sim.run(inputs=data, record=record(name), sample_ids=sample_ids)


def assert_equal(whole: sl.Result, *parts: sl.Result) -> None:
    """`parts`, one after the other, hold bit for bit what `whole` holds."""
    assert sum(part.n_steps for part in parts) == whole.n_steps
    assert list(parts[0]) == list(whole)
    for name, expected in whole.items():
        pieces = [part[name] for part in parts]
        if expected.events is not None:
            dense = np.concatenate([piece.spikes.dense() for piece in pieces])
            np.testing.assert_array_equal(dense, expected.spikes.dense(), err_msg=name)
            assert sum(len(piece.spikes) for piece in pieces) == len(expected.spikes)
        for trace, array in expected.traces.items():
            got = np.concatenate([piece[trace] for piece in pieces])
            assert got.dtype == array.dtype
            np.testing.assert_array_equal(got, array, err_msg=f"{name}.{trace}")


def assert_same_state(one: sl.Simulator, other: sl.Simulator) -> None:
    first, second = one.state(), other.state()
    assert first.keys() == second.keys()
    for name, variables in first.items():
        for variable, array in variables.items():
            np.testing.assert_array_equal(array, second[name][variable], err_msg=f"{name}.{variable}")


def join_rows(results: Iterable[sl.Result], name: str) -> dict[str, np.ndarray]:
    """Spikes and traces of a population of several runs, side by side along the batch."""
    parts = [result[name] for result in results]
    joined = {t: np.concatenate([p[t] for p in parts], axis=1) for t in parts[0].traces}
    if parts[0].events is not None:
        joined["spikes"] = np.concatenate([p.spikes.dense() for p in parts], axis=1)
    return joined


def quiet_simulator(*args: object, **options: object) -> sl.Simulator:
    """A simulator whose rounding of times to the grid is meant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return sl.Simulator(*args, **options)  # type: ignore[arg-type]
