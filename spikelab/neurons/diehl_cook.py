"""The excitatory neuron of Diehl & Cook 2015, whose threshold rises with every spike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.diehl_cook import DIEHL_COOK

from ..units import require_flag, steps_from_ms
from .base import Neuron, Values
from .checks import Check, is_distribution, non_negative, positive, require_below
from .propagators import decay_factor, decay_loss

__all__ = ["DiehlCookLIF"]


@dataclass(frozen=True, kw_only=True, eq=False)
class DiehlCookLIF(Neuron):
    r"""Leaky integrate-and-fire with delta synapses whose threshold rises with every spike, for good.

    Every parameter in ms or mV may be a number, an array [neuron] or a distribution.

    Parameters
    ----------
    tau_mem_ms : ms
        Membrane time constant.
    tau_ref_ms : ms
        Time after a spike in which arriving spikes are lost, rounded to whole steps. The membrane goes on to
        decay meanwhile, where :class:`LIF` holds it.
    v_rest_mv, v_reset_mv, v_thresh_mv : mV
        Resting, reset and least threshold potential.
    theta_plus_mv : mV
        What a spike adds to the threshold; 0 leaves it fixed.
    tau_theta_ms : ms
        Time constant with which the threshold falls back to ``v_thresh_mv``.
    theta_init_mv, v_init_mv : mV, optional
        What the threshold is raised by, and the potential, before the first step; 0 and the resting potential
        by default.
    adapt : bool
        Whether the threshold moves at all; see :meth:`frozen`.

    Notes
    -----
    .. math:: \tau_m \dot v = -(v - v_{rest}), \qquad \tau_\theta \dot\theta = -\theta

    integrated exactly over a step. A spike that arrives moves v by its weight in mV. The neuron fires at
    :math:`v \ge v_{thresh} + \theta`; then v becomes ``v_reset_mv`` and :math:`\theta` grows by
    ``theta_plus_mv``. In float32, too, :math:`\theta` falls at the rate stated: what a step takes from it is
    less than its last digit, and is summed beside it.

    The state ``theta_mv`` outlives a sample (:attr:`kept`): it is what holds the neurons' rates together
    over thousands of them.

    The paper's membrane has conductances; with delta synapses and these defaults it is the network of
    Hazan et al., ``DiehlAndCookNodes``, without their rule that one neuron at most fires in a step. With
    ``theta_plus_mv=0`` it is their ``LIFNodes``.

    References
    ----------
    P. U. Diehl, M. Cook, "Unsupervised learning of digit recognition using spike-timing-dependent
    plasticity", Front. Comput. Neurosci. 9:99 (2015), sections 2.1 and 2.4.
    H. Hazan et al., "BindsNET: a machine learning-oriented spiking neural networks library in Python",
    Front. Neuroinform. 12:89 (2018).

    Examples
    --------
    >>> DiehlCookLIF(theta_plus_mv=-0.05)
    Traceback (most recent call last):
    ...
    spikelab_kernels.errors.ParameterError: DiehlCookLIF(theta_plus_mv=-0.05): theta_plus_mv must be >= 0 ...
    """

    tau_mem_ms: Values = 100.0
    tau_ref_ms: Values = 5.0
    v_rest_mv: Values = -65.0
    v_reset_mv: Values = -60.0
    v_thresh_mv: Values = -52.0
    theta_plus_mv: Values = 0.05
    tau_theta_ms: Values = 1e7
    theta_init_mv: Values = 0.0
    v_init_mv: Values | None = None
    adapt: bool = True

    checks: ClassVar[Mapping[str, Check]] = {
        "tau_mem_ms": positive("ms", "100.0 is the paper's."),
        "tau_ref_ms": non_negative("ms", "5.0 is the paper's."),
        "theta_plus_mv": non_negative("mV", "0.05 is the paper's; 0 leaves the threshold fixed."),
        "tau_theta_ms": positive("ms", "1e7 is the paper's."),
        "theta_init_mv": non_negative("mV"),
    }
    weight_unit = "mV"
    default_dt_ms = 1.0
    #: States that a new sample leaves as they are.
    kept: ClassVar[tuple[str, ...]] = ("theta_mv", "theta_error_mv")

    def _check_choices(self) -> None:
        object.__setattr__(self, "adapt", require_flag("DiehlCookLIF", "adapt", self.adapt))

    def _check_together(self) -> None:
        remedy = "The neuron would fire for ever."
        for name, value in (("v_reset_mv", self.v_reset_mv), ("v_rest_mv", self.v_rest_mv)):
            require_below("DiehlCookLIF", name, value, "v_thresh_mv", self.v_thresh_mv, remedy)

    @property
    def model(self) -> Model:
        """The kernel model."""
        raised = (self.theta_plus_mv, self.theta_init_mv)
        adapts = any(is_distribution(value) or np.any(np.asarray(value)) for value in raised)
        return replace(DIEHL_COOK, static={"adapts": adapts})

    def frozen(self) -> Self:
        """The record whose threshold neither rises nor falls; it shares the model and the states."""
        return replace(self, adapt=False)

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step."""
        p = self._numbers()
        return {
            "decay": decay_factor(p.tau_mem_ms, dt_ms),
            "v_rest_mv": p.v_rest_mv,
            "v_reset_mv": p.v_reset_mv,
            "v_thresh_mv": p.v_thresh_mv,
            "ref_steps": steps_from_ms(p.tau_ref_ms, dt_ms, "DiehlCookLIF", "tau_ref_ms", stacklevel=4),
            "theta_loss": decay_loss(p.tau_theta_ms, dt_ms) if self.adapt else 0.0,
            "theta_plus_mv": p.theta_plus_mv if self.adapt else 0.0,
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        p = self._numbers()
        start = p.v_rest_mv if p.v_init_mv is None else p.v_init_mv
        return {"v_mv": start, "ref": 0, "theta_mv": p.theta_init_mv, "theta_error_mv": 0.0}
