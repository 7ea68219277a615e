"""The neuron of Diehl & Cook 2015 with delta synapses: a threshold that each spike raises for good."""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.language import where
from spikelab_kernels.models.lif import countdown

__all__ = ["DIEHL_COOK"]


def diehl_cook(s, p, inp, rng):  # type: ignore[no-untyped-def]
    v = (s.v_mv - p.v_rest_mv) * p.decay + p.v_rest_mv
    v = v + where(s.ref == 0, inp.input, 0.0)
    # theta loses a ten-millionth of itself in a step, less than float32 resolves: what a sum could not hold
    # is kept beside it and goes into the next one (compensated summation)
    fall = -(s.theta_mv * p.theta_loss) - s.theta_error_mv
    theta = s.theta_mv + fall
    error = (theta - s.theta_mv) - fall
    spiked = v >= where(p.adapts, p.v_thresh_mv + theta, p.v_thresh_mv) and s.ref == 0
    rise = where(spiked, p.theta_plus_mv, 0.0) - error
    raised = theta + rise
    return s.next(
        v_mv=where(spiked, p.v_reset_mv, v),
        ref=countdown(p, s, spiked),
        theta_mv=where(p.adapts, raised, s.theta_mv),
        theta_error_mv=where(p.adapts, (raised - theta) - rise, s.theta_error_mv),
    ), spiked


DIEHL_COOK = Model(
    name="diehl_cook",
    step=diehl_cook,
    state={"v_mv": Type.REAL, "ref": Type.I32, "theta_mv": Type.REAL, "theta_error_mv": Type.REAL},
    constants={
        "decay": Type.REAL,
        "v_rest_mv": Type.REAL,
        "v_reset_mv": Type.REAL,
        "v_thresh_mv": Type.REAL,
        "ref_steps": Type.I32,
        "theta_loss": Type.REAL,
        "theta_plus_mv": Type.REAL,
    },
    receptors=("input",),
    static={"adapts": True},
)
