"""Make the stored membranes again: ``python tests/peers/store_nest_generators.py PYTHON``, with NEST 3.10."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from nest_generator_cases import CASES, membrane_cases

STORED = Path(__file__).parent / "stored"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder, "cases.json"), Path(folder, "out.json")
        given.write_text(json.dumps(membrane_cases()))
        subprocess.run([sys.argv[1], STORED / "make_nest_generators.py", given, out], check=True)
        traces = json.loads(out.read_text())
    np.savez_compressed(STORED / "nest_generators.npz", **dict(zip(CASES, traces, strict=True)))
