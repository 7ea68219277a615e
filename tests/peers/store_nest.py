"""Make the stored runs again: ``python tests/peers/store_nest.py PYTHON``, where PYTHON has NEST 3.10."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from nest_cases import MODELS, make_case

STORED = Path(__file__).parent / "stored"

if __name__ == "__main__":
    for model in MODELS:
        case = make_case(model, seed=3)
        with tempfile.TemporaryDirectory() as folder:
            given, out = Path(folder, "case.npz"), Path(folder, "out.npz")
            np.savez(given, **case)
            subprocess.run([sys.argv[1], STORED / "make_nest.py", given, out], check=True)
            with np.load(out) as result:
                np.savez_compressed(STORED / f"nest_{model}.npz", **case, **result)
