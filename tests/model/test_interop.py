"""Results in neo and xarray: the same numbers, with units and names."""

import numpy as np
import pytest

import spikelab as sl

# Two batch rows, three neurons, seven steps of 0.1 ms after 12 earlier ones; traces every third step.
STEPS, DT = 7, 0.1


def made(**changes):
    common = {"dt_ms": DT, "n_steps": STEPS, "batch": 2, "t0_step": 12}
    events = sl.Spikes([0, 1, 6, 6], [0, 1, 0, 1], [2, 2, 0, 2], dt_ms=DT, shape=(STEPS, 2, 3), t0_step=12)
    trace = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    exc = sl.PopulationResult(
        name="exc", n=3, events=events, traces={"v_mv": trace, "u": trace + 100}, neurons=[0, 2], every=3,
        bin_counts=np.array([[2, 0], [1, 3]]), bin_steps=15, **common,
    )  # fmt: skip
    silent = sl.PopulationResult(name="rate", n=5, **common)
    return sl.Result(populations={"exc": exc, "rate": silent}, **(common | changes))


def test_neo_groups_are_the_populations():
    pytest.importorskip("neo")
    block = made().to_neo()
    assert [group.name for group in block.groups] == ["exc", "rate"]
    exc, silent = block.groups
    assert (exc.annotations["population"], exc.annotations["n"]) == ("exc", 3)
    assert len(exc.spiketrains) == 2 * 3
    assert len(exc.analogsignals) == 2 * 2
    assert not silent.spiketrains and not silent.analogsignals
    for row, segment in enumerate(block.segments):
        assert segment.name == f"batch {row}"
        assert [train.name for train in segment.spiketrains] == ["exc 0", "exc 1", "exc 2"]


def test_neo_times_have_units_and_stand_within_their_bounds():
    pytest.importorskip("neo")
    block = made().to_neo()
    last = block.segments[0].spiketrains[0]
    assert last.rescale("s").magnitude == pytest.approx([0.0019])
    for train in block.list_children_by_class("SpikeTrain"):
        assert float(train.t_start.rescale("ms")) == pytest.approx(1.2)
        assert float(train.t_stop.rescale("ms")) == pytest.approx(1.9)


def test_neo_signals_of_an_interval_stand_at_their_own_times():
    pytest.importorskip("neo")
    result = made()
    voltage, other = result.to_neo().segments[1].analogsignals
    assert voltage.name == "exc v_mv"
    assert str(voltage.units.dimensionality) == "mV"
    assert str(other.units.dimensionality) == "dimensionless"
    assert voltage.times.rescale("ms").magnitude == pytest.approx([1.5, 1.8])  # steps 15 and 18
    assert voltage.times.rescale("ms").magnitude == pytest.approx(result["exc"].time_ms)
    assert np.array_equal(voltage.magnitude, result["exc"]["v_mv"][:, 1])


def test_population_rates_go_along():
    pytest.importorskip("neo")
    pytest.importorskip("xarray")
    result = made()
    (rate,) = result.to_neo().segments[1].irregularlysampledsignals
    # Bins of 15 steps: from 12 to 15 and from 15 to 19.
    expected = [0.0, 3 / (3 * 0.4e-3)]
    assert rate.rescale("Hz").magnitude.ravel() == pytest.approx(expected)
    assert rate.times.rescale("ms").magnitude == pytest.approx([1.35, 1.7])
    data = result.to_xarray()["exc"]
    assert data["rates_hz"].dims == ("bin_ms", "batch")
    assert data["rates_hz"].attrs["units"] == "Hz"
    assert data["rates_hz"].values[:, 1] == pytest.approx(expected)
    assert data["bin_ms"].values == pytest.approx([1.35, 1.7])
    assert data["time_ms"].values == pytest.approx([1.5, 1.8])
    assert "rates_hz" not in result.to_xarray()["rate"]
