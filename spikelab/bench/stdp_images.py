"""The network of Diehl & Cook while it learns images one by one, beside BindsNET's."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..connect import FromArray, OneToOne
from ..datasets import MissingDataError, load_mnist
from ..encode import PoissonEncoder
from ..network import Network
from ..neurons import DiehlCookLIF
from ..plasticity import Normalize, TraceSTDP
from ..simulator import Simulator
from .options import Peers, peer_python
from .peers.protocol import MARK
from .table import print_table, ratio, spread
from .timing import Timing

__all__ = ["diehl_cook_2015", "measure_images"]

_PIXELS, _STEPS, _RATE_HZ = 784, 250, 128.0
_NU_PRE, _NU_POST, _THETA_PLUS, _TOTAL = 1e-4, 1e-2, 0.05, 78.4
_WARM, _PEER_WARM = 20, 2
_FOLDER = Path(__file__).parent


def diehl_cook_2015(weights: np.ndarray) -> Network:
    """The network of BindsNET's class of this name, with its defaults; first weights [pixel, neuron], mV."""
    n = weights.shape[1]
    net = Network(seed=0)
    image = net.input("image", _PIXELS, PoissonEncoder(max_rate_hz=_RATE_HZ))
    exc = net.add("exc", n, DiehlCookLIF(theta_plus_mv=_THETA_PLUS))
    quick = DiehlCookLIF(
        tau_mem_ms=10.0, tau_ref_ms=2.0, v_rest_mv=-60.0, v_reset_mv=-45.0, v_thresh_mv=-40.0,
        theta_plus_mv=0.0,
    )  # fmt: skip
    inh = net.add("inh", n, quick)
    rule = TraceSTDP(
        w_max=1.0, nu_pre=_NU_PRE, nu_post=_NU_POST, delay_kind="transmission", coincident="include"
    )
    scaling = Normalize(total=_TOTAL)
    net.connect(image, exc, weight=weights, delay_ms=1.0, plasticity=rule, homeostasis=scaling)
    net.connect(exc, inh, OneToOne(), weight=22.5, delay_ms=1.0)
    net.connect(inh, exc, FromArray(-17.5 * (1.0 - np.eye(n))), delay_ms=1.0)
    return net


def measure_images(
    rounds: int,
    peers: Peers,
    *,
    sizes: tuple[int, ...] = (100, 400),
    images: int = 200,
    peer_images: int = 8,
) -> list[dict[str, Any]]:
    """Time an image on both sides in turn, print a table and return its rows.

    Both show the same images of 250 steps, one after another, and learn from each; ours also draws the input
    spikes, which BindsNET is given. BindsNET keeps its own types (float32) and shows fewer images a round. It
    runs in a process of its own on one thread, as ours does.

    Parameters
    ----------
    rounds : int
        Rounds; every side runs once in each.
    peers : Peers
        BindsNET takes part if it is among them.
    sizes : tuple of int
        Excitatory neurons.
    images, peer_images : int
        Images that are timed in a round.

    Raises
    ------
    click.ClickException
        If BindsNET's process fails.
    """
    x, where = _pictures(_WARM + images)
    rows: list[dict[str, Any]] = []
    for n in sizes:
        weights = 0.3 * np.random.default_rng(n).random((_PIXELS, n))
        net = diehl_cook_2015(weights)
        Simulator(net, 1.0).present({"image": x[:1]}, 20.0)  # compiles
        ours, theirs, spikes = [], [], 0.0
        for seed in range(rounds):
            seconds, spikes = _own_round(net, x)
            ours.append(seconds)
            if "bindsnet" in peers:
                theirs.append(_peer_round(x[: _PEER_WARM + peer_images], weights, seed))
        sides = {"spikelab float32": ours} | ({"BindsNET float32": theirs} if theirs else {})
        for name, values in sides.items():
            times = Timing(tuple(values)).as_dict()
            own = np.median(ours)
            rows.append({"name": name, "neurons": n, **times, "spikes": spikes if values is ours else None})
            rows[-1]["speedup_bindsnet"] = (
                float(np.median(theirs) / own) if theirs and values is ours else None
            )
    print_table(
        f"Diehl & Cook's network, {_STEPS} steps an image, learning one by one, medians of {rounds} rounds",
        {"": "left"} | dict.fromkeys(_COLUMNS, "right"),
        (_cells(row) for row in rows),
        f"Images of {where}, up to {_RATE_HZ:g} Hz; ours a round {images}, BindsNET's {peer_images}. "
        f"{peers.note()}",
    )
    return rows


_COLUMNS = ("neurons", "ms / image", "spread", "spikes / image", "x BindsNET")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    spikes = "-" if row["spikes"] is None else f"{row['spikes']:.1f}"
    return (
        row["name"],
        str(row["neurons"]),
        f"{1e3 * row['median_s']:.3g}",
        spread(row),
        spikes,
        ratio(row["speedup_bindsnet"]),
    )


def _pictures(count: int) -> tuple[np.ndarray, str]:
    """Pictures [image, pixel] in [0, 1], and where they are from: MNIST, or strokes if it is not there."""
    try:
        return load_mnist().X_train[:count].reshape(count, -1) / np.float32(255.0), "MNIST"
    except MissingDataError:
        rng = np.random.default_rng(0)
        pictures = np.zeros((count, 28, 28), np.float32)
        for picture in pictures:
            walk = np.clip(14 + rng.integers(-1, 2, (60, 2)).cumsum(axis=0), 4, 24)
            for row, column in walk.tolist():
                picture[row - 1 : row + 1, column - 1 : column + 1] = 1.0
        return pictures.reshape(count, -1), "random strokes"


def _own_round(net: Network, x: np.ndarray) -> tuple[float, float]:
    """Seconds an image, and spikes of `exc` for each."""
    sim = Simulator(net, 1.0)
    sim.present({"image": x[:_WARM]}, float(_STEPS))
    started = time.perf_counter()
    shown = sim.present({"image": x[_WARM:]}, float(_STEPS))
    return (time.perf_counter() - started) / (len(x) - _WARM), float(shown["exc"].sum(axis=1).mean())


def _peer_round(x: np.ndarray, weights: np.ndarray, seed: int) -> float:
    """Seconds an image of BindsNET: the median over the images of a process."""
    drawn = np.random.default_rng(seed).random((len(x), _STEPS, _PIXELS))
    spikes = (drawn < x[:, None] * (1e-3 * _RATE_HZ)).astype(np.uint8)
    python = peer_python("bindsnet")
    assert python is not None  # or it would be no side
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder, "case.npz")
        np.savez(case, spikes=spikes, weights=weights)
        task = {
            "case": str(case), "nu": (_NU_PRE, _NU_POST), "theta_plus": _THETA_PLUS, "total": _TOTAL,
            "exact": False, "warm": _PEER_WARM, "out": None,
        }  # fmt: skip
        # At the end of the path, where the modules here hide none of the peer's.
        code = f"import sys; sys.path.append({str(_FOLDER)!r}); from peers import bindsnet_side"
        child = subprocess.run(
            [python, "-c", f"{code}; bindsnet_side.main()"],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    if child.returncode != 0 or MARK not in child.stdout:
        said = "\n".join(child.stderr.strip().splitlines()[-12:])
        raise click.ClickException(f"BindsNET failed (exit code {child.returncode}):\n{said}")
    return float(np.median(json.loads(child.stdout.rpartition(MARK)[2])["seconds"]))
