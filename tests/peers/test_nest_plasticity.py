"""Plastic synapses as NEST's, delays and spikes that meet included: weights within 1e-9."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import spikelab as sl

from .nest_plasticity_cases import EVERY, RULES, make_case, run_case

STORED = Path(__file__).parent / "stored"


def assert_same(case, theirs, name, device):
    model, params = json.loads(str(case["meta"]))["rules"][name]
    ours = run_case(case, sl.Plasticity.from_nest(model, params), device)
    synapse, step = theirs[f"{name}_synapse"], theirs[f"{name}_step"]
    np.testing.assert_array_equal(np.stack([synapse, step], 1), case["pre"])
    sent = theirs[f"{name}_weight"]
    assert np.ptp(sent - case["weight"][synapse]) > 1.0  # they learned something
    compared = (step + 1) % EVERY == 0
    theirs_then = sent[compared].reshape(len(case["weight"]), -1).T
    np.testing.assert_allclose(ours, theirs_then, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_stored_run_of_nest(name):
    with np.load(STORED / "nest_plasticity.npz") as stored:
        assert str(stored["version"]) == "3.10.0"
        assert_same(stored, stored, name, "reference")


@pytest.mark.peers("nest")
@pytest.mark.parametrize("seed, dt_ms", [(21, 0.1), (22, 0.25)])
def test_live_run_of_nest(seed, dt_ms, peer_python, tmp_path):
    case = make_case(seed, dt_ms)
    np.savez(tmp_path / "case.npz", **case)
    command = [peer_python("nest"), str(STORED / "make_nest_plasticity.py"), "case.npz", "out.npz"]
    child = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert child.returncode == 0, child.stderr
    with np.load(tmp_path / "out.npz") as theirs:
        for name in RULES:
            assert_same(case, theirs, name, "cpu")
