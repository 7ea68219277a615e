"""Ten images for BindsNET's network and for ours: the case, their run and our run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import spikelab as sl
from spikelab.bench import peers
from spikelab.build import build
from spikelab.fused import Competitive

PIXELS, NEURONS, IMAGES, STEPS = 784, 100, 10, 250
NU_PRE, NU_POST, THETA_PLUS, TOTAL = 1e-4, 1e-2, 0.05, 78.4
_SIDE = "from peers import bindsnet_side; bindsnet_side.main()"


def draw_spikes(images: np.ndarray, seed: int) -> np.ndarray:
    """Poisson spikes of images [image, pixel] at up to 128 Hz: array [image, step, pixel], uint8."""
    rng = np.random.default_rng(seed)
    return (rng.random((len(images), STEPS, PIXELS)) < images[:, None] * 0.128).astype(np.uint8)


def first_weights(seed: int) -> np.ndarray:
    """Weights spread evenly below 0.3, as BindsNET draws them: array [pixel, neuron]."""
    return 0.3 * np.random.default_rng(seed).random((PIXELS, NEURONS))


def their_run(python: str, spikes: np.ndarray, weights: np.ndarray, folder: Path) -> dict[str, Any]:
    """What BindsNET makes of it in float64: spikes [image, step, neuron]; weights, thresholds after each."""
    case, out = folder / "case.npz", folder / "out.npz"
    np.savez(case, spikes=spikes, weights=weights)
    task = {"case": str(case), "out": str(out), "exact": True, "warm": 0}
    task |= {"nu": (NU_PRE, NU_POST), "theta_plus": THETA_PLUS, "total": TOTAL}
    code = f"import sys; sys.path.append({str(Path(peers.__file__).parents[1])!r}); {_SIDE}"
    child = subprocess.run(
        [python, "-c", code], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr[-2000:]
    answer = json.loads(child.stdout.rpartition(">>> ")[2])
    with np.load(out) as made:
        return {"version": answer["version"], **{name: made[name] for name in made.files}}


def our_network(weights: np.ndarray) -> sl.Network:
    """The network of ``DiehlAndCook2015`` with our records."""
    net = sl.Network(seed=0)
    image = net.input("image", PIXELS, sl.SpikeInput())
    exc = net.add("exc", NEURONS, sl.DiehlCookLIF(theta_plus_mv=THETA_PLUS))
    silent = sl.DiehlCookLIF(
        tau_mem_ms=10.0, tau_ref_ms=2.0, v_rest_mv=-60.0, v_reset_mv=-45.0, v_thresh_mv=-40.0,
        theta_plus_mv=0.0,
    )  # fmt: skip
    inh = net.add("inh", NEURONS, silent)
    rule = sl.TraceSTDP(
        w_max=1.0, nu_pre=NU_PRE, nu_post=NU_POST, delay_kind="transmission", coincident="include"
    )
    scaling = sl.Normalize(total=TOTAL)
    net.connect(image, exc, weight=weights, delay_ms=1.0, plasticity=rule, homeostasis=scaling)
    net.connect(exc, inh, sl.OneToOne(), weight=22.5, delay_ms=1.0)
    net.connect(inh, exc, sl.FromArray(-17.5 * (1.0 - np.eye(NEURONS))), delay_ms=1.0)
    return net


def our_run(spikes: np.ndarray, weights: np.ndarray) -> Mapping[str, np.ndarray]:
    """The same of ours."""
    loop = Competitive(build(our_network(weights), 1.0, "float64"))
    found: dict[str, list[np.ndarray]] = {"exc": [], "inh": [], "weights": [], "theta": []}
    for image in spikes:
        shown = loop.present(image[None], STEPS, trains=True)
        found["exc"].append(shown["exc/spikes"][0])
        found["inh"].append(shown["inh/spikes"][0])
        found["weights"].append(loop.weights.copy())
        found["theta"].append(loop.state["exc"]["theta_mv"][0].copy())
    return {name: np.array(values) for name, values in found.items()}


def retrace(
    spikes: np.ndarray, exc: np.ndarray, weights: np.ndarray, bounded_once: bool
) -> tuple[np.ndarray, set[tuple[int, int, int, int]]]:
    """Weights after each image that follow from the spikes of both sides, in plain NumPy.

    BindsNET puts weights back between their bounds once a step, we do after each of the rule's two functions.
    The second result lists (image, step, pixel, neuron) wherever that makes a difference: both neurons fire
    in the step and the first function takes the weight below 0.
    """
    weights, found, places = weights.copy(), [], set()
    fade = np.exp(-1.0 / 20.0)
    for k, (rows, posts) in enumerate(zip(spikes != 0, exc != 0, strict=True)):
        pre, post = np.zeros(PIXELS), np.zeros(NEURONS)
        for t, (row, column) in enumerate(zip(rows, posts, strict=True)):
            pre, post = np.where(row, 1.0, pre * fade), np.where(column, 1.0, post * fade)
            weights[row] -= NU_PRE * post
            for pixel, neuron in np.argwhere((weights[row] < 0.0) & column):
                places.add((k, t, int(np.flatnonzero(row)[pixel]), int(neuron)))
            if not bounded_once:
                np.clip(weights, 0.0, 1.0, out=weights)
            weights[:, column] += NU_POST * pre[:, None]
            np.clip(weights, 0.0, 1.0, out=weights)
        weights *= TOTAL / weights.sum(axis=0)
        found.append(weights.copy())
    return np.array(found), places
