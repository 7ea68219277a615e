"""Spikes through synapses that learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build.plastic import PlasticLink
from ..errors import ParameterError
from .plastic_moving import put_parts, take_parts
from .plastic_part import PlasticPart
from .plastic_queue import PlasticQueue

__all__ = ["PlasticRunner"]

# Steps are int32 in the kernels; they are counted anew before they come near the end.
_FAR, _SHIFT = 2**29, 2**28


class PlasticRunner:
    """A plastic projection at run time: weights, traces, and spikes under way.

    Calls in a window [t, t + steps) of the target's component, which is at most ``link.span`` steps:
    ``push`` (for a source in an earlier component: a whole chunk at once, before), ``deliver`` for each part,
    then the dynamics, ``push`` (for a source in this component), ``learn``.

    Parameters
    ----------
    link : PlasticLink
        The projection; no result depends on its partitions.
    batch : int
        Batch rows.
    backend : Backend
        Where kernels come from.

    Raises
    ------
    ParameterError
        If `batch` is not 1.
    """

    def __init__(self, link: PlasticLink, batch: int, backend: Backend):
        if batch != 1:
            owner = f"connect({link.projection[0]!r}, {link.projection[1]!r})"
            need = "be left out in a simulator with batch > 1"
            remedy = "Use Simulator(net, batch=1): samples learn one after another."
            raise ParameterError(owner, "plasticity", link.record, need, remedy)
        self.link, self.batch, self.backend = link, batch, backend
        rows = 1 << (link.max_delay + min(link.span, link.max_delay + 1) + 2).bit_length()
        self.parts = [PlasticPart(link, lo, hi, table, rows, backend) for lo, hi, table in link.parts]
        self._rows = rows
        self._initial = link.weight
        self._late = link.max_delay if link.record.delay_kind == "dendritic" and not link.spec.viewed else 0
        self._before = link.cell_delay == 0
        if link.record.delay_kind == "axonal":
            self._before[:] = True
        self._prompt = bool(self._before.any())
        self._off_step = link.spec.programs.on_step is None
        self.reset()

    @property
    def waiting(self) -> int:
        """Spikes that wait."""
        return self._passes.count

    @property
    def held_weights(self) -> list[np.ndarray]:
        """The weights of each partition as they lie there; spikes of targets may still wait."""
        return [part.state.w for part in self.parts]

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, the weights included."""
        for part in self.parts:
            part.reset(np.ascontiguousarray(self._initial[part.table.place]))
        self._start()

    def forget(self) -> None:
        """Before a new sample, at step 0: no traces, no spikes under way; the weights stay."""
        self._flush()
        for part in self.parts:
            part.reset(part.state.w)
        self._start()

    def _start(self) -> None:
        self._passes, self._fired = PlasticQueue(), PlasticQueue()
        self._now = self._origin = 0
        self._began = False

    def push(self, step: np.ndarray, batch: np.ndarray, source: np.ndarray, step0: int) -> None:
        """Take spikes on their way, as `ArrivalRunner.push`."""
        link = self.link
        first = link.cell_ptr[source].astype(np.int64)
        count = link.cell_ptr[source.astype(np.int64) + 1] - first
        total = int(count.sum())
        if not total:
            return
        nth = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        cell = np.repeat(first, count) + nth
        when = np.repeat(step.astype(np.int64) + step0, count)
        if link.record.delay_kind == "axonal":
            when += link.cell_delay[cell]
        self._passes.add(when, cell)

    def deliver(self, part: int, t: int, out: np.ndarray) -> None:
        """Add what arrives in a window to the sums of one partition, as `ArrivalRunner.deliver`."""
        self.parts[part].deliver(t - self._origin, out)
        if self._prompt:
            _, cells = self._passes.until(t + 1)
            cells = cells[self._before[cells]].astype(np.uint32)
            if cells.size:
                self.parts[part].send_before(t - self._origin, cells, out)

    def learn(
        self,
        t: int,
        steps: int,
        post_bits: np.ndarray,
        values: Mapping[str, Mapping[str, np.ndarray]],
        signals: Mapping[str, np.ndarray],
        learning: bool,
    ) -> list[Callable[[], None]]:
        """Take over what happened in the window [t, t + steps), after its dynamics.

        Parameters
        ----------
        t, steps : int
            First absolute step, and how many.
        post_bits : array [step, batch, word], uint64
            Spikes of the target's whole block.
        values : mapping
            ``"post"`` and, where the rule asks, ``"pre"``: ``link.post_values`` and ``link.pre_values``,
            arrays [step, batch, neuron of the block].
        signals : mapping of str to array [step], float64
            Third factors; one that is missing is 0.
        learning : bool
            Whether weights change; spikes are delivered and traces move in any case.

        Returns
        -------
        list of callable
            What is left to do, one call a partition. No call depends on another one.
        """
        link = self.link
        step, _, neuron = self.backend.bits_to_events(post_bits, link.parts[-1][1], 0)
        own = (neuron >= link.own[0]) & (neuron < link.own[1])
        self._fired.add(step[own].astype(np.int64) + t + self._late, neuron[own].astype(np.int64))
        fired, passing = self._fired.take(t + steps), self._passes.take(t + steps)
        third = self._third(signals, steps)
        due = self._due(t, steps, third)
        self._count_anew(t + steps)
        base = t - self._origin
        fired, passing = (fired[0] - self._origin, fired[1]), (passing[0] - self._origin, passing[1])
        for part in self.parts:
            part.see(base, steps, values, self._began)
        self._began = True
        self._now = t + steps
        window = base, steps, fired, passing, due, third, learning
        return [partial(part.learn, *window) for part in self.parts]

    def signal(self, now: int, signals: Mapping[str, float]) -> None:
        """Run ``on_step`` at once, between the steps `now` - 1 and `now`."""
        third = self._third({name: np.array([value]) for name, value in signals.items()}, 1)
        self._now = now
        self._flush()
        for part in self.parts:
            part.kernel.step(now - 1 - self._origin, np.ascontiguousarray(third[:, 0]))

    def _third(self, signals: Mapping[str, np.ndarray], steps: int) -> np.ndarray:
        names = self.link.spec.third
        third = np.zeros((len(names), steps), self.link.spec.dtype)
        for row, name in zip(third, names, strict=True):
            row[:] = signals.get(name, 0.0)
        return third

    def _due(self, t: int, steps: int, third: np.ndarray) -> np.ndarray:
        """Whether ``on_step`` runs in each step."""
        when = self.link.when
        if self._off_step:
            return np.zeros(steps, np.uint8)
        due = (third != 0).any(axis=0)
        if isinstance(when, int):
            due = (t + 1 + np.arange(steps)) % when == 0
        elif when == "always":
            due[:] = True
        return np.asarray(due, np.uint8)

    def _count_anew(self, until: int) -> None:
        """Move the origin of the kernels' steps before they leave int32."""
        while until - self._origin > _FAR:
            self._flush()
            self._origin += _SHIFT
            for part in self.parts:
                part.shift(_SHIFT)

    def _flush(self) -> None:
        """Handle all spikes of the targets that have passed."""
        for part in self.parts:
            part.catch_up(self._now - 1 - self._origin)

    def weights(self) -> np.ndarray:
        """Weights as the user sees them, signs included: array [edge], float64, in the order of the edges."""
        weights: np.ndarray = self._gathered("w").astype(np.float64) * self.link.sign
        return weights

    def synapse_state(self, name: str) -> np.ndarray:
        """A state of the synapses after the last step: array [edge], float64, in the order of the edges."""
        state: np.ndarray = self._gathered(name).astype(np.float64)
        tau = self.link.spec.fading.get(name)
        if tau is not None:
            last = np.empty(state.size, np.int64)
            for part in self.parts:
                last[part.table.place] = part.state.edge_last
            n, (low, high) = self._now - 1 - self._origin - last, self.link.decay[tau]
            state *= low[n & 255].astype(np.float64) * high[np.minimum(n >> 8, high.size - 1)]
        return state

    def _gathered(self, name: str) -> np.ndarray:
        self._flush()
        values: np.ndarray = np.empty_like(self.link.weight)
        for part in self.parts:
            values[part.table.place] = part.state.w if name == "w" else part.state.synapse[name]
        return values

    def set_weights(self, values: np.ndarray) -> None:
        """Replace the weights now, and those that `reset` returns to.

        Parameters
        ----------
        values : array [edge], float64
            With their signs, which must be that of the projection, and within the rule's bounds.
        """
        self._initial = (np.asarray(values) * self.link.sign).astype(self.link.spec.dtype)
        self.take_weights(values)

    def take_weights(self, values: np.ndarray) -> None:
        """Replace the weights now, array [edge] with their signs; `reset` returns to those before."""
        weight = (np.asarray(values) * self.link.sign).astype(self.link.spec.dtype)
        self._flush()
        for part in self.parts:
            part.state.w[:] = weight[part.table.place]

    def column_sums(self) -> np.ndarray:
        """Sum of the magnitudes of the weights onto each neuron of the target population, in ascending order
        of the sources: array [neuron], float64."""
        self._flush()
        sums = [
            np.bincount(part.state.target, weights=np.abs(part.state.w), minlength=part.hi - part.lo)
            for part in self.parts
        ]
        own = self.link.own
        return np.concatenate(sums)[own[0] : own[1]].astype(np.float64)  # without edges bincount counts

    def scale_columns(self, factor: np.ndarray) -> None:
        """Multiply the weights onto each neuron of the population by `factor` [neuron], and clip them.

        The product is made in float64, then rounded to the dtype.
        """
        self._flush()
        whole = np.ones(self.link.parts[-1][1])
        whole[slice(*self.link.own)] = factor
        for part in self.parts:
            state = part.state
            scaled = (state.w * whole[part.lo : part.hi][state.target]).astype(state.w.dtype)
            np.clip(scaled, state.w.dtype.type(state.w_min), state.w.dtype.type(state.w_max), out=state.w)

    def backup(self, now: int) -> Any:
        """Copies of everything that moves, for `revert` of this very runner: `under_way` takes longer."""
        clock = self._passes.all(), self._fired.all(), self._now, self._origin, self._began
        return [part.backup() for part in self.parts], clock

    def revert(self, backup: Any, now: int) -> None:
        """Go back to what `backup` returned."""
        parts, (passes, fired, self._now, self._origin, self._began) = backup
        for part, own in zip(self.parts, parts, strict=True):
            part.revert(own)
        self._passes, self._fired = PlasticQueue(*passes), PlasticQueue(*fired)

    def under_way(self, now: int) -> dict[str, np.ndarray]:
        """Copies of everything that moves, weights included, the same for any partitions."""
        self._flush()
        arrays = take_parts(self.link, self.parts, now - self._origin)
        for name, queue in (("passes", self._passes), ("fired", self._fired)):
            step, place = queue.all()
            arrays |= {f"{name}/in": step - now, f"{name}/place": place.copy()}
        arrays["began"] = np.array(self._began)
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray], now: int) -> None:
        """Take over what `under_way` returned."""
        self._start()
        self._now, self._began = now, bool(arrays["began"])
        self._origin = now // _SHIFT * _SHIFT
        put_parts(self.link, self.parts, arrays, now - self._origin)
        for name, queue in (("passes", self._passes), ("fired", self._fired)):
            queue.add(arrays[f"{name}/in"] + now, arrays[f"{name}/place"])
