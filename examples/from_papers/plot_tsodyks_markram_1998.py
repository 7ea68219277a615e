"""
Synapses that tire and synapses that warm up
============================================

M. Tsodyks, K. Pawelzik, H. Markram, "Neural networks with dynamic synapses", Neural Comput. 10 (1998),
figure 1: potentials that a regular train evokes through a depressing and a facilitating synapse, with the
parameters that M. V. Tsodyks, H. Markram, PNAS 94 (1997), and H. Markram, Y. Wang, M. Tsodyks, PNAS 95
(1998), measured. Below: amplitudes once they are stationary, for trains of many rates, beside the closed
form.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

TINY = "--tiny" in sys.argv
DT_MS = 0.1
# Strength (pA), U, tau_rec, tau_facil, tau_syn, tau_mem (ms), resistance (GOhm), rate of the train (Hz).
PANELS = {
    "depressing, 20 Hz": (250.0, 0.5, 800.0, 0.0, 3.0, 40.0, 0.1, 20.0),
    "facilitating, 20 Hz": (1540.0, 0.03, 130.0, 530.0, 1.5, 60.0, 1.0, 20.0),
    "facilitating, 70 Hz": (1540.0, 0.03, 130.0, 530.0, 1.5, 60.0, 1.0, 70.0),
}


def stationary(rate_hz, utilisation, tau_rec_ms, tau_facil_ms):
    """Share of the strength that a spike of a long train of this rate finds: equations 2 and 3 of PNAS 95."""
    gap_ms = 1e3 / np.asarray(rate_hz)
    kept = np.exp(-gap_ms / tau_facil_ms) if tau_facil_ms else 0.0
    u = utilisation / (1.0 - (1.0 - utilisation) * kept)
    rest = np.exp(-gap_ms / tau_rec_ms)
    return u * (1.0 - rest) / (1.0 - (1.0 - u) * rest)


def shares(times_ms, strength, utilisation, tau_rec_ms, tau_facil_ms, tau_syn_ms, tau_mem_ms, resistance):
    """Potential of a cell behind one such synapse, and the share of the strength at each spike."""
    cell = sl.LIF(
        synapse="exp", tau_mem_ms=tau_mem_ms, c_mem_pf=tau_mem_ms / resistance, v_rest_mv=0.0, v_reset_mv=0.0,
        v_thresh_mv=1e6, tau_syn_exc_ms=tau_syn_ms,
    )  # fmt: skip
    net = sl.Network()
    source = net.add("train", 1, sl.SpikeSource([times_ms]))
    target = net.add("cell", 1, cell)
    synapse = sl.TsodyksMarkram(U=utilisation, tau_rec_ms=tau_rec_ms, tau_fac_ms=tau_facil_ms)
    net.connect(source, target, weight=strength, delay_ms=DT_MS, short_term=synapse)
    sim = sl.Simulator(net, DT_MS, dtype="float64")
    last = times_ms[-1] + 100.0
    part = sim.run(round(last / DT_MS) * DT_MS, record=sl.Record(traces=["v_mv", "i_exc_pa"]))["cell"]
    current = part["i_exc_pa"][:, 0, 0]
    arrived = np.rint(np.asarray(times_ms) / DT_MS).astype(int)
    jump = current[arrived] - current[arrived - 1] * np.exp(-DT_MS / tau_syn_ms)
    return part.time_ms, part["v_mv"][:, 0, 0], jump / strength


figure, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
for axis, (name, (*synapse, rate)) in zip(axes[0], PANELS.items(), strict=True):
    gap = 1e3 / rate
    times = 100.0 + DT_MS * np.rint(np.arange(0.0, 100.0 if TINY else 1000.0, gap) / DT_MS)
    time_ms, potential, share = shares(times, *synapse)
    closed = stationary(rate, *synapse[1:4])
    print(
        f"{name}: potentials up to {potential.max():.2f} mV; share of the strength {share[0]:.3f} at first, "
        f"{share[-1]:.3f} at last (paper: U = {synapse[1]:g} at first, {closed:.3f} in the long run)"
    )
    axis.plot(time_ms, potential)
    axis.set(title=name, xlabel="time (ms)", ylabel="potential (mV)")

rates = (
    np.array([10.0, 50.0]) if TINY else np.array([1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0])
)
for axis, name in zip(axes[1], ("depressing, 20 Hz", "facilitating, 20 Hz"), strict=False):
    *synapse, _ = PANELS[name]
    found, exact = [], []
    for rate in rates:
        gap = DT_MS * round(1e3 / rate / DT_MS)
        times = 100.0 + gap * np.arange(3 if TINY else 2 + round(8e3 / gap))
        found.append(shares(DT_MS * np.rint(times / DT_MS), *synapse)[2][-1])
        exact.append(float(stationary(1e3 / gap, *synapse[1:4])))
    if not TINY:
        print(f"{name.split(',')[0]}: stationary shares differ from the closed form by "
              f"{np.abs(np.array(found) / exact - 1).max():.1g}")  # fmt: skip
    fine = np.geomspace(1.0, 100.0, 200)
    axis.semilogx(fine, stationary(fine, *synapse[1:4]), label="closed form")
    axis.semilogx(rates, found, "o", label="simulated")
    axis.set(title=name.split(",")[0], xlabel="rate of the train (Hz)", ylabel="share of the strength")
    axis.legend()
    top = axes[1, 2]
    top.loglog(fine, fine * stationary(fine, *synapse[1:4]), label=name.split(",")[0])
    top.set(title="share times rate: what arrives", xlabel="rate of the train (Hz)", ylabel="per second")
    top.legend()
limit = 1.0 / (PANELS["depressing, 20 Hz"][1] * PANELS["depressing, 20 Hz"][2] * 1e-3)
print(f"limiting frequency of the depressing synapse, 1 / (U tau_rec): {limit:.1f} Hz")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "tsodyks_markram_1998.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
