"""
Competition between synapses
============================

S. Song, K. D. Miller, L. F. Abbott, "Competitive Hebbian learning through spike-timing-dependent synaptic
plasticity", Nat. Neurosci. 3 (2000): a thousand excitatory synapses of one cell, all with the same
statistics, split into strong and weak ones. Controls with the same input: where strengthening outweighs
weakening nothing keeps any synapse down, and where changes shrink towards the bounds (the multiplicative
rule) all stay in one group.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
SNAPSHOTS, DT_MS = 2 if TINY else 30, 1.0
LEAK_NS, G_MAX = 10.0, 0.015 * 10.0  # the paper writes conductances as multiples of the leak's
RATE_HZ, A_PLUS = 15.0, 0.01  # twice the paper's amplitude, to be done in less time

# The paper's cell: 20 ms, rest -70 mV, threshold -54 mV, reset -60 mV; synapses of 5 ms towards 0 and -70 mV.
cell = sl.ConductanceLIF(
    c_mem_pf=20.0 * LEAK_NS, g_leak_ns=LEAK_NS, tau_ref_ms=0.0, v_rest_mv=-70.0, v_reset_mv=-60.0,
    v_thresh_mv=-54.0, e_exc_mv=0.0, e_inh_mv=-70.0, tau_syn_exc_ms=5.0, tau_syn_inh_ms=5.0,
)  # fmt: skip
# The delay belongs to neither side: the synapse sees both spikes when they are fired.
pair = {"w_max": G_MAX, "a_plus": A_PLUS, "delay_kind": "transmission"}
# Each rule with the seconds that it takes.
rules = {
    "the paper: A₋ / A₊ = 1.05": (sl.STDP(**pair, a_minus=1.05 * A_PLUS), 600.0),
    "control: A₋ / A₊ = 0.9": (sl.STDP(**pair, a_minus=0.9 * A_PLUS), 50.0),
    "control: multiplicative": (sl.STDP(**pair, a_minus=1.05 * A_PLUS, mu_plus=1.0, mu_minus=1.0), 50.0),
}


def learn(rule, seconds):
    """Weights as shares of the largest: times of the snapshots, array [time, synapse], and the last run."""
    net = sl.Network(seed=0)
    inputs, target = net.add("inputs", 1000, sl.PoissonSource(rate_hz=RATE_HZ)), net.add("cell", 1, cell)
    net.drive(target, sl.PoissonDrive(rate_hz=200 * 10.0, weight=-0.05 * LEAK_NS))  # 200 inhibitory synapses
    net.connect(inputs, target, weight=sl.Uniform(0.0, G_MAX), delay_ms=2.0, plasticity=rule)
    sim = sl.Simulator(net, dt_ms=DT_MS)
    # Closer together at first, when most happens.
    times = np.rint(1e3 * seconds * np.linspace(0.0, 1.0, SNAPSHOTS + 1) ** 2)
    taken = [sim.weights()["inputs", "cell", 0]]
    for duration in np.diff(times):
        result = sim.run(float(duration))
        taken.append(sim.weights()["inputs", "cell", 0])
    return 1e-3 * times, np.stack(taken) / G_MAX, result["cell"]


figure, axes = plt.subplots(2, len(rules), figsize=(11, 6), layout="constrained", sharey="row")
bins = np.linspace(0.0, 1.0, 26)
for (name, (rule, seconds)), (course, spread) in zip(rules.items(), axes.T, strict=True):
    times, weights, part = learn(rule, 1.0 if TINY else seconds)
    last = weights[-1]
    low, high = (last < 0.25).mean(), (last > 0.75).mean()
    statistics = sl.metrics.spike_statistics(part, window_ms=100.0)
    print(
        f"{name}: {100 * low:.0f} % of the weights in the lowest quarter of their range, "
        f"{100 * high:.0f} % in the highest, {100 * (1 - low - high):.0f} % in the two between; "
        f"{part.mean_rate_hz:.0f} Hz, CV of intervals {statistics.mean('cv'):.2f}"
    )
    share = np.stack([np.histogram(row, bins)[0] / len(last) for row in weights])
    course.pcolormesh(times, bins[:-1] + 0.02, share.T, vmax=0.2, shading="nearest", cmap="Blues")
    course.set(title=name, xlabel="time (s)")
    spread.hist(last, bins, weights=np.full(len(last), 100 / len(last)))
    spread.set(xlabel="weight / largest", ylim=(0, 40))
axes[0, 0].set_ylabel("weight / largest")
axes[1, 0].set_ylabel("synapses (%)")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "song_abbott_2000.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
