"""Synapses that learn: what they are told in each window, and what scales their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..build.arrivals import Node
from ..build.links import RateLink
from ..errors import ParameterError
from ..plasticity.homeostasis import Homeostasis, SynapticScaling
from ..units import steps_from_ms
from .plastic import PlasticRunner
from .plastic_rates import RatePlasticRunner
from .timers import Timers
from .window import BlockWindow, Call
from .workers import Workers

__all__ = ["Learning"]


class Learning:
    """All plastic projections of a network at run time.

    Parameters
    ----------
    built : Built
        The network.
    runners, rates : sequence of PlasticRunner, sequence of RatePlasticRunner
        One a projection, of spikes and of real values.
    batch : int
        Batch rows.
    timers : Timers
        Where time is counted.
    workers : Workers
        Threads.
    backend : Backend
        Where kernels come from.

    Attributes
    ----------
    on : bool
        Whether weights change; spikes are delivered in any case.
    signals : mapping of str to array [step], float64
        Third factors over the whole run.
    """

    def __init__(
        self,
        built: Built,
        runners: Sequence[PlasticRunner],
        rates: Sequence[RatePlasticRunner],
        batch: int,
        timers: Timers,
        workers: Workers,
        backend: Backend,
    ):
        self._timers, self._workers = timers, workers
        self.runners: list[PlasticRunner | RatePlasticRunner] = [*runners, *rates]
        self.on = True
        self.signals: Mapping[str, np.ndarray] = {}
        self._scalings = [
            Scaling(runner, record, built, batch, backend)
            for runner in self.runners
            if (record := built.net.projections[runner.link.projection].homeostasis) is not None
        ]
        self._into: dict[int, list[PlasticRunner | RatePlasticRunner]] = {}
        for runner in self.runners:
            self._into.setdefault(built.blocks[runner.link.target].component, []).append(runner)

    def __bool__(self) -> bool:
        return bool(self.runners)

    def asked(self, place: int) -> set[str]:
        """State variables of a block that some rule reads at every step."""
        return {
            name for runner in self.runners for end, names in _asked(runner) if end == place for name in names
        }

    def reset(self) -> None:
        """Forget what was counted since weights were last scaled."""
        for scaling in self._scalings:
            scaling.reset()

    def learn(
        self,
        component: int,
        windows: Sequence[BlockWindow],
        first: int,
        steps: int,
        now: int,
        done: int,
        threads: int,
    ) -> None:
        """Let the projections into a component learn from a window.

        Parameters
        ----------
        component : int
            Place of the component.
        windows : sequence of BlockWindow
            Of all blocks.
        first, steps : int
            Rows of the chunk.
        now : int
            Absolute step of the first of them.
        done : int
            Steps of the run before it.
        threads : int
            How many may share the work.
        """
        runners = self._into.get(component)
        if not runners:
            return
        started = perf_counter()
        calls: list[Call] = []
        signals = {name: values[done : done + steps] for name, values in self.signals.items()}
        for runner in runners:
            target = windows[runner.link.target]
            if isinstance(runner, RatePlasticRunner):
                rows_of = target.values(runner.link.post_states, first, 1)
                post = {name: rows[0] for name, rows in rows_of.items()}
                runner.learn(now, post, {name: float(rows[0]) for name, rows in signals.items()}, self.on)
                continue
            values = {
                side: windows[end].values(names, first, steps)
                for side, (end, names) in zip(("post", "pre"), _asked(runner), strict=True)
                if isinstance(end, int) and names
            }
            calls += runner.learn(now, steps, target.bits(first, steps), values, signals, self.on)
        self._workers.run(calls, threads)
        self._timers.add("learn", 0, perf_counter() - started)

    def until_due(self, now: int, steps: int) -> int:
        """At most `steps` from the absolute step `now`, so that they end where weights are to be scaled."""
        return min([steps, *(scaling.left(now) for scaling in self._scalings if scaling.every)])

    def end_chunk(self, windows: Sequence[BlockWindow], steps: int, now: int) -> None:
        """Count the spikes of a chunk of `steps` that ended at the absolute step `now`, and scale weights."""
        for scaling in self._scalings:
            scaling.count(windows[scaling.runner.link.target], steps)
            if scaling.every and now % scaling.every == 0:
                scaling.act(self.on)

    def end_sample(self) -> None:
        """Scale the weights that are scaled after each sample."""
        for scaling in self._scalings:
            if not scaling.every:
                scaling.act(self.on)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Copies of what was counted since weights were last scaled."""
        return {f"scaling/{i}": scaling.counts.copy() for i, scaling in enumerate(self._scalings)} | {
            f"scaling/{i}/steps": np.array(scaling.steps) for i, scaling in enumerate(self._scalings)
        }

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `snapshot` returned."""
        for i, scaling in enumerate(self._scalings):
            scaling.counts[:] = arrays[f"scaling/{i}"]
            scaling.steps = int(arrays[f"scaling/{i}/steps"])


def _asked(runner: PlasticRunner | RatePlasticRunner) -> list[tuple[Node, tuple[str, ...]]]:
    """State variables that a rule reads at every step, of its target and its source."""
    link = runner.link
    if isinstance(link, RateLink):
        return [(link.target, link.post_states)]
    return [(link.target, tuple(link.post_values)), (link.source, tuple(link.pre_values))]


class Scaling:
    """Homeostasis of one projection.

    Attributes
    ----------
    every : int
        Steps from one time to the next; 0 where it acts after each sample.
    counts : array [batch, neuron of the block], int32
        Spikes since it last acted.
    """

    def __init__(
        self,
        runner: PlasticRunner | RatePlasticRunner,
        record: Homeostasis,
        built: Built,
        batch: int,
        backend: Backend,
    ):
        self.runner, self._record, self._backend, self._dt_ms = runner, record, backend, built.dt_ms
        every, owner = record.every, type(record).__name__
        self._spiking = built.blocks[runner.link.target].spiking
        if isinstance(record, SynapticScaling) and not self._spiking:
            need = "be left out for a target that does not spike"
            raise ParameterError(str(runner.link.projection), "homeostasis", record, need, "Use Normalize.")
        name = runner.link.projection[1]
        if every != "sample" and round(every / built.dt_ms) < 1:
            need = f"be at least one step of {built.dt_ms:g} ms"
            raise ParameterError(owner, "every", every, need, "Weights cannot be scaled more often.")
        self.every = 0 if every == "sample" else steps_from_ms(every, built.dt_ms, owner, "every")
        self._own = slice(*built.blocks[runner.link.target].ranges[name])
        self.counts = np.zeros((batch, built.blocks[runner.link.target].n), np.int32)
        self.steps = 0

    def reset(self) -> None:
        """Forget what was counted."""
        self.counts[:] = 0
        self.steps = 0

    def left(self, now: int) -> int:
        """Steps until it acts."""
        return self.every - now % self.every

    def count(self, window: BlockWindow, steps: int) -> None:
        """Count the spikes of a chunk."""
        if self._spiking:
            self._backend.count_spikes(window.bits(0, steps), self.counts, 0, self.counts.shape[0])
        self.steps += steps

    def act(self, learning: bool) -> None:
        """Scale the weights, unless nothing is to be learned, and count anew."""
        if learning and self.steps:
            interval_ms = self.steps * self._dt_ms
            rate_hz = self.counts[:, self._own].mean(axis=0) * (1e3 / interval_ms)
            sums = self.runner.column_sums()
            factors = self._record.factors(sums, rate_hz, interval_ms)
            self.runner.scale_columns(factors)
        self.reset()
