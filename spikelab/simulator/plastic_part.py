"""One partition of a plastic projection: its arrays, and the kernels that work on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.plasticity_spec import NEVER, PlasticState

from ..build.plastic import PlasticLink, PlasticTable

__all__ = ["Backup", "PlasticPart"]

_MOVING = ("w", "edge_last", "cell_last", "cell_done", "post_step", "sums")
_MOVING_DICTS = ("synapse", "pre", "post", "pre_seen", "post_seen")
# Spikes of a neuron that stay listed before all cells must handle them.
_ROOM = 16


class Backup(NamedTuple):
    """What moves in a partition: arrays of its `PlasticState` by name."""

    done: int
    arrays: dict[str, np.ndarray]
    dicts: dict[str, dict[str, np.ndarray]]


class PlasticPart:
    """State of the synapses onto one range of targets. Steps count from the origin that the runner keeps.

    Parameters
    ----------
    link : PlasticLink
    lo, hi : int
        Neurons of the block.
    table : PlasticTable
    rows : int
        Rows of the rings of sums and histories, a power of two.
    backend : Backend
        Where kernels come from.

    Attributes
    ----------
    need : int
        Steps for which a spike of a target may still be ahead of some cell.
    done : int
        Step up to which all cells have handled the spikes of the targets.
    """

    def __init__(self, link: PlasticLink, lo: int, hi: int, table: PlasticTable, rows: int, backend: Backend):
        self.link, self.lo, self.hi, self.table, self._rows = link, lo, hi, table, rows
        self._bind = backend.plasticity_kernel(link.spec)
        self.need = link.max_delay if link.spec.viewed else 0
        self._initial = np.ascontiguousarray(link.weight[table.place])
        self.reset(self._initial)

    def reset(self, weight: np.ndarray) -> None:
        """Nothing has happened; `weight` [edge] in the order of the table."""
        link, table, spec = self.link, self.table, self.link.spec
        edges, cells, n, real = table.target.size, link.cell_source.size, self.hi - self.lo, spec.dtype
        initial = link.record.initial_state()
        self.state = PlasticState(
            cell_source=link.cell_source,
            cell_delay=link.cell_delay,
            cell_edge=table.cell_edge,
            target=table.target,
            w=weight.copy(),
            synapse={name: np.full(edges, initial[name], real) for name in link.rule.state},
            edge_last=np.full(edges if spec.fading else 0, NEVER, np.int32),
            cell_last=np.full(cells, NEVER, np.int32),
            cell_done=np.full(cells, -1, np.int32),
            pre={name: np.zeros(cells, real) for name in spec.pre},
            post_step=np.full((_ROOM, n), NEVER, np.int32),
            post={name: np.zeros((_ROOM, n), real) for name in spec.post},
            pre_seen={name: np.zeros((self._rows, link.n_source), real) for name in spec.pre_seen},
            post_seen={name: np.zeros((self._rows, n), real) for name in spec.post_seen},
            decay=link.decay,
            constants={name: link.constants[name] for name in spec.constants},
            w_min=link.record.w_min,
            w_max=link.record.w_max,
            scale=link.sign / link.quantum,
            sums=np.zeros((self._rows, n), spec.sum_dtype),
        )
        self.done = -1
        self.bind()

    def bind(self) -> None:
        """Let the kernels work on the arrays as they are now."""
        self.kernel = self._bind(self.state)

    def learn(
        self,
        t: int,
        steps: int,
        fired: tuple[np.ndarray, np.ndarray],
        passing: tuple[np.ndarray, np.ndarray],
        due: np.ndarray,
        third: np.ndarray,
        learning: bool,
    ) -> None:
        """Advance through a window; `fired` and `passing` are steps with neurons of the block and cells."""
        step, neuron = fired
        here = (neuron >= self.lo) & (neuron < self.hi)
        listed = step[here].astype(np.int32), (neuron[here] - self.lo).astype(np.uint32)
        passes = passing[0].astype(np.int32), passing[1].astype(np.uint32)
        if not learning:
            self.catch_up(t - 1)
        at = np.zeros(3, np.int64)
        while not self.kernel.learn(
            t, steps, at, *listed, *passes, due, third, learning, self.done, self.need
        ):
            self._make_room(t + int(at[2]) - 1, learning)
        if not learning:
            self.done = t + steps - 1

    def _make_room(self, now: int, learning: bool) -> None:
        """Let the oldest spikes go, or keep more."""
        if self.done < now:
            if learning:
                self.catch_up(now)
            else:
                self.state.cell_done[:] = now
                self.done = now
            return
        self.more_room(2 * self.state.post_step.shape[0])

    def more_room(self, room: int) -> None:
        """Keep `room` spikes of each neuron."""
        state = self.state
        more = room - state.post_step.shape[0], state.post_step.shape[1]
        state.post_step = np.concatenate([state.post_step, np.full(more, NEVER, np.int32)])
        for name, values in state.post.items():
            state.post[name] = np.concatenate([values, np.zeros(more, values.dtype)])
        self.bind()

    def catch_up(self, until: int) -> None:
        """Handle the spikes of the targets up to step `until` in all cells."""
        if self.done < until:
            self.kernel.catch_up(until)
            self.done = until

    def deliver(self, t: int, out: np.ndarray) -> None:
        """Move what arrives from step `t` on to `out` [row, batch, receptor, neuron of the block]."""
        sums, row = self.state.sums, 0
        while row < out.shape[0]:
            at = (t + row) & (self._rows - 1)
            count = min(out.shape[0] - row, self._rows - at)
            out[row : row + count, 0, self.link.receptor, self.lo : self.hi] += sums[at : at + count]
            sums[at : at + count] = 0
            row += count

    def send_before(self, t: int, cells: np.ndarray, out: np.ndarray) -> None:
        """Add the weights of `cells` before step `t` to the first row of `out`."""
        self.kernel.send_before(t, cells, out[0, 0, self.link.receptor, self.lo : self.hi])

    def backup(self) -> Backup:
        """Copies of what moves, as it lies here; nothing is caught up with."""
        state = self.state
        arrays = {name: getattr(state, name).copy() for name in _MOVING}
        named = {name: getattr(state, name) for name in _MOVING_DICTS}
        dicts = {name: {key: v.copy() for key, v in values.items()} for name, values in named.items()}
        return Backup(self.done, arrays, dicts)

    def revert(self, backup: Backup) -> None:
        """Go back to what `backup` returned."""
        self.done = backup.done
        for name, values in backup.arrays.items():
            setattr(self.state, name, values.copy())
        for name, named in backup.dicts.items():
            setattr(self.state, name, {key: values.copy() for key, values in named.items()})
        self.bind()

    def shift(self, steps: int) -> None:
        """Count steps from an origin that lies `steps` later."""
        state = self.state
        for array in (state.edge_last, state.cell_last, state.cell_done, state.post_step):
            array[:] = np.maximum(array.astype(np.int64) - steps, NEVER)
        self.done -= steps

    def see(self, t: int, steps: int, values: Mapping[str, Mapping[str, np.ndarray]], began: bool) -> None:
        """Take state variables [step, batch, neuron of the block] into the histories."""
        rule, state = self.link.rule, self.state
        sides: list[tuple[str, Any, dict[str, np.ndarray], slice]] = [
            ("pre", rule.pre, state.pre_seen, slice(None)),
            ("post", rule.post, state.post_seen, slice(self.lo, self.hi)),
        ]
        for side, traces, histories, columns in sides:
            for name, history in histories.items():
                trace = traces.get(name)
                given = values[side][name if trace is None else trace.of][:, 0, columns]
                if not began:
                    history[:] = given[0]
                rows = (t + np.arange(-1, steps)) & (self._rows - 1)
                if trace is None:
                    history[rows[1:]] = given
                    continue
                move = history.dtype.type(1) - self.link.decay[trace.tau][0][1]
                for k in range(steps):
                    last = history[rows[k]]
                    history[rows[k + 1]] = last + move * (given[k] - last)
