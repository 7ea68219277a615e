"""Filters that learn from images of one spike a cell, one image after another, in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab_kernels.conv_spec import ConvRule
from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.ir.numpy_printer import print_rule
from spikelab_kernels.ir.types import Program
from spikelab_kernels.reference.conv import SILENT, potentials

__all__ = ["conv_stdp_kernel"]

Floats = NDArray[np.float64]
Winner = tuple[int, int, int, int]


@cache
def conv_stdp_kernel(form: ConvRule) -> Callable[..., None]:
    """Compile a rule for filters; the function returned is ``learn``.

    ``learn(latency, weight, scale, threshold, n_steps, winners, radius, constants, pre_trace, post_trace,
    coincident, wins)`` shows images and changes the filters after each.

    Parameters
    ----------
    form : ConvRule

    Notes
    -----
    The arguments of ``learn``:

    latency : array [image, channel, y, x], uint8
        Shown in this order. A run of a + b images equals a run of a and a run of b.
    weight : array [channel, ky, kx, map], float64
        Changed in place.
    scale : float
        Quanta in 1, a power of two: spikes deliver ``round(weight * scale)``, halves to the even number.
    threshold : int, quanta
    n_steps : int
    winners : int
        Neurons that learn from an image, at most.
    radius : int
        A winner keeps others from learning whose rows and columns are both this near to its own.
    constants : array [constant], float64
        In the order of ``form.constants``.
    pre_trace, post_trace : array [n_steps + 1, trace], float64
        Of ``form.trace_table``.
    coincident : int
        What spikes of both sides in one step mean: 0 nothing, 1 the source fired just before, 2 both see the
        other's raised trace.
    wins : array [map], int64
        Added to: how often each map has learned.

    Neurons fire as with rivalry in `conv_first_spikes`. Those that fire compete for learning in the order of
    their spikes, those of one step in the order of their potentials, equal ones from the first position on.
    A map learns once an image at most. The neurons of a map share its filter, so that it is changed for the
    one that has won: by its own spike, and by the one spike that each of its inputs may fire, before, with or
    after it. Traces begin anew with each image.
    """
    programs = [_compiled(program, form) for program in (form.programs.on_pre, form.programs.on_post)]

    def learn(
        latency: NDArray[np.uint8],
        weight: Floats,
        scale: float,
        threshold: int,
        n_steps: int,
        winners: int,
        radius: int,
        constants: Floats,
        pre_trace: Floats,
        post_trace: Floats,
        coincident: int,
        wins: NDArray[np.int64],
    ) -> None:
        ky, kx = weight.shape[1:3]
        p = dict(zip(form.constants, constants.tolist(), strict=True))
        on_pre, on_post = (
            partial(_update, program, form.rule, p, pre_trace, post_trace) for program in programs
        )
        for image in latency:
            quanta = np.rint(weight * scale).astype(np.int32)
            for m, y, x, fired in _winners(image, quanta, threshold, n_steps, winners, radius):
                patch = image[:, y : y + ky, x : x + kx].astype(np.int64)
                weight[..., m] = _learned(weight[..., m], patch, fired, n_steps, coincident, on_pre, on_post)
                wins[m] += 1

    return learn


def _learned(
    w: Floats, pre: NDArray[np.int64], post: int, n_steps: int, coincident: int, on_pre: Any, on_post: Any
) -> Floats:
    """Weights of one filter after spikes of its inputs in steps `pre` and of the neuron in step `post`."""
    none = np.full(w.shape, n_steps)  # the row of traces of a neuron that has not fired
    before, together, after = pre < post, pre == post, (pre > post) & (pre != SILENT)
    new: Floats = w.copy()
    if coincident:
        raised = none[together] * 0 if coincident == 2 else none[together]
        new[together] = on_pre(new[together], raised, raised)
    new[before] = on_pre(new[before], none[before], none[before])
    age = np.where(before, post - pre, n_steps)
    own = none.copy()
    if coincident:
        age[together] = 0
        own[together] = raised
    new = on_post(new, age, own)
    new[after] = on_pre(new[after], none[after], pre[after] - post)
    if not coincident:
        new[together] = on_pre(new[together], none[together], none[together])
    return new


def _winners(
    image: NDArray[np.uint8],
    quanta: NDArray[np.int32],
    threshold: int,
    n_steps: int,
    winners: int,
    radius: int,
) -> list[Winner]:
    """Map, row, column and step of the neurons that learn from an image."""
    found: list[Winner] = []
    closed: Any = False
    for t, potential in enumerate(potentials(image, quanta, n_steps)):
        highest, best = potential.max(axis=0), potential.argmax(axis=0)
        fires = (highest >= threshold) & ~np.asarray(closed)
        closed = closed | fires
        rows, columns = np.nonzero(fires)
        order = np.argsort(-highest[rows, columns].astype(np.int64), kind="stable")
        for y, x in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
            m = int(best[y, x])
            free = all(m != k and max(abs(y - i), abs(x - j)) > radius for k, i, j, _ in found)
            if free and len(found) < winners:
                found.append((m, y, x, t))
    return found


def _compiled(program: Program | None, form: ConvRule) -> Callable[..., dict[str, Any]]:
    """A function of the rule in NumPy; where it has none, one that changes nothing."""
    if program is None:
        return lambda s, p, pre, post, third: {}
    namespace: dict[str, Any] = {}
    exec(compile(print_rule(program), f"<{form.rule.name}>", "exec"), namespace)
    update: Callable[..., dict[str, Any]] = namespace["update"]
    return update


def _update(
    program: Callable[..., dict[str, Any]],
    rule: Rule,
    p: dict[str, float],
    pre_trace: Floats,
    post_trace: Floats,
    w: Floats,
    pre: NDArray[np.int64],
    post: NDArray[np.int64],
) -> Floats:
    """Weights between their bounds after one function; `pre` and `post` are rows of the tables of traces."""
    sides = (
        dict(zip(names, np.moveaxis(table[rows], -1, 0), strict=True))
        for names, table, rows in ((rule.pre, pre_trace, pre), (rule.post, post_trace, post))
    )
    new = np.broadcast_to(program({"w": w}, p, *sides, {}).get("w", w), w.shape)
    return np.asarray(np.minimum(np.maximum(new, p["w_min"]), p["w_max"]))
