"""
A first network
===============

800 excitatory and 200 inhibitory cells, each with its own Poisson input, fire in waves.
The picture shows the spikes of the excitatory cells.
"""

import sys
from pathlib import Path

import spikelab as sl

cell = sl.LIF(tau_mem_ms=20.0, tau_ref_ms=2.0, v_rest_mv=0.0, v_reset_mv=10.0, v_thresh_mv=20.0)
net = sl.Network(seed=0)
exc, inh = net.add("exc", 800, cell), net.add("inh", 200, cell)
for population in (exc, inh):
    net.drive(population, sl.PoissonDrive(rate_hz=6000.0, weight=0.2))
    net.connect(exc, population, pattern=sl.FixedIndegree(80), weight=0.2, delay_ms=1.5)
    net.connect(inh, population, pattern=sl.FixedIndegree(20), weight=-1.0, delay_ms=1.5)

sim = sl.Simulator(net, dt_ms=0.1)
res = sim.run(300.0)
print(f"{res['exc'].mean_rate_hz:.1f} Hz excitatory, {res['inh'].mean_rate_hz:.1f} Hz inhibitory")
figure = sl.plot.raster(res, population="exc")

if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "first_network.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
