"""Run under NEST's own Python: membranes of cells that one generator drives; reads and writes JSON."""

import json
import sys

import nest


def run(case):
    """The membrane of every cell at each step, mV, and the spikes of the generator if it sends any."""
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.SetKernelStatus({"resolution": case["dt_ms"], "rng_seed": 5})
    cells = nest.Create("iaf_psc_exp", case["n"], params=case["cell"])
    maker = nest.Create(case["generator"], params=case["params"])
    nest.Connect(maker, cells, syn_spec={"delay": case["dt_ms"], "weight": case["weight"]})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": case["interval_ms"]})
    nest.Connect(meter, cells)
    nest.Simulate(case["duration_ms"] + case["interval_ms"])
    events = meter.get("events")
    traces = [[] for _ in range(case["n"])]
    first = cells.tolist()[0]
    for sender, time, value in zip(events["senders"], events["times"], events["V_m"], strict=True):
        if time <= case["duration_ms"] + 1e-9:
            traces[sender - first].append(float(value))
    return traces


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    with open(sys.argv[2], "w") as file:
        json.dump([run(case) for case in cases], file)
