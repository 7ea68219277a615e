"""
Forecast a chaotic series
=========================

An echo state network learns one step of the Mackey-Glass series and then runs on its own forecasts, beside a
linear autoregression that does the same. Its error after 84 steps, over many starts, is the usual figure.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import spikelab as sl

STEPS, KNOWN, TAPS = 400, 500, 100
series = sl.datasets.mackey_glass(6000)
train, starts = series[:4000], range(4500, 5600, 50)

recipe = sl.Reservoir(500, spectral_radius=1.1, leak_rate=0.7, input_scale=0.3, bias_scale=0.2)
model = sl.ESNForecaster(recipe, random_state=0).fit(train)
echo = np.array(model.forecast([series[s - KNOWN : s] for s in starts], STEPS))[:, :, 0]

# The floor: the next value as a weighted sum of the last hundred, forecast after forecast.
linear = sl.TappedDelayForecaster(TAPS).fit(train)
floor = np.array(linear.forecast([series[s - KNOWN : s] for s in starts], STEPS))[:, :, 0]

true = np.array([series[s : s + STEPS, 0] for s in starts])
figure, (above, below) = plt.subplots(2, 1, figsize=(8, 5), layout="constrained", sharex=True)
above.set(ylabel="x", title="Mackey-Glass, from one start")
below.set(xlabel="step ahead", ylabel=f"NRMSE over {len(starts)} starts")
for name, forecast in (("echo state network", echo), ("linear autoregression", floor)):
    error = np.sqrt(np.mean((forecast - true) ** 2, axis=0)) / series.std()
    print(f"{name}: NRMSE {error[83]:.2g} after 84 steps")
    above.plot(forecast[0], label=name)
    below.semilogy(error)
above.plot(true[0], color="black", linestyle=":", label="series")
above.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, -0.02))
below.axhline(1.0, color="gray", linewidth=0.5)

if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "mackey_glass.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
