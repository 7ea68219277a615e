"""Random short-term plasticity that both NEST and spikelab can run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import spikelab as sl

N, STEPS = 12, 700


def make_case(seed: int, dt_ms: float = 0.1) -> dict[str, Any]:
    """Parameters and spikes, as ``stored/make_nest_synapses.py`` reads them: synapse i from source i."""
    rng = np.random.default_rng(seed)
    source, step = np.nonzero(rng.random((N, STEPS - 200)) < 0.02)
    meta = {"dt_ms": dt_ms, "steps": STEPS, "n": N}
    return {
        "meta": json.dumps(meta), "source": source, "step": step + 2, "U": rng.uniform(0.1, 0.9, N),
        "u": rng.uniform(0.1, 0.9, N), "x": rng.uniform(0.3, 1.0, N), "tau_rec": rng.uniform(5.0, 500.0, N),
        "tau_fac": np.where(np.arange(N) % 3 == 0, 0.0, rng.uniform(5.0, 500.0, N)),
        "weight": rng.uniform(50.0, 900.0, N), "delay": rng.integers(1, 40, N),
    }  # fmt: skip


def run_case(case: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same in spikelab: membrane [step, neuron], and u and x of each synapse at the end."""
    meta = json.loads(str(case["meta"]))
    dt, n, steps = meta["dt_ms"], meta["n"], meta["steps"]
    net = sl.Network()
    source = net.input("in", n, sl.SpikeInput())
    cells = net.add(
        "cells", n,
        sl.LIF(synapse="exp", tau_mem_ms=12.0, v_thresh_mv=1e9, tau_syn_exc_ms=3.0),
    )  # fmt: skip
    delays = np.full((n, n), dt)
    np.fill_diagonal(delays, case["delay"] * dt)
    synapse = sl.TsodyksMarkram(
        U=case["U"], u=case["u"], x=case["x"], tau_rec_ms=case["tau_rec"], tau_fac_ms=case["tau_fac"]
    )
    net.connect(
        source, cells, sl.OneToOne(), weight=np.diag(case["weight"]), delay_ms=delays, short_term=synapse
    )
    spikes = np.zeros((steps, 1, n))
    spikes[case["step"], 0, case["source"]] = 1
    sim = sl.Simulator(net, dt, dtype="float64")
    result = sim.run(inputs={"in": spikes}, record=sl.Record(traces=["v_mv"]))
    (arrival,) = sim._engine.arrivals
    state = arrival.state()
    return result["cells"]["v_mv"][:, 0], state["u"][0], state["x"][0]
