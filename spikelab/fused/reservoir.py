"""A leaky-tanh reservoir as the arrays of the fused kernel, and the ways to run it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch

from ..errors import ParameterError
from ..storable import require_array, require_stored, storable

__all__ = ["Block", "FusedReservoir", "Pooled"]

Array = npt.NDArray[Any]

# Padded input of one group of series, bytes, and steps of one call on a long series.
_GROUP_BYTES = 1 << 25
_GROUP_ROWS = 512
_CHUNK_STEPS = 4096
# States of one block of `FusedReservoir.stream`, bytes.
_BLOCK_BYTES = 1 << 25


@dataclass(frozen=True, eq=False)
class Pooled:
    """What is kept of a group of series.

    Attributes
    ----------
    index : array [row], int64
        Which series the rows belong to.
    sums : array [row, segment, neuron], float64
        Sums of the states over segments.
    last : array [row, neuron]
        State after the last step.
    """

    index: npt.NDArray[np.int64]
    sums: npt.NDArray[np.float64]
    last: Array


@dataclass(frozen=True, eq=False)
class Block:
    """States of a group of series over a stretch of time.

    Attributes
    ----------
    index : array [row], int64
        Which series the rows belong to.
    step0 : int
        Step of the series at which the block starts.
    steps : array [row], int64
        Steps of each series in the block; none where the series has ended before.
    x : array [time, row, input]
    states : array [time, row, neuron]
        Zero behind a series' end.
    """

    index: npt.NDArray[np.int64]
    step0: int
    steps: npt.NDArray[np.int64]
    x: Array
    states: Array


@storable
@dataclass(frozen=True, eq=False)
class FusedReservoir:
    """A leaky-tanh reservoir as the arrays of the kernel.

    Attributes
    ----------
    ptr : array [neuron + 1], uint32
    source : array [edge], uint16 or uint32
        Column of ``[state, input]``; empty for a dense table.
    weight : array [edge], float32 or float64
    bias, leak : array [neuron], like `weight`
    n_inputs : int
    n_edges : int
        Weights that are not zero: multiplications of one step.
    backend : str
    """

    ptr: npt.NDArray[np.uint32]
    source: Array
    weight: Array
    bias: Array
    leak: Array
    n_inputs: int
    n_edges: int
    backend: str = "cpu"

    def _check_stored(self) -> None:
        dtype = getattr(self.weight, "dtype", None)
        require_stored(dtype in (np.float32, np.float64), "type of weights")
        require_array(self.bias, "bias", dtype, None)
        require_array(self.leak, "leak", dtype, self.n)
        require_array(self.ptr, "ptr", np.uint32, self.n + 1)
        require_stored(type(self.n_inputs) is int and self.n_inputs > 0, "number of inputs")
        columns = self.n + self.n_inputs
        sparse = np.size(self.source) > 0
        require_array(self.weight, "weight", dtype, None if sparse else self.n * columns)
        edges = self.ptr.astype(np.int64)
        rows = np.diff(edges)
        regular = (rows >= 0 if sparse else rows == columns).all()
        require_stored(bool(edges[0] == 0 and regular and edges[-1] == self.weight.size), "ptr")
        index = np.uint32 if getattr(self.source, "dtype", None) == np.uint32 else np.uint16
        require_array(self.source, "source", index, self.weight.size if sparse else 0)
        require_stored(not sparse or int(self.source.max()) < columns, "source")

    @property
    def n(self) -> int:
        """Number of neurons."""
        return int(self.bias.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of weights, inputs and states."""
        return self.weight.dtype

    def zeros(self, rows: int) -> Array:
        """Return the initial state: array [row, neuron]."""
        return np.zeros((rows, self.n), dtype=self.dtype)

    def run(self, x: Array, state: Array, lengths: Array | None = None, threads: int = 1) -> Array:
        """Return every state.

        Parameters
        ----------
        x : array [time, batch, input]
        state : array [batch, neuron]
            State before the first step; replaced by the one after the last.
        lengths : array [batch], optional
            Steps of each series; all by default. States behind a series' end are zero.
        threads : int
            Threads that share the batch.

        Returns
        -------
        array [time, batch, neuron]
        """
        batch = state.shape[0]
        steps = np.full(batch, x.shape[0], np.uint32) if lengths is None else np.asarray(lengths, np.uint32)
        states = np.zeros((x.shape[0], batch, self.n), dtype=self.dtype)
        none = np.zeros((batch, 0, self.n))
        self._call(x, steps, state, 0, np.zeros((batch, 1), np.uint32), none, states, threads)
        return states

    def pool(self, series: list[Array], bounds: npt.NDArray[np.uint32], threads: int = 1) -> Iterator[Pooled]:
        """Run series from the zero state and keep sums over segments and the last state.

        Parameters
        ----------
        series : list of array [time, input]
        bounds : array [series, segment + 1], uint32
            See `spikelab.readout.segment_bounds`.
        threads : int
            Threads that share a group.

        Yields
        ------
        Pooled
            For a group of series at a time, longest first; no more states are held than one for each series.
        """
        for index in self._groups(series, self.n_inputs, _GROUP_BYTES):
            lengths = np.array([len(series[i]) for i in index], dtype=np.uint32)
            state = self.zeros(index.size)
            sums = np.zeros((index.size, bounds.shape[1] - 1, self.n))
            nothing = np.zeros((0, index.size, self.n), dtype=self.dtype)
            for step0 in range(0, int(lengths.max()), _CHUNK_STEPS):
                x = self._padded(series, index, step0, _CHUNK_STEPS)
                self._call(x, lengths, state, step0, bounds[index], sums, nothing, threads)
            yield Pooled(index, sums, state)

    def stream(self, series: list[Array], threads: int = 1) -> Iterator[Block]:
        """Run series from the zero state and yield all states, in blocks of bounded size.

        Parameters
        ----------
        series : list of array [time, input]
        threads : int
            Threads that share a block.

        Yields
        ------
        Block
            Those of a group of series follow each other in time.
        """
        for index in self._groups(series, self.n, _BLOCK_BYTES):
            lengths = np.array([len(series[i]) for i in index], dtype=np.uint32)
            state = self.zeros(index.size)
            none, nowhere = np.zeros((index.size, 0, self.n)), np.zeros((index.size, 1), np.uint32)
            chunk = max(1, min(_CHUNK_STEPS, _BLOCK_BYTES // (index.size * self.n * self.dtype.itemsize)))
            for step0 in range(0, int(lengths.max()), chunk):
                x = self._padded(series, index, step0, chunk)
                states = np.zeros((*x.shape[:2], self.n), dtype=self.dtype)
                self._call(x, lengths, state, step0, nowhere, none, states, threads)
                steps = np.clip(lengths.astype(np.int64) - step0, 0, x.shape[0])
                yield Block(index, step0, steps, x, states)

    def free_run(self, first: Array, state: Array, readout: Array, intercept: Array, steps: int) -> Array:
        """Run on the readout's own forecast.

        Parameters
        ----------
        first : array [batch, input]
            Input of the first step.
        state : array [batch, neuron]
            State before it; replaced by the one after the last step.
        readout : array [input, feature]
            Weights on the state, or on state and input.
        intercept : array [input]
        steps : int

        Returns
        -------
        array [time, batch, input]
        """
        if readout.shape not in ((self.n_inputs, self.n), (self.n_inputs, self.n + self.n_inputs)):
            need = f"have shape ({self.n_inputs}, {self.n}) or ({self.n_inputs}, {self.n + self.n_inputs})"
            raise ParameterError("free_run", "readout", f"array of shape {readout.shape}", need)
        out = np.empty((steps, first.shape[0], self.n_inputs), dtype=self.dtype)
        arrays = (np.ascontiguousarray(a, dtype=self.dtype) for a in (readout, intercept))
        dispatch.backend(self.backend).reservoir_free_run(
            np.ascontiguousarray(first, dtype=self.dtype), state, self.ptr, self.source, self.weight,
            self.bias, self.leak, *arrays, out, np.int64(0), np.int64(first.shape[0]),
        )  # fmt: skip
        return out

    def _groups(self, series: list[Array], width: int, limit: int) -> Iterator[npt.NDArray[np.int64]]:
        """Group series of similar length, so that few padded steps are run; `limit` in bytes."""
        lengths = np.array([len(one) for one in series])
        order = np.argsort(-lengths, kind="stable")
        start = 0
        while start < order.size:
            steps = min(int(lengths[order[start]]), _CHUNK_STEPS)
            rows = max(1, min(_GROUP_ROWS, limit // (steps * width * self.dtype.itemsize)))
            yield order[start : start + rows]
            start += rows

    def _padded(self, series: list[Array], index: npt.NDArray[np.int64], step0: int, chunk: int) -> Array:
        parts = [series[i][step0 : step0 + chunk] for i in index]
        x = np.zeros((max(len(part) for part in parts), index.size, self.n_inputs), dtype=self.dtype)
        for row, part in enumerate(parts):
            x[: len(part), row] = part
        return x

    def _call(
        self,
        x: Array,
        lengths: Array,
        state: Array,
        step0: int,
        bounds: Array,
        sums: Array,
        states: Array,
        threads: int,
    ) -> None:
        run = dispatch.backend(self.backend).reservoir_run
        x = np.ascontiguousarray(x, dtype=self.dtype)

        def rows(lo: int, hi: int) -> None:
            run(
                x, lengths, state, self.ptr, self.source, self.weight, self.bias, self.leak, np.int64(step0),
                np.ascontiguousarray(bounds), sums, states, np.int64(lo), np.int64(hi),
            )  # fmt: skip

        # A range of fewer rows than a vector holds would lose more than the second thread brings.
        parts = max(1, min(threads, state.shape[0] // 16))
        cuts = [i * state.shape[0] // parts for i in range(parts + 1)]
        if parts == 1:
            rows(0, state.shape[0])
            return
        with ThreadPoolExecutor(parts) as pool:
            list(pool.map(rows, cuts[:-1], cuts[1:]))
