"""
A thousand simple cells
=======================

E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks 14 (2003), figure 3: 800
excitatory and 200 inhibitory cells of the simple model, each pair connected, with noise from a thalamus
that is no more than that. In the paper their rates are around 8 Hz, and now and then they join in rhythms
of 10 and 40 Hz.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
N_EXC, N_INH, SECONDS = (80, 20, 0.2) if TINY else (800, 200, 1.0)

rng = np.random.default_rng(6)
r_exc, r_inh = rng.random(N_EXC), rng.random(N_INH)
# Regular spiking to chattering cells, and fast spiking to low-threshold ones, as the paper draws them.
exc_cells = sl.Izhikevich(
    a=0.02, b=0.2, c_mv=-65.0 + 15.0 * r_exc**2, d=8.0 - 6.0 * r_exc**2, consistent_integration=False
)
inh_cells = sl.Izhikevich(
    a=0.02 + 0.08 * r_inh, b=0.25 - 0.05 * r_inh, c_mv=-65.0, d=2.0, consistent_integration=False
)
net = sl.Network(seed=0)
exc, inh = net.add("exc", N_EXC, exc_cells), net.add("inh", N_INH, inh_cells)
share = 800 / N_EXC  # a smaller network gets stronger synapses
for target, noise in ((exc, 5.0), (inh, 2.0)):
    net.drive(target, sl.NoiseCurrent(std_pa=noise, interval_ms=1.0))
    net.connect(exc, target, weight=sl.Uniform(0.0, 0.5 * share), delay_ms=1.0)
    net.connect(inh, target, weight=sl.Uniform(-share, 0.0), delay_ms=1.0)

sim = sl.Simulator(net, dt_ms=1.0)
result = sim.run(1e3 * SECONDS, record=sl.Record(traces=["v_mv"], neurons={"exc": [0], "inh": [0]}))
rates = [part.mean_rate_hz for part in result.values()]
mean = (rates[0] * N_EXC + rates[1] * N_INH) / (N_EXC + N_INH)
print(
    f"{mean:.1f} Hz in the mean (paper: around 8 Hz); {rates[0]:.1f} Hz excitatory, {rates[1]:.1f} inhibitory"
)

# Rhythms: power of the population's rate over a minute, in the bands that the paper names.
long = sim.run(200.0 if TINY else 60_000.0)
spectrum = sl.metrics.power_spectrum(long["exc"], bin_ms=1.0, segment_ms=200.0 if TINY else 1000.0)
for name, low, high, paper in (("alpha", 7.0, 14.0, 10), ("gamma", 25.0, 70.0, 40)):
    band = (spectrum.frequency_hz >= low) & (spectrum.frequency_hz <= high)
    peak = spectrum.frequency_hz[band][np.argmax(spectrum.power[band])]
    print(f"{name}: most power at {peak:.0f} Hz (paper: {paper} Hz)")

figure, (raster, traces, power) = plt.subplots(
    3, 1, figsize=(8, 8), layout="constrained", gridspec_kw={"height_ratios": [4, 1, 1.5]}
)
for part, first, colour in ((result["exc"], 0, "tab:blue"), (result["inh"], N_EXC, "tab:red")):
    raster.plot(
        part.spikes.time_ms, first + part.spikes.neuron.astype(float), ".", color=colour, markersize=2
    )
raster.set(ylabel="cell", xlim=(0, 1e3 * SECONDS), title="figure 3: spikes of all cells")
traces.plot(result.time_ms, result["exc"]["v_mv"][:, 0, 0], label="a regular spiking cell")
traces.set(xlabel="time (ms)", ylabel="v (mV)", xlim=(0, 1e3 * SECONDS))
traces.legend(loc="upper right")
shown = (spectrum.frequency_hz > 1) & (spectrum.frequency_hz < 100)
power.semilogy(spectrum.frequency_hz[shown], spectrum.power[shown])
power.set(xlabel="frequency (Hz)", ylabel="power of the rate")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "izhikevich_2003.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
