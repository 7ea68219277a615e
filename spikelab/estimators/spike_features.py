"""From sequences to rows of features through spiking neurons in the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import Network
from ..readout import pool_inputs, segment_bounds
from ..record import Record
from ..result import Result, Spikes
from ..simulator import Simulator
from ..storable import storable

__all__ = ["SpikeFeatures"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_GROUP_ROWS = 128
# Neuron-steps of one run, which bound the spikes that are held.
_RUN_STEPS = 1 << 25


@storable
class SpikeFeatures:
    """Firing rates of the segments of a series, or filtered spikes at its end, from one population.

    Parameters
    ----------
    net : Network
        With an input ``"in"``.
    population : str
        Whose spikes are pooled.
    dt_ms : float, ms
        Time step.
    pooling : {"segments", "mean", "last"}
        Rates of the segments, of the whole series, or spikes filtered with `trace_ms` at the end.
    n_segments : int
    trace_ms : float
    include_input : bool
        Whether the pooled input stands behind.
    washout : int
        Rows of the input at the start that are not pooled.
    threads : int
    dtype : str

    Attributes
    ----------
    spike_synops : float
        Mean over the series last run of the edges that spikes have crossed.
    n_input_edges : int
        Edges from the input's values, each of which is a multiplication a row of the input.
    """

    def __init__(
        self, net: Network, population: str, dt_ms: float, *, pooling: str, n_segments: int, trace_ms: float,
        include_input: bool, washout: int, threads: int, dtype: str,
    ) -> None:  # fmt: skip
        self.net, self.population, self.dt_ms = net, population, dt_ms
        self.pooling, self.n_segments, self.trace_ms = pooling, n_segments, trace_ms
        self.include_input, self.washout, self.threads, self.dtype = include_input, washout, threads, dtype
        self.spike_synops = 0.0
        self.n_input_edges = 0
        self._fan_out = {name: np.zeros(pop.n, dtype=np.int64) for name, pop in net.populations.items()}
        for projection in net.projections.values():
            edges, source = projection.edges(), projection.source.name
            if source in self._fan_out:
                self._fan_out[source] += np.bincount(edges.source, minlength=self._fan_out[source].size)
            elif net.inputs[source].encoder is None:
                self.n_input_edges += len(edges)

    @property
    def _segments(self) -> int:
        return self.n_segments if self.pooling == "segments" else 1

    @property
    def hold(self) -> int:
        """Steps of a row of the input."""
        frame_ms = self.net.inputs["in"].frame_ms
        return 1 if frame_ms is None else max(1, round(frame_ms / self.dt_ms))

    @property
    def n(self) -> int:
        """Neurons that are pooled."""
        return self.net.populations[self.population].n

    @property
    def n_out(self) -> int:
        """Features of a series."""
        return self._segments * (self.n + self.net.inputs["in"].n * self.include_input)

    def blocks(self, series: list[Any]) -> Iterator[tuple[npt.NDArray[np.int64], Floats]]:
        """Yield (index of the series, features [row, feature], float64) of one group after another."""
        crossed, lengths = 0, np.array([len(one) for one in series])
        order = np.argsort(-lengths, kind="stable")
        for start in range(0, order.size, _GROUP_ROWS):
            index = order[start : start + _GROUP_ROWS]
            group = [series[i] for i in index]
            rates, spikes = self._run(group, lengths[index])
            crossed += spikes
            if self.include_input:
                kept = [one[self.washout :] for one in group]
                rates = np.concatenate([rates, pool_inputs(kept, self.pooling, self.n_segments)], axis=1)
            yield index, rates
        self.spike_synops = crossed / len(series)

    def run_one(self, one: npt.NDArray[Any]) -> Result:
        """Return what a run of one series recorded: the spikes of every population."""
        sim = Simulator(self.net, self.dt_ms, dtype=self.dtype)
        return sim.run(inputs={"in": one[:, None]}, record=Record(spikes="events"))

    def _run(self, group: list[Any], lengths: npt.NDArray[np.int64]) -> tuple[Floats, int]:
        """Features [row, segment * neuron] of a group, longest first, and edges that spikes crossed."""
        rows, n, steps = len(group), self.n, lengths * self.hold
        bounds = segment_bounds(steps, self._segments, self.washout * self.hold).astype(np.int64)
        total = np.zeros(rows * self._segments * n)
        crossed = 0
        sim = Simulator(self.net, self.dt_ms, rows, dtype=self.dtype, threads=self.threads)
        neurons = sum(fan_out.size for fan_out in self._fan_out.values())
        chunk = max(1, _RUN_STEPS // (rows * neurons * self.hold))
        for first in range(0, int(lengths.max()), chunk):
            parts = [one[first : first + chunk] for one in group]
            x = np.zeros((len(parts[0]), rows, parts[0].shape[1]), dtype=self.dtype)
            for place, part in enumerate(parts):
                x[: len(part), place] = part
            result = sim.run(inputs={"in": x}, record=Record(spikes="events"))
            if result.interrupted:
                raise KeyboardInterrupt
            for name, fan_out in self._fan_out.items():
                step, row, neuron = _alive(result[name].spikes, steps)
                crossed += int(fan_out[neuron].sum())
                if name != self.population:
                    continue
                kept = step >= bounds[row, 0]
                step, row, neuron = step[kept], row[kept], neuron[kept]
                segment = (step[:, None] >= bounds[row, 1:-1]).sum(axis=1)
                place_in_total = (row * self._segments + segment) * n + neuron
                total += np.bincount(place_in_total, self._weight(steps[row] - step), total.size)
        per_segment = total.reshape(rows, self._segments, n)
        if self.pooling != "last":
            per_segment /= np.maximum(np.diff(bounds, axis=1), 1)[:, :, None] * self.dt_ms / 1000.0
        return per_segment.reshape(rows, -1), crossed

    def _weight(self, steps_to_end: npt.NDArray[np.int64]) -> Floats | None:
        if self.pooling != "last":
            return None
        return np.asarray(np.exp(-(steps_to_end - 1) * (self.dt_ms / self.trace_ms)))


def _alive(spikes: Spikes, steps: npt.NDArray[np.int64]) -> tuple[Indices, Indices, Indices]:
    """Step, row and neuron of the spikes that fall before the end of their series."""
    step, row = spikes.t0_step + spikes.step.astype(np.int64), spikes.batch.astype(np.int64)
    kept = step < steps[row]
    return step[kept], row[kept], spikes.neuron[kept].astype(np.int64)
