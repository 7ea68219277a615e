"""Elementary functions against mpmath at 50 digits, special values, and the language they are written in."""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from spikelab_kernels import math as sm
from spikelab_kernels.math import REGISTRY, intrinsics

mp.dps = 50
DTYPES = ("float32", "float64")
UNARY = ("exp", "expm1", "log", "tanh", "inverse_normal_cdf")
INF, NAN = math.inf, math.nan

# Largest error in ulp: measured on millions of points (docstrings), with a margin.
BOUND = {
    ("exp", "float32"): 1.0,
    ("exp", "float64"): 1.0,
    ("expm1", "float32"): 1.6,
    ("expm1", "float64"): 1.6,
    ("log", "float32"): 0.9,
    ("log", "float64"): 0.9,
    ("tanh", "float32"): 4.6,
    ("tanh", "float64"): 1.5,
    ("pow", "float32"): 1.0,
    ("pow", "float64"): 1.0,
    ("inverse_normal_cdf", "float32"): 6.5,
    ("inverse_normal_cdf", "float64"): 6.5,
}


def integer_of(dtype: str) -> str:
    return "int32" if dtype == "float32" else "int64"


def all_binades(rng: np.random.Generator, dtype: str, n: int) -> np.ndarray:
    """Positive finite values with random bits, subnormals included."""
    top = int(np.finfo(dtype).max.view(integer_of(dtype)))
    return rng.integers(1, top, n).astype(integer_of(dtype)).view(dtype)


def exp_range(dtype: str) -> tuple[float, float]:
    return (-104.0, 88.7) if dtype == "float32" else (-745.2, 709.7)


def points(name: str, dtype: str, rng: np.random.Generator) -> np.ndarray:
    """At least 20 000 arguments (2 500 for the quantile, whose reference is slow)."""
    info = np.finfo(dtype)
    if name == "log":
        near_one = 1 + rng.choice([-1, 1], 7000) * np.exp2(rng.uniform(-info.nmant, -1, 7000))
        x = np.concatenate([all_binades(rng, dtype, 7000), rng.uniform(0.5, 2, 7000), near_one])
    elif name == "inverse_normal_cdf":
        low = np.exp2(rng.uniform(info.minexp - info.nmant, -2, 900))
        high = 1 - np.exp2(rng.uniform(-info.nmant, -2, 600))
        seams = np.concatenate(
            [np.linspace(0.0745, 0.0755, 200), np.exp(-(np.linspace(4.99, 5.01, 100) ** 2))]
        )
        x = np.concatenate([rng.uniform(0, 1, 700), low, high, seams])
    else:
        lo, hi = exp_range(dtype) if name != "tanh" else (-24.0, 24.0)
        small = rng.choice([-1, 1], 7000) * np.exp2(rng.uniform(-60, 4, 7000))
        half_steps = np.clip((np.arange(-200, 200) + 0.5) * math.log(2), lo, hi)
        x = np.concatenate([rng.uniform(lo, hi, 7000), rng.uniform(-1, 1, 7000), small, half_steps])
    x = x.astype(dtype)
    if name == "inverse_normal_cdf":
        x = x[(x > 0) & (x < 1) & (x != 0.5)]
    return x[x != 0]


def quantile(u: mpf, guess: float) -> mpf:
    """Two Halley steps from a guess that is already good to 1e-6."""
    x, sign = mpf(guess), 1
    if u > 0.5:
        u, x, sign = 1 - u, -x, -1
    for _ in range(2):
        k = (mpmath.erfc(-x / mpmath.sqrt(2)) / 2 - u) / (mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi))
        x -= k / (1 + x * k / 2)
    return sign * x


def max_ulp(result: np.ndarray, exact: Iterable[mpf]) -> float:
    """Largest error in units of the last place of the exact value."""
    info, worst = np.finfo(result.dtype), mpf(0)
    for y, ref in zip(result.tolist(), exact, strict=True):
        assert math.isfinite(y)
        exponent = max(mpmath.frexp(ref)[1] - 1, info.minexp) - info.nmant
        worst = max(worst, abs(y - ref) / mpf(2) ** exponent)
    return float(worst)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_error_in_ulp(name: str, dtype: str) -> None:
    x = points(name, dtype, np.random.default_rng(7))
    y = REGISTRY[name][dtype](x)
    assert y.dtype == dtype and y.shape == x.shape
    if name == "inverse_normal_cdf":
        exact: Any = (quantile(mpf(u), g) for u, g in zip(x.tolist(), y.tolist(), strict=True))
    else:
        exact = (getattr(mpmath, name)(mpf(v)) for v in x.tolist())
    assert max_ulp(y, exact) <= BOUND[name, dtype]


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_error_in_ulp(dtype: str) -> None:
    rng = np.random.default_rng(8)
    near_one = 1 + rng.choice([-1, 1], 5000) * np.exp2(rng.uniform(-np.finfo(dtype).nmant, -1, 5000))
    seams = np.concatenate([rng.uniform(0.68, 0.74, 3000), rng.uniform(1.36, 1.44, 3000)])
    x = np.concatenate([all_binades(rng, dtype, 10000), near_one, seams]).astype(dtype)
    x = x[x != 1]
    # Exponents such that the power reaches every binade, up to overflow and down to the last subnormal.
    lo, hi = exp_range(dtype)
    y = rng.uniform(lo + 0.1, hi - 0.1, x.size) / np.log(x.astype(np.float64))
    keep = np.abs(y) < np.finfo(dtype).max
    x, y = x[keep], y[keep].astype(dtype)
    assert x.size > 20_000
    exact = (mpf(a) ** mpf(b) for a, b in zip(x.tolist(), y.tolist(), strict=True))
    assert max_ulp(REGISTRY["pow"][dtype](x, y), exact) <= BOUND["pow", dtype]


def check_table(f: Callable[..., Any], dtype: str, table: Sequence[tuple[float, ...]]) -> None:
    """Compare bits (the sign of zero counts; every NaN is the same)."""
    for *arguments, expected in table:
        with np.errstate(all="ignore"):
            y = f(*(np.array([a, a, a], dtype) for a in arguments))
            scalar = f(*(np.dtype(dtype).type(a) for a in arguments))
        want = np.dtype(dtype).type(expected)
        for got in (*y, scalar):
            assert isinstance(got, np.dtype(dtype).type)
            same = np.isnan(got) if np.isnan(want) else got == want and np.signbit(got) == np.signbit(want)
            assert same, f"{f.__name__}{tuple(arguments)} = {got}, not {want}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_special_values(dtype: str) -> None:
    info = np.finfo(dtype)
    tiny, huge = float(info.smallest_subnormal), float(info.max)
    below_exp = math.log(tiny) - 0.7  # exp is less than half of the smallest subnormal
    tables: dict[str, list[tuple[float, float]]] = {
        "exp": [(0.0, 1), (-0.0, 1), (tiny, 1), (INF, INF), (-INF, 0), (NAN, NAN)],
        "expm1": [(0.0, 0), (-0.0, -0.0), (tiny, tiny), (-tiny, -tiny), (INF, INF), (-INF, -1), (NAN, NAN)],
        "log": [(1.0, 0), (0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-INF, NAN), (INF, INF), (NAN, NAN)],
        "tanh": [(0.0, 0), (-0.0, -0.0), (tiny, tiny), (-tiny, -tiny), (INF, 1), (-INF, -1), (NAN, NAN)],
        "inverse_normal_cdf": [(0.5, 0), (0.0, -INF), (1.0, INF), (-0.1, NAN), (1.1, NAN), (NAN, NAN)],
    }
    tables["exp"] += [(huge, INF), (-huge, 0), (below_exp, 0), (math.log(tiny), tiny)]
    tables["expm1"] += [(huge, INF), (-huge, -1)]
    tables["log"] += [(-tiny, NAN)]
    tables["tanh"] += [(huge, 1), (-huge, -1)]
    tables["inverse_normal_cdf"] += [(INF, NAN), (-INF, NAN)]
    for name, table in tables.items():
        check_table(REGISTRY[name][dtype], dtype, table)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_special_values_are_those_of_c99(dtype: str) -> None:
    """The C library behind NumPy's power follows annex F, and powers of small integers are exact."""
    info = np.finfo(dtype)
    edge = [0.0, 1.0, 0.5, 2.0, INF, NAN, float(info.max), float(info.smallest_subnormal)]
    bases = [*edge, *(-e for e in edge), 4.0, -4.0]
    odd_limit = 2.0**info.nmant
    exponents = [*edge, *(-e for e in edge), 3.0, -3.0, odd_limit + 1.0, 4 * odd_limit]
    with np.errstate(all="ignore"):
        table = [
            (x, y, float(np.power(np.dtype(dtype).type(x), np.dtype(dtype).type(y))))
            for x, y in itertools.product(bases, exponents)
            # Inexact roots belong to the error bound; NumPy may take sqrt, which differs at -0.0 and -inf.
            if abs(y) != 0.5 or x in (1.0, 4.0, INF)
        ]
    assert len(table) > 300
    check_table(REGISTRY["pow"][dtype], dtype, table)
    table = [(0.0, 0.5, 0), (-0.0, 0.5, 0), (-0.0, -0.5, INF), (-INF, 0.5, INF), (-INF, -0.5, 0)]
    table += [(0.0, -1.0, INF), (-0.0, -3.0, -INF), (-8.0, 0.5, NAN)]
    check_table(REGISTRY["pow"][dtype], dtype, table)


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_is_odd_bounded_and_rises(dtype: str) -> None:
    tanh = REGISTRY["tanh"][dtype]
    x = np.arange(-24, 24, 2.0**-12).astype(dtype)
    y = tanh(x)
    np.testing.assert_array_equal(tanh(-x), -y)
    assert np.max(np.abs(y)) == 1
    # The short rational of float32 may step back by its own rounding, float64 may not at this spacing.
    step_back = 4 * 2.0**-24 if dtype == "float32" else 0.0
    assert np.min(np.diff(y)) >= -step_back
    steep = np.abs(x) < 3
    assert np.min(np.diff(y[steep])) > 0


def test_tanh_f32_stays_bounded_near_saturation() -> None:
    bits = np.arange(np.float32(7.5).view(np.int32), np.float32(9.1).view(np.int32), dtype=np.int32)
    x = bits.view(np.float32)
    assert np.max(sm.tanh_f32(x)) == 1
    assert np.all(sm.tanh_f32(x[x >= 9.02]) == 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_quantile_is_odd_around_one_half(dtype: str) -> None:
    u = (np.arange(1, 4096) / 4096).astype(dtype)
    f = REGISTRY["inverse_normal_cdf"][dtype]
    np.testing.assert_array_equal(f(u), -f(1 - u))
    assert np.all(np.diff(f(u)) > 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ordinary_arguments_raise_no_warning(dtype: str) -> None:
    """The untaken side of a choice must stay in range too (warnings are errors here)."""
    x = np.array([-1e30, -30.0, -1.0, -0.0, 0.0, 1e-30, 0.3, 1.0, 30.0], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for name in ("exp", "expm1", "tanh"):
            REGISTRY[name][dtype](x)
        REGISTRY["tanh"][dtype](np.array([NAN, INF, -INF, np.finfo(dtype).max], dtype))
        REGISTRY["log"][dtype](np.array([0.0, -1.0, INF, 1e-40, 3e38], dtype))
        REGISTRY["pow"][dtype](np.array([0.0, 2.0, INF, -3.0], dtype), np.array([-1.0, 0.5, 2.0, 0.5], dtype))
        REGISTRY["inverse_normal_cdf"][dtype](np.array([1e-30, 0.1, 0.5, 0.9], dtype))


def test_functions_are_straight_line() -> None:
    """Only assignments, one return, and calls of intrinsics or of other functions of this package."""
    allowed = set(dir(intrinsics))
    modules = {inspect.getmodule(f) for pair in REGISTRY.values() for f in pair.values()}
    trees = [ast.parse(inspect.getsource(m)) for m in modules if m is not None]
    functions = [n for tree in trees for n in tree.body if isinstance(n, ast.FunctionDef)]
    allowed |= {f.name for f in functions}
    for f in functions:
        *body, last = f.body[1:]
        assert isinstance(last, ast.Return), f.name
        assert all(isinstance(s, ast.Assign) for s in body), f.name
        for node in ast.walk(ast.Module(f.body, [])):
            assert not isinstance(node, ast.BoolOp | ast.IfExp | ast.Attribute | ast.Subscript | ast.Pow)
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name) and node.func.id in allowed, f.name
            if isinstance(node, ast.Compare):
                assert len(node.ops) == 1, f.name


def test_import_needs_numpy_only() -> None:
    code = "import sys, spikelab_kernels.math; print({'numba', 'scipy', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
