"""Random networks that both NEST and spikelab can run, with weights on a common quantum grid."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import spikelab as sl

N, N_IN, STEPS = 16, 8, 600
#: Weights are multiples of this: sums are exact on both sides, in any order.
GRID = 2.0**-10
#: Kinds of cases: NEST's model, and parameters that all neurons share.
KINDS: dict[str, tuple[str, dict[str, bool]]] = {
    "iaf_psc_delta": ("iaf_psc_delta", {}),
    "iaf_psc_delta_held": ("iaf_psc_delta", {"refractory_input": True}),
    "iaf_psc_exp": ("iaf_psc_exp", {}),
    "iaf_psc_alpha": ("iaf_psc_alpha", {}),
    "izhikevich": ("izhikevich", {}),
    "izhikevich_published": ("izhikevich", {"consistent_integration": False}),
}


def make_case(kind: str, seed: int, dt_ms: float = 0.1) -> dict[str, Any]:
    """Parameters, input spikes and edges of one network, as ``stored/make_nest.py`` reads them."""
    rng = np.random.default_rng(seed)
    model, shared = KINDS[kind]
    params, strength = (_izhikevich if model == "izhikevich" else _lif)(rng, model, dt_ms)
    if not shared.get("consistent_integration", True):
        strength = 80.0  # of a current, where it is else a step of v
    params |= {name: np.full(N, value) for name, value in shared.items()}
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


def _lif(rng: np.random.Generator, model: str, dt_ms: float) -> tuple[dict[str, np.ndarray], float]:
    """Parameters, and the size of a weight that matters."""
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
    if model == "iaf_psc_delta":
        return params, 6.0
    params["tau_syn_ex"], params["tau_syn_in"] = rng.uniform(0.5, 6.0, (2, N))
    params["tau_syn_ex"][0] = params["tau_m"][0]  # the limit of equal time constants
    return params, 400.0


#: Models that NEST integrates by an adaptive solver; they get input, and none from each other.
SOLVED = ("iaf_cond_exp", "aeif_cond_exp", "aeif_psc_exp")


def make_solved_case(model: str, seed: int, dt_ms: float = 0.1) -> dict[str, Any]:
    """As `make_case`, for one of `SOLVED`."""
    rng = np.random.default_rng(seed)
    params = {
        "C_m": rng.uniform(150.0, 300.0, N),
        "g_L": rng.uniform(10.0, 20.0, N),
        "t_ref": dt_ms * rng.integers(1, 40, N),
        "tau_syn_ex": rng.uniform(0.2, 5.0, N),
        "tau_syn_in": rng.uniform(1.0, 10.0, N),
        "I_e": rng.uniform(100.0, 350.0, N),
    }
    if model != "iaf_cond_exp":
        params |= {
            "a": rng.uniform(0.0, 8.0, N),
            "b": rng.uniform(0.0, 100.0, N),
            "tau_w": rng.uniform(20.0, 200.0, N),
            "Delta_T": rng.uniform(1.0, 4.0, N),
            "t_ref": dt_ms * rng.integers(0, 20, N),
            "I_e": rng.uniform(300.0, 700.0, N),
            "gsl_error_tol": np.full(N, 1e-11),
        }
    sources, targets = np.nonzero(rng.random((N_IN, N)) < 0.5)
    sign = np.where(np.arange(N_IN) % 4 == 3, -1.0, 1.0)
    size = 300.0 if model == "aeif_psc_exp" else 15.0
    weight = sign[sources] * np.round(rng.uniform(0.2, 1.0, sources.size) * size / GRID) * GRID
    in_step, in_source = np.nonzero(rng.random((STEPS, N_IN)) < 0.02)
    meta = {
        "model": model, "dt_ms": dt_ms, "steps": STEPS, "n": N, "n_in": N_IN,
        "params": {name: values.tolist() for name, values in params.items()},
    }  # fmt: skip
    return {
        "meta": json.dumps(meta), "source": sources, "target": targets, "weight": weight,
        "delay": rng.integers(1, 60, sources.size), "in_step": in_step, "in_source": in_source,
    }  # fmt: skip


def _izhikevich(rng: np.random.Generator, model: str, dt_ms: float) -> tuple[dict[str, np.ndarray], float]:
    params = {
        "a": rng.uniform(0.01, 0.1, N),
        "b": rng.uniform(0.15, 0.25, N),
        "c": rng.uniform(-65.0, -50.0, N),
        "d": rng.uniform(0.5, 8.0, N),
        "V_m": rng.uniform(-75.0, -60.0, N),
        "U_m": rng.uniform(-15.0, -10.0, N),
        "I_e": rng.uniform(0.0, 12.0, N),
    }
    return params, 8.0


def run_case(case: dict[str, Any]) -> sl.PopulationResult:
    """The same network in spikelab."""
    meta = json.loads(str(case["meta"]))
    dt, n, n_in = meta["dt_ms"], meta["n"], meta["n_in"]
    params = {k: v[0] if isinstance(v[0], bool) else np.array(v) for k, v in meta["params"].items()}
    params.pop("gsl_error_tol", None)  # of NEST's solver
    net = sl.Network()
    inputs = net.input("in", n_in, sl.SpikeInput())
    cells = net.add("cells", n, sl.from_nest(meta["model"], params))
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
