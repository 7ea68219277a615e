"""Synapses of one projection that change with the spikes that pass them, or fail."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build.transmission import Transmission
from ..seeding import sub_key

__all__ = ["Synapses"]


class Synapses:
    """State of the synapses of each source.

    Parameters
    ----------
    transmission : Transmission
        How they change or fail.
    batch : int
        Batch rows.
    backend : Backend
        Where kernels come from.

    Attributes
    ----------
    failing, key : uint64
        An edge fails when a random word of `key` is below `failing`.
    """

    def __init__(self, transmission: Transmission, batch: int, backend: Backend):
        self.transmission, self.batch, self.backend = transmission, batch, backend
        self.failing = np.uint64(transmission.failing)
        self.reset()

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first spike; `reseed` other than 0 lets other edges fail."""
        key = self.transmission.key
        self.key = np.uint64(sub_key(key, "reseed", reseed) if reseed else key)
        given = self.transmission.short_term
        self._state = {name: np.tile(given[name], (self.batch, 1)) for name in ("u", "x") if given}
        if given:
            self._state["last"] = np.full((self.batch, self.transmission.n_source), -1, np.int64)

    def use(self, step: np.ndarray, batch: np.ndarray, source: np.ndarray, step0: int) -> np.ndarray:
        """Efficacy of spikes, which change the state: array [event], float64."""
        efficacy = np.ones(step.size)
        if self._state:
            own = self.transmission
            self.backend.use_resources(
                step, batch, source, np.int64(step0), np.int64(own.first), np.float64(own.dt_ms),
                *(own.short_term[name] for name in ("U", "tau_rec_ms", "tau_fac_ms")),
                *(self._state[name] for name in ("u", "x", "last")), efficacy,
            )  # fmt: skip
        return efficacy

    def state(self) -> dict[str, np.ndarray]:
        """Copies of `u` and `x` as the last spike of each source left them: arrays [batch, source]."""
        return {name: self._state[name].copy() for name in ("u", "x") if name in self._state}

    def moving(self) -> dict[str, np.ndarray]:
        """Copies of the whole state."""
        return {name: values.copy() for name, values in self._state.items()}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `moving` returned."""
        for name, values in self._state.items():
            values[:] = arrays[name]
