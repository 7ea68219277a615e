"""
Spike statistics
================

800 excitatory and 200 inhibitory cells hold each other in balance and fire irregularly. The tables have their
rates, regularity and correlations; the first picture shows spikes and rates, the second the distributions.
"""

import sys
from pathlib import Path

import spikelab as sl

cell = sl.LIF(tau_mem_ms=20.0, tau_ref_ms=2.0, v_rest_mv=0.0, v_reset_mv=10.0, v_thresh_mv=20.0)
net = sl.Network(seed=0)
exc, inh = net.add("exc", 800, cell), net.add("inh", 200, cell)
for population in (exc, inh):
    net.drive(population, sl.PoissonDrive(rate_hz=1000.0, weight=0.8))
    for source, weight in ((exc, 0.8), (inh, -4.8)):
        pattern = sl.FixedProbability(0.1)
        net.connect(source, population, pattern=pattern, weight=weight, delay_ms=sl.Uniform(0.5, 3.0))

res = sl.Simulator(net, dt_ms=0.1).run(2000.0)
statistics = {name: sl.metrics.spike_statistics(res[name], start_ms=200.0) for name in ("exc", "inh")}
for name, found in statistics.items():
    print(f"{name}: {found}")
figures = [sl.plot.raster(res, window_ms=(1500.0, 2000.0)), sl.plot.distributions(statistics)]

if __name__ == "__main__":
    paths = sys.argv[1:] or ["spikes.png", "distributions.png"]
    for figure, path in zip(figures, paths, strict=False):
        figure.savefig(Path(path), dpi=100)
        print(f"wrote {path}")
