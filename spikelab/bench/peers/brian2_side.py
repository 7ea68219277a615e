"""A network in Brian2's C++ standalone mode; needs Brian2 and a compiler, nothing of this library."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .protocol import answer, steps_in

__all__ = ["simulate"]

_DRIVE_SOURCES = 1000  # of a drive's binomial counts: their variance is 0.2 % below Poisson's at 2 a step
_LEAK = "(v_rest - v) / tau_m"
_SYNAPSES = "di_exc/dt = -i_exc / tau_exc : {unit}\ndi_inh/dt = -i_inh / tau_inh : {unit}"
_EQUATIONS = {
    "delta": f"dv/dt = {_LEAK} : volt (unless refractory)",
    "exp": f"dv/dt = {_LEAK} + (i_exc + i_inh + i_ext) / c_m : volt (unless refractory)\n"
    + _SYNAPSES.format(unit="amp"),
    "cond": "dv/dt = (g_leak * (v_rest - v) + i_exc * (e_exc - v) + i_inh * (e_inh - v)) / c_m"
    " : volt (unless refractory)\n" + _SYNAPSES.format(unit="siemens"),
}
# Name and unit, in SI, of our fields.
_NAMES = {
    "tau_mem_ms": ("tau_m", "second", 1e-3), "c_mem_pf": ("c_m", "farad", 1e-12),
    "v_rest_mv": ("v_rest", "volt", 1e-3), "v_reset_mv": ("v_reset", "volt", 1e-3),
    "v_thresh_mv": ("v_thresh", "volt", 1e-3), "i_ext_pa": ("i_ext", "amp", 1e-12),
    "tau_syn_exc_ms": ("tau_exc", "second", 1e-3), "tau_syn_inh_ms": ("tau_inh", "second", 1e-3),
    "g_leak_ns": ("g_leak", "siemens", 1e-9), "e_exc_mv": ("e_exc", "volt", 1e-3),
    "e_inh_mv": ("e_inh", "volt", 1e-3),
}  # fmt: skip
# Starts the program from a process of its own, whose children's peak is the program's and no compiler's.
_RUN = """
import pathlib, resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
pathlib.Path("peak.txt").write_text(str(peak))
sys.exit(code)
"""
_WEIGHTS = {"delta": ("volt", 1e-3), "exp": ("amp", 1e-12), "cond": ("siemens", 1e-9)}


def simulate(task: dict[str, Any]) -> dict[str, Any]:
    """Describe, compile, run the warm part and the rest; see `protocol`.

    The program that Brian2 makes builds and runs in one go, so that its own profile tells the two apart.
    """
    import brian2 as b2

    started = time.perf_counter()
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.devices.cpp_standalone.openmp_threads = task["threads"] if task["threads"] > 1 else 0
    b2.seed(task["seed"])
    b2.defaultclock.dt = task["dt_ms"] * b2.ms
    network, monitors, synapses = _network(b2, task)
    if task["warm_ms"]:
        network.run(task["warm_ms"] * b2.ms)
    network.run(task["duration_ms"] * b2.ms, profile=False)
    described_s = time.perf_counter() - started
    b2.prefs.devices.cpp_standalone.run_cmd_unix = [sys.executable, "-c", _RUN, "./main"]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        b2.device.build(directory=folder, run=False, with_output=False)
        compile_s = time.perf_counter() - started
        started = time.perf_counter()
        b2.device.run(folder, with_output=False, run_args=[])
        ran_s = time.perf_counter() - started
        simulate_s = float(b2.device._last_run_time)
        result = {
            "version": b2.__version__,
            "describe_s": described_s,
            "compile_s": compile_s,
            # The warm part counts as simulated at the speed of the rest.
            "build_s": ran_s - simulate_s * (1.0 + task["warm_ms"] / task["duration_ms"]),
            "simulate_s": simulate_s,
            "synapses": int(sum(len(one) for one in synapses)),
            "program_peak": int(Path(folder, "peak.txt").read_text()),
            "spikes": {name: _spikes(monitor, task) for name, monitor in monitors.items()},
        }
    return result


def _network(b2: Any, task: dict[str, Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    net = task["network"]
    groups = {part["name"]: _group(b2, part) for part in net["populations"]}
    kinds = {part["name"]: _kind(part) for part in net["populations"]}
    drives = []
    for drive in net["drives"]:
        weight = _weight(b2, kinds[drive["target"]], drive["weight"])
        rate = drive["rate_hz"] / _DRIVE_SOURCES * b2.Hz
        variable = _variable(kinds[drive["target"]], drive["weight"])
        drives.append(b2.PoissonInput(groups[drive["target"]], variable, _DRIVE_SOURCES, rate, weight))
    synapses = []
    for one in net["projections"]:
        if one["plasticity"] is not None:
            raise ValueError(f"no synapses of Brian2 are written here for {one['plasticity']['kind']}")
        kind, value = kinds[one["target"]], one["weight"]["value"]
        weight = _weight(b2, kind, abs(value) if kind == "cond" else value)
        made = b2.Synapses(
            groups[one["source"]],
            groups[one["target"]],
            on_pre=f"{_variable(kind, value)} += w",
            delay=one["delay_ms"]["value"] * b2.ms,
            namespace={"w": weight},
        )
        _connect(made, one["pattern"], groups[one["source"]])
        synapses.append(made)
    monitors = {name: b2.SpikeMonitor(group) for name, group in groups.items()}
    return b2.Network(*groups.values(), *drives, *synapses, *monitors.values()), monitors, synapses


def _connect(synapses: Any, pattern: dict[str, Any], source: Any) -> None:
    """Brian2 has no rule for an in-degree: the sources of each target are drawn by a generator."""
    if pattern["kind"] == "FixedProbability":
        synapses.connect(p=pattern["p"])
    else:
        import numpy as np

        k, n = pattern["k"], len(synapses.target)
        targets = np.repeat(np.arange(n), k)
        synapses.connect(i=np.random.default_rng(len(source)).integers(len(source), size=n * k), j=targets)


def _group(b2: Any, part: dict[str, Any]) -> Any:
    kind = _kind(part)
    constants = {
        name: part[ours] * scale * getattr(b2, unit)
        for ours, (name, unit, scale) in _NAMES.items()
        if part.get(ours) is not None
    }
    group = b2.NeuronGroup(
        part["n"],
        _EQUATIONS[kind],
        threshold="v >= v_thresh" if part["threshold"] == ">=" else "v > v_thresh",
        reset="v = v_reset",
        refractory=part["tau_ref_ms"] * b2.ms,
        method="euler" if kind == "cond" else "exact",
        namespace=constants,
    )
    if kind == "delta":
        # What arrives while a cell is refractory is lost, as in NEST.
        group.run_regularly(
            "v = v * int(not_refractory) + v_reset * int(not not_refractory)", when="resets", order=1
        )
    start = part["v_init_mv"]
    if isinstance(start, dict):
        low, high = start["low"], start["high"]
        group.v = f"({low} + rand() * ({high} - {low})) * mV"
    else:
        group.v = (part["v_rest_mv"] if start is None else start) * b2.mV
    return group


def _kind(part: dict[str, Any]) -> str:
    return "cond" if part["kind"] == "ConductanceLIF" else str(part["synapse"])


def _variable(kind: str, weight: float) -> str:
    return "v" if kind == "delta" else "i_exc" if weight >= 0 else "i_inh"


def _weight(b2: Any, kind: str, value: float) -> Any:
    unit, scale = _WEIGHTS[kind]
    return value * scale * getattr(b2, unit)


def _spikes(monitor: Any, task: dict[str, Any]) -> tuple[Any, Any]:
    # A spike of a step is stamped with its start.
    step = (monitor.t_[:] / (task["dt_ms"] * 1e-3) + 0.5).astype("int64")
    first, n_steps = (round(task[name] / task["dt_ms"]) for name in ("warm_ms", "duration_ms"))
    return steps_in(step, monitor.i[:], first, n_steps)


if __name__ == "__main__":
    answer(simulate)
