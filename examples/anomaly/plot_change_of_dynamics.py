"""
Find a stretch that follows other laws
======================================

The Mackey-Glass equation with a delay of 17 is replaced by one with a delay of 20 for 300 points: the values
stay in their range, only their sequence is wrong. A detector learns to predict the normal series; a moving
z-score and a linear autoregression stand beside it, with the same scoring.
"""

import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl
from spikelab.anomaly import LinearAutoregression, MovingZScore, Scoring

START, STOP, TRAIN = 6000, 6300, 4000
rng = np.random.default_rng(0)
x = sl.datasets.mackey_glass(8000)
x[START:STOP] = sl.datasets.mackey_glass(3000, tau=20)[2000 : 2000 + STOP - START]
x += 0.005 * rng.standard_normal(x.shape)
true = np.zeros(len(x), dtype=bool)
true[START:STOP] = True

score = Scoring("standardised", smooth=20)
reservoir = sl.Reservoir(200, leak_rate=0.7, input_scale=0.5, bias_scale=0.2)
detectors = {
    "echo state network": sl.AnomalyDetector(reservoir, score=score, random_state=0),
    "linear autoregression": LinearAutoregression(order=20, score=score),
    "moving z-score": MovingZScore(window=200, score=score),
}
figure, axes = plt.subplots(4, 1, figsize=(8, 7), layout="constrained", sharex=True)
axes[0].plot(x[TRAIN:], linewidth=0.6)
axes[0].set(ylabel="x", title="Mackey-Glass, its delay changed in the shaded part")
for (name, detector), ax in zip(detectors.items(), axes[1:], strict=True):
    detector.fit(x[:TRAIN])
    began = time.perf_counter()
    strange = -detector.score_samples(x[TRAIN:], continue_=True)
    spent = 1e6 * (time.perf_counter() - began) / len(strange)
    area = sl.metrics.auroc(true[TRAIN:], strange)
    print(f"{name}: AUROC {area:.3f}, {spent:.1f} us a point")
    ax.plot(strange, linewidth=0.8)
    ax.set(ylabel="score", title=f"{name}, AUROC {area:.3f}")
for ax in axes:
    ax.axvspan(START - TRAIN, STOP - TRAIN, color="tab:orange", alpha=0.2)
model = detectors["echo state network"]
axes[1].axhline(-model.offset_, color="gray", linewidth=0.5)
axes[-1].set_xlabel("point behind the normal part")
synops = model.synops_per_sample_
print(f"{synops:.0f} multiply-accumulates a point: {4.6e-3 * synops:.1f} nJ at 4.6 pJ each (Horowitz 2014)")

if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "change_of_dynamics.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
