"""What theory says of echo state networks."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab import Reservoir
from spikelab.fused import fuse, fuse_network
from spikelab.readout import Gram, Ridge


def states_of(fused, x, state=None):
    state = fused.zeros(1) if state is None else state
    return fused.run(x[:, None], state)[:, 0]


@pytest.mark.parametrize("leak_rate", [1.0, 0.4])
def test_echo_state_property(leak_rate):
    """Below spectral radius 1 the start is forgotten."""
    fused = fuse_network(
        Reservoir(63, spectral_radius=0.8, leak_rate=leak_rate).network(2, seed=3), np.float64
    )
    x = np.random.default_rng(0).standard_normal((400, 2))
    zero = states_of(fused, x)
    other = states_of(fused, x, np.full((1, 63), 0.9))
    assert np.abs(zero[0] - other[0]).max() > 0.01
    assert np.abs(zero[-1] - other[-1]).max() < 1e-12
    np.testing.assert_array_equal(states_of(fused, x), zero)


def test_far_above_radius_one_the_start_is_not_forgotten():
    fused = fuse_network(Reservoir(63, spectral_radius=3.0, input_scale=0.01).network(1, seed=3), np.float64)
    x = np.zeros((400, 1))
    zero, other = states_of(fused, x + 0.1), states_of(fused, x + 0.1, np.full((1, 63), 0.9))
    assert np.abs(zero[-1] - other[-1]).max() > 0.01


def memory_capacity(fused, n_delays):
    """Sum of the squared correlations of the best linear readout of each past input (Jaeger 2001)."""
    u = np.random.default_rng(5).uniform(-0.5, 0.5, (6000, 1))
    states = states_of(fused, u)
    capacity = []
    train, test = slice(500, 4000), slice(4000, 6000)
    for delay in range(1, n_delays + 1):
        target = np.roll(u, delay, axis=0)
        model = Ridge(1e-12).fit(states[train], target[train])
        capacity.append(np.corrcoef(model.predict(states[test])[:, 0], target[test][:, 0])[0, 1] ** 2)
    return np.array(capacity)


@pytest.mark.parametrize("n", [10, 20])
def test_memory_capacity_stays_below_the_number_of_units(n):
    """Jaeger 2001, proposition 2; a nearly linear reservoir of orthogonal weights comes close to it."""
    rng = np.random.default_rng(1)
    orthogonal, _ = np.linalg.qr(rng.standard_normal((n, n)))
    fused = fuse(0.95 * orthogonal, 0.01 * rng.standard_normal((n, 1)), dtype=np.float64)
    capacity = memory_capacity(fused, 4 * n)
    floor = 4 * n / 2000  # chance correlation of 2000 test steps
    assert 0.75 * n < capacity.sum() <= n + 2 * floor


def test_leak_alone_is_a_geometric_approach():
    """One unit without recurrence: x[k] = tanh(u) (1 - (1 - a)^(k + 1))."""
    fused = fuse(np.zeros((1, 1)), np.ones((1, 1)), leak_rate=0.25, dtype=np.float64)
    states = states_of(fused, np.full((20, 1), 0.7))[:, 0]
    expected = np.tanh(0.7) * (1 - 0.75 ** np.arange(1, 21))
    np.testing.assert_allclose(states, expected, rtol=1e-14)


def test_input_is_read_at_once_and_the_state_one_step_late():
    recurrent = np.array([[0.0, 0.0], [1.0, 0.0]])  # unit 0 drives unit 1
    fused = fuse(recurrent, np.array([[1.0], [0.0]]), dtype=np.float64)
    states = states_of(fused, np.array([[0.5], [0.0], [0.0]]))
    first = np.tanh(0.5)
    np.testing.assert_allclose(states, [[first, 0], [0, np.tanh(first)], [0, 0]], rtol=1e-15)


def test_the_drawn_reservoir_has_its_radius_degree_and_range():
    net = Reservoir(100, spectral_radius=0.7, in_degree=7, input_scale=0.3, bias_scale=0.2).network(3, seed=1)
    fused = fuse_network(net, np.float64)
    table = np.zeros((100, 103))
    for row in range(100):
        part = slice(fused.ptr[row], fused.ptr[row + 1])
        table[row, fused.source[part]] = fused.weight[part]
    assert ((table[:, :100] != 0).sum(axis=1) == 7).all()
    assert np.abs(np.linalg.eigvals(table[:, :100])).max() == pytest.approx(0.7, rel=1e-9)
    assert 0.25 < np.abs(table[:, 100:]).max() < 0.3 and (table[:, 100:] != 0).all()
    assert 0.15 < np.abs(fused.bias).max() < 0.2
    assert fused.n_edges == 1000


def test_the_gram_of_float32_states_is_that_of_their_float64_values():
    fused = fuse_network(Reservoir(33).network(1, seed=0))
    states = states_of(fused, np.random.default_rng(0).standard_normal((500, 1)))
    assert states.dtype == np.float32
    gram = Gram()
    gram.add(states, states[:, :1])
    wide = states.astype(np.float64) - states.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(gram.centred()[0], wide.T @ wide, rtol=1e-5, atol=1e-4)
