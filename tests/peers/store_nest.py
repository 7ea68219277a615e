"""Make the stored runs again: ``python tests/peers/store_nest.py PYTHON``, where PYTHON has NEST 3.10."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from nest_cases import KINDS, SOLVED, make_case, make_solved_case

STORED = Path(__file__).parent / "stored"

if __name__ == "__main__":
    for kind in (*KINDS, *SOLVED):
        path = STORED / f"nest_{kind}.npz"
        if path.exists():  # delete a file to make it again
            continue
        case = make_solved_case(kind, seed=3) if kind in SOLVED else make_case(kind, seed=3)
        with tempfile.TemporaryDirectory() as folder:
            given, out = Path(folder, "case.npz"), Path(folder, "out.npz")
            np.savez(given, **case)
            subprocess.run([sys.argv[1], STORED / "make_nest.py", given, out], check=True)
            with np.load(out) as result:
                np.savez_compressed(path, **case, **result)
