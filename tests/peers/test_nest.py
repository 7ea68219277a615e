"""The same spikes as NEST 3.10, step for step, and its membrane potential to 1e-9 mV."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikelab as sl
from spikelab.neurons.nest import NEST_MODELS

from .nest_cases import KINDS, SOLVED, N, make_case, make_solved_case, run_case

STORED = Path(__file__).parent / "stored"
SCRIPT = STORED / "make_nest.py"


def assert_same(ours: sl.PopulationResult, theirs: Mapping[str, Any]) -> None:
    assert len(theirs["step"]) > 100  # or there would be little to compare
    assert not np.isnan(theirs["v_mv"]).any()
    np.testing.assert_array_equal(ours.spikes.step, theirs["step"])
    np.testing.assert_array_equal(ours.spikes.neuron, theirs["neuron"])
    exact = "izhikevich" in str(theirs.get("meta", ""))  # the same operations, not only the same equation
    np.testing.assert_allclose(ours["v_mv"][:, 0], theirs["v_mv"], rtol=0, atol=0.0 if exact else 1e-9)


def nest_runs(python: str, case: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run `case` in NEST, by the interpreter `python`."""
    np.savez(folder / "case.npz", **case)
    command = [python, str(SCRIPT), str(folder / "case.npz"), str(folder / "out.npz")]
    child = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert child.returncode == 0, child.stderr
    with np.load(folder / "out.npz") as out:
        return dict(out)


@pytest.mark.parametrize("kind", KINDS)
def test_stored_run_of_nest(kind):
    with np.load(STORED / f"nest_{kind}.npz") as stored:
        assert str(stored["version"]) == "3.10.0"
        assert_same(run_case(stored), stored)


@pytest.mark.peers("nest")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed, dt_ms", [(11, 0.1), (12, 0.25)])
def test_live_run_of_nest(kind, seed, dt_ms, peer_python, tmp_path):
    case = make_case(kind, seed, dt_ms)
    assert_same(run_case(case), {**case, **nest_runs(peer_python("nest"), case, tmp_path)})


def assert_close(ours: sl.PopulationResult, theirs: Mapping[str, Any]) -> None:
    """The same spikes, at most a step apart, and potentials to 1e-4 mV until each neuron's first."""
    assert len(theirs["step"]) > 30 and len(ours.spikes.step) == len(theirs["step"])
    error = abs(ours["v_mv"][:, 0] - theirs["v_mv"])
    for neuron in range(N):
        mine = np.sort(ours.spikes.step[ours.spikes.neuron == neuron].astype(int))
        other = np.sort(theirs["step"][theirs["neuron"] == neuron])
        assert len(mine) == len(other) and (abs(mine - other) <= 1).all()
        # the upstroke of an AdEx spike turns a microsecond into millivolts
        before = min([*mine, len(error)]) - 5
        assert error[: max(before, 1), neuron].max() < 1e-4


@pytest.mark.parametrize("model", SOLVED)
def test_stored_run_of_a_model_that_nest_solves(model):
    with np.load(STORED / f"nest_{model}.npz") as stored:
        assert str(stored["version"]) == "3.10.0"
        assert_close(run_case(stored), stored)


@pytest.mark.peers("nest")
@pytest.mark.parametrize("model", SOLVED)
@pytest.mark.parametrize("seed", [11, 12])
def test_live_run_of_a_model_that_nest_solves(model, seed, peer_python, tmp_path):
    case = make_solved_case(model, seed)
    assert_close(run_case(case), nest_runs(peer_python("nest"), case, tmp_path))


@pytest.mark.peers("nest")
def test_defaults_are_those_of_nest(peer_python):
    code = (
        "import json, sys, nest; every = {m: nest.GetDefaults(m) for m in sys.argv[1:]};"
        "print('>' + json.dumps({m: {k: v for k, v in d.items() if isinstance(v, (float, bool))}"
        " for m, d in every.items()}))"
    )
    command = [peer_python("nest"), "-c", code, *NEST_MODELS]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = json.loads(out[out.rindex(">") + 1 :])
    for model, known in NEST_MODELS.items():
        ours = sl.from_nest(model)
        assert len(known.names) >= 8
        for name, field in known.names.items():
            assert getattr(ours, field) == theirs[model][name], (model, name)
