"""The language of models: what it refuses, at which line and column, and what it allows."""

from __future__ import annotations

import importlib.util
import itertools
import linecache
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from spikelab_kernels import dispatch
from spikelab_kernels.errors import SpikelabError
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.errors import ModelError
from spikelab_kernels.ir.parse import parse_model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.population_spec import PopulationSpec

from .population_cases import assert_same_bits, make_case, run_case

STATE = {"v": Type.REAL, "n": Type.I32, "u": Type.U32, "fired": Type.BOOL}
CONSTANTS = {"a": Type.REAL, "k": Type.I32}
STATIC = {"soft": True, "hard": False}
NUMBERS = itertools.count()
GLOBAL = 3.0

Loader = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    """Import text from a file of its own."""

    def module_of(text: str) -> ModuleType:
        path = tmp_path / f"model_{next(NUMBERS)}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return module_of


def model(step: Callable[..., Any], **changes: Any) -> Model:
    declared = {"state": STATE, "constants": CONSTANTS, "receptors": ("input",), "static": STATIC}
    return Model("tested", step, **{**declared, **changes})


END = "return s.next(v=v), v > p.a"

# In each body the mark «» stands around what the error must point at (its start).
REFUSED = {
    "while": (["v = s.v", "«»while v > 0.0:", "    v = v - 1.0", END], "while loops are not"),
    "for over a list": (["v = s.v", "«»for x in [1, 2]:", "    v = v + 1.0", END], "the only loop is"),
    "for over too many": (["v = s.v", "«»for i in range(17):", "    v = v + 1.0", END], "K <= 16"),
    "for to a constant": (["v = s.v", "«»for i in range(p.k):", "    v = v + 1.0", END], "literal K"),
    "for else": (["v = s.v", "«»for i in range(2):", "    v = p.a", "else:", "    v = 0.0", END], "loop"),
    "if": (["v = s.v", "«»if v > 0.0:", "    v = 0.0", END], "use where"),
    "if at the end": (["v = s.v", "«»if v > 0.0:", "    " + END, "else:", "    " + END], "use where"),
    "ternary": (["v = «»0.0 if s.fired else s.v", END], "use where"),
    "floor division": (["v = «»s.v // p.a", END], r"use floor\(a / b\)"),
    "modulo": (["v = «»s.v % p.a", END], r"use a - floor\(a / b\) \* b"),
    "power": (["v = p.a * «»s.v ** 2", END], r"pow\(x, y\)"),
    "matrix product": (["v = «»s.v @ p.a", END], "MatMult is not in the language"),
    "shift operator": (["v = real(«»s.n << 2)", END], "LShift is not in the language"),
    "unary plus": (["v = «»+s.v", END], "UnaryOp is not in the language"),
    "chained comparison": (["v = s.v", "fired = «»0.0 < v < 1.0", END], "comparisons are not chained"),
    "identity": (["v = s.v", "fired = «»s.fired is True", END], "only < <= > >= == != compare"),
    "global": (["v = s.v * «»GLOBAL", END], "'GLOBAL' is not declared.* no globals or closures"),
    "undeclared name": (["v = s.v + «»w", END], "'w' is not declared"),
    "used before assigned": (["v = s.v + «»w", "w = 1.0", END], "'w' is not declared"),
    "undeclared state": (["v = «»s.w", END], r"s\.w is not declared. Declared: v, n, u, fired\."),
    "undeclared parameter": (["v = «»p.tau", END], r"p\.tau is not declared. Declared: a, k, soft, hard\."),
    "undeclared receptor": (["v = «»inp.exc", END], r"inp\.exc is not declared. Declared: input\."),
    "attribute of a local": (["v = s.v", "w = «»v.real", END], "a dot is only used with the arguments"),
    "subscript": (["v = «»s.v[0]", END], "Subscript is not in the language"),
    "text": (["v = s.v + «»'a'", END], "Constant is not in the language"),
    "complex": (["v = s.v + «»1j", END], "Constant is not in the language"),
    "walrus": (["v = («»w := s.v)", END], "NamedExpr is not in the language"),
    "comprehension": (["v = s.v", "w = «»[x for x in v]", END], "ListComp is not in the language"),
    "lambda inside": (["v = s.v", "f = «»lambda x: x", END], "Lambda is not in the language"),
    "inner function": (["v = s.v", "«»def f(x):", "    return x", END], "FunctionDef is not in the language"),
    "import inside": (["«»import math", "v = s.v", END], "Import is not in the language"),
    "global statement": (["«»global GLOBAL", "v = s.v", END], "Global is not in the language"),
    "print": (["v = s.v", "«»print(v)", END], "Expr is not in the language"),
    "two targets": (["«»v, w = s.v, s.v", END], "only 'name = expression'"),
    "chained assignment": (["«»v = w = s.v", END], "only 'name = expression'"),
    "annotated": (["«»v: float = s.v", END], "only 'name = expression'"),
    "state set by hand": (["v = s.v", "«»s.v = v", END], r"state is set by s\.next"),
    "state added to": (["v = s.v", "«»s.v += v", END], r"state is set by s\.next"),
    "argument assigned": (["v = s.v", "«»p = v", END], "p cannot be assigned to"),
    "argument as loop name": (["v = s.v", "«»for s in range(2):", "    v += 1.0", END], "s cannot be"),
    "unknown function": (["v = «»sin(s.v)", END], "'sin' is not a function of the language. Known: where"),
    "function of a module": (["v = «»np.exp(s.v)", END], r"only rng\.uniform\(\) and rng\.normal\(\)"),
    "other draw": (["v = «»rng.random()", END], r"only rng\.uniform\(\) and rng\.normal\(\)"),
    "draw with arguments": (["v = «»rng.normal(0.0, 1.0)", END], "without arguments"),
    "call of a call": (["v = «»f()(s.v)", END], "by their plain name"),
    "keyword": (["v = «»exp(x=s.v)", END], "no keyword arguments"),
    "too many arguments": (["v = «»exp(s.v, s.v)", END], "exp takes 1 arguments, not 2"),
    "too few arguments": (["v = «»where(s.fired, s.v)", END], "where takes 3 arguments, not 2"),
    "starred": (["v = max(«»*s.v)", END], "Starred is not in the language"),
    "real plus integer": (["v = «»s.v + s.n", END], "add of real and i32: both sides must have one type"),
    "i32 plus u32": (["v = s.v", "w = «»s.n + s.u", END], "add of i32 and u32"),
    "integer division": (["v = s.v", "w = «»s.n / s.n", END], "/ takes reals only"),
    "division of literals": (["v = s.v * («»1 / 2)", END], "/ takes reals only"),
    "bool arithmetic": (["v = s.v", "w = «»s.fired + s.fired", END], "bools have no arithmetic"),
    "bool times real": (["v = «»s.v * s.fired", END], "mul of real and bool"),
    "bool order": (["v = s.v", "w = «»s.fired < s.fired", END], "compared by == and != only"),
    "minus bool": (["v = s.v", "w = «»-s.fired", END], "cannot be negated by -; use not"),
    "not of a real": (["v = s.v", "w = «»not v", END], "not needs bool, not real"),
    "and of a real": (["v = s.v", "w = «»s.fired and v", END], "and needs bool, not real"),
    "where of a real": (["v = «»where(s.v, 1.0, 0.0)", END], "the condition of where needs bool, not real"),
    "where of two types": (["v = «»where(s.fired, 1.0, s.n)", END], "where of real and i32"),
    "sqrt of an integer": (["v = «»sqrt(s.n)", END], "sqrt needs real, not i32"),
    "literal for a bool": (["v = s.v", "w = «»s.fired == 1", END], "write True or False"),
    "too large a literal": (["v = s.v", "w = «»s.n + 2147483648", END], "2147483648 does not fit into i32"),
    "negative literal for u32": (["v = s.v", "w = «»s.u + -1", END], "-1 does not fit into u32"),
    "shift by a value": (["v = s.v", "w = «»shl(s.n, s.n)", END], "an integer literal from 0 to 31"),
    "shift too far": (["v = s.v", "w = «»shr(s.n, 32)", END], "an integer literal from 0 to 31"),
    "missing return": (["«»v = s.v"], "must end in exactly one return"),
    "empty return": (["v = s.v", "«»return"], "must end in exactly one return"),
    "early return": (["v = s.v", "«»" + END, END], "must end in exactly one return"),
    "return without spike": (["v = s.v", "«»return s.next(v=v)"], r"return s\.next\(name=value, ...\)"),
    "return of a number": (["v = s.v", "«»return v, v > 0.0"], r"return s\.next\(name=value, ...\), spiked"),
    "spike is real": (["v = s.v", "return s.next(v=v), «»v"], "whether the neuron spikes: a bool"),
    "spike is a number": (["v = s.v", "return s.next(v=v), «»1"], "whether the neuron spikes: a bool"),
    "next of unknown": (["v = s.v", "return s.next(w=«»v), v > 0.0"], r"'w' is not a declared state\. Dec"),
    "next by position": (["v = s.v", "return «»s.next(v), v > 0.0"], "keyword arguments only"),
    "next by a dict": (["v = s.v", "return s.next(**«»v), v > 0.0"], r"by name, without \*\*"),
    "integer to real state": (["v = s.n", "return s.next(v=«»v), v > 0"], "state v is real, not i32"),
    "real to integer state": (["v = s.v", "return s.next(n=«»v), v > 0.0"], "state n is i32, not real"),
    "literal to bool state": (["v = s.v", "return s.next(fired=«»1), v > 0.0"], "write True or False"),
    "huge literal to state": (["v = s.v", "return s.next(n=«»3000000000), v > 0.0"], "does not fit into i32"),
}  # fmt: skip


def refused(make: Callable[[], object]) -> ModelError:
    with pytest.raises(ModelError) as caught:
        make()
    return caught.value


@pytest.mark.parametrize("nested", [False, True], ids=["plain", "nested and decorated"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_pointed_at(load, name, nested):
    body, message = REFUSED[name]
    lines = ["def step(s, p, inp, rng):", *(f"    {line}" for line in body)]
    if nested:  # the decorator's lines and a comment in the first column belong to the source
        lines = ["@keep", "# a comment", *lines]
        lines = ["keep = lambda f: f", "def outer():", *(f"    {x}" for x in lines), "    return step"]
        lines.insert(5, "# in the first column")
    row = next(i for i, line in enumerate(lines) if "«»" in line)
    column = lines[row].index("«»")
    text = "\n".join(["", *lines]).replace("«»", "")
    module = load(text)
    step = module.outer() if nested else module.step
    error = refused(lambda: parse_model(model(step), "float32"))
    assert error.filename == module.__file__
    assert (error.lineno, error.offset) == (row + 2, column + 1)
    assert error.text == lines[row].replace("«»", "")
    with pytest.raises(ModelError, match=message):
        raise error
    assert str(error).startswith("step: ")


def test_an_error_is_one_of_python_and_one_of_spikelab(load):
    error = refused(lambda: parse_model(model(load("def step(s, p, inp, rng):\n    pass\n").step), "float32"))
    assert isinstance(error, SyntaxError)
    assert isinstance(error, SpikelabError)


def test_a_column_counts_characters_not_bytes(load):
    module = load(
        "def step(s, p, inp, rng):\n    τθ = s.v * p.a; v = τθ + wrong\n    return s.next(v=v), False\n"
    )
    error = refused(lambda: parse_model(model(module.step), "float32"))
    assert error.text is not None
    assert error.text[error.offset - 1 :] == "wrong"


def test_a_closure_is_refused():
    gain = 2.0

    def step(s, p, inp, rng):
        return s.next(v=gain * s.v), False

    error = refused(lambda: parse_model(model(step), "float32"))
    assert error.filename == __file__
    assert error.lineno == step.__code__.co_firstlineno + 1
    assert error.text == "        return s.next(v=gain * s.v), False"
    assert error.text[error.offset - 1 :].startswith("gain")


@pytest.mark.parametrize(
    "signature",
    ["", "s, p, inp", "s, p, rng, inp", "self, s, p, inp, rng", "s, p, inp, rng=None",
     "s, p, inp, rng, *more", "s, p, inp, rng, **more", "s, p, inp, rng, *, k=1", "s, p, /, inp, rng"],
)  # fmt: skip
def test_a_wrong_signature_is_refused(load, signature):
    module = load(f"\n\ndef step({signature}):\n    return s.next(v=0.0), False\n")
    error = refused(lambda: parse_model(model(module.step), "float32"))
    assert "has the arguments (s, p, inp, rng)" in str(error)
    assert (error.lineno, error.offset) == (3, 1)


NO_SOURCE = "source cannot be read.*write the function into a .py file or a notebook cell"


def test_functions_without_source_are_refused():
    namespace: dict[str, Any] = {}
    exec("def step(s, p, inp, rng):\n    return s.next(v=s.v), False\n", namespace)
    for step in (namespace["step"], len, int, object()):
        with pytest.raises(ModelError, match=NO_SOURCE):
            parse_model(model(step), "float32")


@pytest.mark.parametrize(
    "text",
    [
        "step = lambda s, p, inp, rng: (s.next(v=s.v), False)\n",
        "step = list((\n    1,\n    lambda s, p, inp, rng: (s.next(v=s.v), False)))[1]\n",
        "class C:\n    async def step(s, p, inp, rng):\n        return s.next(v=s.v), False\nstep = C.step\n",
    ],
)
def test_what_is_no_plain_function_is_refused(load, text):
    with pytest.raises(ModelError, match="one plain function written with def"):
        parse_model(model(load(text).step), "float32")


def test_a_function_of_a_notebook_cell_is_read():
    # IPython keeps the text of a cell in linecache, without a time stamp.
    cell = "def step(s, p, inp, rng):\n    v = s.v + wrong\n    return s.next(v=v), False\n"
    name = "<ipython-input-7-0123456789ab>"
    linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
    try:
        namespace: dict[str, Any] = {}
        exec(compile(cell, name, "exec"), namespace)
        error = refused(lambda: parse_model(model(namespace["step"]), "float32"))
    finally:
        del linecache.cache[name]
    assert (error.filename, error.lineno, error.offset) == (name, 2, 15)
    assert error.text == "    v = s.v + wrong"


def test_a_function_keeps_its_text_when_its_file_changes(load):
    module = load("def step(s, p, inp, rng):\n    return s.next(v=s.v + 1.0), False\n")
    before = parse_model(model(module.step), "float32").text()
    path = Path(module.__file__)
    path.write_text("# edited\n\ndef other(x):\n    return x\n", encoding="utf-8")
    assert parse_model(model(module.step), "float32").text() == before


def program_text(load: Loader, *lines: str, dtype: str = "float32", **changes: Any) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return parse_model(model(load(f"def step(s, p, inp, rng):\n{body}\n").step, **changes), dtype).text()


# Two spellings of one program: (lines, lines). Operations stand in the order of the source.
SAME = {
    "loop": (["v = s.v", "for i in range(3):", "    v = v + p.a", END],
             ["v = s.v + p.a + p.a + p.a", END]),
    "loop of sixteen": (["v = s.v", "for _ in range(16):", "    v = v * v", END],
                        ["v = s.v", *["v = v * v"] * 16, END]),
    "loop of none": (["v = s.v", "for i in range(0):", "    v = v * v", END], ["v = s.v", END]),
    "loops in loops": (["v = s.v", "for i in range(2):", "    for j in range(2):", "        v = v * v", END],
                       ["v = s.v", *["v = v * v"] * 4, END]),
    "loop name counts": (["v = s.v", "for i in range(3):", "    v = v * i", END],
                         ["v = s.v * 0.0", "v = v * 1.0", "v = v * 2.0", END]),
    "loop name stays": (["i = s.v", "for i in range(3):", "    w = s.v", "v = s.v * i", END],
                        ["v = s.v * 2.0", END]),
    "augmented": (["v = s.v", "v += p.a", "v -= p.a", "v *= 2.0", "v /= p.a", END],
                  ["v = (s.v + p.a - p.a) * 2.0 / p.a", END]),
    "integer literal is real": (["v = 2 * s.v + 1", END], ["v = s.v", "v = 2.0 * v + 1.0", END]),
    "local literal is real": (["two = 2", "v = two * s.v", END], ["v = s.v", "v = 2.0 * v", END]),
    "local literal is i32": (["two = 2", "v = real(two * s.n)", END], ["v = real(2 * s.n)", END]),
    "min of a literal": (["v = min(s.v, 1)", END], ["v = s.v", "u = 1.0", "v = where(u < v, u, v)", END]),
    "max": (["v = max(s.v, p.a)", END], ["v = s.v", "a = p.a", "v = where(a > v, a, v)", END]),
    "static where": (["v = where(p.soft, s.v - p.a, 0.0)", END], ["v = s.v - p.a", END]),
    "static where not": (["v = where(not p.soft, s.v - p.a, 0.0)", END], ["a = p.a", "v = 0.0", END]),
    "static and": (["v = where(s.fired and p.soft, 0.0, s.v)", END], ["v = where(s.fired, 0.0, s.v)", END]),
    "static or": (["v = where(s.fired or p.soft, 0.0, s.v)", END], ["v = 0.0", END]),
    "static false": (["v = where(p.hard and s.fired, 0.0, s.v)", END], ["v = s.v", END]),
    "docstring": (["'What it is.'", "v = s.v", END], ["v = s.v", END]),
    "common expression": (["v = exp(s.v) + exp(s.v)", END], ["w = exp(s.v)", "v = w + w", END]),
    "unused": (["w = exp(s.v)", "v = s.v", END], ["v = s.v", END]),
    "real of a real": (["v = real(s.v)", END], ["v = s.v", END]),
    "negative literal": (["v = s.v", "return s.next(v=v, n=-5), v > -2"],
                         ["n = 5", "v = s.v", "return s.next(v=v, n=-n), v > -2"]),
    "state order": (["return s.next(n=s.n + 1, v=s.v * 2.0), False"],
                    ["n = s.n + 1", "return s.next(v=s.v * 2.0, n=n), False"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_two_spellings_make_one_program(load, name):
    ours, plain = SAME[name]
    assert program_text(load, *ours) == program_text(load, *plain)


def test_nothing_is_reassociated_folded_or_merged_that_must_not_be(load):
    texts = {
        program_text(load, f"v = {expression}", END)
        for expression in (
            "s.v + p.a + 1.0", "s.v + (p.a + 1.0)", "p.a + s.v + 1.0", "s.v + 1.0 + p.a",
            "s.v * 0.0", "0.0", "-0.0", "s.v", "s.v * 1.0", "s.v - 0.0", "1.0 + 2.0", "3.0",
            "rng.uniform()", "rng.uniform() + rng.uniform()", "s.v / p.a", "s.v * (1.0 / p.a)",
        )
    }  # fmt: skip
    assert len(texts) == 16


def test_draws_are_numbered_in_source_order_and_never_moved(load):
    lines = ["w = rng.uniform()", "v = where(p.hard, rng.uniform(), rng.uniform())", END]
    text = program_text(load, *lines)
    assert "draws 3" in text
    assert "uniform  2" in text
    assert "uniform  0" not in text  # unused, but its number is not given to another


def test_a_real_literal_is_rounded_once(load):
    assert f"const  {float(np.float32(0.1))!r}" in program_text(load, "v = s.v * 0.1", END)
    assert "const  0.1" in program_text(load, "v = s.v * 0.1", END, dtype="float64")
    assert "const  inf" in program_text(load, "v = s.v * 1e39", END)
    with pytest.raises(ModelError, match="too large for a real"):
        program_text(load, f"v = s.v * {10**400}", END)


def integers(s, p, inp, rng):
    n = s.n * 65539 - s.m * s.m - 7
    u = s.u * 69069 - 1
    return s.next(
        n=n,
        m=-s.m,
        size=abs(s.m),
        u=u,
        w=-s.u,
        top=max(s.n, 5),
        more=s.u > 3000000000,
        x=real(s.n) + real(s.u) + real(s.n > 0),  # noqa: F821
    ), n > s.m or s.u == 7


def nan_rules(s, p, inp, rng):
    return s.next(
        ab=min(s.a, s.b),
        ba=min(s.b, s.a),
        big=max(s.a, s.b),
        rest=where(s.a > s.b, s.a, p.bound),  # noqa: F821
        less=s.a < s.b,
        same=s.a == s.a,
        other=s.a != s.a,
    ), not s.a < s.b


def run_both(tested: Model, dtype: str, state: dict[str, np.ndarray], **constants: float) -> dict[str, Any]:
    spec = PopulationSpec(tested, dtype, sums=False, analog=False, output="uint8")
    n = next(iter(state.values())).shape[1]
    case = make_case(spec, 1, n, 1)
    for name, values in state.items():
        case.state[name][:] = values
    case.constants |= constants
    results = [run_case(dispatch.backend(name), case, 1) for name in ("cpu", "reference")]
    assert_same_bits(*results)
    return {name.removeprefix("state "): values[..., :n] for name, values in results[0].items()}


def test_integers_wrap_around():
    kinds = dict.fromkeys(("n", "m", "size", "top"), Type.I32) | dict.fromkeys(("u", "w"), Type.U32)
    tested = Model("integers", integers, {**kinds, "more": Type.BOOL, "x": Type.REAL}, {}, ())
    n = np.array([[0, 1, -1, 2**31 - 1, -(2**31), 123_456_789, 5]])
    m = np.array([[0, -1, 46_341, -(2**31), 2**31 - 1, 65_536, 2**31 - 1]])
    u = np.array([[0, 1, 2**32 - 1, 2**31, 3_000_000_000, 3_000_000_001, 7]])
    found = run_both(tested, "float64", {"n": n, "m": m, "u": u})

    def i32(values: np.ndarray) -> np.ndarray:
        return (values + 2**31) % 2**32 - 2**31

    new = i32(n * 65539 - m * m - 7)
    np.testing.assert_array_equal(found["n"], new)
    np.testing.assert_array_equal(found["m"], i32(-m))
    np.testing.assert_array_equal(found["size"], i32(np.abs(m)))
    np.testing.assert_array_equal(found["u"], (u * 69069 - 1) % 2**32)
    np.testing.assert_array_equal(found["w"], -u % 2**32)
    np.testing.assert_array_equal(found["top"], np.maximum(n, 5))
    np.testing.assert_array_equal(found["more"], u > 3_000_000_000)
    np.testing.assert_array_equal(found["x"], n + u + (n > 0.0))
    np.testing.assert_array_equal(found["out"][0], (new > m) | (u == 7))


def test_nan_and_signed_zero_go_the_defined_way():
    names = ("a", "b", "ab", "ba", "big", "rest")
    kinds = dict.fromkeys(names, Type.REAL) | dict.fromkeys(("less", "same", "other"), Type.BOOL)
    tested = Model("nan_rules", nan_rules, kinds, {"bound": Type.REAL}, ())
    nan = np.nan
    a = np.array([[nan, 1.0, nan, 0.0, -0.0, np.inf, 2.0]])
    b = np.array([[1.0, nan, nan, -0.0, 0.0, 1.0, 3.0]])
    found = run_both(tested, "float32", {"a": a, "b": b}, bound=9.0)
    expected = {
        "ab": [nan, 1.0, nan, 0.0, -0.0, 1.0, 2.0],
        "ba": [1.0, nan, nan, -0.0, 0.0, 1.0, 2.0],
        "big": [nan, 1.0, nan, 0.0, -0.0, np.inf, 3.0],
        "rest": [9.0, 9.0, 9.0, 9.0, 9.0, np.inf, 9.0],
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name][0], np.float32(values))
        known = ~np.isnan(values)
        np.testing.assert_array_equal(np.signbit(found[name][0][known]), np.signbit(values)[known])
    np.testing.assert_array_equal(found["less"][0], [0, 0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(found["same"][0], [0, 1, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(found["other"][0], [1, 0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(found["out"][0, 0], [1, 1, 1, 1, 1, 1, 0])
