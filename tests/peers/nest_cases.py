"""Random networks that both NEST and spikelab can run, with weights on a common quantum grid."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import spikelab as sl

N, N_IN, STEPS = 16, 8, 600
#: Weights are multiples of this: sums are exact on both sides, in any order.
GRID = 2.0**-10
MODELS = {"iaf_psc_delta": "delta", "iaf_psc_exp": "exp"}
#: NEST's names of the fields of ``sl.LIF``.
NAMES = {
    "tau_m": "tau_mem_ms", "C_m": "c_mem_pf", "t_ref": "tau_ref_ms", "E_L": "v_rest_mv",
    "V_reset": "v_reset_mv", "V_th": "v_thresh_mv", "I_e": "i_ext_pa", "V_m": "v_init_mv",
    "tau_syn_ex": "tau_syn_exc_ms", "tau_syn_in": "tau_syn_inh_ms",
}  # fmt: skip


def make_case(model: str, seed: int, dt_ms: float = 0.1) -> dict[str, Any]:
    """Parameters, input spikes and edges of one network, as ``stored/make_nest.py`` reads them."""
    rng = np.random.default_rng(seed)
    rest = rng.uniform(-75.0, -65.0, N)
    params = {
        "tau_m": rng.uniform(5.0, 25.0, N),
        "C_m": rng.uniform(100.0, 300.0, N),
        "t_ref": dt_ms * rng.integers(1, 40, N),  # NEST asks for a step at least
        "E_L": rest,
        "V_reset": rest - rng.uniform(0.0, 5.0, N),
        "V_th": rest + rng.uniform(8.0, 15.0, N),
        "V_m": rest + rng.uniform(-5.0, 5.0, N),
    }
    params["I_e"] = 0.9 * (params["V_th"] - rest) * params["C_m"] / params["tau_m"] * rng.random(N)
    strength = 6.0
    if model == "iaf_psc_exp":
        params["tau_syn_ex"], params["tau_syn_in"] = rng.uniform(0.5, 6.0, (2, N))
        params["tau_syn_ex"][0] = params["tau_m"][0]  # the limit of equal time constants
        strength = 400.0
    sources, targets = np.nonzero(rng.random((N_IN + N, N)) < 0.4)
    sign = np.where(np.arange(N_IN + N) % 4 == 3, -1.0, 1.0)
    weight = sign[sources] * np.round(rng.uniform(0.2, 1.0, sources.size) * strength / GRID) * GRID
    in_step, in_source = np.nonzero(rng.random((STEPS, N_IN)) < 0.06)
    meta = {
        "model": model, "dt_ms": dt_ms, "steps": STEPS, "n": N, "n_in": N_IN,
        "params": {name: values.tolist() for name, values in params.items()},
    }  # fmt: skip
    return {
        "meta": json.dumps(meta), "source": sources, "target": targets, "weight": weight,
        "delay": rng.integers(1, 60, sources.size), "in_step": in_step, "in_source": in_source,
    }  # fmt: skip


def run_case(case: dict[str, Any]) -> sl.PopulationResult:
    """The same network in spikelab."""
    meta = json.loads(str(case["meta"]))
    dt, n, n_in = meta["dt_ms"], meta["n"], meta["n_in"]
    params = {NAMES[name]: np.array(values) for name, values in meta["params"].items()}
    net = sl.Network()
    inputs = net.input("in", n_in, sl.SpikeInput())
    cells = net.add("cells", n, sl.LIF(synapse=MODELS[meta["model"]], **params))
    for source, first, size in ((inputs, 0, n_in), (cells, n_in, n)):
        mine = (case["source"] >= first) & (case["source"] < first + size)
        weight, delay = np.zeros((2, size, n))
        place = (case["source"][mine] - first, case["target"][mine])
        weight[place], delay[place] = case["weight"][mine], case["delay"][mine] * dt
        net.connect(source, cells, sl.FromArray(weight), delay_ms=np.maximum(delay, dt))
    spikes = np.zeros((meta["steps"], 1, n_in))
    spikes[case["in_step"], 0, case["in_source"]] = 1
    sim = sl.Simulator(net, dt, dtype="float64")
    return sim.run(inputs={"in": spikes}, record=sl.Record(traces=["v_mv"]))["cells"]
