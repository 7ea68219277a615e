"""Everything that moves in a plastic projection as arrays, the same for any partitions and any room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spikelab_kernels.plasticity_spec import NEVER

from ..build.plastic import PlasticLink
from .plastic_part import PlasticPart

__all__ = ["put_parts", "take_parts"]

_Arrays = dict[str, np.ndarray]


def take_parts(link: PlasticLink, parts: Sequence[PlasticPart], now: int) -> _Arrays:
    """Copies of the state of `parts` at step `now`, up to which all cells are handled.

    Returns
    -------
    dict
        By edge: ``"weight"`` and the synapse's states; by cell: traces; of the listed spikes, sorted by
        neuron and age: ``"listed/..."``; of the sums on their way, sorted by step and neuron: ``"sums/..."``;
        the histories from the oldest row that counts on. Ages are steps before `now`; never is 2**30 or
        more.
    """
    first = parts[0].state
    arrays = {"weight": np.empty_like(link.weight), "cell/age": now - first.cell_last.astype(np.int64)}
    arrays |= {f"cell/{name}": values.copy() for name, values in first.pre.items()}
    for name in link.rule.state:
        arrays[f"edge/{name}"] = np.empty_like(link.weight)
    if link.spec.fading:
        arrays["edge/age"] = np.empty(link.edges, np.int64)
    for part in parts:
        state, place = part.state, part.table.place
        arrays["weight"][place] = state.w
        for name, values in state.synapse.items():
            arrays[f"edge/{name}"][place] = values
        if link.spec.fading:
            arrays["edge/age"][place] = now - state.edge_last.astype(np.int64)
    columns = [_listed(part, now) | _sums(part, now) for part in parts]
    for name in columns[0]:
        arrays[name] = np.concatenate([column[name] for column in columns])
    order = np.lexsort((arrays["sums/neuron"], arrays["sums/in"]))
    arrays |= {name: values[order] for name, values in arrays.items() if name.startswith("sums/")}
    arrays["quantum"] = np.array(link.quantum)
    rows = now - 1 - np.arange(link.max_delay + 2)[::-1]
    for name, history in first.pre_seen.items():
        arrays[f"pre/{name}"] = history[rows & (history.shape[0] - 1)]
    for name in first.post_seen:
        histories = [part.state.post_seen[name] for part in parts]
        seen = [history[rows & (history.shape[0] - 1)] for history in histories]
        arrays[f"post/{name}"] = np.concatenate(seen, axis=1)
    return arrays


def put_parts(
    link: PlasticLink, parts: Sequence[PlasticPart], arrays: Mapping[str, np.ndarray], now: int
) -> None:
    """Bring `parts` into the state that `take_parts` returned, at step `now`."""
    rows = now - 1 - np.arange(link.max_delay + 2)[::-1]
    for part in parts:
        part.reset(arrays["weight"][part.table.place])
        state, place = part.state, part.table.place
        for name, values in state.synapse.items():
            values[:] = arrays[f"edge/{name}"][place]
        if link.spec.fading:
            state.edge_last[:] = np.maximum(now - arrays["edge/age"][place], NEVER)
        state.cell_last[:] = np.maximum(now - arrays["cell/age"], NEVER)
        state.cell_done[:] = part.done = now - 1
        for name, values in state.pre.items():
            values[:] = arrays[f"cell/{name}"]
        _put_listed(part, arrays, now)
        _put_sums(part, arrays, now)
        for name, history in state.pre_seen.items():
            history[rows & (history.shape[0] - 1)] = arrays[f"pre/{name}"]
        for name, history in state.post_seen.items():
            history[rows & (history.shape[0] - 1)] = arrays[f"post/{name}"][:, part.lo : part.hi]


def _listed(part: PlasticPart, now: int) -> _Arrays:
    """Spikes of the targets that some cell may still see, or read a trace from."""
    state = part.state
    fresh = state.post_step > now - 1 - part.need
    newest_old = ~fresh & np.concatenate([np.ones_like(fresh[:1]), fresh[:-1]])
    slot, neuron = np.nonzero((fresh | newest_old) & (state.post_step > NEVER))
    order = np.lexsort((slot, neuron))
    slot, neuron = slot[order], neuron[order]
    arrays = {
        "listed/neuron": neuron + part.lo,
        "listed/age": now - state.post_step[slot, neuron].astype(np.int64),
    }
    return arrays | {f"listed/{name}": values[slot, neuron] for name, values in state.post.items()}


def _put_listed(part: PlasticPart, arrays: Mapping[str, np.ndarray], now: int) -> None:
    here = np.flatnonzero((arrays["listed/neuron"] >= part.lo) & (arrays["listed/neuron"] < part.hi))
    neuron = arrays["listed/neuron"][here] - part.lo
    slot = np.arange(neuron.size) - np.searchsorted(neuron, neuron)
    room = part.state.post_step.shape[0]
    while room < slot.max(initial=0) + 2:
        room *= 2
    if room > part.state.post_step.shape[0]:
        part.more_room(room)
    part.state.post_step[slot, neuron] = np.maximum(now - arrays["listed/age"][here], NEVER)
    for name, values in part.state.post.items():
        values[slot, neuron] = arrays[f"listed/{name}"][here]


def _sums(part: PlasticPart, now: int) -> _Arrays:
    sums = part.state.sums
    rolled = np.roll(sums, -(now & (sums.shape[0] - 1)), axis=0)
    ahead, neuron = np.nonzero(rolled)
    return {"sums/in": ahead, "sums/neuron": neuron + part.lo, "sums/quanta": rolled[ahead, neuron]}


def _put_sums(part: PlasticPart, arrays: Mapping[str, np.ndarray], now: int) -> None:
    sums, quanta = part.state.sums, arrays["sums/quanta"]
    before = float(arrays["quantum"])
    if before != part.link.quantum:  # another network's quantum, if its other weights are larger or smaller
        quanta = np.rint(quanta * (before / part.link.quantum)).astype(sums.dtype)
    here = np.flatnonzero((arrays["sums/neuron"] >= part.lo) & (arrays["sums/neuron"] < part.hi))
    row = (now + arrays["sums/in"][here]) & (sums.shape[0] - 1)
    sums[row, arrays["sums/neuron"][here] - part.lo] = quanta[here]
