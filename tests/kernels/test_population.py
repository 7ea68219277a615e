"""Populations over time: Numba equals NumPy to the bit, for every model, output, layout, chunk and tile."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import replace

import numpy as np
import pytest

from spikelab_kernels import dispatch
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import exp, where
from spikelab_kernels.models.lif import LIF_DELTA, LIF_EXP
from spikelab_kernels.philox import draw_words, uniform
from spikelab_kernels.population_spec import OUTPUTS, PopulationSpec, tiles

from .population_cases import BUILT_IN, Case, assert_same_bits, make_case, run_case

DTYPES = ("float32", "float64")
CPU, REFERENCE = dispatch.backend("cpu"), dispatch.backend("reference")
STEPS = 7


def compare(case: Case, steps: int = STEPS) -> dict[str, np.ndarray]:
    expected = run_case(REFERENCE, case, steps)
    assert_same_bits(run_case(CPU, case, steps), expected)
    return expected


# Static fields are substituted before the width matters: float64 is compiled once for each function.
ONCE = {"lif_delta", "lif_exp", "unitless zero delayed", "leaky_tanh"}


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, d) for name in BUILT_IN for d in DTYPES if d == "float32" or name in ONCE]
)
def test_built_in_models_are_equal(name, dtype):
    spec = PopulationSpec(BUILT_IN[name], dtype, sums=True, analog=True, output="bits")
    result = compare(make_case(spec, batch=5, n=63, steps=STEPS))
    spikes = np.bitwise_count(result["out"]).sum()
    if spec.model.output:
        assert spikes == 0
    else:  # a case in which all or none fire would compare nothing
        assert 20 < spikes < 5 * 63 * STEPS - 20


@pytest.mark.parametrize(("output", "dtype"), [*((o, "float32") for o in OUTPUTS), ("real", "float64")])
def test_outputs_are_equal_and_say_the_same(output, dtype):
    spec = PopulationSpec(LIF_DELTA, dtype, sums=True, analog=True, output="bits")
    case = make_case(spec, batch=3, n=130, steps=STEPS, seed=1)
    bits = run_case(REFERENCE, case, STEPS)["out"]
    dense = np.unpackbits(bits.view(np.uint8), axis=2, bitorder="little")
    assert not dense[:, :, 130:].any()
    result = compare(replace(case, spec=replace(spec, output=output)))
    expected = {"none": None, "bits": bits, "counts": 100 + dense[:, :, :130].sum(axis=0)}
    wanted = expected.get(output, dense[:, :, :130])
    assert ("out" in result) == (wanted is not None)
    if wanted is not None:
        np.testing.assert_array_equal(result["out"], wanted)


@pytest.mark.parametrize(
    ("sums", "analog", "dtype"),
    [(True, False, "float64"), (False, True, "float32"), (False, False, "float32")],
)
def test_inputs_are_equal(sums, analog, dtype):
    spec = PopulationSpec(LIF_EXP, dtype, sums=sums, analog=analog, output="counts")
    compare(make_case(spec, batch=2, n=63, steps=STEPS, seed=2))


@pytest.mark.parametrize("output", OUTPUTS)
def test_two_steps_in_one_pass_are_two_steps(output):
    spec = PopulationSpec(
        BUILT_IN["unitless subtract delayed"], "float32", analog=True, sums=False, output=output
    )
    case = make_case(spec, batch=3, n=130, steps=300, seed=8)
    untraced = replace(case, trace_index=np.empty(0, np.uint32))  # a recorded value needs every step
    compare(untraced, steps=300)
    compare(untraced, steps=299)
    expected = run_case(CPU, untraced, 300)
    assert_same_bits(run_case(CPU, untraced, 300, chunks=(1, 150, 149)), expected)
    traced = run_case(CPU, case, 300, tiles=[(0, 3, 0, 64), (0, 3, 64, 130)])
    assert_same_bits(
        {name: traced[name] for name in expected if name[:5] != "trace"},
        {name: expected[name] for name in expected if name[:5] != "trace"},
    )


@pytest.mark.parametrize(
    ("arrays", "dtype"), [({"decay", "ref_steps"}, "float64"), (set(LIF_EXP.constants), "float32")]
)
def test_constants_may_differ_between_neurons(arrays, dtype):
    spec = PopulationSpec(LIF_EXP, dtype, frozenset(arrays), True, False, "uint8")
    case = make_case(spec, batch=3, n=130, steps=STEPS, seed=9)
    result = compare(case)
    same = replace(case, constants={k: np.full_like(v, v.flat[0]) for k, v in case.constants.items()})
    assert (run_case(REFERENCE, same, STEPS)["out"] != result["out"]).any()


def test_a_sum_beyond_the_mantissa_is_rounded_to_even_by_both():
    spec = PopulationSpec(BUILT_IN["leaky_integrator"], "float32", sums=True, analog=True, output="bits")
    case = make_case(spec, batch=1, n=63, steps=1, seed=4)
    case.sums[:] = 2**24 + np.arange(63, dtype=np.int32)
    case.analog[:] = 0.0
    case.quanta[:] = 1.0
    case.state["v"][:] = 0.0
    result = compare(case, 1)
    expected = (2**24 + np.arange(63)).astype(np.float32)[None]
    assert expected[0, 1] == 2**24 and expected[0, 3] == 2**24 + 4
    np.testing.assert_array_equal(result["state v"], expected)


# One state hands its old value to the next, in both orders; reals, integers and bools; two blocks of draws.
def everything(s, p, inp, rng):
    noise = p.width * rng.normal()
    chance = rng.uniform() + rng.uniform() * rng.uniform() - rng.uniform()
    v = s.v + where(rng.uniform() < 0.5, noise, exp(-s.v)) + inp.input
    return s.next(v=v, a=s.b, b=s.a, c=s.b, n=s.n * 3 - s.m, m=s.n, last=s.fired, fired=v > chance), v > 1.0


EVERYTHING = Model(
    "everything",
    everything,
    {
        "v": Type.REAL,
        "a": Type.REAL,
        "b": Type.REAL,
        "c": Type.REAL,
        "n": Type.I32,
        "m": Type.I32,
        "last": Type.BOOL,
        "fired": Type.BOOL,
    },
    {"width": Type.REAL},
    ("input",),
)


EVERYTHING_SPEC = PopulationSpec(EVERYTHING, "float32", sums=True, analog=False, output="bits")


def test_draws_and_states_that_change_places_are_equal():
    case = make_case(EVERYTHING_SPEC, batch=4, n=130, steps=1, seed=5)
    result = compare(case, 1)
    for new, old in (("a", "b"), ("b", "a"), ("c", "b"), ("m", "n"), ("last", "fired")):
        np.testing.assert_array_equal(result[f"state {new}"], case.state[old])
    compare(make_case(EVERYTHING_SPEC, batch=4, n=130, steps=STEPS, seed=5))


def test_draws_are_those_of_the_counter():
    def draws(s, p, inp, rng):
        a = rng.uniform()
        b = rng.uniform() + rng.uniform() + rng.uniform()
        return s.next(first=a, fifth=rng.uniform()), b < 0.0

    model = Model("draws", draws, {"first": Type.REAL, "fifth": Type.REAL}, {}, ())
    spec = PopulationSpec(model, "float64", sums=False, analog=False, output="none")
    case = make_case(spec, batch=2, n=5, steps=3)
    result = run_case(REFERENCE, case, 3, tiles=[(0, 1, 0, 5), (1, 2, 0, 5)])
    for b in range(2):
        for n in range(5):
            key, element = int(case.rng_key[n]), int(case.rng_element[n])
            words = [
                draw_words(key, element, case.step0 + 2, int(case.sample_ids[b]), draw) for draw in (0, 4)
            ]
            assert result["state first"][b, n] == uniform(words[0])
            assert result["state fifth"][b, n] == uniform(words[1])


@pytest.mark.parametrize(
    "cut",
    [
        [(0, 4, 0, 64), (0, 4, 64, 128), (0, 4, 128, 130)],
        [(0, 1, 0, 130), (1, 4, 0, 130)],
        [(2, 4, 64, 130), (0, 2, 0, 64), (2, 4, 0, 64), (0, 2, 64, 130)],
    ],
)
def test_tiles_and_chunks_change_nothing(backend, cut):
    case = make_case(EVERYTHING_SPEC, batch=4, n=130, steps=STEPS, seed=6)
    whole = run_case(backend, case, STEPS)
    assert_same_bits(run_case(backend, case, STEPS, chunks=(3, 4), tiles=cut), whole)
    assert_same_bits(run_case(backend, case, STEPS, chunks=(1, 1, 5)), whole)


def test_a_tile_touches_only_its_own(backend):
    case = make_case(EVERYTHING_SPEC, batch=4, n=130, steps=STEPS, seed=7)
    part = run_case(backend, case, STEPS, tiles=[(1, 3, 64, 128)])
    whole = run_case(backend, case, STEPS)
    untouched = {f"state {name}": values for name, values in case.state.items()}
    inside = np.zeros((4, 130), bool)
    inside[1:3, 64:128] = True
    for name, before in untouched.items():
        np.testing.assert_array_equal(part[name], np.where(inside, whole[name], before))
    assert (part["state v"] != case.state["v"]).sum() == inside.sum()
    word = np.zeros((4, 3), bool)
    word[1:3, 1] = True
    poison = np.uint64(2**64 - 1)
    np.testing.assert_array_equal(part["out"], np.where(word, whole["out"], poison))
    traced = inside[:, case.trace_index]
    assert traced.any() and not traced.all()
    np.testing.assert_array_equal(part["trace v"], np.where(traced, whole["trace v"], np.nan))


def test_an_output_can_be_used_again(backend):
    spec = PopulationSpec(LIF_DELTA, "float32", sums=True, analog=True, output="bits")
    case = make_case(spec, batch=3, n=130, steps=STEPS, seed=1)
    results = []
    out = np.full((STEPS, 3, 3), 2**64 - 1, np.uint64)
    for _ in range(2):
        state = {name: values.copy() for name, values in case.state.items()}
        run = backend.population_kernel(spec)(
            state, case.constants, case.quanta, case.rng_key, case.rng_element
        )
        with np.errstate(all="ignore"):
            run(
                STEPS, case.sums, case.analog, np.empty(0, np.uint32), {}, out, case.sample_ids, case.step0,
                (0, 3, 0, 130),
            )  # fmt: skip
        results.append(out.copy())
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(results[0], run_case(REFERENCE, case, STEPS)["out"])


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("state_bytes", [0, 8, 40])
@pytest.mark.parametrize(
    ("batch", "n"), [(1, 1), (1, 63), (1, 64), (3, 65), (64, 1000), (1, 100_000), (7, 40_001)]
)
def test_tiles_cover_every_neuron_once(batch, n, state_bytes, threads):
    cut = tiles(batch, n, state_bytes, threads)
    seen = np.zeros((batch, n), np.int32)
    for row_lo, row_hi, col_lo, col_hi in cut:
        assert row_lo < row_hi and col_lo < col_hi
        assert col_lo % 64 == 0
        assert col_hi % 64 == 0 or col_hi == n
        seen[row_lo:row_hi, col_lo:col_hi] += 1
    assert (seen == 1).all()
    if batch >= threads:
        assert max(row_hi - row_lo for row_lo, row_hi, *_ in cut) <= -(-batch // threads)
    elif n // 64 >= threads:
        assert len(cut) >= threads


# Ten states and thirty parameters that differ between neurons: 11 arrays written, 33 read, 418 pairs that
# might overlap, of which LLVM would check 128 at most.
def many(s, p, inp, rng):
    a, b, c, d, e = five(p.a0, p.b0, p.c0, inp.input, s.a, s.b, s.c, s.d, s.e)
    f, g, h, i, j = five(p.a1, p.b1, p.c1, a, s.f, s.g, s.h, s.i, s.j)
    f, g, h, i, j = five(p.a2, p.b2, p.c2, p.d0, f, g, h, i, j)
    a, b, c, d, e = five(p.a3 + p.d1, p.b3 + p.d2, p.c3 + p.d3, p.d4 + p.d5, a, b, c, d, e)
    more = p.a4 * p.b4 + p.c4 * p.a5 + p.b5 * p.c5 + p.a6 * p.b6 + p.c6 * p.a7
    return s.next(a=a + more, b=b, c=c, d=d, e=e, f=f, g=g, h=h, i=i, j=j + p.b7 * p.c7), a > 1.0


def five(x, y, z, w, a, b, c, d, e):
    return x * a + w, y * b + a, z * c + b, x * d + c, y * e + d


MANY = Model(
    "many",
    many,
    {name: Type.REAL for name in "abcdefghij"},
    {f"{name}{k}": Type.REAL for name, count in zip("abcd", (8, 8, 8, 6), strict=True) for k in range(count)},
    ("input",),
)


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="reads x86 assembly")
@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"), reason="the JIT is off")
@pytest.mark.parametrize("model", [LIF_DELTA, MANY], ids=lambda model: model.name)
def test_the_loop_over_neurons_is_vectorised(model):
    from spikelab_kernels.cache import flatten, load_text
    from spikelab_kernels.cpu.population_text import module_text

    arrays = frozenset(model.constants if model is MANY else ())
    spec = PopulationSpec(model, "float32", arrays, sums=True, analog=True, output="bits")
    assert len(spec.constants) == len(model.constants)
    text = flatten(module_text(spec)).replace("cache=True", "cache=False")  # cached code shows no assembly
    module = load_text(f"{model.name}_fresh", text)
    assembly = "".join(module.population_run.inspect_asm().values())
    assert re.search(r"\bv?mulps\b", assembly), "no packed multiplication"
    assert re.search(r"\bv?cvtdq2ps\b", assembly), "sums are not converted in packs"
