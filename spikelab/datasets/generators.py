"""Series that a formula makes: the benchmarks on which forecasters are compared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_integer, require_positive, require_scalar

__all__ = ["lorenz63", "mackey_glass", "narma10"]

Floats = npt.NDArray[np.float64]


def mackey_glass(
    n: int, *, tau: float = 17.0, seed: int = 0, dt: float = 1.0, substeps: int = 10, transient: int = 1000
) -> Floats:
    r"""Return the Mackey-Glass series, chaotic for ``tau=17``.

    Parameters
    ----------
    n : int
        Steps.
    tau : float
        Delay, in units of the equation's time.
    seed : int
        Draws the constant value before time 0, between 1.1 and 1.3.
    dt : float
        Time between two steps.
    substeps : int
        Steps of the integrator in one step; ``tau * substeps / dt`` must be whole.
    transient : int
        Steps dropped at the start.

    Returns
    -------
    array [n, 1]

    Notes
    -----
    .. math:: \dot x = 0.2\, x(t - \tau) / (1 + x(t - \tau)^{10}) - 0.1\, x(t)

    Integrated by Runge-Kutta's fourth-order method with a fixed step; the delayed value at half a step is
    interpolated by a cubic through four points. Errors fall with the cube of the step, because the series
    bends at time 0 and, less and less, after every further delay; with the default step they are near 1e-7.

    References
    ----------
    M. C. Mackey, L. Glass, "Oscillation and chaos in physiological control systems", Science 197 (1977).

    Examples
    --------
    >>> mackey_glass(1000).shape
    (1000, 1)
    """
    owner = "mackey_glass"
    n, substeps = require_integer(owner, "n", n), require_integer(owner, "substeps", substeps)
    transient = require_integer(owner, "transient", transient, low=0)
    for name, value in (("tau", tau), ("dt", dt)):
        require_positive(owner, name, require_scalar(owner, name, value))
    h = dt / substeps
    lag = round(tau / h)
    if lag < 3 or abs(lag * h - tau) > 1e-9 * tau:
        need = f"be a whole number, at least 3, of integrator steps of {h:g}"
        raise ParameterError(owner, "tau", tau, need, "Change substeps.")
    rng = np.random.default_rng(require_integer(owner, "seed", seed, low=0))
    total = (n + transient) * substeps
    values = [rng.uniform(1.1, 1.3)] * (lag + 2)  # a list: floats of Python are fast one by one
    for i in range(lag + 1, lag + 1 + total):
        before, early, late, after = values[i - lag - 1 : i - lag + 3]
        half = (9.0 * (early + late) - before - after) / 16.0
        if i == 2 * lag:  # the series bends at time 0: no cubic goes through both sides
            half = early
        elif i == 2 * lag + 1:
            half = (5.0 * early + 15.0 * late - 5.0 * after + values[i - lag + 3]) / 16.0
        now = values[i]
        gain_0, gain_half, gain_1 = (0.2 * v / (1.0 + v**10) for v in (early, half, late))
        k1 = gain_0 - 0.1 * now
        k2 = gain_half - 0.1 * (now + 0.5 * h * k1)
        k3 = gain_half - 0.1 * (now + 0.5 * h * k2)
        k4 = gain_1 - 0.1 * (now + h * k3)
        values.append(now + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4))
    return np.array(values[lag + 1 + (transient + 1) * substeps :: substeps])[:, None]


def lorenz63(n: int, *, dt: float = 0.02, seed: int = 0, substeps: int = 4, transient: int = 1000) -> Floats:
    r"""Return the three variables of Lorenz's convection model.

    Parameters
    ----------
    n : int
        Steps.
    dt : float
        Time between two steps. The largest Lyapunov exponent is 0.906, so that errors grow by e in 1.10.
    seed : int
        Draws the initial state.
    substeps : int
        Steps of the integrator (Runge-Kutta, fourth order) in one step.
    transient : int
        Steps dropped at the start.

    Returns
    -------
    array [n, 3]

    Notes
    -----
    .. math:: \dot x = 10 (y - x), \quad \dot y = x (28 - z) - y, \quad \dot z = x y - 8 z / 3

    References
    ----------
    E. N. Lorenz, "Deterministic nonperiodic flow", J. Atmos. Sci. 20 (1963), equations 25 to 27.
    """
    owner = "lorenz63"
    n, substeps = require_integer(owner, "n", n), require_integer(owner, "substeps", substeps)
    transient = require_integer(owner, "transient", transient, low=0)
    require_positive(owner, "dt", require_scalar(owner, "dt", dt))
    rng = np.random.default_rng(require_integer(owner, "seed", seed, low=0))
    state = np.array([0.0, 1.0, 25.0]) + rng.uniform(-1.0, 1.0, 3)
    h, rows = dt / substeps, np.empty((n, 3))
    for step in range(n + transient):
        for _ in range(substeps):
            state = _runge_kutta(_lorenz, state, h)
        if step >= transient:
            rows[step - transient] = state
    if not np.isfinite(rows).all():
        raise ParameterError(owner, "dt", dt, "be short enough to integrate", "Raise substeps.")
    return rows


def _lorenz(state: Floats) -> Floats:
    x, y, z = state
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def _runge_kutta(slope: Callable[[Floats], Floats], state: Floats, h: float) -> Floats:
    k1 = slope(state)
    k2 = slope(state + 0.5 * h * k1)
    k3 = slope(state + 0.5 * h * k2)
    k4 = slope(state + h * k3)
    return state + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def narma10(n: int, *, seed: int = 0) -> tuple[Floats, Floats]:
    r"""Return input and output of the tenth-order nonlinear autoregressive moving average.

    Parameters
    ----------
    n : int
        Steps.
    seed : int
        Draws the input. The rare draw for which the output grows without bound is replaced by the next.

    Returns
    -------
    u, y : array [n, 1]
        ``y[t]`` depends on the inputs up to ``u[t - 1]``.

    Notes
    -----
    .. math:: y_{t+1} = 0.3 y_t + 0.05 y_t \sum_{i=0}^{9} y_{t-i} + 1.5 u_{t-9} u_t + 0.1

    with u uniform in [0, 0.5].

    References
    ----------
    A. F. Atiya, A. G. Parlos, "New results on recurrent network training", IEEE Trans. Neural Networks 11
    (2000), equation 86.
    """
    n = require_integer("narma10", "n", n)
    rng = np.random.default_rng(require_integer("narma10", "seed", seed, low=0))
    while True:
        u, y = rng.uniform(0.0, 0.5, n), np.zeros(n)
        for t in range(n - 1):
            past = y[max(0, t - 9) : t + 1].sum()
            old = u[t - 9] if t >= 9 else 0.0
            y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * past + 1.5 * old * u[t] + 0.1
            if y[t + 1] > 10.0:
                break
        else:
            return u[:, None], y[:, None]
