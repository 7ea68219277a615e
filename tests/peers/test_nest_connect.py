"""Degrees, weights, delays and edges in space as NEST 3.10 draws them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import spikelab as sl

from .nest_connect_cases import FLAT, LAWS, N_PLACES, N_SOURCE, N_TARGET, NEAREST, RULES, SPACES, nest_cases

STORED = Path(__file__).parent / "stored"
LEAST_P = 1e-3


@pytest.fixture(scope="module", params=["stored", pytest.param("live", marks=pytest.mark.peers("nest"))])
def nest(request, tmp_path_factory) -> Mapping[str, Any]:
    """What NEST made of all cases: as stored, and drawn now."""
    path = STORED / "nest_connect.npz"
    if request.param == "live":
        python = request.getfixturevalue("peer_python")("nest")
        folder = tmp_path_factory.mktemp("nest")
        path, cases = folder / "out.npz", folder / "cases.json"
        cases.write_text(json.dumps(nest_cases()), encoding="utf-8")
        command = [python, str(STORED / "make_nest_connect.py"), str(cases), str(path)]
        child = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        assert child.returncode == 0, child.stderr
    with np.load(path) as stored:
        assert str(stored["version"]) == "3.10.0"
        return dict(stored)


def assert_alike(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Two samples of one law; where NEST's has no spread, ours is the same."""
    if np.ptp(theirs) == 0:
        assert np.array_equal(np.sort(ours), np.sort(theirs))
    else:
        assert stats.ks_2samp(ours, theirs).pvalue > LEAST_P


@pytest.mark.parametrize("name", RULES)
def test_degrees_and_multiplicities(nest, name):
    _, pattern, same = RULES[name]
    n_target = N_SOURCE if same else N_TARGET
    source, target = pattern.edges(N_SOURCE, n_target, 12, same)
    assert_alike(np.bincount(source, minlength=N_SOURCE), nest[f"{name}/out"])
    assert_alike(np.bincount(target, minlength=n_target), nest[f"{name}/in"])
    pairs = np.bincount(source.astype(np.int64) * n_target + target, minlength=N_SOURCE * n_target)
    ours, theirs = np.bincount(pairs), nest[f"{name}/pairs"]
    assert (ours.size > 2) == (theirs.size > 2), "multapses on one side only"
    # Multiplicities that few pairs have stand together.
    last = int((theirs > 20).sum()) - 1
    table = [[*counts[:last], counts[last:].sum()] for counts in (ours, theirs)]
    if table[0] != table[1]:
        assert stats.chi2_contingency(table).pvalue > LEAST_P
    if same and name != "symmetric":  # which NEST draws between two populations
        selfs = np.count_nonzero(source == target)
        assert (selfs == 0) == (nest[f"{name}/selfs"] == 0)


@pytest.mark.parametrize("name", LAWS)
def test_weights_and_delays(nest, name):
    ours = LAWS[name][1].sample(2000, 5)
    assert_alike(ours, nest[f"{name}/weight"])
    assert stats.ttest_ind(ours, nest[f"{name}/weight"]).pvalue > LEAST_P
    if np.ptp(nest[f"{name}/delay"]) > 0:
        assert_alike(ours, nest[f"{name}/delay"])


def distances(place: np.ndarray, period: list[float] | None) -> np.ndarray:
    """Distance of each pair: array [neuron, neuron]."""
    gap = np.abs(place[:, None] - place)
    gap = gap if period is None else np.minimum(gap, np.array(period) - gap)
    return np.linalg.norm(gap, axis=-1)


@pytest.mark.parametrize("name", NEAREST)
def test_degrees_in_space(nest, name):
    net = sl.Network(seed=9)
    cells = net.add("cells", N_PLACES, sl.LIF(), sl.Grid(**FLAT, periodic=True))
    edges = net.connect(cells, cells, NEAREST[name][1]).edges()
    theirs = nest[f"space_{name}/edges"].reshape(N_PLACES, N_PLACES)
    assert_alike(np.bincount(edges.source, minlength=N_PLACES), theirs.sum(axis=1))
    assert_alike(np.bincount(edges.target, minlength=N_PLACES), theirs.sum(axis=0))
    apart = distances(cells.coordinates(), FLAT["extent"])
    ours = np.zeros(theirs.shape, int)
    np.add.at(ours, (edges.source, edges.target), 1)
    assert ours.sum() == theirs.sum()
    assert (ours.max() == 1) == (theirs.max() == 1)
    assert ours.trace() == theirs.trace() == 0 or min(ours.trace(), theirs.trace()) > 0
    # Distances on a grid are few: each with its number of edges on either side.
    _, ring = np.unique(apart.round(9), return_inverse=True)
    table = np.array([np.bincount(ring.ravel(), weights=m.ravel()) for m in (ours, theirs)])
    table = table[:, table.sum(axis=0) > 0]
    assert stats.chi2_contingency(table).pvalue > LEAST_P


@pytest.mark.parametrize("name", SPACES)
def test_space(nest, name):
    grid, periodic, _, probability, _, radius = SPACES[name]
    net = sl.Network(seed=8)
    cells = net.add("cells", N_PLACES, sl.LIF(), sl.Grid(**grid, periodic=periodic))
    np.testing.assert_allclose(cells.coordinates(), nest[f"space_{name}/place"], rtol=0, atol=1e-12)
    edges = net.connect(cells, cells, sl.Spatial(probability, radius=radius)).edges()
    ours = np.zeros((N_PLACES, N_PLACES), bool)
    ours[edges.source, edges.target] = True
    theirs = nest[f"space_{name}/edges"].reshape(ours.shape) > 0
    if probability == 1.0:
        assert np.array_equal(ours, theirs)
        return
    apart = distances(cells.coordinates(), grid["extent"] if periodic else None)
    cuts = np.quantile(apart[theirs], np.linspace(0, 1, 9))[1:-1]
    rings = np.searchsorted(cuts, apart)
    # In each ring: pairs with an edge and without, on either side.
    for ring in range(8):
        table = [
            [np.count_nonzero(m[rings == ring] == made) for made in (True, False)] for m in (ours, theirs)
        ]
        assert np.all(np.sum(table, axis=0)[0] > 50)
        if table[0] != table[1]:
            assert stats.chi2_contingency(table).pvalue > LEAST_P / 8
