"""Inputs for population kernels, and how to run one backend over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import Backend
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.layout import words_for
from spikelab_kernels.models.leaky import LEAKY_INTEGRATOR, LEAKY_TANH
from spikelab_kernels.models.lif import LIF_DELTA, LIF_EXP, LIF_UNITLESS
from spikelab_kernels.population_spec import PopulationSpec

Tile = tuple[int, int, int, int]
Results = dict[str, np.ndarray]

BUILT_IN: dict[str, Model] = {
    "lif_delta": LIF_DELTA,
    "lif_delta >": replace(LIF_DELTA, static={"inclusive": False}),
    "lif_exp": LIF_EXP,
    "unitless subtract": LIF_UNITLESS,
    "unitless zero": replace(LIF_UNITLESS, static={**LIF_UNITLESS.static, "subtract": False}),
    "unitless subtract delayed": replace(LIF_UNITLESS, static={**LIF_UNITLESS.static, "delayed": True}),
    "unitless zero delayed": replace(
        LIF_UNITLESS, static={"inclusive": True, "subtract": False, "delayed": True}
    ),
    "leaky_integrator": LEAKY_INTEGRATOR,
    "leaky_tanh": LEAKY_TANH,
}


@dataclass
class Case:
    """Everything that a kernel reads; nothing in it is written to."""

    spec: PopulationSpec
    state: dict[str, np.ndarray]
    constants: dict[str, Any]
    quanta: np.ndarray
    sums: np.ndarray | None
    analog: np.ndarray | None
    trace_index: np.ndarray
    rng_key: np.ndarray
    rng_element: np.ndarray
    sample_ids: np.ndarray
    step0: int

    @property
    def shape(self) -> tuple[int, int]:
        return next(iter(self.state.values())).shape


def values_of(kind: Type, rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    if kind is Type.REAL:
        return np.asarray(rng.uniform(0.1, 0.95, shape), dtype)
    if kind is Type.BOOL:
        return np.asarray(rng.integers(0, 2, shape), np.uint8)
    return np.asarray(rng.integers(0, 4, shape), kind.numpy(dtype))


def make_case(spec: PopulationSpec, batch: int, n: int, steps: int, seed: int = 0) -> Case:
    """Random values near which the built-in models both fire and rest."""
    rng = np.random.default_rng(seed)
    receptors = len(spec.model.receptors)
    slab = (steps, batch, receptors, n)
    analog = (steps, batch, len(spec.model.inputs), n)
    return Case(
        spec,
        {name: values_of(kind, rng, (batch, n), spec.dtype) for name, kind in spec.model.state.items()},
        {
            name: values_of(kind, rng, (n,) if name in spec.arrays else (), spec.dtype)
            for name, kind in spec.model.constants.items()
        },
        np.asarray(2.0 ** rng.integers(-6, -2, (receptors, n)), spec.dtype),
        rng.integers(-9, 12, slab).astype(spec.sum_dtype) if spec.sums else None,
        rng.normal(0.0, 0.5, analog).astype(spec.dtype) if spec.analog else None,
        np.unique(rng.integers(0, n, max(1, n // 3))).astype(np.uint32),
        rng.integers(0, 2**63, n).astype(np.uint64),
        np.arange(n, dtype=np.uint64),
        rng.integers(0, 2**32, batch).astype(np.uint32),
        2**32 - 2,  # the step's upper half changes within the run
    )


def poisoned_output(spec: PopulationSpec, steps: int, batch: int, n: int) -> np.ndarray | None:
    """An output of which every element that a kernel should write and does not is seen."""
    if spec.output == "none":
        return None
    if spec.output == "counts":  # added to
        return np.full((batch, n), 100, np.int32)
    width = words_for(n) if spec.output == "bits" else n
    bad = np.nan if spec.output == "real" else np.iinfo(spec.output_dtype).max
    return np.full((steps, batch, width), bad, spec.output_dtype)


def run_case(
    backend: Backend,
    case: Case,
    steps: int,
    chunks: tuple[int, ...] | None = None,
    tiles: list[Tile] | None = None,
) -> Results:
    """Run `case` in `chunks`, each over `tiles`; states, traces and output by name."""
    spec, (batch, n) = case.spec, case.shape
    state = {name: values.copy() for name, values in case.state.items()}
    out = poisoned_output(spec, steps, batch, n)
    shape = (steps, batch, case.trace_index.size)
    traces = {
        name: np.full(shape, 77 if values.dtype.kind in "iu" else np.nan, values.dtype)
        for name, values in state.items()
    }
    kernel = backend.population_kernel(spec)(
        state, case.constants, case.quanta, case.rng_key, case.rng_element
    )
    first = 0
    for chunk in chunks or (steps,):
        rows = slice(first, first + chunk)
        for tile in tiles or [(0, batch, 0, n)]:
            with np.errstate(all="ignore"):  # where the JIT is off, scalars wrap with a warning
                kernel(
                    chunk,
                    None if case.sums is None else case.sums[rows],
                    None if case.analog is None else case.analog[rows],
                    case.trace_index,
                    {name: values[rows] for name, values in traces.items()},
                    out if out is None or spec.output == "counts" else out[rows],
                    case.sample_ids,
                    case.step0 + first,
                    tile,
                )
        first += chunk
    results = {f"state {name}": values for name, values in state.items()}
    results |= {f"trace {name}": values for name, values in traces.items()}
    return results if out is None else {**results, "out": out}


def assert_same_bits(found: Results, expected: Results, note: str = "") -> None:
    """Equal to the bit; a NaN equals every other NaN."""
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name].dtype == values.dtype, name
        np.testing.assert_array_equal(found[name], values, err_msg=f"{name}\n{note}", strict=True)
        if values.dtype.kind == "f":  # 0.0 and -0.0 differ
            finite = ~np.isnan(values)
            np.testing.assert_array_equal(
                np.signbit(found[name][finite]), np.signbit(values[finite]), err_msg=f"{name}\n{note}"
            )
