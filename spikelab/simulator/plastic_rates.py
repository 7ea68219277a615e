"""Real values through synapses that learn in every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.rate_spec import RateSpec

from ..build.plastic_rates import RateLink
from ..units import steps_from_ms
from .plastic_layer import LayerValues

__all__ = ["RatePlasticRunner"]


class RatePlasticRunner:
    """A plastic projection of real values at run time: weights, traces, and values under way.

    Values are weighed where they arrive, so that what a unit gets in a step and what its synapses learn from
    it are the same numbers. The calls, with absolute steps since the last reset:

    1. ``push`` once values of the source are known: for an input or an earlier component the rows of a whole
       chunk before its first step; for a source in the target's own component each step after its dynamics.
    2. ``deliver(t, out)`` before the dynamics of step t, with its row of the real inputs of the target's
       block, in place of what `Delivery` does for an `AnalogLink`. The window of the component is one step.
    3. ``learn(t, ...)`` after the dynamics of step t. A source in the target's own component is pushed
       before or after it: values that arrive in the same step (delay 0) come from elsewhere.

    Parameters
    ----------
    link : RateLink
        The projection.
    batch : int
        Batch rows, over which changes are averaged.
    chunk : int
        Most steps that are pushed before the first of them is learned from.
    backend : Backend
        Where kernels come from.
    """

    def __init__(self, link: RateLink, batch: int, chunk: int, backend: Backend):
        self.link, self.batch, self.backend = link, batch, backend
        self._constants = link.record.prepare(link.dt_ms)
        self._kernels = [
            backend.rate_plasticity_kernel(RateSpec(link.rule, link.dtype, part.dense)) for part in link.parts
        ]
        self._first = [part.weight for part in link.parts]
        when = link.record.when
        self._every = 1 if isinstance(when, str) else steps_from_ms(when, link.dt_ms, "Plasticity", "when")
        self._on_signal = when == "signal"
        self._ring = np.zeros((chunk + link.max_delay + 1, batch, link.n_source), link.dtype)
        self._sums = np.zeros((1, batch, link.n_target), link.dtype)
        self._values = LayerValues(link, self._constants, batch)
        self.reset()

    @property
    def waiting(self) -> int:
        """Spikes that wait: none."""
        return 0

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, the weights included."""
        self._states = [
            {name: first.copy() for name in ("w", *self.link.rule.state)} for first in self._first
        ]
        self.forget()

    def forget(self) -> None:
        """Before a new sample, at step 0: no traces, no values under way; the weights stay."""
        start = self.link.record.initial_state()
        for state in self._states:
            for name in self.link.rule.state:
                state[name][:] = start[name]
        self._ring[:] = 0
        self._sums[:] = 0
        self._values.reset()

    def push(self, values: np.ndarray, step0: int, hold: int = 1, offset: int = 0, steps: int = 0) -> None:
        """Take real values on their way.

        Parameters
        ----------
        values : array [row, batch, unit of the source node], real
        step0 : int
            Absolute step in which the first of them is sent.
        hold : int
            Steps that a row lasts.
        offset : int
            Steps since the start of the first row.
        steps : int
            How many; 0: as many as there are rows.
        """
        for k in range(steps or len(values)):
            row = values[(offset + k) // hold, :, self.link.lo : self.link.hi]
            self._ring[(step0 + k) % len(self._ring)] = row

    def deliver(self, t: int, out: np.ndarray) -> None:
        """Add what arrives in step `t` to a row of real inputs: array [batch, address], a view."""
        self._sums[:] = 0
        one = np.zeros_like(self._sums)
        for part, state in zip(self.link.parts, self._states, strict=True):
            one[:] = 0
            x = self._arriving(part.delay, t)[None]
            if part.dense:
                matrix = state["w"].reshape(self.link.n_source, self.link.n_target)
                self.backend.deliver_analog(x, 1, 0, 1, matrix, 0, one, 0, 0, self.batch)
            else:
                table = part.ptr, part.neuron, state["w"]
                self.backend.deliver_analog_sparse(x, 1, 0, 1, *table, 0, one, 0, self.batch)
            given = one[0] if self.link.sign > 0 else -one[0]
            out[:, part.address : part.address + self.link.n_target] += given
            self._sums[0] += given

    def learn(
        self, t: int, post: Mapping[str, np.ndarray], signals: Mapping[str, float], learning: bool
    ) -> None:
        """Learn from step `t`, after `deliver` and the dynamics.

        Parameters
        ----------
        t : int
            Absolute step.
        post : mapping of str to array [batch, unit of the target's block], real
            State variables after the step: those of ``link.post_states``.
        signals : mapping of str to float
            Third factors; one that is missing is 0.
        learning : bool
            Whether weights change; traces move in any case.
        """
        cut = slice(self.link.first, self.link.first + self.link.n_target)
        values = {name: post[name][:, cut] for name in self.link.post_states}
        if self.link.output in values:
            values["rate"] = values[self.link.output]
        arriving = {part.delay: self._arriving(part.delay, t) for part in self.link.parts}
        self._values.move({**values, "drive": self._sums[0]}, arriving)
        if learning and self._is_due(t, signals):
            self._change(signals)

    def signal(self, now: int, signals: Mapping[str, float]) -> None:
        """Learn at once, between the steps `now` - 1 and `now`, from the values of the former."""
        self._change(signals)

    @property
    def held_weights(self) -> list[np.ndarray]:
        """The weights of each partition as they lie there."""
        return [state["w"] for state in self._states]

    def weights(self) -> np.ndarray:
        """Weights as the user sees them, signs included: array [edge], float64, in the order of the edges."""
        return self.link.sign * self.synapse_state("w")

    def set_weights(self, values: np.ndarray) -> None:
        """Replace the weights now, and those that `reset` returns to; they must be within the bounds."""
        self.take_weights(values)
        self._first = [state["w"].copy() for state in self._states]

    def take_weights(self, values: np.ndarray) -> None:
        """Replace the weights now, array [edge] with their signs; `reset` returns to those before."""
        own = self.link.sign * np.asarray(values, np.float64)
        for part, state in zip(self.link.parts, self._states, strict=True):
            state["w"][:] = own[part.number]

    def synapse_state(self, name: str) -> np.ndarray:
        """A state of every synapse: array [edge], float64, in the order of the edges."""
        values = np.empty(self.link.edges)
        for part, state in zip(self.link.parts, self._states, strict=True):
            values[part.number] = state[name]
        return values

    def column_sums(self) -> np.ndarray:
        """Sum of the magnitudes of the weights onto each target: array [neuron], float64."""
        return self._by_target(np.abs)

    def scale_columns(self, factor: np.ndarray) -> None:
        """Multiply the weights onto each target by `factor` [neuron], and clip them."""
        low, high = self._constants["w_min"], self._constants["w_max"]
        for part, state in zip(self.link.parts, self._states, strict=True):
            each = np.tile(factor, self.link.n_source) if part.dense else factor[part.neuron]
            state["w"][:] = np.clip(state["w"] * each, low, high)

    def backup(self, now: int) -> Any:
        """Copies of everything that moves, for `revert`."""
        return self.under_way(now)

    def revert(self, backup: Any, now: int) -> None:
        """Go back to what `backup` returned."""
        self.restore(backup, now)

    def under_way(self, now: int) -> dict[str, np.ndarray]:
        """Copies of everything that moves, weights included."""
        arrays = {
            f"{i}/{name}": values.copy()
            for i, state in enumerate(self._states)
            for name, values in state.items()
        }
        before = np.arange(now - self.link.max_delay - 1, now) % len(self._ring)
        return arrays | {"values": self._ring[before]} | self._values.under_way()

    def restore(self, arrays: Mapping[str, np.ndarray], now: int) -> None:
        """Take over what `under_way` returned."""
        self.forget()
        for i, state in enumerate(self._states):
            for name, values in state.items():
                values[:] = arrays[f"{i}/{name}"]
        before = np.arange(now - self.link.max_delay - 1, now) % len(self._ring)
        self._ring[before] = arrays["values"]
        self._values.restore(arrays)

    def _change(self, signals: Mapping[str, float]) -> None:
        """Run the rule once on all synapses."""
        rule = self.link.rule
        post = self._values.layer([*rule.post_values, *rule.post], self._lengths)
        third = {name: signals.get(name, 0.0) for name in rule.third}
        # all parts learn from the lengths that the weights had before any of them changed
        for part, state, kernel in zip(self.link.parts, self._states, self._kernels, strict=True):
            pre = self._values.pre[part.delay]
            kernel(state, part.ptr, part.neuron, pre, post, third, self._constants, 0, self.link.n_source)

    def _is_due(self, t: int, signals: Mapping[str, float]) -> bool:
        if self._on_signal:
            return any(signals.get(name, 0.0) != 0.0 for name in self.link.rule.third)
        return (t + 1) % self._every == 0

    def _lengths(self) -> np.ndarray:
        """Length of the weights onto each target: array [target], float64."""
        return np.asarray(np.sqrt(self._by_target(np.square)))

    def _by_target(self, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Sum of `of` the weights onto each target: array [target], float64; sources ascending."""
        total = np.zeros(self.link.n_target)
        for part, state in zip(self.link.parts, self._states, strict=True):
            values = of(state["w"].astype(np.float64))
            if part.dense:
                total += values.reshape(self.link.n_source, -1).sum(axis=0)
            else:
                total += np.bincount(part.neuron, values, self.link.n_target)
        return total

    def _arriving(self, delay: int, t: int) -> np.ndarray:
        return np.asarray(self._ring[(t - delay) % len(self._ring)])
