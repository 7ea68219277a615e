"""A network in NEST, built with its own rules and distributions; needs NEST 3, nothing of this library."""

from __future__ import annotations

import time
from typing import Any

from .protocol import answer, memory_now, steps_in

__all__ = ["simulate"]

_MODELS = {"delta": "iaf_psc_delta", "exp": "iaf_psc_exp", "alpha": "iaf_psc_alpha"}
# NEST's names of our fields.
_NAMES = {
    "tau_mem_ms": "tau_m", "c_mem_pf": "C_m", "tau_ref_ms": "t_ref", "v_rest_mv": "E_L",
    "v_reset_mv": "V_reset", "v_thresh_mv": "V_th", "i_ext_pa": "I_e", "tau_syn_exc_ms": "tau_syn_ex",
    "tau_syn_inh_ms": "tau_syn_in", "g_leak_ns": "g_L", "e_exc_mv": "E_ex", "e_inh_mv": "E_in",
}  # fmt: skip
_RULES = {
    "FixedIndegree": ("fixed_indegree", {"k": "indegree"}),
    "FixedProbability": ("pairwise_bernoulli", {"p": "p"}),
    "FixedTotalNumber": ("fixed_total_number", {"n": "N"}),
    "OneToOne": ("one_to_one", {}),
    "AllToAll": ("all_to_all", {}),
}
_SEEN_SOURCES = 100  # whose weights are looked at: NEST takes a microsecond and a hundred bytes for each


def simulate(task: dict[str, Any]) -> dict[str, Any]:
    """Build, run the warm part, time the rest; see `protocol`."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    before, started = memory_now(), time.perf_counter()
    nest.SetKernelStatus(
        {
            "resolution": task["dt_ms"],
            "local_num_threads": task["threads"],
            "rng_seed": task["seed"] + 1,  # NEST asks for one above 0
            "print_time": False,
        }
    )
    net = task["network"]
    cells = {part["name"]: _create(nest, part) for part in net["populations"]}
    for drive in net["drives"]:
        if drive["kind"] == "PoissonDrive":
            source = nest.Create("poisson_generator", {"rate": drive["rate_hz"]})
            how = {"weight": drive["weight"], "delay": task["dt_ms"]}
        else:
            window = {"start": drive["start_ms"], "stop": drive["stop_ms"]}
            source = nest.Create("dc_generator", {"amplitude": drive["amplitude_pa"], **window})
            how = {"delay": task["dt_ms"]}
        nest.Connect(source, cells[drive["target"]], "all_to_all", how)
    for one in net["projections"]:
        rule, names = _RULES[one["pattern"]["kind"]]
        pattern = {"rule": rule, **{theirs: one["pattern"][ours] for ours, theirs in names.items()}}
        how = {"weight": _value(nest, one["weight"]), "delay": _value(nest, one["delay_ms"])}
        if one["plasticity"] is not None:
            how.update(_stdp(one["plasticity"], cells[one["target"]]))
        nest.Connect(cells[one["source"]], cells[one["target"]], pattern, how)
    # Without the edges of generators and recorders.
    synapses = nest.GetKernelStatus("num_connections") - sum(
        len(cells[drive["target"]]) for drive in net["drives"]
    )
    recorders = {name: nest.Create("spike_recorder") for name in cells}
    for name, recorder in recorders.items():
        nest.Connect(cells[name], recorder)
    nest.Prepare()
    build_s, built = time.perf_counter() - started, memory_now()
    nest.Run(task["warm_ms"] + task["dt_ms"])  # a device sees the last step in the one after it
    started = time.perf_counter()
    nest.Run(task["duration_ms"])
    simulate_s = time.perf_counter() - started
    nest.Cleanup()
    return {
        "version": nest.__version__,
        "build_s": build_s,
        "simulate_s": simulate_s,
        "synapses": synapses,
        "weights": [
            _weights(nest, cells, one) for one in net["projections"] if one["plasticity"] is not None
        ],
        "before": before,
        "built": built,
        "spikes": {name: _spikes(recorders[name], cells[name], task) for name in cells},
    }


def _create(nest: Any, part: dict[str, Any]) -> Any:
    model = "iaf_cond_exp" if part["kind"] == "ConductanceLIF" else _MODELS[part["synapse"]]
    known = nest.GetDefaults(model)
    params = {
        theirs: _value(nest, part[ours])
        for ours, theirs in _NAMES.items()
        if ours in part and theirs in known
    }
    start = part["v_rest_mv"] if part["v_init_mv"] is None else part["v_init_mv"]
    return nest.Create(model, part["n"], {**params, "V_m": _value(nest, start)})


def _stdp(rule: dict[str, Any], target: Any) -> dict[str, Any]:
    """What NEST is told of the rule; the trace of a target belongs to the neuron there."""
    if rule["kind"] != "STDP" or rule["pairing"] != "all_to_all" or rule["w_min"] != 0.0:
        raise ValueError(f"no synapse of NEST stands for {rule}")
    target.tau_minus = rule["tau_minus_ms"]
    return {
        "synapse_model": "stdp_synapse",
        "Wmax": rule["w_max"],
        "lambda": rule["a_plus"],
        "alpha": rule["a_minus"] / rule["a_plus"],
        "mu_plus": rule["mu_plus"],
        "mu_minus": rule["mu_minus"],
        "tau_plus": rule["tau_plus_ms"],
    }


def _weights(nest: Any, cells: Any, one: dict[str, Any]) -> list[float]:
    """Mean and standard deviation of weights that learn."""
    import numpy as np

    sources = cells[one["source"]]
    edges = nest.GetConnections(sources[: min(_SEEN_SOURCES, len(sources))], cells[one["target"]])
    weights = np.asarray(edges.get("weight"))
    return [float(weights.mean()), float(weights.std())]


def _value(nest: Any, value: Any) -> Any:
    """A number, or the distribution that `value` describes."""
    if not isinstance(value, dict):
        return value
    if value["kind"] == "Constant":
        return value["value"]
    if value["kind"] == "Uniform":
        return nest.random.uniform(value["low"], value["high"])
    drawn = nest.random.normal(value["mean"], value["std"])
    low, high = value["low"], value["high"]
    if low == -float("inf") and high == float("inf"):
        return drawn
    # NEST takes an end for a value that can be drawn, and no infinite ones.
    return nest.math.redraw(drawn, min=max(low, -1e300), max=min(high, 1e300))


def _spikes(recorder: Any, cells: Any, task: dict[str, Any]) -> tuple[Any, Any]:
    events = recorder.events
    step = (events["times"] / task["dt_ms"] + 0.5).astype("int64") - 1
    first, n_steps = (round(task[name] / task["dt_ms"]) for name in ("warm_ms", "duration_ms"))
    return steps_in(step, events["senders"] - cells[0].global_id, first, n_steps)


if __name__ == "__main__":
    answer(simulate)
