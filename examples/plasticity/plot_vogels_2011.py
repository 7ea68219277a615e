"""
Inhibition that learns to balance
=================================

T. P. Vogels, H. Sprekeler, F. Zenke, C. Clopath, W. Gerstner, "Inhibitory plasticity balances excitation and
inhibition in sensory pathways and memory networks", Science 334 (2011): a network whose inhibition of
excitatory cells starts at nothing. With the rule each cell finds the inhibition that brings it to 3 Hz; the
control is the same network whose synapses do not learn.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
SCALE, SECONDS, DT_MS = (0.04, 0.4, 0.1) if TINY else (0.4, 20.0, 0.1)
TARGET_HZ = 3.0

# The published network has 10,000 cells; a smaller one keeps the number of synapses of a cell.
N_EXC, N_INH, DENSITY = round(8000 * SCALE), round(2000 * SCALE), min(1.0, 0.02 / SCALE)
cell = sl.ConductanceLIF(
    c_mem_pf=200.0, g_leak_ns=10.0, tau_ref_ms=5.0, v_rest_mv=-60.0, v_reset_mv=-60.0, v_thresh_mv=-50.0,
    e_exc_mv=0.0, e_inh_mv=-80.0, tau_syn_exc_ms=5.0, tau_syn_inh_ms=10.0, i_ext_pa=200.0,
    v_init_mv=sl.Uniform(-60.0, -50.0),
)  # fmt: skip


def network():
    net = sl.Network(seed=2)
    exc, inh = net.add("exc", N_EXC, cell), net.add("inh", N_INH, cell)
    pattern = sl.FixedProbability(DENSITY)
    for target in (exc, inh):
        net.connect(exc, target, pattern, weight=0.3, delay_ms=0.8)
    net.connect(inh, inh, pattern, weight=-3.0, delay_ms=0.8)
    # three times the published rate of learning, to be done in less time
    rule = sl.InhibitorySTDP(eta=0.03, rate_hz=TARGET_HZ, tau_ms=20.0, w_max=100.0)
    net.connect(inh, exc, pattern, weight=-1e-10, delay_ms=0.8, plasticity=rule)
    return net


before_ms, after_ms = 50.0 if TINY else 200.0, 100.0 if TINY else 2000.0
figure, axes = plt.subplots(
    2, 3, figsize=(11, 6), layout="constrained", gridspec_kw={"width_ratios": [3, 2, 2]}
)
for row, (name, learn) in zip(
    axes, {"with the rule": True, "control: no learning": False}.items(), strict=True
):
    sim = sl.Simulator(network(), dt_ms=DT_MS)
    seconds = SECONDS if learn or TINY else 5.0  # what does not learn stays as it is
    first = sim.run(before_ms, learn=False)
    middle = sim.run(
        1e3 * seconds - before_ms - after_ms, record=sl.Record(spikes="none", rate_bin_ms=50.0), learn=learn
    )
    last = sim.run(after_ms, learn=learn)
    rates = last["exc"].counts[0] / (1e-3 * after_ms)
    weights = np.abs(sim.weights()["inh", "exc", 0])
    print(
        f"{name}: {first['exc'].mean_rate_hz:.1f} Hz at first, {last['exc'].mean_rate_hz:.2f} Hz after "
        f"{seconds:g} s (target {TARGET_HZ:g} Hz; half of the cells {np.percentile(rates, 25):.1f} to "
        f"{np.percentile(rates, 75):.1f} Hz), inhibition {weights.mean():.2f} ± {weights.std():.2f} nS"
    )
    raster, course, spread = row
    start = 1e3 * seconds - 100.0
    for part, colour in ((last["exc"], "tab:blue"), (last["inh"], "tab:red")):
        spikes = part.spikes
        seen = (spikes.time_ms > start) & (spikes.neuron < 200)
        place = spikes.neuron[seen].astype(float) + (200 if colour == "tab:red" else 0)
        raster.plot(spikes.time_ms[seen] / 1e3, place, ".", color=colour, markersize=1.5)
    raster.set(title=name, ylabel="cell", xlabel="time (s)")
    course.stairs(middle["exc"].rates_hz[:, 0], 1e-3 * middle["exc"].rate_edges_ms, baseline=None)
    course.axhline(TARGET_HZ, color="gray", linestyle=":")
    course.set(xlabel="time (s)", ylabel="rate (Hz)", yscale="log")
    spread.hist(rates, 40)
    spread.set(xlabel="rate of a cell at the end (Hz)", ylabel="cells")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "vogels_2011.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
