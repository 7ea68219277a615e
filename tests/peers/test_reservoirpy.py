"""The states of reservoirpy 0.4.2 for the same matrices: stored, and live where it is installed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelab.fused import fuse

STORED = Path(__file__).parent / "stored"
N_CASES = 4


def assert_same(arrays: Mapping[str, Any], i: int) -> None:
    case = {name: arrays[f"{i}/{name}"] for name in ("recurrent", "inputs", "bias", "leak", "x", "states")}
    fused = fuse(case["recurrent"], case["inputs"], case["bias"], case["leak"], dtype=np.float64)
    ours = fused.run(case["x"][:, None], fused.zeros(1))[:, 0]
    assert np.abs(case["states"]).max() > 0.5
    np.testing.assert_allclose(ours, case["states"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("i", range(N_CASES))
def test_stored_states_of_reservoirpy(i: int) -> None:
    with np.load(STORED / "reservoirpy.npz") as stored:
        assert str(stored["version"]) == "0.4.2"
        assert_same(stored, i)


@pytest.mark.peers("reservoirpy")
def test_live_states_of_reservoirpy(peer_python: Callable[[str], str], tmp_path: Path) -> None:
    maker, made = STORED / "make_reservoirpy.py", tmp_path / "live.npz"
    command = [peer_python("reservoirpy"), str(maker), str(made), "99"]
    subprocess.run(command, check=True, capture_output=True)
    with np.load(made) as live:
        for i in range(N_CASES):
            assert_same(live, i)
