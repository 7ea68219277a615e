"""Make the stored figures of networks again: ``SPIKELAB_PEER_PYTHON_NEST=PYTHON python FILE [NAME ...]``."""

import sys
from pathlib import Path

import numpy as np
from nest_networks import NETWORKS, figures_of, run_nest

STORED = Path(__file__).parent / "stored"

if __name__ == "__main__":
    for name in sys.argv[1:] or NETWORKS:
        case = NETWORKS[name]
        run = run_nest(name, case.seeds)
        arrays = {
            f"{seed}/{key}": values
            for seed, spikes in enumerate(run.spikes)
            for key, values in figures_of(name, spikes).items()
        }
        version = run.answers[0]["version"]
        np.savez_compressed(STORED / f"nest_network_{name}.npz", version=version, **arrays)
