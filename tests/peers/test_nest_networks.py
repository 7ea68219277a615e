"""Whole networks, wired by chance on both sides, do the same in NEST 3.10: rates and distributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelab.metrics import ks_distance, ks_spread

from .nest_networks import NETWORKS, figures_of, run_nest, run_own

STORED = Path(__file__).parent / "stored"
own = cache(run_own)


@cache
def stored(name: str) -> list[Mapping[str, Any]]:
    """What `figures_of` made of every seed of NEST."""
    with np.load(STORED / f"nest_network_{name}.npz") as arrays:
        assert str(arrays["version"]) == "3.10.0"
        all_seeds = [key.partition("/") for key in arrays if key != "version"]
        return [
            {rest: arrays[f"{seed}/{rest}"] for one, _, rest in all_seeds if one == str(seed)}
            for seed in range(NETWORKS[name].seeds)
        ]


def rates_hz(name: str, figures: list[Mapping[str, Any]], population: str) -> np.ndarray:
    """Mean rate in each realisation."""
    counts = np.array([one[f"{population}/counts"].mean() for one in figures])
    return counts / (NETWORKS[name].duration_ms * 1e-3)


def error(one: np.ndarray, other: np.ndarray) -> float:
    """Standard error of the difference of two means; the wider sample tells how far seeds lie apart."""
    spread = max(one.std(ddof=1), other.std(ddof=1))
    return float(spread * (1 / len(one) + 1 / len(other)) ** 0.5)


@pytest.mark.parametrize("population", ["exc", "inh"])
def test_brunel_fires_as_in_nest(population):
    theirs = rates_hz("brunel", stored("brunel"), population)
    ours = rates_hz("brunel", [own("brunel", seed) for seed in range(2)], population)
    assert 40 < theirs.mean() < 50
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.02)


# Inhibition pins the rate of the inhibitory cells; that of the excitatory ones differs from wiring to wiring.
@pytest.mark.parametrize("name", ["cuba", "coba"])
def test_self_sustained_networks_fire_as_in_nest(name):
    seeds = range(6 if name == "cuba" else 3)
    for population in ("exc", "inh"):
        theirs = rates_hz(name, stored(name), population)
        ours = rates_hz(name, [own(name, seed) for seed in seeds], population)
        chance = 3.5 * error(ours, theirs)
        assert abs(ours.mean() - theirs.mean()) < max(chance, 0.02 * theirs.mean()), population
        assert chance < 0.2 * theirs.mean()


def test_the_microcircuit_fires_as_in_nest():
    runs = [own("microcircuit", seed) for seed in range(2)]
    for key in runs[0]:
        population, _, quantity = key.partition("/")
        if quantity == "counts":
            theirs = rates_hz("microcircuit", stored("microcircuit"), population)
            ours = rates_hz("microcircuit", runs, population)
            chance = 2.0 * error(ours, theirs)
            assert abs(ours.mean() - theirs.mean()) < 0.05 * theirs.mean() + chance, population
            total = sum(one[key].sum() for one in stored("microcircuit"))
            assert total > 400


@pytest.mark.parametrize("quantity", ["counts", "cv", "correlation"])
def test_distributions_of_the_microcircuit_lie_within_the_spread_of_nests_seeds(quantity):
    runs, theirs = [own("microcircuit", seed) for seed in range(2)], stored("microcircuit")
    for key in runs[0]:
        if key.endswith(f"/{quantity}"):
            spread = ks_spread([one[key] for one in theirs])
            between = np.mean([ks_distance(run[key], one[key]).distance for run in runs for one in theirs])
            assert spread.covers(between), f"{key}: {between:.3f}, {spread}"


@pytest.mark.peers("nest")
@pytest.mark.parametrize("name", ["brunel", "cuba"])
def test_live_networks_of_nest_are_the_stored_ones(
    name: str, peer_python: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIKELAB_PEER_PYTHON_NEST", peer_python("nest"))
    live = [figures_of(name, spikes) for spikes in run_nest(name, 1).spikes]
    for population in ("exc", "inh"):
        here, before = (rates_hz(name, one, population) for one in (live, stored(name)))
        assert abs(here[0] - before.mean()) < max(0.02 * here[0], 4 * before.std(ddof=1)), population
        if name == "brunel":
            ours = rates_hz(name, [own(name, 0)], population)
            assert ours[0] == pytest.approx(here[0], rel=0.02)
