"""
Four regimes of a random network
================================

N. Brunel, "Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons", J.
Comput. Neurosci. 8 (2000), figure 8 and table 1: 12,500 cells whose inhibition (g) and drive (η) decide
whether they fire in step or irregularly, and whether the population oscillates. Below each raster: spikes
of all excitatory cells in bins of 0.2 ms.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl
from spikelab.bench.networks.brunel import brunel

FULL = "--tiny" not in sys.argv
SCALE, WARM_MS, SHOWN_MS = (1.0, 200.0, 1000.0) if FULL else (0.04, 20.0, 100.0)
# The paper's table 1: rate of a cell and frequency of the population, Hz, simulated and by theory.
REGIMES = {
    "A": ("synchronous regular", 3.0, 2.0, None, None),
    "B": ("synchronous irregular, fast", 6.0, 4.0, (60.7, 55.8), (180.0, 190.0)),
    "C": ("asynchronous irregular", 5.0, 2.0, (37.7, 38.0), None),
    "D": ("synchronous irregular, slow", 4.5, 0.9, (5.5, 6.5), (22.0, 29.0)),
}


def peak_hz(cells):
    """Frequency at which the population's activity has most power, above that of slow drifts."""
    spectrum = sl.metrics.power_spectrum(cells, bin_ms=0.5, segment_ms=min(250.0, SHOWN_MS))
    fast = spectrum.frequency_hz > 8.0
    return float(spectrum.frequency_hz[fast][np.argmax(spectrum.power[fast])])


def beside(paper):
    return "" if paper is None else f" (paper {paper[0]:g}, theory {paper[1]:g})"


figure, axes = plt.subplots(
    4, 2, figsize=(11, 7), layout="constrained", sharex="col", gridspec_kw={"height_ratios": [3, 1, 3, 1]}
)
for i, (letter, (name, g, eta, rate, frequency)) in enumerate(REGIMES.items()):
    sim = sl.Simulator(brunel(SCALE, g=g, eta=eta, v_reset_mv=10.0), dt_ms=0.1)
    sim.run(WARM_MS, record=sl.Record(spikes="none"))
    result = sim.run(SHOWN_MS)
    exc = sl.metrics.SpikeTrains.of_result(result["exc"])
    cv = sl.metrics.cv_isi(exc)
    own = f"{letter}, {name}: {result['exc'].mean_rate_hz:.1f} Hz{beside(rate)}"
    if not np.isnan(cv).all():  # a cell without spikes has none
        own += f", CV {np.nanmean(cv):.2f}"
    if frequency is not None and len(exc.times_ms):
        own += f", population {peak_hz(exc):.0f} Hz{beside(frequency)}"
    print(f"{own}; {result.wall_s / SHOWN_MS * 1e3:.2f} s a second")

    raster, activity = axes[2 * (i // 2) : 2 * (i // 2) + 2, i % 2]
    spikes = result["exc"].spikes
    last = SHOWN_MS * (0.8 if FULL else 0.0)
    shown = (spikes.neuron < 50) & (spikes.time_ms > WARM_MS + last)
    raster.plot(spikes.time_ms[shown] - WARM_MS, spikes.neuron[shown], "k|", markersize=4)
    raster.set(ylabel="cell", ylim=(-1, 50), title=f"{letter}  {name}, g={g:g}, η={eta:g}")
    bins = np.arange(WARM_MS + last, WARM_MS + SHOWN_MS + 0.1, 0.2)
    counts, edges = np.histogram(spikes.time_ms - 0.05, bins)
    activity.stairs(counts, edges - WARM_MS, fill=True, color="gray")
    activity.set(ylabel="spikes", xlim=(last, SHOWN_MS))
for axis in axes[-1]:
    axis.set_xlabel("time (ms)")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "brunel_2000.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
