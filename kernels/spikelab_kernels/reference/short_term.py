"""Synapses that change with the spikes that pass them, or fail, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels.math import exp_f64
from spikelab_kernels.philox import draw_words

__all__ = ["deliver_efficacies", "use_resources"]

Array = NDArray[Any]
Reals = NDArray[np.float64]


def use_resources(
    step: NDArray[np.uint32],
    batch: NDArray[np.uint32],
    source: NDArray[np.uint32],
    step0: int,
    first: int,
    dt_ms: float,
    base: Reals,
    tau_rec_ms: Reals,
    tau_fac_ms: Reals,
    u: Reals,
    x: Reals,
    last: NDArray[np.int64],
    efficacy: Reals,
) -> None:
    """Use and resources of each spike of the short-term plasticity of Tsodyks and Markram.

    Parameters
    ----------
    step, batch, source : array [event], uint32
        `step` counts from `step0`; the spikes of a source in ascending order.
    step0, first : int
        Absolute step; source 0 of the state. Spikes of other sources are left alone.
    dt_ms : float
    base, tau_rec_ms, tau_fac_ms : array [n_source], float64
        Use after a long silence; time constants, ms, 0 for no facilitation.
    u, x : array [batch, n_source], float64
        State; changed in place.
    last : array [batch, n_source], int64
        Step of the last spike; -1 before the first, which finds the state as it is.
    efficacy : array [event], float64
        Output, u x; 0 for spikes left alone.

    Notes
    -----
    ``x = 1 + (x - x u - 1) exp(-h / tau_rec)``, then ``u = U + u (1 - U) exp(-h / tau_fac)``, all in float64.

    References
    ----------
    M. V. Tsodyks, A. Uziel, H. Markram, J. Neurosci. 20 (2000) RC50.
    """
    for k, (t, b, s) in enumerate(zip(step.tolist(), batch.tolist(), source.tolist(), strict=True)):
        i = s - first
        efficacy[k] = 0.0
        if 0 <= i < base.size:
            if last[b, i] >= 0:
                h = (step0 + t - int(last[b, i])) * dt_ms
                left = exp_f64(np.array([-h / tau_rec_ms[i]]))[0]
                held = exp_f64(np.array([-h / tau_fac_ms[i]]))[0] if tau_fac_ms[i] > 0.0 else 0.0
                x[b, i] = 1.0 + (x[b, i] - x[b, i] * u[b, i] - 1.0) * left
                u[b, i] = base[i] + u[b, i] * (1.0 - base[i]) * held
            last[b, i] = step0 + t
            efficacy[k] = x[b, i] * u[b, i]


def deliver_efficacies(
    now: int,
    count: int,
    due: NDArray[np.int64],
    row: NDArray[np.uint32],
    sender: NDArray[np.uint32],
    cell: NDArray[np.uint32],
    efficacy: Reals,
    cell_ptr: NDArray[np.uint32],
    cell_delay: NDArray[np.uint16],
    cell_group: NDArray[np.uint16],
    cell_edge: NDArray[np.uint32],
    target: NDArray[np.uint16],
    weight: Reals,
    number: NDArray[np.uint32],
    group_receptor: NDArray[np.uint16],
    group_weight: Reals,
    failing: int,
    key: int,
    sample_ids: NDArray[np.uint32],
    out: Array,
    lo: int,
) -> int:
    """Do as `deliver_arrivals`, with real weights times the efficacy of each spike, and edges that fail.

    Parameters
    ----------
    now, count, due, row, sender, cell
        As for `deliver_arrivals`.
    efficacy : array [capacity], float64
        Of each entry; moved along with it.
    cell_ptr, cell_delay, cell_group, cell_edge, target, group_receptor
        Of an arrival table.
    weight, group_weight : array [edge] or [0], [group]; float64, quanta
        Real numbers: the product with the efficacy is rounded, half to even.
    number : array [edge], uint32
        Number of each edge in its projection, which chooses its random words; empty where none fails.
    failing : int
        An edge does not transmit a spike when its word is below this: probability times 2**32.
    key : int
        64-bit key of the projection's failures.
    sample_ids : array [batch], uint32
    out, lo
        As for `deliver_arrivals`.

    Returns
    -------
    int
        Entries that remain.
    """
    kept = 0
    for k in range(count):
        when, b, s, c = int(due[k]), int(row[k]), int(sender[k]), int(cell[k])
        emitted, end = when - int(cell_delay[c]), int(cell_ptr[s + 1])
        while c < end and when < now + out.shape[0]:
            group, edges = int(cell_group[c]), slice(int(cell_edge[c]), int(cell_edge[c + 1]))
            strength = weight[edges] if weight.size else np.full(target[edges].shape, group_weight[group])
            quanta = np.rint(strength * efficacy[k]).astype(out.dtype)
            if number.size:
                numbers = number[edges].astype(np.uint64)
                words = np.stack(
                    [draw_words(key, numbers >> np.uint64(2), emitted, sample_ids[b], d) for d in range(4)]
                )
                quanta[words[numbers & np.uint64(3), np.arange(numbers.size)] < failing] = 0
            place = lo + target[edges].astype(np.int64)
            np.add.at(out[when - now, b, int(group_receptor[group])], place, quanta)
            c += 1
            when = emitted + int(cell_delay[c]) if c < end else when
        if c < end:
            due[kept], row[kept], sender[kept], cell[kept], efficacy[kept] = when, b, s, c, efficacy[k]
            kept += 1
    return kept
