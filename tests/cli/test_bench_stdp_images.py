"""The benchmark of images: its network is the one compared with BindsNET, and its figures are written."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab.bench import stdp_images
from spikelab.bench.options import Peers
from spikelab.build import build
from spikelab.fused import suits


def test_rows_of_our_side(capsys: pytest.CaptureFixture[str]) -> None:
    rows = stdp_images.measure_images(2, Peers({}, missing=("bindsnet",)), sizes=(10,), images=3)
    (row,) = rows
    assert row["neurons"] == 10 and row["min_s"] <= row["median_s"] <= row["max_s"] and row["spikes"] > 0
    assert row["speedup_bindsnet"] is None and len(row["seconds"]) == 2
    assert "ms / image" in capsys.readouterr().out


def test_bindsnet_takes_part_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def peer(x: np.ndarray, weights: np.ndarray, seed: int) -> float:
        given.append((x.shape, weights.shape, seed))
        return 3.0

    monkeypatch.setattr(stdp_images, "_peer_round", peer)
    peers = Peers({"bindsnet": "0.3.4"})
    own, theirs = stdp_images.measure_images(2, peers, sizes=(10,), images=3, peer_images=2)
    assert given == [((4, 784), (784, 10), 0), ((4, 784), (784, 10), 1)]
    assert theirs["median_s"] == 3.0 and own["speedup_bindsnet"] == pytest.approx(3.0 / own["median_s"])


def test_the_network_runs_in_its_loop() -> None:
    assert suits(build(stdp_images.diehl_cook_2015(np.full((784, 5), 0.1)), 1.0))


def test_pictures_are_drawn_where_mnist_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path))
    pictures, where = stdp_images._pictures(4)
    assert where == "random strokes" and pictures.shape == (4, 784)
    assert 0.02 < pictures.mean() < 0.3 and len(np.unique(pictures, axis=0)) == 4
