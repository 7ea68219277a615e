"""Pairs of neurons whose spikes are given: synapse i leads from source i to neuron i."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import spikelab as sl

Trains = Sequence[Sequence[int]]


def network(rule: Any, n: int, w0: float, delay_ms: Any, sign: float = 1.0) -> sl.Network:
    """Neurons that fire with their teacher, whatever the synapses under test do."""
    net = sl.Network()
    source, teacher = net.input("source", n, sl.SpikeInput()), net.input("teacher", n, sl.SpikeInput())
    cell = sl.LIF(tau_mem_ms=1.0, tau_ref_ms=0.0, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=2000.0)
    cells = net.add("cells", n, cell)
    net.connect(teacher, cells, sl.OneToOne(), weight=3000.0, delay_ms=0.0)
    net.connect(source, cells, sl.OneToOne(), weight=sign * w0, delay_ms=delay_ms, plasticity=rule)
    return net


def spikes(trains: Trains, steps: int) -> np.ndarray:
    """Trains of steps as an array [step, 1, neuron]."""
    out = np.zeros((steps, 1, len(trains)), np.uint8)
    for neuron, train in enumerate(trains):
        out[list(train), 0, neuron] = 1
    return out


def weights_after(
    rule: Any,
    pre: Trains,
    post: Trains,
    steps: int,
    *,
    w0: float = 0.5,
    delay: int | Sequence[int] = 1,
    dt_ms: float = 1.0,
    signals: dict[str, Any] | None = None,
    sign: float = 1.0,
    **simulator: Any,
) -> np.ndarray:
    """Weights after a run in which neuron i fires in the steps ``post[i]`` and its source in ``pre[i]``."""
    n = len(pre)
    delays = np.full((n, n), dt_ms)
    np.fill_diagonal(delays, np.asarray(delay) * dt_ms)
    options = {"dtype": "float64", "device": "reference"} | simulator
    sim = sl.Simulator(network(rule, n, w0, delays, sign), dt_ms, **options)
    result = sim.run(
        inputs={"source": spikes(pre, steps), "teacher": spikes(post, steps)}, signals=signals or {}
    )
    fired = result["cells"].spikes
    assert {(int(s), int(i)) for s, i in zip(fired.step, fired.neuron, strict=True)} == {
        (s, i) for i, train in enumerate(post) for s in train
    }
    return sim.weights()["source", "cells", 0]


def trace(times: Sequence[int], t: int, tau: float, raised: bool = False, nearest: bool = False) -> float:
    """What the spikes before step t, and with `raised` in it, have left; all of them or the last one."""
    seen = [s for s in times if s < t or (raised and s == t)]
    return sum(math.exp(-(t - s) / tau) for s in (seen[-1:] if nearest else seen))


def learn(
    pre: Sequence[int],
    post: Sequence[int],
    on_pre: Callable[[float, int, bool], float],
    on_post: Callable[[float, int, bool], float],
    *,
    w: float = 0.5,
    delays: tuple[int, int] = (0, 1),
    bounds: tuple[float, float] = (0.0, 1.0),
    coincident: str = "ignore",
    steps: int = 10**9,
) -> float:
    """The weight after all events, one after another.

    ``on_pre(w, t, raised)`` and ``on_post(w, t, raised)`` return the new weight; `raised` says whether a
    spike of the other side in step t is seen. Times are those at the synapse.
    """
    sides = {"pre": [t + delays[0] for t in pre], "post": [t + delays[1] for t in post]}
    order = ["post", "pre"] if coincident == "ignore" else ["pre", "post"]
    for t in sorted({*sides["pre"], *sides["post"]}):
        for side in order:
            if t in sides[side] and t < steps:
                raised = coincident == "include" or (coincident == "pre_first" and side == "post")
                w = (on_pre if side == "pre" else on_post)(w, t, raised)
                w = min(max(w, bounds[0]), bounds[1])
    return w
