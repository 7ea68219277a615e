"""The same spikes as snnTorch's ``Leaky`` in a network of two layers, and the same potentials bit for bit."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikelab as sl

STORED = Path(__file__).parent / "stored"
FORMS = [(reset, delayed) for reset in ("subtract", "zero") for delayed in (True, False)]
BETAS = (0.9, 0.7)


BATCH, STEPS = 65, 40
PATHS = ("event", "matrix", "auto")


def assert_same(case: Mapping[str, Any], theirs: Mapping[str, Any], reset: str, delayed: bool) -> None:
    net = sl.Network()
    source: Any = net.input("x", case["x"].shape[2], sl.SpikeInput())
    for i, beta in enumerate(BETAS):
        cells = sl.LIF.unitless(beta=beta, reset=reset, reset_delay=int(delayed))
        layer = net.add(f"layer{i}", case[f"w{i}"].shape[1], cells)
        net.connect(source, layer, weight=case[f"w{i}"])
        source = layer
    sim = sl.Simulator(net, batch=case["x"].shape[1])
    result = sim.run(inputs={"x": case["x"]}, record=sl.Record(traces=["v"]))
    for i in range(2):
        spikes, part = theirs[f"spikes{i}"], result[f"layer{i}"]
        assert 0.005 < spikes.mean() < 0.5  # or there would be little to compare
        if not delayed:
            # snnTorch would take a potential still above the threshold for a spike and subtract again
            assert theirs[f"v{i}"].max() <= 1.0
        np.testing.assert_array_equal(part.spikes.dense(), spikes)
        np.testing.assert_array_equal(part["v"], theirs[f"v{i}"])


@pytest.mark.parametrize("reset, delayed", FORMS)
def test_stored_run_of_snntorch(reset, delayed):
    with np.load(STORED / "snntorch.npz") as stored:
        assert str(stored["version"]) == "1.0.0"
        start = f"{reset}/{int(delayed)}/"
        theirs = {name.removeprefix(start): stored[name] for name in stored if name.startswith(start)}
        assert_same(stored, theirs, reset, delayed)


@pytest.mark.parametrize("reset, delayed", FORMS)
def test_live_run_of_snntorch(reset, delayed):
    pytest.importorskip("torch")
    pytest.importorskip("snntorch")
    maker = load_maker()
    case = maker.make_case(seed=21)
    assert_same(case, maker.simulate(case, reset, delayed), reset, delayed)


@pytest.mark.parametrize("active", [0.02, 0.13, 0.5])
def test_layers_give_the_spikes_of_snntorch_on_every_path(active):
    pytest.importorskip("torch")
    pytest.importorskip("snntorch")
    from spikelab.bench.layers import LayersBench

    bench = LayersBench((100, 130, 65, 10), STEPS, BATCH, active)
    theirs = bench.snntorch(every=True)()
    assert [spikes.mean() for spikes in theirs] == pytest.approx([active] * 3, rel=0.2)
    for path in PATHS:
        result = bench.simulator(path).run(inputs={"in": bench.x})
        for i, spikes in enumerate(theirs, start=1):
            np.testing.assert_array_equal(result[f"layer{i}"].spikes.dense(), spikes, err_msg=path)


def load_maker() -> Any:
    spec = importlib.util.spec_from_file_location("make_snntorch", STORED / "make_snntorch.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
