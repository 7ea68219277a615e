"""One block at run time: its state, what arrives, and the call of its kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.population_spec import PopulationSpec

from ..build import Built
from ..build.links import AnalogLink, ArrivalLink, PlasticLink
from ..build.memory import require_memory
from ..seeding import sub_key
from .currents import BlockCurrents

__all__ = ["BlockRunner", "Tile"]

Tile = tuple[int, int, int, int]
"""Batch rows and neurons: row_lo, row_hi, col_lo, col_hi."""

_NO_INDEX = np.empty(0, np.uint32)


class BlockRunner:
    """State and slabs of one block.

    Parameters
    ----------
    built : Built
        The network.
    place : int
        Which block.
    batch : int
        Batch rows.
    chunk : int
        Most steps of one call of the engine.
    window : int
        Most steps of one call of `run`.
    backend : Backend
        Where kernels come from.

    Attributes
    ----------
    state : dict of str to array [batch, neuron]
    sums : array [step, batch, receptor, neuron], int, or None
        Spikes that arrive in the steps of a window.
    parts : list of tuple (lo, hi)
        Ranges of neurons that the tables are cut into; threads may advance them side by side.
    lanes : list of arrays [step, batch, input, neuron], real
        Real values that arrive in the chunk and after it. Sums of floats depend on their order, and which of
        several links delivers first depends on the chunks: from three links on, each has a lane of its own,
        and the lanes are added in the order of the links. Two commute and share one.
    learned : array [1, batch, input, neuron], real
        Real values that arrive in a window of one step through weights that change; empty where none do.
    currents : BlockCurrents
        Currents from generators, which are added last.
    """

    def __init__(self, built: Built, place: int, batch: int, chunk: int, window: int, backend: Backend):
        self.block, self.dtype, self.backend, self.batch = built.blocks[place], built.dtype, backend, batch
        self._links = [link for link in built.analog if link.target == place]
        self.tail = max((link.delay for link in self._links), default=0)
        events = [link for link in (*built.events, *built.plastic) if link.target == place]
        tables = [link for link in events if isinstance(link, (ArrivalLink, PlasticLink))]
        self.parts = [(lo, hi) for lo, hi, _ in tables[0].parts] if tables else [(0, self.block.n)]
        gets_sums = bool(events) or any(drive.block == place for drive in built.drives)
        n_lanes = min(len(self._links), 1) if len(self._links) <= 2 else len(self._links)
        self.currents = BlockCurrents(built, place, batch, window, backend)
        learned = any(link.target == place for link in built.rates)
        self.gets_values = bool(self._links) or bool(self.currents) or learned
        spec = self.spec("none", gets_sums, self.gets_values)
        self._base = spec
        sums_shape = (window, batch, self.n_receptors, self.block.n)
        lane_shape = (chunk + self.tail, batch, self.block.n_inputs, self.block.n)
        item = np.dtype(self.dtype).itemsize
        require_memory(
            batch * self.block.n * spec.state_bytes()
            + (gets_sums * math.prod(sums_shape) + n_lanes * math.prod(lane_shape)) * item
            + self.currents.nbytes,
            "Simulator",
            "batch",
            f"state and arrivals of {batch} x {self.block.n} neurons over delays of {self.tail} steps",
            "Use a smaller batch, or fewer different delays between rate neurons.",
        )
        self.sums = np.zeros(sums_shape, spec.sum_dtype) if gets_sums else None
        self.lanes = [np.zeros(lane_shape, self.dtype) for _ in range(n_lanes)]
        self.learned = np.zeros((int(learned), batch, self.block.n_inputs, self.block.n), self.dtype)
        self.quanta = np.ascontiguousarray(built.quanta[place], dtype=self.dtype)
        senders = {link.source for link in built.analog} | {link.source for link in built.rates}
        self.sends_values = not self.block.spiking and place in senders
        self.sends_spikes = self.block.spiking and built.needs_spikes(place)
        self.reset()

    @property
    def state_bytes(self) -> int:
        """Bytes of state of one neuron of one batch row."""
        return self._base.state_bytes()

    @property
    def n_receptors(self) -> int:
        return max(self.block.n_receptors, 1)

    def spec(self, output: str, sums: bool, analog: bool) -> PopulationSpec:
        """The compiled form of the model for these inputs and outputs."""
        return PopulationSpec(self.block.model, self.dtype, self.block.arrays, sums, analog, output)

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, with nothing under way."""
        shape = (self.batch, self.block.n)
        self.state = {
            # a copy in any case: what is broadcast may be the recipe's own array
            name: np.array(
                np.broadcast_to(np.asarray(value), shape), dtype=self._base.state_dtype(name), order="C"
            )
            for name, value in self.block.initial.items()
        }
        self.adapts = True
        self._bound: dict[tuple[str, bool], Callable[..., None]] = {}
        self.rng_key = self.block.rng_key
        if reseed:
            new = {int(key): sub_key(int(key), "reseed", reseed) for key in np.unique(self.block.rng_key)}
            self.rng_key = np.array([new[int(key)] for key in self.block.rng_key], np.uint64)
        for lane in self.lanes:
            lane[:] = 0
        self.currents.reset(reseed)

    @property
    def constants(self) -> Mapping[str, Any]:
        """Constants of the step, for neurons that adapt or do not."""
        return self.block.constants if self.adapts or self.block.frozen is None else self.block.frozen

    def start_sample(self) -> None:
        """Back to the state before the first step, but for what outlives a sample; nothing is under way."""
        for name, values in self.state.items():
            if name not in self.block.kept:
                values[:] = np.asarray(self.block.initial[name])
        for lane in self.lanes:
            lane[:] = 0

    def lane(self, link: AnalogLink) -> np.ndarray:
        """Where the values of `link` arrive."""
        return self.lanes[0 if len(self.lanes) == 1 else self._links.index(link)]

    def run(
        self,
        first: int,
        steps: int,
        step0: int,
        sample_ids: np.ndarray,
        output: str,
        out: np.ndarray | None,
        trace_index: np.ndarray,
        traces: dict[str, np.ndarray],
    ) -> Callable[[Tile], None]:
        """Make the call that advances one tile by `steps` from row `first` of the chunk.

        What arrives is taken from the first rows of `sums`; `out` takes the spikes in the form `output`.
        """
        run = self._bound.get((output, self.adapts))
        if run is None:
            bind = self.backend.population_kernel(self.spec(output, self.sums is not None, self.gets_values))
            run = self._bound[output, self.adapts] = bind(
                self.state, self.constants, self.quanta, self.rng_key, self.block.rng_element
            )
        sums = None if self.sums is None else self.sums[:steps]
        values = self._values(slice(first, first + steps), step0, sample_ids)
        return partial(run, steps, sums, values, trace_index, traces, out, sample_ids, step0)

    def _values(self, rows: slice, step0: int, sample_ids: np.ndarray) -> np.ndarray | None:
        """Real values that arrive in these rows of the chunk."""
        parts = [lane[rows] for lane in self.lanes]
        if self.learned.size:
            parts.append(self.learned)
        if self.currents:
            parts.append(self.currents.rows(step0, rows.stop - rows.start, sample_ids))
        if len(parts) < 2:
            return parts[0] if parts else None
        total = parts[0].copy()
        for part in parts[1:]:
            total += part
        return total

    def shift(self, steps: int) -> None:
        """Make the row after the first `steps` the first; what is still under way moves along."""
        for lane in self.lanes:
            lane[: self.tail] = lane[steps : steps + self.tail].copy()
            lane[self.tail : steps + self.tail] = 0

    def under_way(self) -> dict[str, np.ndarray]:
        """Values that will arrive after the steps done so far: array [lane, step, batch, input, neuron]."""
        return {"analog": np.stack([lane[: self.tail] for lane in self.lanes])} if self.lanes else {}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `under_way` returned, after a reset."""
        if self.lanes:
            values = arrays["analog"]
            if values.shape[0] != len(self.lanes):  # other weights have made other links
                values = values.sum(axis=0, keepdims=True)
            for lane, own in zip(self.lanes, values, strict=False):
                lane[: self.tail] = own
