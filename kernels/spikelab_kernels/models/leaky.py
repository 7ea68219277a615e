"""Rate models: a leaky integrator of spikes and a leaky tanh unit."""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import tanh

__all__ = ["LEAKY_INTEGRATOR", "LEAKY_TANH"]


def leaky_integrator(s, p, inp, rng):  # type: ignore[no-untyped-def]
    return s.next(v=p.decay * s.v + inp.input), False


def leaky_tanh(s, p, inp, rng):  # type: ignore[no-untyped-def]
    return s.next(x=p.keep * s.x + p.leak_rate * tanh(inp.input + p.bias)), False


LEAKY_INTEGRATOR = Model(
    name="leaky_integrator",
    step=leaky_integrator,
    state={"v": Type.REAL},
    constants={"decay": Type.REAL},
    receptors=("input",),
    output="v",
)

LEAKY_TANH = Model(
    name="leaky_tanh",
    step=leaky_tanh,
    state={"x": Type.REAL},
    constants={"keep": Type.REAL, "leak_rate": Type.REAL, "bias": Type.REAL},
    receptors=("input",),
    output="x",
)
