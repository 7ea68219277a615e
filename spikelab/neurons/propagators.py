"""Exact propagators of the linear parts of a neuron, in float64 by spikelab's own functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikelab_kernels.math import REGISTRY

__all__ = [
    "alpha_jump", "current_gain", "decay_factor", "decay_loss", "drive_gain", "exponential", "logarithm",
    "slope_gain",
]  # fmt: skip


def decay_factor(tau_ms: Any, dt_ms: float) -> Any:
    """``exp(-dt / tau)``: what is left of a state after one step."""
    return _apply("exp", -dt_ms / np.asarray(tau_ms, dtype=np.float64))


def decay_loss(tau_ms: Any, dt_ms: float) -> Any:
    """``1 - exp(-dt / tau)``: what is lost of a state in one step, to all digits."""
    return -_apply("expm1", -dt_ms / np.asarray(tau_ms, dtype=np.float64))


def drive_gain(tau_mem_ms: Any, c_mem_pf: Any, dt_ms: float) -> Any:
    """Membrane response in mV to a constant current of 1 pA over one step."""
    tau, c = np.asarray(tau_mem_ms, dtype=np.float64), np.asarray(c_mem_pf, dtype=np.float64)
    return -(tau / c) * _apply("expm1", -dt_ms / tau)


def current_gain(tau_mem_ms: Any, tau_syn_ms: Any, c_mem_pf: Any, dt_ms: float) -> Any:
    """Membrane response in mV to a synaptic current of 1 pA that decays with `tau_syn_ms`.

    Written as ``(dt / c) exp(-dt / tau_syn) expm1(x) / x`` with
    ``x = dt (1 / tau_syn - 1 / tau_mem)``, which has its limit at equal time constants
    and loses no digits near it.

    References
    ----------
    S. Rotter, M. Diesmann, "Exact digital simulation of time-invariant linear systems with
    applications to neuronal modeling", Biol. Cybern. 81 (1999), section 3.1.2.
    """
    tau_m, tau_s = np.asarray(tau_mem_ms, dtype=np.float64), np.asarray(tau_syn_ms, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        x = dt_ms * (1.0 / tau_s - 1.0 / tau_m)
        # A synapse much faster than the step would overflow: for it the same is written from the membrane's
        # decay, exp(-dt / tau_mem) expm1(-x) / -x.
        fast = x > 1.0
        safe = np.where(x == 0.0, 1.0, np.where(fast, -x, x))
        ratio = np.where(x == 0.0, 1.0, _apply("expm1", safe) / safe)
        decay = decay_factor(tau_ms=np.where(fast, tau_m, tau_s), dt_ms=dt_ms)
        return dt_ms / np.asarray(c_mem_pf, dtype=np.float64) * decay * ratio


def slope_gain(tau_mem_ms: Any, tau_syn_ms: Any, c_mem_pf: Any, dt_ms: float) -> Any:
    """Membrane response in mV to a current ``t exp(-t / tau_syn)`` of 1 pA/ms, after `dt_ms`.

    With ``x = dt (1 / tau_syn - 1 / tau_mem)`` it is ``(dt^2 / c) exp(-dt / tau_mem)`` times the integral of
    ``u exp(-x u)`` over [0, 1], or ``(dt^2 / c) exp(-dt / tau_syn)`` times that of ``u exp(x (1 - u))``:
    the first for x > 1, the second below, by its series for \\|x\\| <= 1, where the closed form cancels.

    References
    ----------
    S. Rotter, M. Diesmann, Biol. Cybern. 81 (1999), section 3.1.3.
    """
    tau_m, tau_s = np.asarray(tau_mem_ms, dtype=np.float64), np.asarray(tau_syn_ms, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        x = dt_ms * (1.0 / tau_s - 1.0 / tau_m)
        small, fast = np.abs(x) <= 1.0, x > 1.0
        near = np.where(small, x, 0.0)
        series = np.zeros_like(near)
        for k in range(20, 1, -1):
            series = (1.0 + near * series) / k  # at the end the sum of x^k / (k + 2)!
        away = np.where(small, 2.0, x)
        falling = (-_apply("expm1", -away) - away * _apply("exp", -away)) / away / away
        rising = (_apply("expm1", np.where(fast, -2.0, away)) - away) / away / away
        shape = np.where(small, series, np.where(fast, falling, rising))
        decay = decay_factor(np.where(fast, tau_m, tau_s), dt_ms)
        return dt_ms * dt_ms / np.asarray(c_mem_pf, dtype=np.float64) * decay * shape


def alpha_jump(tau_syn_ms: Any) -> Any:
    """Slope in pA/ms at which an alpha-shaped current starts whose peak is 1 pA: ``e / tau_syn``."""
    return _apply("exp", 1.0) / np.asarray(tau_syn_ms, dtype=np.float64)


def exponential(x: Any) -> Any:
    """``exp(x)``."""
    return _apply("exp", x)


def logarithm(x: Any) -> Any:
    """``log(x)``."""
    return _apply("log", x)


def _apply(name: str, x: Any) -> Any:
    with np.errstate(all="ignore"):
        return REGISTRY[name]["float64"](np.asarray(x, dtype=np.float64))
