"""Run two layers of snnTorch's Leaky: ``python make_snntorch.py OUT.npz``; needs torch and snnTorch 1.0."""

from __future__ import annotations

import sys

import numpy as np
import snntorch
import torch

STEPS, BATCH, SIZES = 80, 2, (20, 63, 10)
#: Weights are multiples of this: sums of spikes are exact in float32, in any order.
GRID = 2.0**-8
BETAS = (0.9, 0.7)
FORMS = tuple((reset, delayed) for reset in ("subtract", "zero") for delayed in (True, False))


def make_case(seed: int) -> dict[str, np.ndarray]:
    """Input spikes and the weights of two layers."""
    rng = np.random.default_rng(seed)
    case = {"x": (rng.random((STEPS, BATCH, SIZES[0])) < 0.2).astype(np.float32)}
    for i, (low, high) in enumerate(((-0.06, 0.12), (0.0, 0.095))):
        weights = np.round(rng.uniform(low, high, SIZES[i : i + 2]) / GRID)
        case[f"w{i}"] = weights.astype(np.float32) * np.float32(GRID)
    return case


def simulate(case: dict[str, np.ndarray], reset: str, delayed: bool) -> dict[str, np.ndarray]:
    """Spikes and potentials of both layers: arrays [time, batch, neuron]."""
    layers = [snntorch.Leaky(beta=beta, reset_mechanism=reset, reset_delay=delayed) for beta in BETAS]
    potentials = [torch.zeros(BATCH, n) for n in SIZES[1:]]
    weights = [torch.from_numpy(case[f"w{i}"]) for i in range(2)]
    seen: dict[str, list[np.ndarray]] = {f"{kind}{i}": [] for i in range(2) for kind in ("spikes", "v")}
    with torch.no_grad():
        for row in torch.from_numpy(case["x"]):
            spikes = row
            for i, layer in enumerate(layers):
                spikes, potentials[i] = layer(spikes @ weights[i], potentials[i])
                seen[f"spikes{i}"].append(spikes.numpy().astype(bool))
                seen[f"v{i}"].append(potentials[i].numpy().copy())
    return {name: np.stack(rows) for name, rows in seen.items()}


if __name__ == "__main__":
    case = make_case(seed=4)
    results = {
        f"{reset}/{int(delayed)}/{name}": array
        for reset, delayed in FORMS
        for name, array in simulate(case, reset, delayed).items()
    }
    np.savez_compressed(sys.argv[1], version=snntorch.__version__, **case, **results)
