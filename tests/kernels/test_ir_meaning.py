"""What a program means: its Python function, and equations written by hand. No printer is its own oracle."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spikelab_kernels import dispatch
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import abs, exp, expm1, floor, log, max, min, pow, real, sqrt, tanh, where
from spikelab_kernels.math import inverse_normal_cdf_f64
from spikelab_kernels.philox import draw_words, uniform
from spikelab_kernels.population_spec import PopulationSpec

from .population_cases import BUILT_IN, Case, make_case, run_case

# float64 arrays under the NumPy printer are Python's own floats, operation by operation.
STEPS, BATCH, N = 12, 2, 9


class State(SimpleNamespace):
    """What a step function sees as ``s``."""

    def next(self, **values: Any) -> dict[str, Any]:
        return {**vars(self), **values}


class Draws:
    """What a step function sees as ``rng``: the draws of one neuron and step, in source order."""

    def __init__(self, case: Case, step: int, row: int, neuron: int):
        self.place = int(case.rng_key[neuron]), int(case.rng_element[neuron]), step, int(case.sample_ids[row])
        self.draw = 0

    def uniform(self) -> np.float64:
        self.draw += 1
        return np.float64(uniform(draw_words(*self.place, self.draw - 1)))

    def normal(self) -> np.float64:
        return np.float64(inverse_normal_cdf_f64(self.uniform()))


def arriving(case: Case, t: int, b: int, i: int) -> dict[str, np.float64]:
    """What the inputs of a neuron read in one step: quanta at receptors, real values at all."""
    model, values = case.spec.model, case.analog[t, b, :, i].astype(np.float64)
    values[: len(model.receptors)] += case.sums[t, b, :, i] * case.quanta[:, i].astype(np.float64)
    return dict(zip(model.inputs, values, strict=True))


def plainly(case: Case, steps: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Call the step function itself, neuron by neuron, in float64."""
    model = case.spec.model
    batch, n = case.shape
    state = {name: values.copy() for name, values in case.state.items()}
    spikes = np.zeros((steps, batch, n), np.uint8)
    kinds = {Type.REAL: np.float64, Type.I32: np.int32, Type.U32: np.uint32, Type.BOOL: bool}
    for t, b, i in np.ndindex(steps, batch, n):
        s = State(**{name: kinds[kind](state[name][b, i]) for name, kind in model.state.items()})
        p = SimpleNamespace(**model.static, **{name: v[i] for name, v in case.constants.items()})
        inp = SimpleNamespace(**arriving(case, t, b, i))
        new, fired = model.step(s, p, inp, Draws(case, case.step0 + t, b, i))
        spikes[t, b, i] = fired
        for name, value in new.items():
            state[name][b, i] = value
    return state, spikes


def step_of_all(s, p, inp, rng):
    """Every function and operator of the language."""
    x = inp.input * 0.5 + s.x / 3.0
    for k in range(3):
        x += p.step * k
    y = exp(-abs(x)) + expm1(x * 0.1) - log(abs(x) + 0.5) * tanh(x)
    z = pow(abs(y) + 0.1, 1.5) + sqrt(abs(x)) - floor(y * 4.0) * 0.25
    w = min(max(z, -2.0), 2.0) + rng.uniform() - 0.1 * rng.normal()
    calm = (w <= x and not s.hot) or x == 0.0
    n = where(calm, s.n - 2, s.n * 3 + 1)
    return s.next(x=where(calm and p.soft, w, -w), y=y, n=max(n, -50), hot=w > y or n != 3), w + real(
        n
    ) >= 1.0


ALL = Model(
    "step_of_all",
    step_of_all,
    {"x": Type.REAL, "y": Type.REAL, "n": Type.I32, "hot": Type.BOOL},
    {"step": Type.REAL},
    ("input",),
    {"soft": True},
)


@pytest.mark.parametrize("name", [*BUILT_IN, "all"])
def test_a_program_is_its_function(name):
    model = ALL if name == "all" else BUILT_IN[name]
    spec = PopulationSpec(model, "float64", frozenset(model.constants), True, True, "uint8")
    case = make_case(spec, BATCH, N, STEPS, seed=11)
    state, spikes = plainly(case, STEPS)
    found = run_case(dispatch.backend("reference"), case, STEPS)
    np.testing.assert_array_equal(found["out"], spikes)
    for key, values in state.items():
        np.testing.assert_array_equal(found[f"state {key}"], values)
    assert model.output or 0 < spikes.sum() < spikes.size


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "tanh", "sqrt", "floor", "abs"])
def test_the_functions_are_those_of_mathematics(name):
    ours = globals()[name]
    theirs = getattr(math, {"abs": "fabs"}.get(name, name))
    for x in (0.25, 1.0, 3.7, 12.5):
        assert ours(np.float64(x)) == pytest.approx(theirs(x), rel=1e-15)


# Hand-written integrators: the equations of the models' docstrings, in plain Python floats.


def lif_delta(v, ref, jump, current, c):
    if ref > 0:
        ref -= 1
    else:
        v = v * c["decay"] + c["v_drive_mv"] + c["gain"] * current + jump
    if v >= c["v_thresh_mv"]:
        return c["v_reset_mv"], c["ref_steps"], True
    return v, ref, False


def lif_exp(v, ref, i_exc, i_inh, exc, inh, current, c):
    if ref > 0:
        ref -= 1
    else:
        v = v * c["decay"] + c["v_drive_mv"] + c["gain"] * current
        v += c["gain_exc"] * i_exc + c["gain_inh"] * i_inh
    i_exc, i_inh = i_exc * c["decay_exc"] + exc, i_inh * c["decay_inh"] + inh
    if v >= c["v_thresh_mv"]:
        return c["v_reset_mv"], c["ref_steps"], i_exc, i_inh, True
    return v, ref, i_exc, i_inh, False


def unitless(v, was_over, current, c, subtract, delayed, inclusive):
    """snnTorch's Leaky where delayed: the reset of the step before is part of this one."""
    theta = c["threshold"]
    if delayed and was_over and not subtract:
        v = 0.0
    v = c["beta"] * v + current
    if delayed and was_over and subtract:
        v -= theta
    fired = v >= theta if inclusive else v > theta
    if fired and not delayed:
        v = v - theta if subtract else 0.0
    return v, fired


def integrate(name: str, case: Case) -> tuple[dict[str, list[float]], list[list[bool]]]:
    """States at the end and spikes [neuron][step] of batch row 0."""
    static = case.spec.model.static
    ends: dict[str, list[float]] = {key: [] for key in case.spec.model.state}
    spikes = []
    for i in range(N):
        c = {key: v[i].item() for key, v in case.constants.items()}
        now = {key: v[0, i].item() for key, v in case.state.items()}
        over = name.endswith("delayed") and (
            now["v"] >= c["threshold"] if static["inclusive"] else now["v"] > c["threshold"]
        )
        fired_at = []
        for t in range(STEPS):
            inputs = [value.item() for value in arriving(case, t, 0, i).values()]
            fired = False
            if name == "lif_delta":
                now["v_mv"], now["ref"], fired = lif_delta(now["v_mv"], now["ref"], *inputs, c)
            elif name == "lif_exp":
                *values, fired = lif_exp(*now.values(), *inputs, c)
                now = dict(zip(now, values, strict=True))
            elif name.startswith("unitless"):
                flags = static["subtract"], static["delayed"], static["inclusive"]
                now["v"], fired = unitless(now["v"], over, *inputs, c, *flags)
                over = fired
            elif name == "leaky_integrator":
                now["v"] = now["v"] * c["decay"] + inputs[0]
            else:
                target = math.tanh(inputs[0] + c["bias"])
                now["x"] = c["keep"] * now["x"] + c["leak_rate"] * target
            fired_at.append(fired)
        spikes.append(fired_at)
        for key, value in now.items():
            ends[key].append(value)
    return ends, spikes


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "lif_delta >"])
def test_built_in_models_follow_their_equations(name):
    model = BUILT_IN[name]
    spec = PopulationSpec(model, "float64", frozenset(model.constants), True, True, "uint8")
    case = make_case(spec, 1, N, STEPS, seed=12)
    ends, spikes = integrate(name, case)
    found = run_case(dispatch.backend("reference"), case, STEPS)
    np.testing.assert_array_equal(found["out"][:, 0].T, spikes)
    for key, values in ends.items():
        np.testing.assert_allclose(found[f"state {key}"][0], values, rtol=1e-12, atol=1e-14)
    assert model.output or 5 < np.sum(spikes) < N * STEPS - 5


@pytest.mark.parametrize(("name", "fires"), [("lif_delta", True), ("lif_delta >", False)])
def test_the_threshold_itself(backend, name, fires):
    spec = PopulationSpec(BUILT_IN[name], "float32", sums=True, analog=True, output="bits")
    case = make_case(spec, 1, 3, 1)
    case.constants |= {"decay": 1.0, "v_drive_mv": 0.0, "v_thresh_mv": 1.0, "v_reset_mv": 0.0, "ref_steps": 2}
    case.state["v_mv"][:] = [[0.5, 1.0, 0.5]]
    case.state["ref"][:] = [[0, 0, 1]]  # the last one is refractory: its input is lost
    case.quanta[:] = 0.25
    case.sums[:] = 2
    case.analog[:] = [0.0, 0.25, 9.0]
    found = run_case(backend, case, 1)
    assert found["out"][0, 0, 0] == (0b011 if fires else 0b010)
    np.testing.assert_array_equal(found["state ref"], [[2 if fires else 0, 2, 0]])
    np.testing.assert_array_equal(found["state v_mv"], [[0.0 if fires else 1.0, 0.0, 0.5]])
