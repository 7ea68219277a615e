"""Random trains through plastic synapses that both NEST and spikelab can run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import spikelab as sl

N = 8
#: Every source fires in the last of so many steps, so that its weight can be compared.
EVERY = 300
WINDOW = {"tau_plus": 16.8, "tau_minus": 33.7}
PAIR = {**WINDOW, "lambda": 0.005, "alpha": 1.1, "Wmax": 90.0}
#: Name of the case -> NEST's model and parameters.
RULES: dict[str, tuple[str, dict[str, float]]] = {
    "additive": ("stdp_synapse", {**PAIR, "mu_plus": 0.0, "mu_minus": 0.0}),
    "multiplicative": ("stdp_synapse", {**PAIR, "mu_plus": 1.0, "mu_minus": 1.0}),
    "mixed": ("stdp_synapse", {**PAIR, "mu_plus": 0.0, "mu_minus": 1.0}),
    "power": ("stdp_synapse", {**PAIR, "mu_plus": 0.4, "mu_minus": 0.6}),
    "symmetric": ("stdp_nn_symm_synapse", {**PAIR, "mu_plus": 0.4, "mu_minus": 0.6}),
    "presynaptic": ("stdp_nn_pre_centered_synapse", {**PAIR, "mu_plus": 0.4, "mu_minus": 0.6}),
    "restricted": ("stdp_nn_restr_synapse", {**PAIR, "mu_plus": 0.4, "mu_minus": 0.6}),
    "triplet": (
        "stdp_triplet_synapse",
        {
            **WINDOW, "tau_plus_triplet": 101.0, "tau_minus_triplet": 125.0, "Aplus": 0.15,
            "Aplus_triplet": 0.3, "Aminus": 0.35, "Aminus_triplet": 0.15, "Wmax": 90.0,
        },
    ),
    "inhibitory": (
        "vogels_sprekeler_synapse",
        {"tau": 20.0, "tau_minus": 20.0, "eta": 0.25, "alpha": 0.7, "Wmax": 200.0},
    ),
}  # fmt: skip


def make_case(seed: int, dt_ms: float = 0.1, steps: int = 1500) -> dict[str, Any]:
    """Trains, weights and delays, as ``stored/make_nest_plasticity.py`` reads them: synapse i from source i.

    Each train of the source starts before that of the target: for ``stdp_nn_symm_synapse`` and
    ``stdp_nn_restr_synapse`` of NEST, a source that has not fired yet has fired at time 0.
    """
    rng = np.random.default_rng(seed)
    delay = rng.integers(1, 40, N)
    pre = rng.random((N, steps)) < 0.02
    post = rng.random((N, steps)) < 0.02
    pre[:, 2], pre[:, EVERY - 1 :: EVERY] = True, True
    for i in range(N):
        both = np.flatnonzero(pre[i])[3:9]  # spikes that meet at the synapse, and at the somata
        post[i, both[::2] - delay[i]] = True
        post[i, both[1::2]] = True
    post[:, :60] = False
    meta = {"dt_ms": dt_ms, "steps": steps, "n": N, "rules": RULES}
    trains = {"pre": np.argwhere(pre), "post": np.argwhere(post)}  # rows of (neuron, step)
    return {"meta": json.dumps(meta), "weight": rng.uniform(20.0, 70.0, N), "delay": delay, **trains}


def run_case(case: Any, rule: sl.Plasticity, device: str) -> np.ndarray:
    """The weights after every so many steps: array [sample, synapse]."""
    meta = json.loads(str(case["meta"]))
    dt, n, steps = meta["dt_ms"], meta["n"], meta["steps"]
    net = sl.Network()
    source, teacher = net.input("source", n, sl.SpikeInput()), net.input("teacher", n, sl.SpikeInput())
    cell = sl.LIF(tau_mem_ms=1.0, tau_ref_ms=0.0, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=1e5)
    cells = net.add("cells", n, cell)
    net.connect(teacher, cells, sl.OneToOne(), weight=2e5, delay_ms=0.0)
    delays = np.full((n, n), dt)
    np.fill_diagonal(delays, case["delay"] * dt)
    weight = np.diag(case["weight"])
    net.connect(source, cells, sl.OneToOne(), weight=weight, delay_ms=delays, plasticity=rule)
    sim = sl.Simulator(net, dt, dtype="float64", device=device)
    name = ("source", "cells", 0)
    record = sl.Record(weights=[name], weights_interval_ms=EVERY * dt)
    inputs = {"source": _spikes(case["pre"], steps, n), "teacher": _spikes(case["post"], steps, n)}
    result = sim.run(inputs=inputs, record=record)
    fired = result["cells"].spikes
    np.testing.assert_array_equal(
        np.stack([fired.neuron, fired.step], 1)[np.lexsort((fired.step, fired.neuron))], case["post"]
    )
    return np.asarray(result.weights[name].values)[1:]


def _spikes(rows: np.ndarray, steps: int, n: int) -> np.ndarray:
    out = np.zeros((steps, 1, n), np.uint8)
    out[rows[:, 1], 0, rows[:, 0]] = 1
    return out
