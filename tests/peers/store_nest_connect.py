"""Make the stored connections again: ``python tests/peers/store_nest_connect.py PYTHON``, with NEST 3.10."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from nest_connect_cases import nest_cases

STORED = Path(__file__).parent / "stored"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder, "cases.json")
        given.write_text(json.dumps(nest_cases()), encoding="utf-8")
        script = STORED / "make_nest_connect.py"
        subprocess.run([sys.argv[1], script, given, STORED / "nest_connect.npz"], check=True)
