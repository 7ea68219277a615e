"""Run in NEST: python make_nest_synapses.py CASE.npz OUT.npz. Sources fire at given times onto cells that
never fire, each through one tsodyks2_synapse; what is kept is the membrane and u and x at the end."""

import json
import sys

import nest
import numpy as np

case = np.load(sys.argv[1])
meta = json.loads(str(case["meta"]))
nest.verbosity = nest.VerbosityLevel.ERROR
nest.ResetKernel()
nest.resolution = dt = meta["dt_ms"]
cells = nest.Create("iaf_psc_exp", meta["n"], params={"V_th": 1e9, "tau_m": 12.0, "tau_syn_ex": 3.0})
# a parrot hands a spike on in the step in which it arrives: sent d before, it is the spike of its time
sources, synapses = [], []
for i in range(meta["n"]):
    steps = case["step"][case["source"] == i]
    generator = nest.Create("spike_generator", params={"spike_times": np.round(steps * dt, 6)})
    parrot = nest.Create("parrot_neuron")
    nest.Connect(generator, parrot, syn_spec={"delay": dt})
    spec = {name: float(case[name][i]) for name in ("U", "u", "x", "tau_rec", "tau_fac", "weight")}
    spec |= {"synapse_model": "tsodyks2_synapse", "delay": float(case["delay"][i]) * dt}
    nest.Connect(parrot, cells[i], syn_spec=spec)
    synapses.append(nest.GetConnections(parrot, cells[i]))
meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": dt})
nest.Connect(meter, cells, syn_spec={"delay": dt})
nest.Simulate(meta["steps"] * dt + dt)
events = meter.get("events")
v = np.full((meta["steps"], meta["n"]), np.nan)
row = np.round(events["times"] / dt).astype(int) - 1
v[row[row < meta["steps"]], events["senders"][row < meta["steps"]] - cells[0].global_id] = events["V_m"][
    row < meta["steps"]
]
last = {name: np.array([synapse.get(name) for synapse in synapses]) for name in ("u", "x")}
np.savez(sys.argv[2], v_mv=v, version=nest.__version__, end_u=last["u"], end_x=last["x"])
