"""Store plastic synapses again: ``python tests/peers/store_nest_plasticity.py PYTHON``, with NEST 3.10."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from nest_plasticity_cases import make_case

STORED = Path(__file__).parent / "stored"

if __name__ == "__main__":
    case = make_case(seed=5)
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder, "case.npz"), Path(folder, "out.npz")
        np.savez(given, **case)
        subprocess.run([sys.argv[1], STORED / "make_nest_plasticity.py", given, out], check=True)
        with np.load(out) as result:
            np.savez_compressed(STORED / "nest_plasticity.npz", **case, **result)
