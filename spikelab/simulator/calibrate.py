"""Set initial firing: silent layers make every learning rule look broken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..record import Record
from ..units import require_integer, require_positive, require_scalar
from .arguments import check_inputs

if TYPE_CHECKING:
    from .simulator import Simulator

__all__ = ["calibrate"]


def calibrate(
    sim: Simulator, inputs: Mapping[str, Any], rate_hz: float, tolerance: float, max_runs: int
) -> dict[str, float]:
    """Scale the weights into each spiking population to a mean rate; see `Simulator.calibrate`."""
    owner = "Simulator.calibrate"
    rate_hz = require_scalar(owner, "rate_hz", rate_hz, "10 to 100 Hz is common.")
    require_positive(owner, "rate_hz", rate_hz, "Hz", "10 to 100 Hz is common.")
    tolerance = require_scalar(owner, "tolerance", tolerance, "0.1 is a tenth of the rate.")
    if not 0 < tolerance < 1:
        raise ParameterError(owner, "tolerance", tolerance, "lie in (0, 1)", "0.1 is a tenth of the rate.")
    require_integer(owner, "max_runs", max_runs)
    check_inputs(sim._engine.inputs, inputs, sim.batch)  # before the state is lost
    before = sim.weights()
    sim.reset()  # nothing is under way whose quantum the new weights would have to keep
    try:
        reached = _layers(sim, inputs, rate_hz, tolerance, max_runs)
    except BaseException:
        sim.reset()
        sim.set_weights(before)
        raise
    return reached


def _layers(
    sim: Simulator, inputs: Mapping[str, Any], rate_hz: float, tolerance: float, max_runs: int
) -> dict[str, float]:
    reached: dict[str, float] = {}
    for component in sim._built.order:
        cells = {name: sim.net.populations[name].neuron for name in component.populations}
        for name in [n for n, cell in cells.items() if cell.kind == "spiking" and cell.inputs]:
            reached[name] = _one(sim, inputs, name, rate_hz, tolerance, max_runs)
    return reached


def _one(
    sim: Simulator, inputs: Mapping[str, Any], name: str, rate_hz: float, tolerance: float, max_runs: int
) -> float:
    incoming = [p.name for p in sim.net.projections.values() if p.target.name == name]
    if not incoming:
        need = "have projections onto every spiking population"
        raise ParameterError("Simulator.calibrate", "net", name, need, "A drive alone is not scaled.")
    start = {key: weights for key, weights in sim.weights().items() if key in incoming}

    def rate(log_gain: float) -> float:
        sim.set_weights({key: weights * np.exp2(log_gain) for key, weights in start.items()})
        result = sim.run(inputs=inputs, record=Record(spikes="counts", populations=[name]))
        sim.reset()
        if result.interrupted:
            raise KeyboardInterrupt
        return result[name].mean_rate_hz

    low, high, gain = -math.inf, math.inf, 0.0  # of the gain's logarithm; the rate lies between
    for _ in range(max_runs):
        value = rate(gain)
        if abs(value - rate_hz) <= tolerance * rate_hz:
            return value
        low, high = (gain, high) if value < rate_hz else (low, gain)
        if math.isinf(low) or math.isinf(high):  # no bracket yet: walk by factors of two
            gain += 1.0 if value < rate_hz else -1.0
        else:
            gain = 0.5 * (low + high)
    raise ParameterError(
        "Simulator.calibrate", "rate_hz", rate_hz, f"be reachable for {name!r}, which came to {value:.3g} Hz",
        "Look at the drive, the refractory period and the data.",
    )  # fmt: skip
