"""Where utterances begin and end: energy above a noise floor that adapts, with hysteresis."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from ..audio.preparation import MOST_RATE_HZ, as_samples
from ..errors import ParameterError
from ..frozen import Recipe
from ..storable import require_array, require_stored, storable
from ..units import require_integer, require_non_negative, require_positive, require_scalar

__all__ = ["Cut", "Segmenter", "SegmenterSettings"]

# Below this, in dB of full scale, there is no sound: one bit of sixteen.
_LEAST_DB = -96.0
_MOST_MS = 600_000.0
_LARGEST = float(np.finfo(np.float32).max)


@storable
@dataclass(frozen=True, kw_only=True)
class SegmenterSettings(Recipe):
    """What begins and ends an utterance.

    Parameters
    ----------
    block_ms : float, ms
        Length of the blocks whose level is looked at.
    start_db, stop_db : float, dB
        Above the noise floor: an utterance begins at `start_db` and goes on down to `stop_db`.
    start_ms : float, ms
        How long it must be that loud before an utterance begins; shorter clicks are passed over.
    hang_ms : float, ms
        How long it must be quiet before an utterance ends; shorter pauses belong to it.
    pad_ms : float, ms
        Sound kept before and behind an utterance.
    shortest_ms, longest_ms : float, ms
        Utterances with less loud sound are dropped; longer ones are cut. The longest bounds the memory.
    first_floor_db : float, dB
        Noise floor at the start, in dB of full scale; the first block lowers it where it is quieter.
    fall_ms, rise_ms : float, ms
        Time constants of the floor when the sound is quieter and louder than it.
    creep_ms : float, ms
        Time constant of its rise within an utterance, so that a noise that sets in does not last for ever.

    Raises
    ------
    ParameterError
        If a value is not a single finite number, or they contradict each other.
    """

    block_ms: float = 10.0
    start_db: float = 15.0
    stop_db: float = 9.0
    start_ms: float = 30.0
    hang_ms: float = 200.0
    pad_ms: float = 50.0
    shortest_ms: float = 60.0
    longest_ms: float = 3000.0
    first_floor_db: float = -50.0
    fall_ms: float = 50.0
    rise_ms: float = 1000.0
    creep_ms: float = 5000.0

    def __post_init__(self) -> None:
        owner = "SegmenterSettings"
        for one in fields(self):
            require_scalar(owner, one.name, getattr(self, one.name))
        for name in (
            "block_ms", "start_ms", "hang_ms", "shortest_ms", "longest_ms", "fall_ms", "rise_ms", "creep_ms",
        ):  # fmt: skip
            require_positive(owner, name, getattr(self, name), "ms")
        require_positive(owner, "stop_db", self.stop_db, "dB")
        require_non_negative(owner, "pad_ms", self.pad_ms, "ms")
        if self.start_db < self.stop_db:
            need = f"be >= stop_db={self.stop_db!r}"
            raise ParameterError(owner, "start_db", self.start_db, need, "6 dB between the two are usual.")
        if self.pad_ms > self.hang_ms:
            need = f"be <= hang_ms={self.hang_ms!r}"
            raise ParameterError(owner, "pad_ms", self.pad_ms, need, "What is kept must have been heard.")
        if self.longest_ms < self.start_ms + self.hang_ms + self.pad_ms + self.block_ms:
            need = "be longer than start_ms, hang_ms, pad_ms and block_ms together"
            raise ParameterError(owner, "longest_ms", self.longest_ms, need)
        if self.longest_ms > _MOST_MS:
            remedy = "So much sound is held in memory; a word lasts a second."
            raise ParameterError(owner, "longest_ms", self.longest_ms, f"be <= {_MOST_MS:,.0f} ms", remedy)

    def blocks(self, duration_ms: float) -> int:
        """Whole blocks that last at least `duration_ms`."""
        return math.ceil(duration_ms / self.block_ms - 1e-9)


@dataclass(frozen=True, eq=False)
class Cut:
    """One utterance in a stream.

    Attributes
    ----------
    samples : array [time], float32
    start, stop : int
        Its first sample and the one after its last, counted from the start of the stream.
    complete : bool
        False where it was cut for its length, or by the end of the stream.
    """

    samples: npt.NDArray[np.float32]
    start: int
    stop: int
    complete: bool


@storable
class Segmenter:
    """Cut a stream of samples into utterances; memory is bounded by the longest utterance.

    Parameters
    ----------
    rate_hz : int, Hz
        Samples a second.
    settings : SegmenterSettings, optional

    Notes
    -----
    The level of a block is its variance in dB of full scale, so that a constant offset does not count. The
    floor follows the level by an exponential mean in dB. Every decision is taken block by block, counted
    from the start of the stream: the utterances do not depend on how the samples were pushed.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> quiet, loud = 0.001 * rng.normal(size=4000), 0.3 * rng.normal(size=2400)
    >>> cutter = Segmenter(8000)
    >>> [(cut.start, cut.stop) for cut in cutter.push(np.concatenate([quiet, loud, quiet]))]
    [(3600, 6800)]
    """

    def __init__(self, rate_hz: int, settings: SegmenterSettings | None = None) -> None:
        self.settings = SegmenterSettings() if settings is None else settings
        if not isinstance(self.settings, SegmenterSettings):
            raise ParameterError("Segmenter", "settings", settings, "be SegmenterSettings")
        self.rate_hz = require_integer("Segmenter", "rate_hz", rate_hz, high=MOST_RATE_HZ)
        self.block = round(self.settings.block_ms * self.rate_hz / 1000.0)
        if self.block < 2:
            need = f"hold at least 2 samples of {self.rate_hz} Hz"
            raise ParameterError("SegmenterSettings", "block_ms", self.settings.block_ms, need)
        blocks = self.settings.blocks
        self._lead = blocks(self.settings.pad_ms) + blocks(self.settings.start_ms)
        self._held = np.zeros((blocks(self.settings.longest_ms) + self._lead + 1) * self.block, np.float32)
        self._part = np.zeros(self.block, np.float32)  # of a block that is not full yet
        self.reset()

    def _check_stored(self) -> None:
        fresh = Segmenter(self.rate_hz, self.settings)
        require_array(self._held, "held sound", np.float32, fresh._held.size)
        require_array(self._part, "part of a block", np.float32, fresh.block)
        require_stored((self.block, self._lead) == (fresh.block, fresh._lead), "block")
        require_stored(
            0 <= self._n_part < self.block and self._n_part == int(self._n_part), "part of a block"
        )
        require_stored(0 <= self._n_held <= min(self._held.size - self.block, self._done), "held sound")
        require_stored(self._done - self._n_held <= self._start <= self._done or not self._open, "start")

    def reset(self) -> None:
        """Back to the state before the first sample."""
        self._n_part = 0
        self._n_held = 0  # samples of _held; they end at sample _done
        self._done = 0  # samples in whole blocks so far
        self._last_stop = 0
        self._floor_db = self.settings.first_floor_db
        self._open = False
        self._run = 0  # loud blocks in a row, before an utterance
        self._loud = self._quiet = 0  # loud blocks of the utterance, quiet ones at its end
        self._start = 0

    @property
    def position(self) -> int:
        """Samples pushed so far."""
        return self._done + self._n_part

    @property
    def floor_db(self) -> float:
        """Noise floor now, dB of full scale."""
        return self._floor_db

    @property
    def speaking(self) -> bool:
        """Whether an utterance is going on."""
        return self._open

    def push(self, samples: Any) -> list[Cut]:
        """Take the next samples of the stream.

        Parameters
        ----------
        samples : array [time], or float
            Any number of samples; a single one may be a plain float.

        Returns
        -------
        list of Cut
            Utterances that have ended.

        Raises
        ------
        ParameterError
            If the samples are not finite; nothing of them was taken then.
        """
        # Sample by sample, without an array for each; what float32 does not hold is refused below.
        if isinstance(samples, float) and abs(samples) < _LARGEST:
            self._part[self._n_part] = samples
            self._n_part += 1
            return self._whole_block() if self._n_part == self.block else []
        if np.size(samples) == 0:
            return []
        sound = as_samples("Segmenter.push", np.atleast_1d(samples))
        cuts: list[Cut] = []
        first = 0
        while first < sound.size:
            taken = sound[first : first + self.block - self._n_part]
            self._part[self._n_part : self._n_part + taken.size] = taken
            self._n_part += taken.size
            first += taken.size
            if self._n_part == self.block:
                cuts += self._whole_block()
        return cuts

    def flush(self) -> list[Cut]:
        """End the stream: return the utterance that is going on, if any, and reset."""
        cuts = []
        if self._open:
            stop = min(self._done, self._done - self._quiet * self.block + self._pad)
            cuts = self._close(stop, complete=False)
        self.reset()
        return cuts

    @property
    def _pad(self) -> int:
        return self.settings.blocks(self.settings.pad_ms) * self.block

    def _whole_block(self) -> list[Cut]:
        """Take in the block that is full."""
        self._hold(self._part)
        self._n_part = 0
        self._done += self.block
        part = self._part.astype(np.float64)
        # A sum over a block of its own: one over many blocks at once might add in another order.
        power = float(np.square(part - part.sum() / self.block).sum()) / self.block
        level = max(_LEAST_DB, 10.0 * math.log10(power)) if power > 0.0 else _LEAST_DB
        return self._listen(level) if self._open else self._wait(level)

    def _hold(self, part: npt.NDArray[np.float32]) -> None:
        if not self._open and self._n_held > self._lead * self.block:
            keep = self._lead * self.block
            self._held[:keep] = self._held[self._n_held - keep : self._n_held].copy()
            self._n_held = keep
        self._held[self._n_held : self._n_held + part.size] = part
        self._n_held += part.size

    def _adapt(self, level: float, rise_ms: float) -> None:
        tau = self.settings.fall_ms if level < self._floor_db else rise_ms
        self._floor_db += -math.expm1(-self.settings.block_ms / tau) * (level - self._floor_db)

    def _wait(self, level: float) -> list[Cut]:
        if level < self._floor_db + self.settings.start_db:
            self._run = 0
            self._adapt(level, self.settings.rise_ms)
            return []
        self._run += 1
        if self._run >= self.settings.blocks(self.settings.start_ms):
            self._open, self._loud, self._quiet = True, self._run, 0
            self._start = max(self._last_stop, self._done - self._run * self.block - self._pad, 0)
        return []

    def _listen(self, level: float) -> list[Cut]:
        settings = self.settings
        if level >= self._floor_db + settings.stop_db:
            self._loud, self._quiet = self._loud + 1, 0
        else:
            self._quiet += 1
        self._adapt(level, settings.creep_ms)
        if self._quiet >= settings.blocks(settings.hang_ms):
            return self._close(self._done - self._quiet * self.block + self._pad, complete=True)
        if self._done - self._start >= settings.blocks(settings.longest_ms) * self.block:
            return self._close(self._done, complete=False)
        return []

    def _close(self, stop: int, complete: bool) -> list[Cut]:
        origin = self._done - self._n_held
        samples = self._held[self._start - origin : stop - origin].copy()
        enough = self._loud >= self.settings.blocks(self.settings.shortest_ms)
        self._open, self._run, self._last_stop = False, 0, stop
        return [Cut(samples, self._start, stop, complete)] if enough else []
