"""Synapses that change with the spikes that pass them, or fail, in Numba. See the reference."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.cpu.philox import draw_block
from spikelab_kernels.math import exp_f64

__all__ = ["deliver_efficacies", "use_resources"]

SHORT_TERM_1 = np.uint64(1)
SHORT_TERM_NONE = ~np.uint64(0)


@njit(error_model="numpy", nogil=True, cache=True)
def use_resources(
    step, batch, source, step0, first, dt_ms, base, tau_rec_ms, tau_fac_ms, u, x, last, efficacy
):
    """Use and resources of each spike of the short-term plasticity of Tsodyks and Markram."""
    for k in range(step.size):
        i, b = np.int64(source[k]) - np.int64(first), np.int64(batch[k])
        efficacy[k] = 0.0
        if i < 0 or i >= base.size:
            continue
        now = np.int64(step0) + np.int64(step[k])
        if last[b, i] >= 0:
            h = (now - last[b, i]) * dt_ms
            left = exp_f64(-h / tau_rec_ms[i])
            held = exp_f64(-h / tau_fac_ms[i]) if tau_fac_ms[i] > 0.0 else 0.0
            x[b, i] = 1.0 + (x[b, i] - x[b, i] * u[b, i] - 1.0) * left
            u[b, i] = base[i] + u[b, i] * (1.0 - base[i]) * held
        last[b, i] = now
        efficacy[k] = x[b, i] * u[b, i]


@njit(error_model="numpy", nogil=True, cache=True)
def add_cell(first, last, target, weight, common, efficacy, sums):
    """Add the edges of a cell, each weight times the efficacy rounded to quanta."""
    if weight.size == 0:
        quanta = sums.dtype.type(np.rint(common * efficacy))
        for e in range(first, last):
            sums[target[e]] += quanta
    else:
        for e in range(first, last):
            sums[target[e]] += sums.dtype.type(np.rint(weight[e] * efficacy))


@njit(error_model="numpy", nogil=True, cache=True)
def add_failing_cell(
    first, last, target, weight, common, efficacy, number, failing, key, emitted, sample, sums
):
    """Add the edges of a cell that do not fail; neighbours share a block of four random words."""
    known = SHORT_TERM_NONE
    words = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
    for e in range(first, last):
        block = np.uint64(number[e]) >> np.uint64(2)
        if block != known:
            words = draw_block(key, block, emitted, sample, np.uint64(0))
            known = block
        if words[np.uint64(number[e]) & np.uint64(3)] >= failing:
            strength = common if weight.size == 0 else weight[e]
            sums[target[e]] += sums.dtype.type(np.rint(strength * efficacy))


@njit(error_model="numpy", nogil=True, cache=True)
def deliver_efficacies(
    now, count, due, row, sender, cell, efficacy, cell_ptr, cell_delay, cell_group, cell_edge, target, weight,
    number, group_receptor, group_weight, failing, key, sample_ids, out, lo,
):  # fmt: skip
    """Do as `deliver_arrivals`, with real weights times the efficacy of each spike, and edges that fail."""
    flat = out.reshape(out.size)
    receptors, neurons = np.uint64(out.shape[2]), np.uint64(out.shape[3])
    rows, offset = np.uint64(out.shape[1]), np.uint64(lo)
    until = now + out.shape[0]
    kept = np.uint64(0)
    for k in range(np.uint64(count)):
        when, b, s, c, strength = due[k], row[k], sender[k], np.uint64(cell[k]), efficacy[k]
        end = np.uint64(cell_ptr[np.uint64(s) + SHORT_TERM_1])
        emitted = when - np.int64(cell_delay[c])
        while when < until:
            group = np.uint64(cell_group[c])
            place = np.uint64(when - now) * rows + np.uint64(b)
            sums = flat[(place * receptors + np.uint64(group_receptor[group])) * neurons + offset :]
            first, last = np.uint64(cell_edge[c]), np.uint64(cell_edge[c + SHORT_TERM_1])
            if number.size == 0:
                add_cell(first, last, target, weight, group_weight[group], strength, sums)
            else:
                add_failing_cell(
                    first, last, target, weight, group_weight[group], strength, number, np.uint64(failing),
                    np.uint64(key), np.uint64(emitted), np.uint64(sample_ids[b]), sums,
                )  # fmt: skip
            c += SHORT_TERM_1
            if c == end:
                break
            when = emitted + np.int64(cell_delay[c])
        if c < end:
            due[kept], row[kept], sender[kept], cell[kept] = when, b, s, np.uint32(c)
            efficacy[kept] = strength
            kept += SHORT_TERM_1
    return np.int64(kept)
