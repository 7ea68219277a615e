"""
Learning windows
================

What one pair of spikes does to a synapse, by the time between them: measured by letting pairs of neurons
fire at each distance and reading the weights, not drawn from the equations. The printed lines compare both.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
LAGS_MS = np.linspace(-80.0, 80.0, 17 if TINY else 161)

pair = {"a_plus": 0.01, "a_minus": 0.0105, "w_max": 1.0}
panels = {
    "additive: the same at every weight": {
        f"w = {weight:g}": (sl.STDP(**pair), weight) for weight in (0.2, 0.8)
    },
    "multiplicative: less near the bounds": {
        f"w = {weight:g}": (sl.STDP(**pair, mu_plus=1.0, mu_minus=1.0), weight) for weight in (0.2, 0.8)
    },
    "the other way round, and symmetric": {
        "anti-Hebbian": (sl.AntiHebbianSTDP(**pair), 0.5),
        "symmetric": (sl.SymmetricSTDP(a_plus=0.01, w_max=1.0), 0.5),
    },
    "inhibitory: near spikes strengthen": {
        f"{rate:g} Hz": (sl.InhibitorySTDP(w_max=1.0, eta=0.01, rate_hz=rate), 0.5) for rate in (3.0, 10.0)
    },
}

figure, axes = plt.subplots(2, 2, figsize=(9, 6), layout="constrained", sharex=True)
for axis, (title, curves) in zip(axes.flat, panels.items(), strict=True):
    axis.axhline(0.0, color="gray", linewidth=0.5)
    for name, (rule, weight) in curves.items():
        found = sl.plot.measure_window(rule, LAGS_MS, weight=weight)
        axis.plot(found.lags_ms, found.change, ".-", markersize=3, linewidth=0.8, label=name)
    axis.set(title=title)
    axis.legend()
for axis in axes[1]:
    axis.set_xlabel("post spike after pre spike (ms)")
for axis in axes[:, 0]:
    axis.set_ylabel("change of the weight")

# Equation 1 of Song, Miller & Abbott (2000), at distances other than 0.
found = sl.plot.measure_window(sl.STDP(**pair), LAGS_MS)
lag = found.lags_ms[found.lags_ms != 0]
exact = np.where(lag > 0, 0.01 * np.exp(-lag / 20.0), -0.0105 * np.exp(lag / 20.0))
off = np.abs(found.change[found.lags_ms != 0] - exact).max()
reach = f"{found.change.min():.4f} to {found.change.max():.4f}"
print(f"additive window: {reach}, at most {off:.1g} off the equation")
at = {name: sl.plot.measure_window(rule, [-10.0, 0.0, 10.0]).change for name, rule in {
    "nothing": sl.STDP(**pair),
    "pre first": sl.STDP(**pair, coincident="pre_first"),
    "both": sl.STDP(**pair, coincident="include"),
}.items()}  # fmt: skip
for name, change in at.items():
    print(f"spikes of one step mean {name} to each other: {change[1]:+.4f} at 0 ms")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "stdp_windows.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
