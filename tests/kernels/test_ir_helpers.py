"""Functions that a model calls: expanded in place, with several values; errors point into them."""

from __future__ import annotations

import numpy as np
import pytest

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.errors import ModelError
from spikelab_kernels.ir.numpy_printer import print_numpy
from spikelab_kernels.ir.parse import parse_model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import exp, where


def model(step):
    real = {"v": Type.REAL, "w": Type.REAL}
    return Model("cell", step, real, {"tau": Type.REAL, "a": Type.REAL}, ("input",), currents=("current",))


def run(step, **values):
    """New states after one step, float64."""
    namespace = {}
    exec(print_numpy(parse_model(model(step), "float64")), namespace)
    inp = {"input": np.float64(values.pop("input", 0.0)), "current": np.float64(values.pop("current", 0.0))}
    p = {"tau": np.float64(2.0), "a": np.float64(0.25)}
    state, _ = namespace["step"]({"v": np.float64(values["v"]), "w": np.float64(values["w"])}, p, inp, [])
    return {name: float(value) for name, value in state.items()}


def slope(parameters, v, w):
    return (exp(-v) - w) / parameters.tau


def slopes(p, cell, v, w):
    """Both slopes; `cell` is the state by another name."""
    up = slope(p, v, w)
    return up, p.a * (v - cell.w)


def midpoint(s, p, inp, rng):
    dv, dw = slopes(p, s, s.v, s.w)
    dv, dw = slopes(p, s, s.v + 0.5 * dv, s.w + 0.5 * dw)
    return s.next(v=s.v + dv + inp.input, w=s.w + dw), False


def test_a_model_may_call_functions_of_its_file():
    found = run(midpoint, v=0.5, w=0.125, input=1.0)
    dv, dw = (np.exp(-0.5) - 0.125) / 2.0, 0.25 * (0.5 - 0.125)
    half_v, half_w = 0.5 + 0.5 * dv, 0.125 + 0.5 * dw
    assert found["v"] == pytest.approx(0.5 + (np.exp(-half_v) - half_w) / 2.0 + 1.0, rel=1e-15)
    assert found["w"] == pytest.approx(0.125 + 0.25 * (half_v - 0.125), rel=1e-15)


def ends(s, p, inp, rng):
    return s.next(v=reads(p, inp)), False


def reads(p, inp):
    return p.a * inp.current + inp.input


def test_inputs_and_currents_can_be_handed_on():
    assert run(ends, v=0.0, w=0.0, current=8.0, input=1.0)["v"] == 3.0


def no_such_field(p):
    return p.taw


def recursive(v):
    return recursive(v)


def pair(v):
    return v, v


def branches(v):
    if v > 0.0:
        return v
    return -v


def a_field(s, p, inp, rng):
    return s.next(v=no_such_field(p)), False


def a_circle(s, p, inp, rng):
    return s.next(v=recursive(s.v)), False


def two_for_one(s, p, inp, rng):
    return s.next(v=pair(s.v)), False


def one_for_two(s, p, inp, rng):
    a, b = slope(p, s.v, s.w)
    return s.next(v=a, w=b), False


def too_few(s, p, inp, rng):
    return s.next(v=slope(p, s.v)), False


def of_the_language(s, p, inp, rng):
    a, b = where(s.v > 0.0, s.v, s.w)
    return s.next(v=a, w=b), False


def a_branch(s, p, inp, rng):
    return s.next(v=branches(s.v)), False


def to_a_field(s, p, inp, rng):
    s.v, b = pair(s.v)
    return s.next(v=b), False


@pytest.mark.parametrize(
    ("step", "text", "where_at"),
    [
        (a_field, r"no_such_field: p.taw is not declared. Declared: tau, a", "return p.taw"),
        (a_circle, "recursive: more than 8 calls stand inside each other", "return recursive(v)"),
        (
            two_for_one,
            r"pair returns 2 values; write a, b = pair\(...\)",
            "return s.next(v=pair(s.v)), False",
        ),
        (one_for_two, "slope returns 1 values, not 2", "a, b = slope(p, s.v, s.w)"),
        (too_few, "slope takes 3 arguments, not 2", "return s.next(v=slope(p, s.v)), False"),
        (of_the_language, "'where' is no function of yours", "a, b = where(s.v > 0.0, s.v, s.w)"),
        (a_branch, "branches: if is not in the language", "if v > 0.0:"),
        (to_a_field, "only names are assigned to", "s.v, b = pair(s.v)"),
    ],
)
def test_what_is_refused_is_pointed_at(step, text, where_at):
    with pytest.raises(ModelError, match=text) as caught:
        parse_model(model(step), "float32")
    assert caught.value.filename == __file__
    assert caught.value.text.strip() == where_at
