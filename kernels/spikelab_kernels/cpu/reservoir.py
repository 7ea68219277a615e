"""Leaky-tanh reservoirs over time in Numba. The reference says what each function and argument means.

The matrices stand in one table of rows, one row a neuron, over the concatenation ``z = [state, input]``:
columns below ``N`` are neurons (read one step late), columns from ``N`` on are inputs (read at once).
``source`` of length 0 means a dense table: every row holds all ``N + I`` columns in order.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikelab_kernels.math import tanh_f32, tanh_f64

__all__ = ["reservoir_free_run", "reservoir_run"]

# No NaN or infinity reaches these loops (inputs are checked above them), and the order of a sum is free here.
# Only functions that call nothing may carry it: Numba hands a caller's fastmath down to what it calls, and
# tanh_f64 loses three digits when its roundings are reassociated.
_FAST = {"nnan", "ninf", "nsz", "arcp", "reassoc", "contract"}

# A state below this is set to zero: a decaying float32 state would reach the subnormal numbers, where one
# product costs a hundred times more.
_TINY = 1e-30

# Partial sums are kept in the state's own type for this many steps, then added to the float64 total.
_FLUSH = 64

# Rows longer than this vectorise by themselves.
_LONGEST_COLUMNS = 96

# The tile (states before and after a step, sums) shall stay within half of a usual L2 cache.
_TILE_BYTES = 1 << 19


@njit(error_model="numpy", nogil=True, cache=True, fastmath=_FAST)
def _dot_dense(weight, lo, z):
    total = z[0] * weight[lo]
    for j in range(np.uint64(1), np.uint64(z.shape[0])):
        total += weight[lo + j] * z[j]
    return total


@njit(error_model="numpy", nogil=True, cache=True, fastmath=_FAST)
def _dot_sparse(weight, source, lo, hi, z):
    total = z[0] - z[0]
    for e in range(lo, hi):
        total += weight[e] * z[source[e]]
    return total


@njit(error_model="numpy", nogil=True, cache=True, fastmath=_FAST)
def _add_rows(total, z, w0, j0, w1, j1, w2, j2, w3, j3):
    # Rows by number: a view of each would have its references counted, a quarter of the time.
    for b in range(total.shape[0]):
        total[b] += w0 * z[j0, b] + w1 * z[j1, b] + w2 * z[j2, b] + w3 * z[j3, b]


@njit(error_model="numpy", nogil=True, cache=True, fastmath=_FAST)
def _add_row(total, z, w0, j0):
    for b in range(total.shape[0]):
        total[b] += w0 * z[j0, b]


@njit(error_model="numpy", nogil=True, cache=True)
def _leak_rows(total, before, leak, after):
    if total.itemsize == 4:
        one = np.float32(1.0)
        tiny = np.float32(_TINY)
        for b in range(total.shape[0]):
            v = (one - leak) * before[b] + leak * tanh_f32(np.float32(total[b]))
            after[b] = v if abs(v) >= tiny else np.float32(0.0)
    else:
        for b in range(total.shape[0]):
            u = (1.0 - leak) * before[b] + leak * tanh_f64(np.float64(total[b]))
            after[b] = u if abs(u) >= _TINY else 0.0


@njit(error_model="numpy", nogil=True, cache=True)
def _leak_vector(total, state, leak):
    if total.itemsize == 4:
        one = np.float32(1.0)
        tiny = np.float32(_TINY)
        for i in range(total.shape[0]):
            v = (one - leak[i]) * state[i] + leak[i] * tanh_f32(np.float32(total[i]))
            state[i] = v if abs(v) >= tiny else np.float32(0.0)
    else:
        for i in range(total.shape[0]):
            u = (1.0 - leak[i]) * state[i] + leak[i] * tanh_f64(np.float64(total[i]))
            state[i] = u if abs(u) >= _TINY else 0.0


@njit(error_model="numpy", nogil=True, cache=True, fastmath=_FAST)
def _add_columns(total, weight, source, k, count, z):
    for i in range(count):
        total[i] += (
            weight[k, i] * z[source[k, i]]
            + weight[k + 1, i] * z[source[k + 1, i]]
            + weight[k + 2, i] * z[source[k + 2, i]]
            + weight[k + 3, i] * z[source[k + 3, i]]
        )


@njit(error_model="numpy", nogil=True, cache=True)
def _columns(ptr, source, weight, bias, leak):
    """Sparse rows as columns, four to a group, which vectorise over neurons: a loop over a row of ten edges
    costs more to enter than to run.

    The neurons are sorted by the lengths of their rows, longest first, so that those a group has edges of
    come first: neuron ``order[i]`` stands at place i. ``order`` is empty where the sorting changes nothing.
    Returns (order, counts [group], source and weight [edge of the row, place], bias and leak [place]);
    without groups where rows are dense or too long.
    """
    n = bias.shape[0]
    length = np.empty(n, dtype=np.int64)
    for i in range(n):
        length[i] = np.int64(ptr[i + 1]) - np.int64(ptr[i])
    longest = length.max()
    if source.shape[0] == 0 or longest > _LONGEST_COLUMNS:
        none = np.empty(0, dtype=np.int64)
        return (
            none,
            none,
            np.empty((0, n), dtype=source.dtype),
            np.empty((0, n), dtype=weight.dtype),
            bias,
            leak,
        )
    first = np.zeros(longest + 2, dtype=np.int64)  # places of rows longer than each length, by counting
    for i in range(n):
        first[longest - length[i] + 1] += 1
    for k in range(longest + 1):
        first[k + 1] += first[k]
    groups = (longest + 3) // 4
    counts = np.empty(groups, dtype=np.int64)
    for g in range(groups):
        counts[g] = first[longest - 4 * g]
    order = np.empty(n, dtype=np.int64)
    place = np.empty(n, dtype=np.int64)
    moved = False
    for i in range(n):
        at = first[longest - length[i]]
        first[longest - length[i]] += 1
        order[at], place[i] = i, at
        moved = moved or at != i
    column_source = np.zeros((4 * groups, n), dtype=source.dtype)
    column_weight = np.zeros((4 * groups, n), dtype=weight.dtype)
    for i in range(n):
        for k in range(length[order[i]]):
            edge = np.int64(ptr[order[i]]) + k
            column_weight[k, i] = weight[edge]
            j = np.int64(source[edge])
            column_source[k, i] = place[j] if j < n else j
    return order if moved else order[:0], counts, column_source, column_weight, bias[order], leak[order]


@njit(error_model="numpy", nogil=True, cache=True)
def _sorted(values, order, out):
    for i in range(values.shape[0]):
        out[i] = values[order[i]] if order.shape[0] > 0 else values[i]


@njit(error_model="numpy", nogil=True, cache=True)
def _unsorted(values, order, out):
    if order.shape[0] > 0:
        for i in range(out.shape[0]):
            out[order[i]] = values[i]
    else:
        for i in range(out.shape[0]):
            out[i] = values[i]


@njit(error_model="numpy", nogil=True, cache=True)
def _step_one(z, total, ptr, source, weight, columns):
    """Advance one series by one step: ``z[:N]`` is the state, ``z[N:]`` the input of this step."""
    n = total.shape[0]
    _, counts, column_source, column_weight, bias, leak = columns
    if counts.shape[0] > 0:
        total[:] = bias
        for g in range(counts.shape[0]):
            _add_columns(total, column_weight, column_source, 4 * g, counts[g], z)
    elif source.shape[0] == 0:
        for i in range(n):
            total[i] = bias[i] + _dot_dense(weight, ptr[i], z)
    else:
        for i in range(n):
            total[i] = bias[i] + _dot_sparse(weight, source, ptr[i], ptr[i + 1], z)
    _leak_vector(total, z[:n], leak)


@njit(error_model="numpy", nogil=True, cache=True)
def _step_tile(z, after, total, ptr, source, weight, bias, leak):
    """Advance a tile of series by one step: ``z`` is [N + I, tile], ``after`` the new states [N, tile]."""
    dense = source.shape[0] == 0
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    for i in range(after.shape[0]):
        for b in range(total.shape[0]):
            total[b] = bias[i]
        e = np.uint64(ptr[i])
        hi = np.uint64(ptr[i + 1])
        if dense:
            j = np.uint64(0)
            while e + four <= hi:
                _add_rows(
                    total, z, weight[e], j, weight[e + one], j + one,
                    weight[e + two], j + two, weight[e + three], j + three,
                )  # fmt: skip
                e += four
                j += four
            while e < hi:
                _add_row(total, z, weight[e], j)
                e += one
                j += one
        else:
            while e + four <= hi:
                _add_rows(
                    total, z, weight[e], source[e], weight[e + one], source[e + one],
                    weight[e + two], source[e + two], weight[e + three], source[e + three],
                )  # fmt: skip
                e += four
            while e < hi:
                _add_row(total, z, weight[e], source[e])
                e += one
        _leak_rows(total, z[i], leak[i], after[i])


@njit(error_model="numpy", nogil=True, cache=True)
def _run_one(every_x, lengths, every_state, ptr, source, weight, bias, leak, step0, all_bounds, all_sums,
             all_states, row):  # fmt: skip
    """Run one series of the batch."""
    # Sliced here, not by the caller: NumPy calls a slice contiguous or not by its size, and each kind would
    # be compiled.
    x, state, states = every_x[:, row], every_state[row], all_states[:, row]
    bounds, sums, length = all_bounds[row], all_sums[row], np.int64(lengths[row])
    n = state.shape[0]
    z = np.empty(n + x.shape[1], dtype=state.dtype)
    columns = _columns(ptr, source, weight, bias, leak)
    order = columns[0]
    _sorted(state, order, z)
    total = np.empty(n, dtype=state.dtype)
    part = np.zeros(n, dtype=state.dtype)
    segment = 0
    held = 0
    for t in range(x.shape[0]):
        now = step0 + t
        if now >= length:
            break
        for i in range(x.shape[1]):
            z[n + i] = x[t, i]
        _step_one(z, total, ptr, source, weight, columns)
        if states.shape[0] > 0:
            _unsorted(z, order, states[t])
        while segment < sums.shape[0] and now >= bounds[segment + 1]:
            segment += 1
        if segment < sums.shape[0] and now >= bounds[segment]:
            for i in range(n):
                part[i] += z[i]
            held += 1
            last = t + 1 == x.shape[0] or now + 1 >= length
            if held == _FLUSH or last or now + 1 == bounds[segment + 1]:
                for i in range(n):
                    sums[segment, order[i] if order.shape[0] > 0 else i] += part[i]
                    part[i] = 0
                held = 0
    _unsorted(z, order, state)


@njit(error_model="numpy", nogil=True, cache=True)
def _run_tile(every_x, all_lengths, every_state, ptr, source, weight, bias, leak, step0, all_bounds, all_sums,
              all_states, lo, hi):  # fmt: skip
    """Run a tile of series together, the series being the vectorised axis."""
    x, state, states = every_x[:, lo:hi], every_state[lo:hi], all_states[:, lo:hi]
    bounds, sums, lengths = all_bounds[lo:hi], all_sums[lo:hi], all_lengths[lo:hi]
    n = state.shape[1]
    width = state.shape[0]
    n_inputs = x.shape[2]
    n_segments = sums.shape[1]
    z = np.empty((n + n_inputs, width), dtype=state.dtype)
    after = np.empty((n, width), dtype=state.dtype)
    part = np.zeros((n, width), dtype=state.dtype)
    total = np.empty(width, dtype=state.dtype)
    segment = np.zeros(width, dtype=np.int64)
    held = np.zeros(width, dtype=np.int64)
    longest = 0
    for b in range(width):
        longest = max(longest, np.int64(lengths[b]) - step0)
        for i in range(n):
            z[i, b] = state[b, i]
    steps = min(x.shape[0], longest)
    for t in range(steps):
        now = step0 + t
        for b in range(width):
            for i in range(n_inputs):
                z[n + i, b] = x[t, b, i]
        _step_tile(z, after, total, ptr, source, weight, bias, leak)
        for i in range(n):
            for b in range(width):
                z[i, b] = after[i, b]
                part[i, b] += after[i, b]
        for b in range(width):
            length = np.int64(lengths[b])
            if now >= length:
                continue
            if states.shape[0] > 0:
                for i in range(n):
                    states[t, b, i] = after[i, b]
            last = t + 1 == steps or now + 1 == length
            if last:
                for i in range(n):
                    state[b, i] = after[i, b]
            if n_segments > 0:
                s = segment[b]
                while s < n_segments and now >= bounds[b, s + 1]:
                    s += 1
                segment[b] = s
                held[b] += 1
                if s == n_segments or now < bounds[b, s]:
                    # Steps outside every segment are dropped: what the column holds is theirs alone, since it
                    # is emptied at each segment's end.
                    for i in range(n):
                        part[i, b] = 0
                    held[b] = 0
                elif held[b] >= _FLUSH or last or now + 1 == bounds[b, s + 1]:
                    for i in range(n):
                        sums[b, s, i] += part[i, b]
                        part[i, b] = 0
                    held[b] = 0


def reservoir_run(
    x, lengths, state, ptr, source, weight, bias, leak, step0, bounds, sums, states, row_lo, row_hi
):
    """Advance leaky-tanh reservoirs over a batch of series."""
    # Not compiled itself, so that one series and a tile of series are compiled only when first needed; a call
    # of either is long beside the way into it.
    n = state.shape[1]
    before = (x, lengths, state, ptr, source, weight, bias, leak, np.int64(step0), bounds, sums, states)
    if row_hi - row_lo < 4:
        for row in range(row_lo, row_hi):
            _run_one(*before, np.int64(row))
        return
    # Three rows of a tile a neuron; 16 series fill a vector register, 64 keep their row in L1.
    width = max(16, min(64, _TILE_BYTES // (3 * (n + x.shape[2]) * state.itemsize) // 16 * 16))
    for lo in range(row_lo, row_hi, width):
        _run_tile(*before, np.int64(lo), np.int64(min(lo + width, row_hi)))


@njit(error_model="numpy", nogil=True, cache=True)
def reservoir_free_run(
    first, state, ptr, source, weight, bias, leak, readout, intercept, out, row_lo, row_hi
):
    """Run reservoirs on their own forecast: the readout of each step is the input of the next."""
    n = state.shape[1]
    n_inputs = first.shape[1]
    z = np.empty(n + n_inputs, dtype=state.dtype)
    total = np.empty(n, dtype=state.dtype)
    features = z[: readout.shape[1]]
    columns = _columns(ptr, source, weight, bias, leak)
    order = columns[0]
    weights = readout.copy()
    for d in range(n_inputs):
        _sorted(readout[d, :n], order, weights[d])
    for b in range(row_lo, row_hi):
        _sorted(state[b], order, z)
        for d in range(n_inputs):
            z[n + d] = first[b, d]
        for t in range(out.shape[0]):
            _step_one(z, total, ptr, source, weight, columns)
            for d in range(n_inputs):
                out[t, b, d] = intercept[d] + _dot_dense(weights[d], 0, features)
            for d in range(n_inputs):
                z[n + d] = out[t, b, d]
        _unsorted(z, order, state[b])
