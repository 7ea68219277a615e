"""`spikelab bench neurons`: every model is timed, and a model of one's own is the built-in one."""

from __future__ import annotations

import json
from dataclasses import is_dataclass

import numpy as np
import pytest
from click.testing import CliRunner

from spikelab import neurons
from spikelab.bench import neurons as bench
from spikelab.cli.main import cli


def test_every_spiking_model_is_timed():
    kinds = {getattr(neurons, name) for name in neurons.__all__}
    kinds = {kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)}
    # in bench lif and bench reservoir; those with intrinsic plasticity cost a tanh, too
    left_out = {neurons.UnitlessLIF, neurons.LeakyTanh, neurons.LeakyIntegrator}
    left_out |= {neurons.IPTanh, neurons.IPFermi}
    assert {type(cell) for cell in bench.CELLS.values()} == kinds - left_out


def test_the_table_and_the_file(tmp_path):
    path = tmp_path / "figures.json"
    options = ["--neurons", "64", "--steps", "5", "--rounds", "1", "--only", "@neuron", "--json", str(path)]
    result = CliRunner().invoke(cli, ["bench", "neurons", *options])
    assert result.exit_code == 0, result.output
    assert "quadratic IF under @neuron" in result.output
    rows = json.loads(path.read_text())["rows"]
    assert [row["name"] for row in rows] == list(bench.CELLS)[:3]
    assert rows[0]["times_lif"] == 1.0


def test_a_model_that_differs_is_not_timed(monkeypatch):
    monkeypatch.setitem(bench.CELLS, "the same under @neuron", neurons.LIF(v_rest_mv=-69.0))
    result = CliRunner().invoke(cli, ["bench", "neurons", "--neurons", "64", "--steps", "5"])
    assert result.exit_code == 1 and "does not do what the built-in one does" in result.output


@pytest.mark.parametrize("name", ["LIF, exp", "EscapeLIF"])
def test_a_side_starts_anew_every_time(name):
    run = bench.side(bench.CELLS[name], "float32", 64, 20)
    one, two = run(), run()
    assert all(np.array_equal(one[key], two[key]) for key in one)
