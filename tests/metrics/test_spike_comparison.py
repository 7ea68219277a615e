"""Two simulators beside the spread of their seeds."""

import numpy as np
import pytest

from spikelab import metrics as m
from spikelab.errors import ParameterError


def runs(mean, seeds, n=200):
    return [{"cv": np.random.default_rng(seed).normal(mean, 0.1, n)} for seed in seeds]


def test_equal_models_lie_within_the_spread_and_others_do_not():
    ours = runs(1.0, range(5))
    (same,) = m.compare_distributions(ours, runs(1.0, range(5, 10)), quantities=["cv"])
    (other,) = m.compare_distributions(ours, runs(1.1, range(5, 10)), quantities=["cv"])
    assert len(same.between) == 25
    assert len(same.ours.distances) == len(same.peer.distances) == 10
    assert same.within_spread
    assert not other.within_spread
    assert other.mean_distance == pytest.approx(0.38, abs=0.05)  # 2 Phi(1/2) - 1
    assert (other.mean_ours, other.mean_peer) == pytest.approx((1.0, 1.1), abs=0.01)


def test_statistics_of_spikes_are_compared_quantity_by_quantity():
    def statistics(seed):
        rng = np.random.default_rng(seed)
        trains = m.SpikeTrains(rng.uniform(0, 1000, 600), rng.integers(0, 20, 600), 20, 1000.0)
        return m.spike_statistics(trains)

    found = m.compare_distributions(
        [statistics(i) for i in range(3)], [statistics(i) for i in range(3, 6)], population="L4E"
    )
    assert [one.quantity for one in found] == ["rates_hz", "cv", "correlation"]
    assert found[1].between[0] == m.ks_distance(statistics(0).cv, statistics(3).cv).distance
    table = m.comparison_table(found).splitlines()
    assert len(table) == 4
    assert len({len(line) for line in table}) == 1
    assert all(line.startswith("L4E") for line in table[1:])


def test_a_quantity_that_a_run_does_not_have_is_not_compared():
    (found,) = m.compare_distributions(
        runs(1.0, [0, 1]), [{"cv": [1.0]}, {"cv": [np.nan]}], quantities=["cv"]
    )
    assert np.isnan(found.mean_distance)
    assert not found.within_spread
    assert found.mean_peer == 1.0
    assert "nan" in m.comparison_table([found])


@pytest.mark.parametrize(
    ("ours", "peer", "text"),
    [
        (runs(1.0, [0]), runs(1.0, [1, 2]), "ours must be a sequence of two runs or more, one a seed"),
        (runs(1.0, [0, 1]), {"cv": [1.0]}, "peer must be a sequence of two runs or more"),
        (runs(1.0, [0, 1]), [{"cv": [1.0]}, {"lv": [1.0]}], r"peer\[1\] must hold 'cv'"),
    ],
)
def test_bad_runs_are_refused(ours, peer, text):
    with pytest.raises(ParameterError, match=text):
        m.compare_distributions(ours, peer, quantities=["cv"])


def test_unknown_quantities_are_refused():
    with pytest.raises(ParameterError, match="quantity must be one of 'rates_hz'"):
        m.compare_distributions(runs(1.0, [0, 1]), runs(1.0, [0, 1]), quantities=["speed"])
