"""Cells that one generator drives, in NEST and in spikelab."""

from __future__ import annotations

from typing import Any

import spikelab as sl

DT = 0.1
CELL = {"C_m": 250.0, "tau_m": 10.0, "V_th": 1e9, "E_L": -70.0, "tau_syn_ex": 2.0, "tau_syn_in": 2.0}
SPIKES = [0.1, 1.0, 5.0, 5.1, 30.0, 77.7]

#: NEST's generator with its parameters, and ours. Currents of NEST act one connection delay later; spikes
#: have the delay of their connection on both sides.
CASES = {
    "dc": (
        "dc_generator",
        {"amplitude": 100.0, "start": 10.0, "stop": 30.0},
        sl.DCCurrent(100.0, 10.0, 30.0),
    ),
    "ac": (
        "ac_generator",
        {"amplitude": 100.0, "frequency": 40.0, "phase": 30.0, "offset": 20.0, "start": 10.0, "stop": 60.0},
        sl.ACCurrent(100.0, 40.0, 30.0, 20.0, 10.0, 60.0),
    ),
    "step": (
        "step_current_generator",
        {"amplitude_times": [10.0, 20.5, 40.0], "amplitude_values": [100.0, -50.0, 10.0]},
        sl.StepCurrent([10.0, 20.5, 40.0], [100.0, -50.0, 10.0]),
    ),
    "spikes": ("spike_generator", {"spike_times": SPIKES}, sl.SpikeSource([SPIKES])),
}


def case(
    generator: str,
    params: dict[str, Any],
    n: int = 1,
    weight: float = 1.0,
    interval_ms: float = DT,
    duration_ms: float = 100.0,
) -> dict[str, Any]:
    """One run of NEST, as ``stored/make_nest_generators.py`` reads it."""
    return {
        "generator": generator, "params": params, "n": n, "weight": weight, "dt_ms": DT, "cell": CELL,
        "duration_ms": duration_ms, "interval_ms": interval_ms,
    }  # fmt: skip


def membrane_cases() -> list[dict[str, Any]]:
    """The runs of `CASES`, whose membranes are compared step for step."""
    return [case(name, given, weight=50.0 if "spike" in name else 1.0) for name, given, _ in CASES.values()]
