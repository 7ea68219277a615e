"""A population of sources at run time: spikes from a list, or drawn at a rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import words_for

from ..build import Built
from ..errors import ParameterError
from ..generators import PoissonSource, SpikePlayback, SpikeSource
from ..generators.held import FOREVER, Held, Window
from ..seeding import sub_key

__all__ = ["PlaybackRunner"]

# A row of probabilities that lasts for ever, as the encoder counts.
_HOLD = 2**31 - 1
# Probabilities that are spread over rows and neurons at once.
_MOST = 2**20


class PlaybackRunner:
    """What a `BlockRunner` is to the engine, for a block whose population is a source.

    It has no state: its spikes are a function of the step, so that it goes on anywhere.

    Parameters
    ----------
    built : Built
        The network.
    place : int
        Which block.
    batch : int
        Batch rows.
    backend : Backend
        Where kernels come from.

    Raises
    ------
    ParameterError
        If spike times lie off the grid, or a rate asks for more than one spike a step.
    """

    sums: np.ndarray | None = None
    sends_values = False
    state_bytes = 0
    adapts = True

    def __init__(self, built: Built, place: int, batch: int, backend: Backend):
        self.block, self.batch, self.backend = built.blocks[place], batch, backend
        self.state: dict[str, np.ndarray] = {}
        self.lanes: list[np.ndarray] = []
        self.parts = [(0, self.block.n)]
        self.sends_spikes = built.needs_spikes(place)
        (name,) = self.block.ranges
        source = built.net.populations[name].neuron
        self._spikes: _Draws | _Plays
        if isinstance(source, PoissonSource):
            key = int(self.block.rng_key[0])
            self._spikes = _Draws(source, key, self.block.n, batch, built.dt_ms, backend)
        else:
            assert isinstance(source, (SpikeSource, SpikePlayback))
            self._spikes = _Plays(source, name, batch, built.dt_ms, backend)

    def reset(self, reseed: int = 0) -> None:
        """Back to the first step; with `reseed` other than 0, random spikes are drawn anew."""
        self._spikes.reset(reseed)

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
    ) -> Callable[[Any], None]:
        """Write the spikes of `steps` to `out` in the form `output`; no tile needs anything more."""
        if out is not None:
            shape = (steps, self.batch, words_for(self.block.n))
            bits = out if output == "bits" else np.empty(shape, np.uint64)
            bits[:] = 0
            self._spikes.write(bits, step0, sample_ids)
            if output == "counts":
                self.backend.count_spikes(bits, out, 0, self.batch)
        return _nothing

    def shift(self, steps: int) -> None:
        """Nothing is under way."""

    def start_sample(self) -> None:
        """It has no state."""

    def under_way(self) -> dict[str, np.ndarray]:
        """What will arrive: nothing."""
        return {}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Nothing was under way."""


class _Draws:
    """Spikes drawn at a rate."""

    def __init__(self, source: PoissonSource, key: int, n: int, batch: int, dt_ms: float, backend: Backend):
        self._window, self._series = source.window(dt_ms), source.probability(n, dt_ms)
        self._key, self._n, self._batch, self._backend = key, n, batch, backend
        self._held, self._x = Held(0, 0, np.zeros((1, 1))), np.zeros((1, batch, n))
        self._series(0)
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        self._stream = np.uint64(sub_key(self._key, "reseed", reseed) if reseed else self._key)

    def write(self, bits: np.ndarray, step0: int, sample_ids: np.ndarray) -> None:
        at, end = _clip(self._window, step0, bits.shape[0])
        while at < end:
            if not self._held.first <= at < self._held.end:
                self._held = self._series(at)
                self._x = self._spread(self._held.values[:1])
            upto, x, hold = min(end, self._held.end), self._x, _HOLD
            if self._held.values.shape[0] > 1:
                upto = min(upto, at + max(1, _MOST // x.size))
                x, hold = self._spread(self._held.values[at - self._held.first : upto - self._held.first]), 1
            self._backend.encode_poisson(
                x, 1.0, hold, self._stream, sample_ids, at, 0, bits[at - step0 : upto - step0], 0, self._batch
            )
            at = upto

    def _spread(self, values: np.ndarray) -> np.ndarray:
        """Probabilities for every row and neuron: array [step, batch, neuron]."""
        shape = (values.shape[0], self._batch, self._n)
        return np.ascontiguousarray(np.broadcast_to(values[:, None], shape))


class _Plays:
    """Spikes of a list."""

    def __init__(
        self, source: SpikeSource | SpikePlayback, name: str, batch: int, dt_ms: float, backend: Backend
    ):
        self._train, self._batch, self._backend = source.train(dt_ms), batch, backend
        rows = self._train.row
        if rows is not None and rows.size and int(rows.max()) >= batch:
            need = f"lie in 0 ... {batch - 1}, the batch rows of the simulator"
            remedy = "Use Simulator(net, batch=...), or rows=None to play everything in every row."
            raise ParameterError(f"population {name!r}", "rows", int(rows.max()), need, remedy)

    def reset(self, reseed: int = 0) -> None:
        """Lists have no noise."""

    def write(self, bits: np.ndarray, step0: int, sample_ids: np.ndarray) -> None:
        lo, hi = np.searchsorted(self._train.step, (step0, step0 + bits.shape[0]))
        if lo == hi:
            return
        step = (self._train.step[lo:hi] - step0).astype(np.uint32)
        neuron, rows = self._train.neuron[lo:hi], self._train.row
        if rows is not None:
            self._backend.events_to_bits(step, rows[lo:hi], neuron, bits)
            return
        self._backend.events_to_bits(step, np.zeros_like(step), neuron, bits)
        bits[:, 1:] = bits[:, :1]


def _clip(window: Window, step0: int, steps: int) -> tuple[int, int]:
    """The steps of a window of the engine in which a generator is active."""
    return max(step0, window.first), min(step0 + steps, window.end, FOREVER)


def _nothing(tile: Any) -> None:
    """All was done before."""
