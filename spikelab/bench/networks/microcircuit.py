"""The cortical microcircuit of Potjans and Diesmann: four layers, 77,169 neurons, 299 million synapses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...connect import FixedTotalNumber, Normal
from ...encode import PoissonDrive
from ...network import Network
from ...neurons import LIF
from ...units import require_positive, require_scalar

__all__ = ["MICROCIRCUIT_RATES_HZ", "microcircuit"]

_NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
#: Mean rates of the full network as NEST's model gives them, Hz.
MICROCIRCUIT_RATES_HZ = dict(
    zip(_NAMES, (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829), strict=True)
)
_SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
# Probability that a pair is connected at least once: [target, source].
_PROBABILITY = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
_IN_EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
_BACKGROUND_HZ = 8.0
_V_INIT_MV = ((-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94),
              (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48))  # fmt: skip
_CELL: dict[str, Any] = {
    "synapse": "exp",
    "tau_mem_ms": 10.0,
    "c_mem_pf": 250.0,
    "tau_ref_ms": 2.0,
    "v_rest_mv": -65.0,
    "v_reset_mv": -65.0,
    "v_thresh_mv": -50.0,
    "tau_syn_exc_ms": 0.5,
    "tau_syn_inh_ms": 0.5,
}
_PSP_MV, _INHIBITION, _WEIGHT_SPREAD, _DELAY_SPREAD = 0.15, -4.0, 0.1, 0.5
_DELAY_MS = {"E": 1.5, "I": 0.75}


def microcircuit(scale: float = 1.0, *, dt_ms: float = 0.1, seed: int = 0) -> Network:
    """Return the microcircuit, populations "L23E", "L23I" ... "L6I".

    Parameters
    ----------
    scale : float
        Share of the neurons and of the in-degrees, in (0, 1]. Weights grow by its inverse root, which keeps
        the variance of the input, and a constant current stands for the mean that is lost.
    dt_ms : float, ms
        Step of the simulator that will run it: delays are drawn again below half of it.
    seed : int
        Seed of the network.

    Raises
    ------
    ParameterError
        If the scale is not above 0.

    References
    ----------
    T. C. Potjans, M. Diesmann, Cereb. Cortex 24 (2014), tables 4 and 5; S. J. van Albada, M. Helias,
    M. Diesmann, PLoS Comput. Biol. 11 (2015) for scaling. Initial potentials and the mean rates that the
    scaling needs are those of NEST's version.

    Examples
    --------
    >>> net = microcircuit(0.1)
    >>> sum(population.n for population in net.populations.values())
    7717
    """
    require_positive("microcircuit", "scale", require_scalar("microcircuit", "scale", scale))
    # Number of synapses that makes the probability of at least one between a pair what the table says.
    pairs = np.outer(_SIZES, _SIZES).astype(np.float64)
    synapses = np.log1p(-_PROBABILITY) / np.log1p(-1.0 / pairs)
    weight_pa = _mean_weights_pa()
    root = np.sqrt(scale)
    rates_hz = np.array(list(MICROCIRCUIT_RATES_HZ.values()))
    unit_pa = _current_for_pa(_PSP_MV)
    lost_hz_pa = (weight_pa * synapses / _SIZES[:, None]) @ rates_hz + unit_pa * _IN_EXTERNAL * _BACKGROUND_HZ
    constant_pa = 1e-3 * _CELL["tau_syn_exc_ms"] * (1.0 - root) * lost_hz_pa

    net = Network(seed)
    for i, name in enumerate(_NAMES):
        cell = LIF(**_CELL, i_ext_pa=float(constant_pa[i]), v_init_mv=Normal(*_V_INIT_MV[i]))
        population = net.add(name, max(1, round(_SIZES[i] * scale)), cell)
        rate_hz = float(_BACKGROUND_HZ * _IN_EXTERNAL[i] * scale)
        net.drive(population, PoissonDrive(rate_hz=rate_hz, weight=float(unit_pa / root)))
    for i, target in enumerate(net.populations.values()):
        for j, source in enumerate(net.populations.values()):
            count = round(synapses[i, j] * scale * scale)
            if count:
                mean_pa, mean_ms = float(weight_pa[i, j] / root), _DELAY_MS[source.name[-1]]
                ends = {"low": 0.0} if mean_pa > 0 else {"high": 0.0}
                net.connect(
                    source,
                    target,
                    FixedTotalNumber(count),
                    weight=Normal(mean_pa, _WEIGHT_SPREAD * abs(mean_pa), **ends),
                    # What rounds to the grid at one step or more; the end itself would round to zero.
                    delay_ms=Normal(mean_ms, _DELAY_SPREAD * mean_ms, low=0.500001 * dt_ms),
                )
    return net


def _mean_weights_pa() -> np.ndarray:
    """Mean weights of the full network: array [target, source], pA."""
    psp = np.full((len(_NAMES), len(_NAMES)), _PSP_MV)
    psp[:, 1::2] *= _INHIBITION
    psp[_NAMES.index("L23E"), _NAMES.index("L4E")] *= 2.0
    return _current_for_pa(1.0) * psp


def _current_for_pa(psp_mv: float) -> float:
    """Jump of the synaptic current whose potential peaks at `psp_mv`."""
    tau_m, tau_s, c = (_CELL[name] for name in ("tau_mem_ms", "tau_syn_exc_ms", "c_mem_pf"))
    ratio = tau_m / tau_s
    peak = tau_m * tau_s / c / (tau_s - tau_m)
    peak *= ratio ** (tau_m / (tau_s - tau_m)) - ratio ** (tau_s / (tau_s - tau_m))
    return float(psp_mv / peak)
