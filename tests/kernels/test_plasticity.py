"""Synapses that learn: by hand, and the deferred kernels against the reference step by step."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels import dispatch
from spikelab_kernels.plasticity_spec import PlasticitySpec, decay_tables

from .plasticity_cases import CONSTANTS, PAIR, RICH, Case

MODES = ("ignore", "pre_first", "include")
SPECS = {
    "several-dendritic": (PlasticitySpec(RICH, "float32", "dendritic", "ignore", True), (20, 23, 31)),
    "axonal": (PlasticitySpec(RICH, "float64", "axonal", "pre_first"), (11, 15)),
    "transmission": (PlasticitySpec(RICH, "float32", "transmission", "include"), (11, 20)),
    "dendritic": (PlasticitySpec(PAIR, "float64", "dendritic", "ignore"), (12,)),
}


@pytest.fixture(params=SPECS)
def case(request):
    return Case(*SPECS[request.param])


def same(one, other):
    for a, b in ((one.w, other.w), *((one.synapse[name], other.synapse[name]) for name in one.synapse)):
        np.testing.assert_array_equal(a, b)


def faded(tau, n):
    return np.exp(-n / CONSTANTS[tau])


@pytest.mark.parametrize("mode", MODES)
def test_two_neurons_by_hand(backend, mode):
    case = Case(PlasticitySpec(PAIR, "float64", "transmission", mode), (11,))
    case.pre[:], case.post[:] = False, False
    case.source, case.target, case.delay = np.array([0]), np.array([0]), np.array([11])
    case.weight = np.array([0.5])
    case.pre[[2, 9], 0] = True
    case.post[[5, 9], 0] = True
    sent, state = case.run(backend)
    up, down = CONSTANTS["up"], CONSTANTS["down"]
    x, y = faded("tau_pre", 3), faded("tau_post", 4)
    x9 = faded("tau_pre", 7)
    if mode == "ignore":
        changes = [up * x, up * x9, -down * y]
    elif mode == "pre_first":
        changes = [up * x, -down * y, up * (x9 + 1)]
    else:
        changes = [up * x, -down * (y + 1), up * (x9 + 1)]
    assert state.w[0] == pytest.approx(0.5 + sum(changes), abs=1e-14)
    # sent in steps 2 and 9, the second time with all changes; a step later stands in row k - 1
    arrived = {int(k) + 1: int(value) for k, value in enumerate(sent[:, 0]) if value}
    assert arrived == {13: -(2**19), 20: -round((0.5 + sum(changes)) * 2**20)}


def test_deferred_as_step_by_step(case, reference):
    sent, state = case.run(reference)
    fast_sent, fast = case.run(dispatch.backend("cpu"))
    assert np.ptp(state.w - case.weight) > 0.1
    same(state, fast)
    np.testing.assert_array_equal(sent, fast_sent)
    assert (sent != 0).any() == (case.spec.delay_kind != "axonal")


def test_windows_room_and_partitions(case, backend):
    sent, state = case.run(backend)
    for width, room in ((5, 2), (8, 64)):
        others, other = case.run(backend, width, room=room)
        same(state, other)
        np.testing.assert_array_equal(sent, others)
    parts = [case.run(backend, lo=lo, hi=hi) for lo, hi in ((0, 64), (64, 70))]
    np.testing.assert_array_equal(sent, np.concatenate([part for part, _ in parts], axis=1))
    np.testing.assert_array_equal(np.sort(state.w), np.sort(np.concatenate([part.w for _, part in parts])))


def test_weights_rest_where_nothing_is_learned(case, reference):
    learning = np.arange(case.steps) // 40 != 1
    sent, state = case.run(reference, learning=learning)
    fast_sent, fast = case.run(dispatch.backend("cpu"), learning=learning)
    same(state, fast)
    np.testing.assert_array_equal(sent, fast_sent)
    _, whole = case.run(reference)
    assert not np.array_equal(whole.w, state.w)
    _, frozen = case.run(dispatch.backend("cpu"), learning=np.zeros(case.steps))
    np.testing.assert_array_equal(frozen.w, case.weight.astype(case.spec.dtype))


def test_weights_of_before_a_step(reference):
    """Axonal spikes get the weight before the changes of their step."""
    case = Case(*SPECS["axonal"])
    results = []
    for backend in (reference, dispatch.backend("cpu")):
        state = case.state(0, 70, 4)
        kernel = backend.plasticity_kernel(case.spec)(state)
        fired = np.zeros(1, np.int32), state.target[:1].astype(np.uint32)
        passes = np.zeros(1, np.int32), np.zeros(1, np.uint32)
        due, third = np.zeros(2, np.uint8), np.zeros((1, 2))
        kernel.learn(0, 2, np.zeros(3, np.int64), *fired, *passes, due, third, True, -1, 0)
        out = np.full(70, 5, np.int64)
        kernel.send_before(2, np.array([0, 1], np.uint32), out)
        results.append(out)
        kernel.catch_up(1)
        expected = np.full(70, 5, np.int64)
        edges = slice(0, int(state.cell_edge[2]))
        np.add.at(expected, state.target[edges], np.rint(state.w[edges] * -(2.0**20)).astype(np.int64))
        np.testing.assert_array_equal(out, expected)
        assert not np.array_equal(state.w, case.weight)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tables_of_powers(dtype):
    low, high = decay_tables(20.0, 0.1, dtype)
    n = np.arange(0, 12_000, 7)
    values = low[n & 255].astype(np.float64) * high[np.minimum(n >> 8, high.size - 1)]
    np.testing.assert_allclose(values, np.exp(-n * 0.005), rtol=max(2e-14, 4 * np.finfo(dtype).eps))
    assert low.dtype == dtype and low[0] == high[0] == 1.0 and high[-1] == 0.0
    assert 0.0 < high[-2] < 1e-35


@pytest.mark.parametrize("tau_ms", [0.0, -1.0, np.inf, np.nan])
def test_tables_need_a_time_constant(tau_ms):
    with pytest.raises(ValueError, match="tau_ms must be positive and finite"):
        decay_tables(tau_ms, 0.1, "float32")
