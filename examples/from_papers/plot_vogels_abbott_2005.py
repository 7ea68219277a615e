"""
Activity that sustains itself
=============================

T. P. Vogels, L. F. Abbott, "Signal propagation and logic gating in networks of integrate-and-fire neurons",
J. Neurosci. 25 (2005), in the form of R. Brette et al., J. Comput. Neurosci. 23 (2007), benchmarks 1 and 2:
4,000 cells with conductance-based (COBA) or current-based (CUBA) synapses. Nothing drives them after the
first 50 ms; the activity stays, asynchronous and irregular, because excitation and inhibition keep each
other going.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl
from spikelab.bench.networks.cuba import coba, cuba

TINY = "--tiny" in sys.argv
SCALE, WARM_MS, SHOWN_MS = (0.25, 60.0, 100.0) if TINY else (1.0, 100.0, 1000.0)
# The same networks in NEST 3.10: mean and standard deviation over five seeds (COBA) and 24 (CUBA).
NEST_HZ = {"COBA": (19.4, 0.6), "CUBA": (5.7, 0.3)}

figure, axes = plt.subplots(
    2, 3, figsize=(11, 6), layout="constrained", gridspec_kw={"width_ratios": [3, 1, 1]}, sharex="col"
)
for (name, network), (raster, potential, intervals) in zip(
    {"COBA": coba(SCALE), "CUBA": cuba(SCALE)}.items(), axes, strict=True
):
    sim = sl.Simulator(network, dt_ms=0.1)
    sim.run(WARM_MS, record=sl.Record(spikes="none"))
    result = sim.run(SHOWN_MS, record=sl.Record(traces=["v_mv"], neurons=slice(0, 3)))
    statistics = sl.metrics.spike_statistics(result["exc"], window_ms=min(100.0, SHOWN_MS / 2))
    beside = " (NEST {:.1f} ± {:.1f})".format(*NEST_HZ[name]) if SCALE == 1.0 else ""
    print(
        f"{name}: {result['exc'].mean_rate_hz:.1f} Hz excitatory{beside}, "
        f"{result['inh'].mean_rate_hz:.1f} Hz inhibitory, CV {statistics.mean('cv'):.2f}, "
        f"correlation {statistics.mean('correlation'):.4f}; {result.wall_s:.2f} s"
    )
    n_exc = result["exc"].n
    for part, first, colour in ((result["exc"], 0, "tab:blue"), (result["inh"], n_exc, "tab:red")):
        spikes = part.spikes
        seen = spikes.time_ms > WARM_MS + SHOWN_MS - 300.0
        raster.plot(spikes.time_ms[seen], first + spikes.neuron[seen].astype(float), ",", color=colour)
    raster.set(title=name, ylabel="cell")
    trace = result["exc"]["v_mv"][:, 0, 0]
    potential.plot(result.time_ms[-3000:], trace[-3000:], linewidth=0.7)
    potential.set(ylabel="potential (mV)")
    between, _ = sl.metrics.isi(result["exc"])
    intervals.hist(between, bins=np.arange(0.0, 300.0, 10.0), log=True)
    intervals.set(ylabel="intervals")
for axis, label in zip(axes[-1], ("time (ms)", "time (ms)", "interval (ms)"), strict=True):
    axis.set_xlabel(label)

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "vogels_abbott_2005.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
