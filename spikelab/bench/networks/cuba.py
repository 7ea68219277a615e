"""The networks of Vogels and Abbott with current-based and with conductance-based synapses."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from ...connect import FixedProbability, FromArray, Uniform
from ...generators import DCCurrent
from ...network import Network
from ...neurons import LIF, ConductanceLIF
from ...units import require_positive, require_scalar

__all__ = ["coba", "cuba", "cuba_pieces"]

_N, _EXCITATORY, _DENSITY, _DELAY_MS = 4000, 0.8, 0.02, 0.1
_CELL: dict[str, Any] = {
    "c_mem_pf": 200.0,
    "tau_ref_ms": 5.0,
    "v_reset_mv": -60.0,
    "v_thresh_mv": -50.0,
    "tau_syn_exc_ms": 5.0,
    "tau_syn_inh_ms": 10.0,
    "v_init_mv": Uniform(-60.0, -50.0),
}
_LEAK_NS = 10.0
_KICK_PA, _KICK_MS = 200.0, 50.0
_CUBA: dict[str, Any] = {
    **_CELL, "synapse": "exp", "tau_mem_ms": 20.0, "v_rest_mv": -49.0, "threshold": ">"
}  # fmt: skip
_CUBA_PA = (1.62 * _LEAK_NS, -9.0 * _LEAK_NS)


def cuba(scale: float = 1.0, *, seed: int = 0) -> Network:
    """Return the current-based network: populations "exc" and "inh".

    A leak towards -49 mV, above the threshold, keeps it active without any drive.

    Parameters
    ----------
    scale : float
        Share of the 4,000 neurons; the probability of a connection grows by its inverse, up to 1.
    seed : int
        Seed of the network.

    References
    ----------
    T. P. Vogels, L. F. Abbott, J. Neurosci. 25 (2005); R. Brette et al., J. Comput. Neurosci. 23 (2007),
    benchmark 2. Weights of 1.62 and -9 mV stand as the currents that the leak conductance of 10 nS makes
    of them.

    Examples
    --------
    >>> [population.n for population in cuba().populations.values()]
    [3200, 800]
    """
    return _wire("cuba", LIF(**_CUBA), *_CUBA_PA, scale, seed)


def cuba_pieces(parts: int, scale: float = 1.0, *, seed: int = 0) -> Network:
    """Return one current-based network cut into `parts` populations, each connected to each.

    All cuts are the same network, neuron by neuron and synapse by synapse.

    Parameters
    ----------
    parts : int
        Populations, "cells0" and so on.
    scale, seed
        As for `cuba`.
    """
    n = max(parts, round(_N * _checked("cuba_pieces", scale)))
    rng = np.random.default_rng(seed)
    start_mv = rng.uniform(-60.0, -50.0, n)
    source, target = np.nonzero(rng.random((n, n)) < min(1.0, _DENSITY / scale))
    weight = np.where(source < _EXCITATORY * n, *_CUBA_PA)
    matrix = sparse.csr_array((weight, (source, target)), shape=(n, n))
    net = Network(seed)
    ends = np.linspace(0, n, parts + 1).astype(int)
    spans = [slice(low, high) for low, high in pairwise(ends)]
    pieces = [
        net.add(f"cells{i}", span.stop - span.start, replace(LIF(**_CUBA), v_init_mv=start_mv[span]))
        for i, span in enumerate(spans)
    ]
    for source_span, piece in zip(spans, pieces, strict=True):
        rows = matrix[source_span]
        for target_span, other in zip(spans, pieces, strict=True):
            net.connect(piece, other, FromArray(rows[:, target_span]), delay_ms=_DELAY_MS)
    return net


def coba(scale: float = 1.0, *, seed: int = 0) -> Network:
    """Return the conductance-based network: populations "exc" and "inh".

    At rest it is silent, and once active it stays so: a current of the first 50 ms starts it.

    Parameters
    ----------
    scale, seed
        As for `cuba`.

    References
    ----------
    R. Brette et al., J. Comput. Neurosci. 23 (2007), benchmark 1.
    """
    cell = ConductanceLIF(
        g_leak_ns=_LEAK_NS, v_rest_mv=-60.0, e_exc_mv=0.0, e_inh_mv=-80.0, threshold=">", **_CELL
    )
    net = _wire("coba", cell, 6.0, -67.0, scale, seed)
    for population in net.populations.values():
        net.drive(population, DCCurrent(_KICK_PA, stop_ms=_KICK_MS))
    return net


def _wire(owner: str, cell: Any, weight_exc: float, weight_inh: float, scale: float, seed: int) -> Network:
    n = max(2, round(_N * _checked(owner, scale)))
    n_exc = round(n * _EXCITATORY)
    pattern = FixedProbability(min(1.0, _DENSITY / scale))
    net = Network(seed)
    exc, inh = net.add("exc", n_exc, cell), net.add("inh", n - n_exc, cell)
    for source, weight in ((exc, weight_exc), (inh, weight_inh)):
        for target in (exc, inh):
            net.connect(source, target, pattern, weight=weight, delay_ms=_DELAY_MS)
    return net


def _checked(owner: str, scale: float) -> float:
    require_positive(owner, "scale", require_scalar(owner, "scale", scale), remedy="1 is the paper's.")
    return scale
