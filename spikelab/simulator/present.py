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
from ..units import require_flag, steps_from_ms
from .arguments import check_inputs, check_samples
from .interrupt import Interrupt
from .present_fused import FusedSamples

if TYPE_CHECKING:
    from .simulator import Simulator

__all__ = ["Presented", "present"]

_OWNER = "Simulator.present"
_COUNTS = Record(spikes="counts")
#: Samples between two looks at Ctrl-C where they go through a loop of their own.
_SAMPLES = 64


@dataclass(frozen=True, eq=False)
class Presented:
    """What neurons did while samples were shown.

    Attributes
    ----------
    counts : mapping of str to array [sample, neuron], int32
        Spikes of each spiking population.
    interrupted : bool
        Whether Ctrl-C came; then there are rows for the samples that were shown only.
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
    learn = require_flag(_OWNER, "learn", learn)
    data = _samples(sim, inputs)
    steps = _steps(sim, data, duration_ms)
    n = len(next(iter(data.values())))
    ids = _ids(sample_ids, n)
    names = [name for block in sim._built.blocks if block.spiking for name in block.ranges]
    counts = {name: np.zeros((n, sim.net.populations[name].n), np.int32) for name in names}
    fused = _fused(sim)
    width = 1 if fused is None else _SAMPLES
    done = 0
    with metered(progress, sim.dt_ms, "samples") as meter, Interrupt() as interrupt:
        while done < n and not interrupt.requested:
            part = slice(done, min(done + width, n))
            given = {name: values[part] for name, values in data.items()}
            if fused is not None:
                shown = fused.show(given, steps, learn, ids[part])
            else:
                shown = _show_one(sim, given, steps, learn, ids[part])
            for name in names:
                counts[name][part] = shown[name]
            done = part.stop
            meter(done, n)
    if fused is not None:
        fused.hand_over()
    sim._engine.start_sample()
    kept = {name: values[:done] for name, values in counts.items()}
    return Presented(kept, done < n, perf_counter() - started)


def _fused(sim: Simulator) -> FusedSamples | None:
    """The loop for networks of this kind, which is made once; None where there is none."""
    if not FusedSamples.suits(sim):
        return None
    if sim._fused is None or not sim._fused.fits(sim):
        sim._fused = FusedSamples(sim)
    sim._fused.take_over()
    return sim._fused


def _show_one(
    sim: Simulator, given: Mapping[str, np.ndarray], steps: int, learn: bool, sample_id: np.ndarray
) -> dict[str, np.ndarray]:
    """Run one sample; arrays [1, ...] of data."""
    sim._engine.start_sample()
    rows = {name: _rows(sim, name, values[0], steps) for name, values in given.items()}
    result = sim.run(steps * sim.dt_ms, inputs=rows, record=_COUNTS, sample_ids=sample_id, learn=learn)
    if learn:
        sim._engine.learning.end_sample()
    spiking = [name for block in sim._built.blocks if block.spiking for name in block.ranges]
    return {name: np.asarray(result[name].counts) for name in spiking}


def _rows(sim: Simulator, name: str, sample: np.ndarray, steps: int) -> np.ndarray:
    """One sample as `run` takes it: array [time, 1, feature]."""
    if sample.ndim == 2:
        return sample[:, None]
    return np.broadcast_to(sample, (-(-steps // sim._engine.inputs[name].hold), 1, sample.size))


def _samples(sim: Simulator, inputs: Any) -> dict[str, np.ndarray]:
    """Data of all inputs, checked: arrays [sample, feature] or [sample, time, feature]."""
    if not isinstance(inputs, Mapping) or not inputs:
        remedy = 'Pass inputs={"image": x} with x [sample, feature] or [sample, time, feature].'
        raise ParameterError(_OWNER, "inputs", inputs, "map names of inputs to arrays", remedy)
    shapes, rows = {}, {}
    for name, values in inputs.items():
        try:
            array = np.asarray(values)
        except ValueError:  # rows of different length
            array = np.empty(0)
        if array.ndim not in (2, 3) or not array.size:
            need = "be an array [sample, feature] or [sample, time, feature] that is not empty"
            raise ParameterError(_OWNER, f"inputs[{name!r}]", f"array of shape {array.shape}", need)
        shapes[name] = array.shape
        rows[name] = array.reshape(-1, 1, array.shape[-1])
    checked = check_inputs(sim._engine.inputs, rows, 1)
    if len({shape[0] for shape in shapes.values()}) > 1:
        sizes = {name: shape[0] for name, shape in shapes.items()}
        raise ParameterError(_OWNER, "inputs", sizes, "have as many samples of each input")
    return {name: values.reshape(shapes[name]) for name, values in checked.items()}


def _steps(sim: Simulator, data: Mapping[str, np.ndarray], duration_ms: float | None) -> int:
    """Steps for which a sample is shown."""
    lengths = {
        array.shape[1] * sim._engine.inputs[name].hold for name, array in data.items() if array.ndim == 3
    }
    if duration_ms is None and not lengths:
        need = "be given where samples are arrays [feature], held while they are shown"
        raise ParameterError(_OWNER, "duration_ms", None, need, "Diehl & Cook 2015 use 350.0.")
    if duration_ms is not None:
        lengths.add(int(steps_from_ms(duration_ms, sim.dt_ms, _OWNER, "duration_ms")))
    if len(lengths) > 1 or min(lengths) < 1:
        need = f"be one length of at least a step for all data, not {sorted(lengths)} steps"
        raise ParameterError(_OWNER, "duration_ms", duration_ms, need)
    return int(lengths.pop())


def _ids(sample_ids: Any, n: int) -> np.ndarray:
    if sample_ids is None:
        return np.arange(n, dtype=np.uint32)
    return check_samples(sample_ids, n, _OWNER, "sample")
