"""BindsNET's ``DiehlAndCook2015`` learning ten images in float64: the same spikes, and weights to 1e-12.

With one exception, known to the step: a synapse of which both neurons fire, and whose weight the first of the
rule's two functions takes below 0. We put it back to 0 before the second one; BindsNET bounds once a step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

import spikelab as sl

from .bindsnet_case import (
    IMAGES,
    NEURONS,
    PIXELS,
    STEPS,
    draw_spikes,
    first_weights,
    our_run,
    retrace,
    their_run,
)

STORED = Path(__file__).parent / "stored"
EVERY = np.s_[:, :, :]


def assert_same(
    spikes: np.ndarray, weights: np.ndarray, theirs: Mapping[str, np.ndarray], seen: tuple[slice, ...]
) -> None:
    """Compare a run of ours; of their weights `seen` [image, pixel, neuron] are known."""
    ours = our_run(spikes, weights)
    for name in ("exc", "inh"):
        assert theirs[name].shape == (IMAGES, STEPS, NEURONS) and theirs[name].sum() > 50
        np.testing.assert_array_equal(ours[name], theirs[name])
    np.testing.assert_allclose(ours["theta"], theirs["theta"], rtol=0, atol=1e-11)
    once, places = retrace(spikes, ours["exc"], weights, bounded_once=True)
    twice, _ = retrace(spikes, ours["exc"], weights, bounded_once=False)
    np.testing.assert_allclose(ours["weights"], twice, rtol=0, atol=1e-12)
    np.testing.assert_allclose(theirs["weights"], once[seen], rtol=0, atol=1e-12)
    # so both differ where one of the places lies, from its image on, and nowhere else
    first = dict(sorted(((neuron, image) for image, _, _, neuron in places), reverse=True))
    apart = np.abs(ours["weights"] - once).max(axis=1) > 1e-12
    for neuron in range(NEURONS):
        assert not apart[: first.get(neuron, IMAGES), neuron].any()
    assert len(first) < 5 and apart.any(axis=0).sum() <= len(first)
    assert np.abs(ours["weights"] - once).max() < 1e-4
    assert np.abs(ours["weights"][-1] - ours["weights"][0]).max() > 0.05  # it has learned


def test_stored_run_of_bindsnet() -> None:
    seen = np.s_[:, ::7, ::3]
    with np.load(STORED / "bindsnet.npz") as stored:
        assert str(stored["version"]) == "0.3.4"
        bits = {name: stored[name] for name in ("spikes", "exc", "inh")}
        theirs = {"weights": stored["weights"], "theta": stored["theta"]}
    spikes = np.unpackbits(bits["spikes"], axis=-1, count=PIXELS)
    trains = {name: np.unpackbits(bits[name], axis=-1, count=NEURONS) for name in ("exc", "inh")}
    assert_same(spikes, first_weights(2), {**theirs, **trains}, seen)


@pytest.mark.peers("bindsnet")
def test_live_run_of_bindsnet(peer_python: Callable[[str], str], tmp_path: Path, data_home: Path) -> None:
    images = sl.datasets.load_mnist().X_train[100 : 100 + IMAGES].reshape(IMAGES, -1) / 255.0
    spikes, weights = draw_spikes(images, 11), first_weights(12)
    assert_same(spikes, weights, their_run(peer_python("bindsnet"), spikes, weights, tmp_path), EVERY)
