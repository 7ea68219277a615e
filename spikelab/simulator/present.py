"""Samples shown to a network one after another, while it learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..progress import Meter, metered
from ..record import Record
from ..units import real_array, steps_from_ms

if TYPE_CHECKING:
    from .simulator import Simulator

__all__ = ["Presented", "present"]

_OWNER = "Simulator.present"
_COUNTS = Record(spikes="counts")


@dataclass(frozen=True, eq=False)
class Presented:
    """What neurons did while samples were shown.

    Attributes
    ----------
    counts : mapping of str to array [sample, neuron], int32
        Spikes of each spiking population.
    interrupted : bool
        Whether Ctrl-C came; then there are rows for the samples that ended only.
    wall_s : float, s
        How long it took.
    """

    counts: Mapping[str, np.ndarray]
    interrupted: bool
    wall_s: float

    def __getitem__(self, population: Any) -> np.ndarray:
        """Spike counts of a population, by its name or handle: array [sample, neuron], int32."""
        return self.counts[getattr(population, "name", population)]


def present(
    sim: Simulator,
    inputs: Mapping[str, Any],
    duration_ms: float | None,
    learn: bool,
    progress: bool | Meter,
    sample_ids: Any,
) -> Presented:
    """Show samples; see `Simulator.present`."""
    started = perf_counter()
    if sim.batch != 1:
        need = "be 1, since each sample meets the weights that the last one left"
        raise ParameterError(_OWNER, "batch", sim.batch, need, "Make the Simulator with batch=1.")
    data = _samples(inputs)
    n = len(next(iter(data.values())))
    ids = _ids(sample_ids, n)
    names = [name for i, block in enumerate(sim._built.blocks) if block.spiking for name in block.ranges]
    counts = {name: np.zeros((n, sim.net.populations[name].n), np.int32) for name in names}
    done = 0
    with metered(progress, sim.dt_ms) as meter:
        for k in range(n):
            sim._engine.start_sample()
            sample = {name: _rows(sim, name, values[k], duration_ms) for name, values in data.items()}
            record = Record(spikes="counts")
            result = sim.run(
                duration_ms, inputs=sample, record=record, sample_ids=ids[k : k + 1], learn=learn
            )
            if result.interrupted:
                break
            if learn:
                sim._engine.learning.end_sample()
            for name in names:
                counts[name][k] = result[name].counts[0]
            done = k + 1
            meter(done, n)
    kept = {name: values[:done] for name, values in counts.items()}
    return Presented(kept, done < n, perf_counter() - started)


def _samples(inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Data of all inputs, as many samples of each."""
    if not isinstance(inputs, Mapping) or not inputs:
        remedy = 'Pass inputs={"image": x} with x [sample, feature] or [sample, time, feature].'
        raise ParameterError(_OWNER, "inputs", inputs, "map names of inputs to arrays", remedy)
    data = {}
    for name, values in inputs.items():
        array = values if isinstance(values, np.ndarray) else real_array(_OWNER, f"inputs[{name!r}]", values)
        if array.ndim not in (2, 3):
            need = "be an array [sample, feature] or [sample, time, feature]"
            raise ParameterError(_OWNER, f"inputs[{name!r}]", f"array of shape {array.shape}", need)
        data[name] = array
    sizes = {name: len(array) for name, array in data.items()}
    if len(set(sizes.values())) > 1:
        raise ParameterError(_OWNER, "inputs", sizes, "have as many samples of each input")
    return data


def _ids(sample_ids: Any, n: int) -> np.ndarray:
    if sample_ids is None:
        return np.arange(n, dtype=np.uint32)
    ids = np.asarray(sample_ids)
    if ids.shape != (n,) or ids.dtype.kind not in "iu":
        need = f"hold one whole number for each of the {n} samples"
        raise ParameterError(_OWNER, "sample_ids", f"array of shape {ids.shape}, {ids.dtype}", need)
    return ids


def _rows(sim: Simulator, name: str, sample: np.ndarray, duration_ms: float | None) -> np.ndarray:
    """One sample as `run` takes it: array [time, 1, feature]."""
    if sample.ndim == 2:
        return sample[:, None]
    if duration_ms is None:
        need = "be given where samples are arrays [feature], held while they are shown"
        raise ParameterError(_OWNER, "duration_ms", None, need, "Diehl & Cook 2015 use 350.0.")
    steps = int(steps_from_ms(duration_ms, sim.dt_ms, _OWNER, "duration_ms"))
    rows = -(-steps // sim._engine.inputs[name].hold)
    return np.broadcast_to(sample, (rows, 1, sample.size))
