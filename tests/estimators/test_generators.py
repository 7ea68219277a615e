"""Series made by formulas: against another integrator, their own convergence, and the formula by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikelab as sl
from spikelab.datasets import lorenz63, mackey_glass, narma10


def test_mackey_glass_converges_with_the_cube_of_the_step():
    fine = mackey_glass(60, substeps=160, transient=0)
    errors = [np.abs(mackey_glass(60, substeps=k, transient=0) - fine).max() for k in (5, 10, 20)]
    assert errors[1] < 1e-7
    assert errors[0] / errors[1] > 7 and errors[1] / errors[2] > 7


def test_mackey_glass_solves_its_equation_before_the_first_delay():
    """Until time tau the delayed value is the constant, and the equation is linear."""
    x = mackey_glass(17, transient=0, seed=3)[:, 0]
    start = np.random.default_rng(3).uniform(1.1, 1.3)
    rest = 2.0 * start / (1.0 + start**10)
    np.testing.assert_allclose(x, rest + (start - rest) * np.exp(-0.1 * np.arange(1, 18)), atol=1e-8)


def test_mackey_glass_is_chaotic_and_bounded():
    a, b = (mackey_glass(3000, seed=seed)[:, 0] for seed in (0, 1))
    assert a.min() > 0.2 and a.max() < 1.4
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.5
    np.testing.assert_array_equal(a, mackey_glass(3000)[:, 0])
    np.testing.assert_array_equal(
        mackey_glass(50, transient=100)[:, 0], mackey_glass(150, transient=0)[100:, 0]
    )


def test_lorenz_against_scipy():
    x = lorenz63(60, transient=0, substeps=32, seed=2)

    def slope(_, s):
        return [10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 * s[2] / 3]

    later = solve_ivp(slope, (0, 59 * 0.02), x[0], rtol=1e-11, atol=1e-11, t_eval=np.arange(60) * 0.02).y.T
    np.testing.assert_allclose(x, later, atol=1e-7)


def test_narma_is_its_formula():
    u, y = narma10(200, seed=5)
    assert u.min() >= 0 and u.max() <= 0.5
    for t in (9, 50, 198):
        past = y[t - 9 : t + 1, 0].sum()
        expected = 0.3 * y[t, 0] + 0.05 * y[t, 0] * past + 1.5 * u[t - 9, 0] * u[t, 0] + 0.1
        assert y[t + 1, 0] == pytest.approx(expected, rel=1e-14)
    assert all(np.isfinite(narma10(2000, seed=seed)[1]).all() for seed in range(5))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: mackey_glass(0), r"^mackey_glass\(n=0\): n must be an integer >= 1"),
        (lambda: mackey_glass(10, tau=17.03), r"tau must be a whole number, at least 3, of integrator steps"),
        (lambda: mackey_glass(10, dt=-1.0), r"dt must be > 0"),
        (lambda: lorenz63(10, dt=3.0), r"dt must be short enough to integrate\. Raise substeps"),
        (lambda: lorenz63(10, seed=-1), r"seed must be an integer >= 0"),
        (lambda: narma10(2.5), r"n must be an integer >= 1"),
    ],
)  # fmt: skip
def test_bad_values(call, text):
    with pytest.raises(sl.ParameterError, match=text), np.errstate(all="ignore"):
        call()
