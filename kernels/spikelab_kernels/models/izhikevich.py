"""Izhikevich's model in the two Euler forms of NEST's ``izhikevich``, operation for operation."""

from __future__ import annotations

from typing import Any

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import where

__all__ = ["IZHIKEVICH"]


def slope(v: Any, u: Any, current: Any, external: Any) -> Any:
    return 0.04 * v * v + 5.0 * v + 140.0 - u + current + external


def izhikevich(s, p, inp, rng):  # type: ignore[no-untyped-def]
    together = s.v_mv + (p.dt_ms * slope(s.v_mv, s.u, inp.current, p.i_ext_pa) + inp.input)
    # as published: two half steps of v, what arrives being a current over the step, then u with the new v
    half = 0.5 * p.dt_ms
    first = s.v_mv + half * (slope(s.v_mv, s.u, inp.current, p.i_ext_pa) + inp.input)
    second = first + half * (slope(first, s.u, inp.current, p.i_ext_pa) + inp.input)
    v = where(p.consistent, together, second)
    u = s.u + p.dt_ms * p.a * (p.b * where(p.consistent, s.v_mv, v) - s.u)
    spiked = v >= p.v_peak_mv
    return s.next(v_mv=where(spiked, p.c_mv, v), u=where(spiked, u + p.d, u)), spiked


IZHIKEVICH = Model(
    name="izhikevich",
    step=izhikevich,
    state={"v_mv": Type.REAL, "u": Type.REAL},
    constants={
        "a": Type.REAL,
        "b": Type.REAL,
        "c_mv": Type.REAL,
        "d": Type.REAL,
        "v_peak_mv": Type.REAL,
        "i_ext_pa": Type.REAL,
        "dt_ms": Type.REAL,
    },
    receptors=("input",),
    currents=("current",),
    static={"consistent": True},
)
