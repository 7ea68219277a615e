"""Random models: what NumPy and Numba make of one text must agree to the bit."""

from __future__ import annotations

import importlib.util
import itertools
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from spikelab_kernels import dispatch
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.population_spec import PopulationSpec

from .population_cases import assert_same_bits, make_case, run_case

DTYPES = ("float32", "float64")
EXAMPLES = 10 if os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0") else 15
NUMBERS = itertools.count()
LETTERS = {"r": Type.REAL, "i": Type.I32, "u": Type.U32, "b": Type.BOOL}
STATE = {name: LETTERS[name[0]] for name in ("r0", "r1", "i0", "u0", "b0")}
CONSTANTS = {"pr0": Type.REAL, "pr1": Type.REAL, "pi": Type.I32, "pu": Type.U32}
STATIC = {"yes": True, "no": False}
RECEPTORS = ("exc", "inh")

FUNCTIONS = ["exp(v0)", "expm1(v0)", "log(v0)", "tanh(v0)", "pow(v0, v1)", "rng.normal()"]
REALS = ["0.0", "-0.0", "0.1", "1.0", "-3.5", "2", "1e-42", "3e38", "1e300", "16777217.0"]
LEAVES = {
    "r": ["s.r0", "s.r1", "p.pr0", "p.pr1", "inp.exc", "inp.inh", "rng.uniform()"],
    "i": ["s.i0", "p.pi"],
    "u": ["s.u0", "p.pu"],
    "b": ["s.b0", "p.yes", "p.no", "True", "False"],
}
LITERALS = {"r": REALS, "i": ["0", "1", "-7", "2147483647", "65539"], "u": ["0", "3", "4294967295", "69069"]}

# {r} {i} {u} {b}: an expression of that type; {l}: a literal or an expression.
FORMS = {
    "r": ["({r} + {l})", "({r} - {r})", "({r} * {l})", "({r} / {r})", "(-{r})", "where({b}, {r}, {l})",
          "min({r}, {l})", "max({r}, {r})", "real({i})", "real({u})", "real({b})",
          "sqrt({r})", "abs({r})", "floor({r})"],
    "i": ["({i} + {l})", "({i} - {i})", "({i} * {l})", "(-{i})", "where({b}, {i}, {l})", "min({i}, {l})",
          "max({i}, {i})", "abs({i})"],
    "u": ["({u} + {l})", "({u} - {u})", "({u} * {l})", "(-{u})", "where({b}, {u}, {l})", "min({u}, {l})",
          "max({u}, {u})"],
    "b": ["({r} < {r})", "({r} <= {r})", "({i} > {i})", "({u} >= {u})", "({r} == {r})", "({i} != {i})",
          "({b} and {b})", "({b} or {b})", "(not {b})", "({b} != {b})", "where({b}, {b}, {b})"],
}  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, letter: str, depth: int) -> str:
    """Text of an expression of the type that `letter` stands for."""
    if depth == 0:
        return draw(st.sampled_from(LEAVES[letter]))

    def fill(hole: re.Match[str]) -> str:
        kind = hole.group(1)
        if kind == "l":
            if draw(st.booleans()):
                return draw(st.sampled_from(LITERALS[letter]))
            kind = letter
        return draw(expressions(kind, depth - 1))

    return re.sub(r"\{(\w)\}", fill, draw(st.sampled_from(FORMS[letter])))


@st.composite
def models(draw: st.DrawFn) -> str:
    """Text of a step function: locals, augmented assignments, a loop, and most states set."""
    lines = [f"v{k} = {draw(expressions('r', 2))}" for k in range(2)]
    lines.append(f"v1 = v1 - {draw(st.sampled_from(FUNCTIONS))}")  # long ones: one for each model
    lines.append(f"v0 {draw(st.sampled_from('+-*/'))}= {draw(expressions('r', 1))}")
    lines += ["for k in range(3):", f"    v1 = v1 * {draw(expressions('r', 1))} + k"]
    values = {"r0": "v0", "r1": "v1"}
    for name in STATE:
        if name not in values and draw(st.integers(0, 9)):  # some keep their value
            values[name] = draw(expressions(name[0], 2))
    new = "".join(f"        {name}={value},\n" for name, value in values.items())
    body = "".join(f"    {line}\n" for line in lines)
    return f"def step(s, p, inp, rng):\n{body}    return s.next(\n{new}    ), {draw(expressions('b', 2))}\n"


def load(text: str, folder: Path) -> Model:
    """The model whose text stands in a file of its own, so that its source can be found."""
    path = folder / f"random_{next(NUMBERS)}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Model("random", module.step, STATE, CONSTANTS, RECEPTORS, STATIC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # a model is printed whole; shrinking would compile for minutes
    suppress_health_check=list(HealthCheck),
)
@given(text=models(), dtype=st.sampled_from(DTYPES), seed=st.integers(0, 99))
def test_random_models_agree_to_the_bit(folder, text, dtype, seed):
    model = load(text, folder)
    arrays = frozenset(["pr0", "pu"]) if seed % 2 else frozenset()
    spec = PopulationSpec(model, dtype, arrays, sums=bool(seed % 3), analog=bool(seed % 5), output="bits")
    case = make_case(spec, batch=2, n=63, steps=3, seed=seed)
    expected = run_case(dispatch.backend("reference"), case, 3)
    note = f"{dtype}, seed {seed}\n{text}"
    assert_same_bits(run_case(dispatch.backend("cpu"), case, 3), expected, note)
