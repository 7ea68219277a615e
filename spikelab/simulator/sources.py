"""One input at run time: its data checked, held for its frames, encoded into spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.layout import words_for

from ..build import Built
from ..encode import DeltaEncoder, LatencyEncoder, PoissonEncoder, SpikeInput
from ..errors import ParameterError
from ..parts import Input
from ..seeding import object_key, sub_key
from ..units import require_finite, steps_from_ms

__all__ = ["InputRunner", "check_data"]

_OWNER = "Simulator.run"


class InputRunner:
    """An input of the network while it runs.

    Attributes
    ----------
    hold : int
        Steps that a row of the data lasts.
    level : array [batch, feature] or None
        State of a delta encoder.
    """

    def __init__(self, item: Input, built: Built, batch: int, backend: Backend):
        self.item, self.batch, self.backend = item, batch, backend
        self.dtype, self.dt_ms = built.dtype, built.dt_ms
        self.encoder = item.encoder
        self.n_out = item.n_out
        self.hold = 1
        if item.frame_ms is not None:
            self.hold = max(1, steps_from_ms(item.frame_ms, built.dt_ms, f"input({item.name!r})", "frame_ms"))
        self._key = object_key(built.net.seed, item.name, "encode")
        self.key = self._key
        self.level: np.ndarray | None = None
        self.probability = 0.0
        if isinstance(self.encoder, PoissonEncoder):
            self.probability = self.encoder.step_probability(built.dt_ms)
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step."""
        self.key = sub_key(self._key, "reseed", reseed) if reseed else self._key
        if isinstance(self.encoder, DeltaEncoder):
            self.level = np.full((self.batch, self.item.n), self.encoder.initial_level, self.dtype)

    def bits(self, x: np.ndarray, done: int, steps: int, step0: int, sample_ids: np.ndarray) -> np.ndarray:
        """Spike bits of the steps from `done` on: array [step, batch, word], uint64."""
        bits = np.zeros((steps, self.batch, words_for(self.n_out)), np.uint64)
        everyone = (0, self.batch)
        match self.encoder:
            case PoissonEncoder():
                self.backend.encode_poisson(
                    x,
                    self.probability,
                    self.hold,
                    np.uint64(self.key),
                    sample_ids,
                    step0,
                    done,
                    bits,
                    *everyone,
                )
            case LatencyEncoder():
                self.backend.encode_latency(x, self.encoder.silent_below, self.hold, done, bits, *everyone)
            case DeltaEncoder():
                self.backend.encode_delta(
                    x, self.encoder.threshold, self.hold, done, self.level, bits, *everyone
                )
            case SpikeInput():
                spikes = x[done : done + steps]
                if self.hold > 1:
                    first = np.arange(done, done + steps)
                    spikes = x[first // self.hold] * (first % self.hold == 0)[:, None, None]
                self.backend.pack_bits(np.ascontiguousarray(spikes, dtype=np.uint8), bits)
            case _:
                raise ParameterError(
                    f"input({self.item.name!r})", "encoder", self.encoder, "be an encoder of spikelab"
                )
        return bits


def check_data(runner: InputRunner, value: Any, batch: int) -> np.ndarray:
    """Check the data of one input and bring it into the form of the kernels.

    Returns
    -------
    array [row, batch, feature]
        In the simulator's dtype (spikes: uint8), C-contiguous.
    """
    name, n = f"inputs[{runner.item.name!r}]", runner.item.n
    try:
        array = np.asarray(value)
    except ValueError:
        raise ParameterError(_OWNER, name, value, "be a regular array [time, batch, feature]") from None
    if np.ma.is_masked(value):
        raise ParameterError(
            _OWNER, name, "an array with masked values", "have every value", "Fill the gaps."
        )
    if array.dtype.kind not in "biuf":
        raise ParameterError(_OWNER, name, array.dtype, "hold real numbers")
    if array.ndim != 3:
        hint = "x[:, None, :]" if array.ndim == 2 else "x.reshape(time, batch, feature)"
        need = f"have three axes [time, batch, feature], not {array.ndim}"
        raise ParameterError(_OWNER, name, f"array of shape {array.shape}", need, f"Pass {hint}.")
    if array.shape[1] != batch:
        need = f"have {batch} batch rows, as the simulator"
        raise ParameterError(
            _OWNER,
            name,
            f"array of shape {array.shape}",
            need,
            f"Make it with Simulator(net, batch={array.shape[1]}).",
        )
    if array.shape[2] != n:
        raise ParameterError(
            _OWNER, name, f"array of shape {array.shape}", f"have {n} features, as the input"
        )
    if array.shape[0] == 0:
        raise ParameterError(_OWNER, name, f"array of shape {array.shape}", "have at least one row of time")
    if isinstance(runner.encoder, SpikeInput):
        return _spikes(name, array)
    require_finite(_OWNER, name, array)
    with np.errstate(over="ignore"):
        data = np.ascontiguousarray(array, dtype=runner.dtype)
    if not np.isfinite(data).all():
        place = np.argwhere(~np.isfinite(data))[0].tolist()
        large, need = float(array[tuple(place)]), f"be finite in {runner.dtype}"
        raise ParameterError(_OWNER, f"{name}{place}", large, need, "Scale the data, or use dtype='float64'.")
    return data


def _spikes(name: str, array: np.ndarray) -> np.ndarray:
    """Spikes as uint8, which is what most arrays of them are: those need one pass and no copy."""
    whole = array.max() <= 1 if array.dtype.kind in "bu" else np.all((array == 0) | (array == 1))
    if not whole:
        require_finite(_OWNER, name, array)
        place = np.argwhere((array != 0) & (array != 1))[0].tolist()
        remedy = "Use a PoissonEncoder for intensities."
        raise ParameterError(_OWNER, f"{name}{place}", array[tuple(place)].item(), "be 0 or 1", remedy)
    return np.ascontiguousarray(array, dtype=np.uint8)
