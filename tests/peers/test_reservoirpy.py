"""The states of reservoirpy, for the same matrices."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from spikelab.reservoir import fuse

SCRIPT = """
import sys
import numpy as np
from reservoirpy.nodes import Reservoir
data = np.load(sys.argv[1])
node = Reservoir(W=data["recurrent"], Win=data["inputs"], bias=data["bias"], lr=float(data["leak"]))
np.save(sys.argv[2], node.run(data["x"]))
"""


@pytest.mark.peers("reservoirpy")
@pytest.mark.parametrize("leak", [1.0, 0.3])
@pytest.mark.parametrize("density", [0.1, 1.0])
def test_states_are_those_of_reservoirpy(peer_python, tmp_path, leak, density):
    rng = np.random.default_rng(7)
    n, n_inputs = 63, 3
    recurrent = rng.standard_normal((n, n)) * (rng.random((n, n)) < density)
    recurrent *= 0.9 / np.abs(np.linalg.eigvals(recurrent)).max()
    inputs, bias = rng.uniform(-1, 1, (n, n_inputs)), rng.uniform(-0.5, 0.5, n)
    x = rng.standard_normal((1000, n_inputs))
    np.savez(tmp_path / "in.npz", recurrent=recurrent, inputs=inputs, bias=bias, leak=leak, x=x)
    command = [peer_python("reservoirpy"), "-c", SCRIPT, tmp_path / "in.npz", tmp_path / "out.npy"]
    subprocess.run(command, check=True, capture_output=True)
    theirs = np.load(tmp_path / "out.npy")
    fused = fuse(recurrent, inputs, bias, leak, dtype=np.float64)
    ours = fused.run(x[:, None], fused.zeros(1))[:, 0]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
