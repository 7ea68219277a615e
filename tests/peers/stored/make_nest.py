"""Run a network in NEST: ``python make_nest.py CASE.npz OUT.npz``; needs NEST 3.10, nothing of spikelab.

CASE holds the model's name, its parameters in NEST's names, spike times of the inputs and the
edges (source, target, weight, delay in steps); sources from `n_in` on are neurons. OUT gets the
spikes (step, neuron) and the membrane potential [step, neuron] of every neuron.
"""

import json
import sys

import nest
import numpy as np


def simulate(case: dict) -> dict:
    """Build the network edge by edge and run it."""
    meta = json.loads(str(case["meta"]))
    dt, steps, n_in, n = meta["dt_ms"], meta["steps"], meta["n_in"], meta["n"]
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": dt, "print_time": False})
    cells = nest.Create(meta["model"], n)
    cells.set([{name: values[i] for name, values in meta["params"].items()} for i in range(n)])
    inputs = nest.Create("spike_generator", n_in)
    for i in range(n_in):  # a spike of step k is stamped with the end of the step
        inputs[i].spike_times = np.round((case["in_step"][case["in_source"] == i] + 1) * dt, 6)
    everyone = [*inputs, *cells]
    edges = zip(case["source"], case["target"], case["weight"], case["delay"], strict=True)
    for source, target, weight, delay in edges:
        how = {"weight": float(weight), "delay": round(float(delay) * dt, 6)}
        nest.Connect(everyone[source], cells[int(target)], syn_spec=how)
    recorder = nest.Create("spike_recorder")
    meter = nest.Create("multimeter", {"record_from": ["V_m"], "interval": dt})
    nest.Connect(cells, recorder)
    nest.Connect(meter, cells)
    nest.Simulate((steps + 1) * dt)  # a device sees the last step in the one after it
    return {**spikes(recorder, cells, dt, steps), "v_mv": potentials(meter, cells, dt, steps)}


def spikes(recorder, cells, dt: float, steps: int) -> dict:
    """Steps and neurons of all spikes, sorted."""
    events = recorder.events
    step = np.rint(events["times"] / dt).astype(np.int64) - 1
    neuron = np.asarray(events["senders"]) - cells[0].global_id
    inside = step < steps
    order = np.lexsort((neuron[inside], step[inside]))
    return {"step": step[inside][order], "neuron": neuron[inside][order]}


def potentials(meter, cells, dt: float, steps: int) -> np.ndarray:
    """Membrane potential at the end of every step: array [step, neuron], mV."""
    events = meter.events
    v = np.full((steps, len(cells)), np.nan)
    step = np.rint(events["times"] / dt).astype(np.int64) - 1
    inside = step < steps
    v[step[inside], (np.asarray(events["senders"]) - cells[0].global_id)[inside]] = events["V_m"][inside]
    return v


if __name__ == "__main__":
    nest.verbosity = nest.VerbosityLevel.ERROR
    with np.load(sys.argv[1]) as case:
        result = simulate(dict(case))
    np.savez_compressed(sys.argv[2], version=nest.__version__, **result)
