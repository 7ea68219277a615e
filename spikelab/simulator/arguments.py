"""The arguments of a run, checked before anything moves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParameterError
from ..units import real_array, require_finite, require_scalar, steps_from_ms
from .plastic import PlasticRunner
from .plastic_rates import RatePlasticRunner
from .sources import InputRunner, check_data

__all__ = [
    "check_inputs",
    "check_samples",
    "check_signal",
    "check_signals",
    "check_snapshot",
    "count_steps",
]

_OWNER = "Simulator.run"
# Arrays of a snapshot with a value for each synapse that learns, or each cell of them.
_OF_SYNAPSES = re.compile(r"plastic/\d+/(weight$|cell/|edge/|\d+/)")


def check_inputs(
    runners: Mapping[str, InputRunner], inputs: Mapping[str, Any] | None, batch: int
) -> dict[str, np.ndarray]:
    """Data of every input of the network, in the form of the kernels."""
    inputs = {} if inputs is None else inputs
    if not isinstance(inputs, Mapping):
        name = next(iter(runners), "name")
        remedy = f"Pass inputs={{{name!r}: x}} with x [time, batch, feature]."
        raise ParameterError(_OWNER, "inputs", inputs, "map names of inputs to arrays", remedy)
    unknown = [name for name in inputs if name not in runners]
    if unknown:
        known = ", ".join(map(repr, runners)) or "no inputs"
        raise ParameterError(_OWNER, "inputs", unknown[0], "name an input of the network", f"It has {known}.")
    missing = [name for name in runners if name not in inputs]
    if missing:
        raise ParameterError(
            _OWNER, "inputs", list(inputs), f"hold data for {missing[0]!r}",
            f"Pass inputs={{{missing[0]!r}: x}} with x [time, batch, feature].",
        )  # fmt: skip
    return {name: check_data(runner, inputs[name], batch) for name, runner in runners.items()}


def count_steps(
    duration_ms: float | None,
    data: Mapping[str, np.ndarray],
    runners: Mapping[str, InputRunner],
    dt_ms: float,
) -> int:
    """Steps of a run, which its duration and all of its data must agree on."""
    lengths = {name: x.shape[0] * runners[name].hold for name, x in data.items()}
    if duration_ms is not None:
        duration_ms = require_scalar(_OWNER, "duration_ms", duration_ms)
        asked = steps_from_ms(duration_ms, dt_ms, _OWNER, "duration_ms")
        lengths = {"duration_ms": asked, **lengths}
    if not lengths:
        need = "be given"
        raise ParameterError(_OWNER, "duration_ms", None, need, "The network has no inputs that set it.")
    first = next(iter(lengths))
    steps: int = lengths[first]
    for name, other in lengths.items():
        if other != steps:
            need = f"agree with {first}, which lasts {steps * dt_ms:g} ms"
            raise ParameterError(_OWNER, f"inputs[{name!r}]", f"{other * dt_ms:g} ms", need)
    return steps


def check_samples(sample_ids: Any, batch: int, owner: str = _OWNER, each: str = "batch row") -> np.ndarray:
    """Global index of each batch row: array [batch], uint32."""
    if sample_ids is None:
        return np.arange(batch, dtype=np.uint32)
    try:
        array = np.asarray(sample_ids)
    except ValueError:  # rows of different length
        array = np.empty(0)
    whole = array.shape == (batch,) and array.dtype.kind in "iu"
    if not whole or array.min() < 0 or array.max() >= 2**32:
        need = f"be {batch} integers in 0 ... 2**32 - 1, one for each {each}"
        raise ParameterError(owner, "sample_ids", sample_ids, need)
    return np.ascontiguousarray(array, dtype=np.uint32)


def check_snapshot(snapshot: Any, own: Mapping[str, np.ndarray]) -> None:
    """Refuse what does not fit the simulator, of which `own` is a snapshot, before anything moves."""
    owner, need = "Simulator.restore", "be a snapshot of the same network and batch"
    if not isinstance(snapshot, Mapping):
        raise ParameterError(owner, "snapshot", snapshot, need, "Pass what Simulator.snapshot returned.")
    for name in [*own, *(name for name in snapshot if name not in own)]:
        given, known = (np.shape(arrays[name]) if name in arrays else None for arrays in (snapshot, own))
        if given != known and not (given and known and _alike(name, given, known)):
            shapes = f"It holds {name!r} of shape {given}, the simulator {known}"
            raise ParameterError(
                owner, "snapshot", f"a snapshot of {len(snapshot)} arrays", need, f"{shapes}."
            )


def _alike(name: str, given: tuple[int, ...], known: tuple[int, ...]) -> bool:
    """Whether shapes differ only as they may: in spikes under way or listed, and lanes of values."""
    moving = len(known) == 1 and not _OF_SYNAPSES.match(name)
    first = 1 if moving or name.endswith("/analog") else 0
    return len(given) == len(known) and given[first:] == known[first:]


def check_signals(
    learners: Sequence[PlasticRunner | RatePlasticRunner],
    signals: Mapping[str, Any] | None,
    steps: int,
    dtype: str,
) -> dict[str, np.ndarray]:
    """Third factors by name: arrays [step], float64."""
    if signals is None:
        return {}
    if not isinstance(signals, Mapping):
        remedy = 'Pass signals={"reward": r} with a number or an array [time].'
        raise ParameterError(_OWNER, "signals", signals, "map names of signals to numbers or arrays", remedy)
    known = {name for learner in learners for name in learner.link.rule.third}
    checked = {}
    for name, value in signals.items():
        if name not in known:
            remedy = f"The rules of this network read {', '.join(sorted(known)) or 'no signal'}."
            raise ParameterError(_OWNER, "signals", name, "be read by a rule", remedy)
        array = real_array(_OWNER, f"signals[{name!r}]", value)
        require_finite(_OWNER, f"signals[{name!r}]", array)
        if array.shape not in ((), (steps,)):
            need = f"be a number or have one value for each of the {steps} steps"
            raise ParameterError(_OWNER, f"signals[{name!r}]", f"array of shape {array.shape}", need)
        array = check_signal(_OWNER, f"signals[{name!r}]", array, dtype)
        checked[name] = np.array(np.broadcast_to(array, (steps,)))
    return checked


def check_signal(owner: str, parameter: str, values: np.ndarray, dtype: str) -> np.ndarray:
    """Values of a third factor, which `dtype` must hold."""
    if (np.abs(values) > float(np.finfo(dtype).max)).any():
        largest = float(np.abs(values).max())
        raise ParameterError(owner, parameter, largest, f"be finite in {dtype}", "Use dtype='float64'.")
    return values
