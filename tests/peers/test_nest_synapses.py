"""Short-term plasticity as NEST's tsodyks2_synapse: u and x to 1e-12, the membrane to 1e-9 mV."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from .nest_synapse_cases import make_case, run_case

STORED = Path(__file__).parent / "stored"


def assert_same(case, theirs):
    v, u, x = run_case(case)
    assert np.ptp(theirs["v_mv"]) > 1.0 and not np.isnan(theirs["v_mv"]).any()
    np.testing.assert_allclose(u, theirs["end_u"], rtol=1e-12)
    np.testing.assert_allclose(x, theirs["end_x"], rtol=1e-12)
    np.testing.assert_allclose(v, theirs["v_mv"], rtol=0, atol=1e-9)


def test_stored_run_of_nest():
    with np.load(STORED / "nest_synapses.npz") as stored:
        assert str(stored["version"]) == "3.10.0"
        assert_same(stored, stored)


@pytest.mark.peers("nest")
@pytest.mark.parametrize("seed, dt_ms", [(11, 0.1), (12, 0.25)])
def test_live_run_of_nest(seed, dt_ms, peer_python, tmp_path):
    case = make_case(seed, dt_ms)
    np.savez(tmp_path / "case.npz", **case)
    command = [peer_python("nest"), str(STORED / "make_nest_synapses.py"), "case.npz", "out.npz"]
    child = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert child.returncode == 0, child.stderr
    with np.load(tmp_path / "out.npz") as theirs:
        assert_same(case, theirs)
