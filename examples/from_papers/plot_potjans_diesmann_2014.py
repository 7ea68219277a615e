"""
The cortical microcircuit
=========================

T. C. Potjans, M. Diesmann, "The cell-type specific cortical microcircuit: relating structure and activity
in a full-scale spiking network model", Cereb. Cortex 24 (2014), figure 6: four layers, an excitatory and an
inhibitory population in each. ``--scale 1`` runs all 77,169 cells and 299 million synapses in 4 GB; the
default keeps a tenth of cells and in-degrees, with weights and currents that keep mean and variance of the
input.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt

import spikelab as sl
from spikelab.bench.networks.microcircuit import MICROCIRCUIT_RATES_HZ, microcircuit

TINY = "--tiny" in sys.argv
SCALE = float(sys.argv[sys.argv.index("--scale") + 1]) if "--scale" in sys.argv else 0.01 if TINY else 0.1
WARM_MS, SHOWN_MS = (20.0, 60.0) if TINY else (500.0, 2000.0)
# Rates of the full network, Hz: NEST's version of the model. The paper's figure 6 and table 6 have the same
# order: fewest spikes in L2/3E and L6E, most in L5.
sim = sl.Simulator(microcircuit(SCALE), dt_ms=0.1)
sim.run(WARM_MS, record=sl.Record(spikes="none"))
result = sim.run(SHOWN_MS, progress=True)
print(f"scale {SCALE:g}: {result.wall_s / SHOWN_MS * 1e3:.2f} s a simulated second")

figure, (raster, rates, regular) = plt.subplots(
    1, 3, figsize=(11, 4.5), layout="constrained", gridspec_kw={"width_ratios": [3, 1, 1]}
)
total = sum(part.n for part in result.values())
names, first, places = list(result), 0, []
for i, name in enumerate(names):
    part, inhibitory = result[name], name.endswith("I")
    colour = "tab:red" if inhibitory else "tab:blue"
    statistics = sl.metrics.spike_statistics(part, window_ms=min(100.0, SHOWN_MS / 2))
    print(
        f"{name:>4}: {part.mean_rate_hz:6.3f} Hz (full scale in NEST {MICROCIRCUIT_RATES_HZ[name]:.3f}), "
        f"CV {statistics.mean('cv'):.2f}, correlation {statistics.mean('correlation'):.4f}"
    )
    spikes, shown = part.spikes, max(1, round(part.n * min(1.0, 2000 / total)))
    seen = (spikes.neuron < shown) & (spikes.time_ms > WARM_MS + SHOWN_MS - 400.0)
    raster.plot(
        spikes.time_ms[seen] - WARM_MS,
        -(first + spikes.neuron[seen].astype(float)),
        ".",
        color=colour,
        markersize=2,
    )
    places.append(-(first + shown / 2))
    first += shown
    rates.barh(-i, part.mean_rate_hz, color=colour)
    rates.plot(MICROCIRCUIT_RATES_HZ[name], -i, "k|", markersize=14)
    cv = statistics.of("cv")
    if cv.size:
        regular.boxplot(cv, positions=[-i], widths=0.6, orientation="horizontal", sym="")
raster.set(xlabel="time (ms)", title=f"a cell a line, scale {SCALE:g}")
raster.set_yticks(places, names)
rates.set(xlabel="rate (Hz); | full scale", yticks=[])
regular.set(xlabel="CV of intervals", yticks=[], xlim=(0, 2))

if __name__ == "__main__":
    options = [name for name in sys.argv[1:] if name.endswith((".png", ".svg", ".pdf"))]
    path = Path(options[0] if options else "potjans_diesmann_2014.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
