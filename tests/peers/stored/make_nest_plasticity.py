"""Run in NEST: python make_nest_plasticity.py CASE.npz OUT.npz. Parrots fire at given times on both sides of
plastic synapses; what is kept is the weight that each spike of a source takes along."""

import json
import sys

import nest
import numpy as np

case = np.load(sys.argv[1])
meta = json.loads(str(case["meta"]))
dt, n = meta["dt_ms"], meta["n"]
nest.verbosity = nest.VerbosityLevel.ERROR


def parrots(rows, **params):
    """Parrots that fire in the steps given; a parrot hands a spike on in the step in which it arrives."""
    cells = nest.Create("parrot_neuron", n, params=params)
    for i in range(n):
        times = np.round(rows[rows[:, 0] == i, 1] * dt, 6)
        generator = nest.Create("spike_generator", params={"spike_times": times[times > 0]})
        nest.Connect(generator, cells[i], syn_spec={"delay": dt})
    return cells


out = {"version": nest.__version__}
for name, (model, params) in meta["rules"].items():
    nest.ResetKernel()
    nest.resolution = dt
    own = {key: value for key, value in params.items() if key not in ("tau_minus", "tau_minus_triplet")}
    sources = parrots(case["pre"])
    targets = parrots(case["post"], **{key: params[key] for key in params if key not in own})
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "recorded", {"weight_recorder": recorder})
    for i in range(n):
        spec = own | {"weight": float(case["weight"][i]), "delay": float(case["delay"][i]) * dt}
        # port 1 of a parrot takes spikes and hands none on
        spec |= {"synapse_model": "recorded", "receptor_type": 1}
        nest.Connect(sources[i], targets[i], syn_spec=spec)
    nest.Simulate(meta["steps"] * dt + dt)
    events = recorder.get("events")
    synapse = events["senders"] - sources[0].global_id
    step = np.round(events["times"] / dt).astype(int) - 1
    order = np.lexsort((step, synapse))
    out[f"{name}_synapse"], out[f"{name}_step"] = synapse[order], step[order]
    out[f"{name}_weight"] = events["weights"][order]
np.savez(sys.argv[2], **out)
