"""
A zoo of firing patterns
========================

R. Naud, N. Marcille, C. Clopath, W. Gerstner, "Firing patterns in the adaptive exponential integrate-and-
fire model", Biol. Cybern. 99 (2008), table 1 and figure 4: eight sets of parameters, eight answers to a
step of current. Below: how often each set fires, at first and later, as the current grows.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
DURATION_MS, LEVELS = (60.0, 3) if TINY else (500.0, 41)
# C (pF), g_L (nS), E_L (mV), a (nS), tau_w (ms), b (pA), V_r (mV), I (pA); V_T is -50 mV, Delta_T 2 mV.
SETS = {
    "tonic": (200, 10, -70, 2, 30, 0, -58, 500),
    "adapting": (200, 12, -70, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -10, 300, 0, -58, 300),
    "delayed regular bursting": (100, 10, -65, -10, 90, 30, -47, 110),
    "transient": (100, 10, -65, 10, 90, 100, -47, 180),
    "irregular": (100, 12, -60, -11, 130, 30, -48, 160),
}
values = np.array(list(SETS.values()), dtype=float).T


def respond(currents_pa, dt_ms, record):
    """Answers of every set to several steps of current, from rest: cells in the order [level, set]."""
    levels = len(currents_pa)
    c, g_leak, rest, a, tau_w, b, reset, _ = np.tile(values, levels)
    cells = sl.AdEx(
        c_mem_pf=c, g_leak_ns=g_leak, v_rest_mv=rest, a_ns=a, tau_w_ms=tau_w, b_pa=b, v_reset_mv=reset,
        v_thresh_mv=-50.0, delta_t_mv=2.0, v_peak_mv=0.0, tau_ref_ms=0.0,
    )  # fmt: skip
    net = sl.Network()
    net.drive(net.add("zoo", levels * len(SETS), cells), sl.DCCurrent(np.ravel(currents_pa)))
    return sl.Simulator(net, dt_ms, dtype="float64").run(DURATION_MS, record=record)["zoo"]


fine = respond(values[7:], 0.01, sl.Record(traces=["v_mv"]))
figure, axes = plt.subplots(4, 4, figsize=(12, 7), layout="constrained")
for i, name in enumerate(SETS):
    times = fine.spikes.of(i)
    gaps = np.diff(times)
    text = f"{name} (paper): {len(times)} spikes in {DURATION_MS:g} ms"
    if len(gaps):
        late = gaps[len(gaps) // 2 :]
        text += f", the first after {times[0]:.1f} ms; intervals {gaps[0]:.1f} ms at first, "
        text += f"later {late.min():.1f} to {late.max():.1f} ms"
    print(text)
    trace = axes[2 * (i // 4), i % 4]
    trace.plot(fine.time_ms[::10], fine["v_mv"][::10, 0, i], linewidth=0.7)
    trace.vlines(times, -45.0, 10.0, linewidth=0.7)
    trace.set(title=name, ylim=(-80, 12), xticks=[])

levels = np.linspace(0.0, 2.0, LEVELS)[:, None] * values[7]
part = respond(levels, 0.1, sl.Record())
for i in range(len(SETS)):
    trains = [part.spikes.of(row * len(SETS) + i) for row in range(LEVELS)]
    early = [1e3 / np.diff(times)[0] if len(times) > 1 else 0.0 for times in trains]
    late = [2e3 / DURATION_MS * np.count_nonzero(times > DURATION_MS / 2) for times in trains]
    curve = axes[2 * (i // 4) + 1, i % 4]
    curve.plot(levels[:, i], early, ":", label="first interval")
    curve.plot(levels[:, i], late, label="second half")
    curve.axvline(values[7][i], color="gray", linewidth=0.5)
    curve.set(ylim=(0, 200))
axes[1, 0].legend(fontsize=8)
for axis in axes[-1]:
    axis.set_xlabel("current (pA)")
axes[0, 0].set_ylabel("v (mV)")
axes[1, 0].set_ylabel("rate (Hz)")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "naud_2008.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
