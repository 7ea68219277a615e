"""Write runs of reservoirpy: ``python make_reservoirpy.py OUT.npz [SEED]`` where reservoirpy is installed."""

from __future__ import annotations

import sys

import numpy as np

CASES = [(leak, density) for leak in (1.0, 0.3) for density in (0.1, 1.0)]


def make_case(
    leak: float, density: float, seed: int, n: int = 31, n_inputs: int = 3, steps: int = 200
) -> dict:
    """Matrices [unit, unit] and [unit, input] and a series [time, input]."""
    rng = np.random.default_rng(seed)
    recurrent = rng.standard_normal((n, n)) * (rng.random((n, n)) < density)
    recurrent *= 0.9 / np.abs(np.linalg.eigvals(recurrent)).max()
    return {
        "leak": np.float64(leak),
        "recurrent": recurrent,
        "inputs": rng.uniform(-1, 1, (n, n_inputs)),
        "bias": rng.uniform(-0.5, 0.5, n),
        "x": rng.standard_normal((steps, n_inputs)),
    }


def simulate(case: dict) -> np.ndarray:
    """States [time, unit]."""
    from reservoirpy.nodes import Reservoir

    node = Reservoir(W=case["recurrent"], Win=case["inputs"], bias=case["bias"], lr=float(case["leak"]))
    return node.run(case["x"])


def main(path: str, seed: int) -> None:
    import reservoirpy

    arrays: dict[str, np.ndarray] = {"version": np.array(reservoirpy.__version__)}
    for i, (leak, density) in enumerate(CASES):
        case = make_case(leak, density, seed + i)
        arrays |= {f"{i}/{name}": value for name, value in case.items()}
        arrays[f"{i}/states"] = simulate(case)
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7)
