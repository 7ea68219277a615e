"""The same spikes as NEST 3.10, step for step, and its membrane potential to 1e-9 mV."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikelab as sl

from .nest_cases import MODELS, NAMES, make_case, run_case

STORED = Path(__file__).parent / "stored"
SCRIPT = STORED / "make_nest.py"


def assert_same(ours: sl.PopulationResult, theirs: Mapping[str, Any]) -> None:
    assert len(theirs["step"]) > 100  # or there would be little to compare
    assert not np.isnan(theirs["v_mv"]).any()
    np.testing.assert_array_equal(ours.spikes.step, theirs["step"])
    np.testing.assert_array_equal(ours.spikes.neuron, theirs["neuron"])
    np.testing.assert_allclose(ours["v_mv"][:, 0], theirs["v_mv"], rtol=0, atol=1e-9)


def nest_runs(python: str, case: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run `case` in NEST, by the interpreter `python`."""
    np.savez(folder / "case.npz", **case)
    command = [python, str(SCRIPT), str(folder / "case.npz"), str(folder / "out.npz")]
    child = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert child.returncode == 0, child.stderr
    with np.load(folder / "out.npz") as out:
        return dict(out)


@pytest.mark.parametrize("model", MODELS)
def test_stored_run_of_nest(model):
    with np.load(STORED / f"nest_{model}.npz") as stored:
        assert str(stored["version"]) == "3.10.0"
        assert_same(run_case(stored), stored)


@pytest.mark.peers("nest")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed, dt_ms", [(11, 0.1), (12, 0.25)])
def test_live_run_of_nest(model, seed, dt_ms, peer_python, tmp_path):
    case = make_case(model, seed, dt_ms)
    assert_same(run_case(case), nest_runs(peer_python("nest"), case, tmp_path))


@pytest.mark.peers("nest")
@pytest.mark.parametrize("model", MODELS)
def test_defaults_are_those_of_nest(model, peer_python):
    code = (
        "import json, sys, nest; d = nest.GetDefaults(sys.argv[1]);"
        "print('>' + json.dumps({k: v for k, v in d.items() if isinstance(v, float)}))"
    )
    command = [peer_python("nest"), "-c", code, model]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    import json

    theirs = json.loads(out[out.rindex(">") + 1 :])
    ours = sl.LIF(synapse=MODELS[model])
    for name, field in NAMES.items():
        if name != "V_m" and name in theirs:
            assert getattr(ours, field) == theirs[name], name
