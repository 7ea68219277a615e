"""The currents into one block at run time."""

from __future__ import annotations

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..generators import Current, NoiseCurrent, current_input
from ..generators.held import FOREVER, Held, Series, Window
from ..parts import Drive
from ..seeding import sub_key

__all__ = ["BlockCurrents", "CurrentRunner", "current_drives"]

# Normal numbers that are drawn at once.
_DRAWN_AT_ONCE = 4096
_NOTHING = Held(0, 0, np.zeros((1, 1)))


def current_drives(built: Built, place: int) -> list[Drive]:
    """The currents into the populations of a block, in the order of the recipe."""
    ranges = built.blocks[place].ranges
    return [
        drive
        for drive in built.net.drives.values()
        if isinstance(drive.drive, Current) and drive.target.name in ranges
    ]


class BlockCurrents:
    """All currents into one block, added up for one window after another; falsy where there is none.

    Parameters
    ----------
    built : Built
        The network.
    place : int
        Which block.
    batch : int
        Batch rows.
    window : int
        Most steps that are asked for at once.
    backend : Backend
        Where kernels come from.
    """

    def __init__(self, built: Built, place: int, batch: int, window: int, backend: Backend):
        block = built.blocks[place]
        self._runners = [
            CurrentRunner(drive, block.ranges[drive.target.name], built.dt_ms, built.dtype, backend)
            for drive in current_drives(built, place)
        ]
        self._noisy = any(isinstance(drive.drive, NoiseCurrent) for drive in current_drives(built, place))
        self._shape = (window if self._runners else 0, batch, block.n_inputs, block.n)
        self._dtype = built.dtype
        self.nbytes = int(np.prod(self._shape)) * np.dtype(self._dtype).itemsize
        self._slab: np.ndarray | None = None
        self.reset()

    def __bool__(self) -> bool:
        return bool(self._runners)

    def reset(self, reseed: int = 0) -> None:
        """Back to the first step; with `reseed` other than 0, noise is drawn anew."""
        self._first = self._same_until = 0  # the rows in the slab hold from the one step to the other
        self._ids = np.empty(0, np.uint32)
        for runner in self._runners:
            runner.reset(reseed)

    def rows(self, step0: int, steps: int, sample_ids: np.ndarray) -> np.ndarray:
        """Sum of the currents in some steps: array [step, batch, input, neuron]; not to be changed.

        While no current changes, which is most of the time, nothing is computed.
        """
        if self._slab is None:
            self._slab = np.empty(self._shape, self._dtype)
        known = self._first <= step0 and step0 + steps <= self._same_until
        if not known or (self._noisy and not np.array_equal(sample_ids, self._ids)):
            self._slab[:] = 0
            until = [runner.add(self._slab, step0, sample_ids) for runner in self._runners]
            self._first, self._same_until, self._ids = step0, min(until), sample_ids.copy()
        return self._slab[:steps]


class CurrentRunner:
    """One current of a network while it runs.

    Parameters
    ----------
    drive : Drive
        With a current.
    neurons : tuple (lo, hi)
        Its target within the block.
    dt_ms : float
        Time step.
    dtype : str
        Width of the reals.
    backend : Backend
        Where kernels come from.
    """

    def __init__(self, drive: Drive, neurons: tuple[int, int], dt_ms: float, dtype: str, backend: Backend):
        record, inputs = drive.drive, drive.target.neuron.inputs
        self._plane = inputs.index(current_input(drive.target.name, inputs, drive.receptor))
        self._lo, self._hi = neurons
        self._window: Window = record.window(dt_ms)
        self._series: Series = record.series(dt_ms)
        self._dtype, self._held, self._values = dtype, _NOTHING, np.zeros((1, 1, 1), dtype)
        self._noise: _Noise | None = None
        if isinstance(record, NoiseCurrent):
            key, n = drive.key("noise"), self._hi - self._lo
            self._noise = _Noise(record, key, n, self._window.first, dt_ms, dtype, backend)

    def reset(self, reseed: int = 0) -> None:
        """Back to the first step; with `reseed` other than 0, noise is drawn anew unless it is frozen."""
        self._held = _NOTHING
        if self._noise is not None:
            self._noise.reset(reseed)

    def add(self, out: np.ndarray, step0: int, sample_ids: np.ndarray) -> int:
        """Add the current to what reaches a block.

        Parameters
        ----------
        out : array [step, batch, input, neuron], real
            Real inputs of the block; added to.
        step0 : int
            Step of its first row.
        sample_ids : array [batch], uint32
            What the noise of each batch row depends on.

        Returns
        -------
        int
            Step up to which the current is the same as in all rows; `step0` where the rows differ.
        """
        stop = step0 + out.shape[0]
        at, end = max(step0, self._window.first), min(stop, self._window.end)
        if at >= end:
            return self._window.first if stop <= self._window.first else FOREVER
        target = out[:, :, self._plane, self._lo : self._hi]
        same = self._window.end if (at, end) == (step0, stop) else step0
        while at < end:
            if not self._held.first <= at < self._held.end:
                self._held = self._series(at)
                self._values = self._held.values[:, None].astype(self._dtype)
            until, values = self._held.end, self._values
            if self._noise is not None:
                until, values = self._noise.around(at, until, values, sample_ids)
            last, varies = min(end, until), values.shape[0] > 1
            if varies:
                values = values[at - self._held.first : last - self._held.first]
            target[at - step0 : last - step0] += values
            same = step0 if varies or last < end else min(same, until)
            at = last
        return same


class _Noise:
    """The values drawn for one interval after another.

    Value number ``interval * n + neuron`` of a stream for each sample, some thousand at a time.
    """

    def __init__(
        self, record: NoiseCurrent, key: int, n: int, first: int, dt_ms: float, dtype: str, backend: Backend
    ):
        self._record, self._key, self._first, self._dt_ms = record, key, first, dt_ms
        self._n = n if record.independent else 1
        self._every, self._backend = record.interval_steps(dt_ms), backend
        self._many = max(1, _DRAWN_AT_ONCE // self._n)
        self._dtype = dtype
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        moved = reseed and not self._record.frozen
        self._stream = sub_key(self._key, "reseed", reseed) if moved else self._key
        self._began, self._ids = -1, np.empty(0, np.uint32)

    def around(self, at: int, upto: int, mean: np.ndarray, sample_ids: np.ndarray) -> tuple[int, np.ndarray]:
        """Where the interval that step `at` lies in ends, or `upto` before, and its noise."""
        interval = (at - self._first) // self._every
        began = interval - interval % self._many
        if began != self._began or not np.array_equal(sample_ids, self._ids):
            self._began, self._ids = began, sample_ids.copy()
            self._values = (mean + self._draw(began, sample_ids)).astype(self._dtype)
        place = interval - began
        return min(upto, self._first + (interval + 1) * self._every), self._values[place : place + 1]

    def _draw(self, began: int, sample_ids: np.ndarray) -> np.ndarray:
        """Noise of the intervals from `began` on: array [interval, batch, neuron]."""
        rows = [0] if self._record.frozen else sample_ids.tolist()
        noise = np.empty((len(rows), self._many, self._n))
        for row, sample in zip(noise, rows, strict=True):
            key, start = np.uint64(sub_key(self._stream, sample)), np.uint64(began * self._n)
            self._backend.draw_normal(0.0, 1.0, -np.inf, np.inf, key, start, row.reshape(-1))
        starts = self._first + np.arange(began, began + self._many) * self._every
        std = self._record.std_at(starts * self._dt_ms)
        return np.asarray((noise * std).swapaxes(0, 1))
