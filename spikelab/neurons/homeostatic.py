"""Neurons that adapt themselves to a distribution or a rate of their own output."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.homeostatic import IP_FERMI, IP_TANH, LIF_HOMEOSTATIC

from ..errors import ParameterError
from ..units import require_choice, require_finite
from .base import Neuron, Values
from .checks import Check, non_negative, positive, require_below
from .leaky import require_share
from .lif import Membrane

__all__ = ["HomeostaticLIF", "IPFermi", "IPTanh"]

#: A gain is held above this; its own 1 / gain lifts it from there.
_LEAST_GAIN = 1e-3


def _between(low: float, high: float, remedy: str) -> Check:
    def check(owner: str, name: str, value: Any) -> None:
        require_finite(owner, name, value)
        array = np.asarray(value)
        if np.any((array <= low) | (array >= high)):
            raise ParameterError(owner, name, value, f"lie between {low:g} and {high:g}", remedy)

    return check


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _Intrinsic(Neuron):
    """A leaky unit whose gain and bias adapt."""

    leak_rate: Values = 1.0
    gain: Values = 1.0
    bias: Values = 0.0
    learning_rate: Values = 5e-4

    default_dt_ms: ClassVar[float] = 1.0
    kept: ClassVar[tuple[str, ...]] = ("gain", "bias")
    checks: ClassVar[Mapping[str, Check]] = {
        "leak_rate": require_share,
        "gain": positive("", "1.0 is common; weights have the sign."),
        "learning_rate": non_negative(),
    }

    @property
    @abstractmethod
    def model(self) -> Model:
        """The kernel model."""

    def frozen(self) -> Self:
        """The record without adaptation: gain and bias stay what they are."""
        return replace(self, learning_rate=0.0)

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        p = self._numbers()
        return {"x": 0.0, "gain": p.gain, "bias": p.bias}

    def _check_together(self) -> None:
        # the bound of the kernel must not move a gain that was given
        require_below(
            self._owner(), "least gain", _LEAST_GAIN, "gain", self.gain, "Scale the weights instead."
        )

    def _common(self) -> dict[str, Any]:
        p = self._numbers()
        return {
            "keep": 1.0 - np.asarray(p.leak_rate),
            "leak_rate": p.leak_rate,
            "learning_rate": p.learning_rate,
            "least_gain": _LEAST_GAIN,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class IPTanh(_Intrinsic):
    r"""A leaky tanh unit whose output approaches a normal distribution by intrinsic plasticity.

    Every parameter may be a number, an array [neuron] or a distribution. Gain and bias are state: they go on
    from sample to sample, and ``sim.state()`` holds them.

    Parameters
    ----------
    leak_rate : float
        Share of the state that is renewed in a step, in (0, 1].
    gain, bias : float
        Of the input, before the first step; the gain above 0.001.
    mean : float
        Mean of the target, between -1 and 1.
    std : float
        Standard deviation of the target.
    learning_rate : float
        Step :math:`\eta`; 0 leaves gain and bias as they are.

    Notes
    -----
    With the input I and :math:`y = \tanh(a I + b)`, the target's mean :math:`\mu` and its deviation
    :math:`\sigma`,

    .. math:: \Delta b &= -\eta \left(-\frac{\mu}{\sigma^2}
       + \frac{y}{\sigma^2} (2 \sigma^2 + 1 - y^2 + \mu y)\right) \\
       \Delta a &= \frac{\eta}{a} + \Delta b\, I

    which is gradient descent on the divergence of y's distribution from :math:`N(\mu, \sigma)`. It concerns
    y, before the leak :math:`x[k] = (1 - \ell)\, x[k-1] + \ell\, y[k]`. A step uses the gain and the bias of
    the step before. The gain is held at 0.001 or above.

    References
    ----------
    B. Schrauwen, M. Wardermann, D. Verstraeten, J. J. Steil, D. Stroobandt, "Improving reservoirs using
    intrinsic plasticity", Neurocomputing 71 (2008), the learning rule for hyperbolic tangent neurons.
    """

    mean: Values = 0.0
    std: Values = 0.2

    checks: ClassVar[Mapping[str, Check]] = {
        **_Intrinsic.checks,
        "mean": _between(-1.0, 1.0, "A tanh reaches no more."),
        "std": positive("", "0.2 leaves the unit near its linear part."),
    }

    @property
    def model(self) -> Model:
        """The kernel model."""
        return IP_TANH

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step; the leak and the learning rate are per step."""
        p = self._numbers()
        variance = np.square(p.std)
        return {
            **self._common(),
            "mean": p.mean,
            "mean_by_var": p.mean / variance,
            "per_var": 1.0 / variance,
            "two_var_plus_1": 2.0 * variance + 1.0,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class IPFermi(_Intrinsic):
    r"""A leaky unit between 0 and 1 whose output approaches an exponential distribution.

    Every parameter may be a number, an array [neuron] or a distribution. Gain and bias are state, as in
    :class:`IPTanh`.

    Parameters
    ----------
    leak_rate, gain, bias, learning_rate : float
        As for :class:`IPTanh`.
    mean : float
        Mean of the target, between 0 and 1.

    Notes
    -----
    With the input I, :math:`y = 1 / (1 + e^{-(a I + b)})` and the target's mean :math:`\mu`,

    .. math:: \Delta b = \eta \left(1 - \left(2 + \frac{1}{\mu}\right) y + \frac{y^2}{\mu}\right), \qquad
       \Delta a = \frac{\eta}{a} + \Delta b\, I

    References
    ----------
    J. Triesch, "A gradient rule for the plasticity of a neuron's intrinsic excitability", ICANN 2005,
    Lecture Notes in Computer Science 3696, the learning rule for a and b.
    """

    mean: Values = 0.2

    checks: ClassVar[Mapping[str, Check]] = {
        **_Intrinsic.checks,
        "mean": _between(0.0, 1.0, "0.2 makes most outputs small."),
    }

    @property
    def model(self) -> Model:
        """The kernel model."""
        return IP_FERMI

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step; the leak and the learning rate are per step."""
        return {**self._common(), "per_mean": 1.0 / np.asarray(self._numbers().mean)}


@dataclass(frozen=True, kw_only=True, eq=False)
class HomeostaticLIF(Membrane):
    r"""Leaky integrate-and-fire with exponential currents whose threshold moves until a rate is kept.

    Every parameter in ms, pF, mV, pA or Hz may be a number, an array [neuron] or a distribution. What was
    added to the threshold is state: it goes on from sample to sample, and ``sim.state()`` holds it.

    Parameters
    ----------
    tau_mem_ms, c_mem_pf, tau_ref_ms, v_rest_mv, v_reset_mv, v_thresh_mv, i_ext_pa, v_init_mv
        As for :class:`LIF`.
    tau_syn_exc_ms, tau_syn_inh_ms : ms
        Time constants of the synaptic currents.
    target_rate_hz : Hz
        The rate that is kept.
    learning_rate_mv : mV
        What a spike adds to the threshold; 0 leaves it fixed.
    theta_mv : mV
        What is added to ``v_thresh_mv`` before the first step.
    threshold : {">=", ">"}
        Comparison that makes a spike.

    Notes
    -----
    The membrane is that of ``LIF(synapse="exp")`` with a spike at :math:`v \ge v_{thresh} + \theta`, and in
    every step

    .. math:: \theta \leftarrow \theta + \eta\, (s - r^* dt), \qquad s \in \{0, 1\}

    so that over a time T a neuron fires :math:`r^* T + (\theta(T) - \theta(0)) / \eta` times, whatever drives
    it. The threshold is not bounded: a neuron without input lowers it until it fires at rest. With
    ``float32`` steps of less than 1e-6 mV are lost; use ``float64`` for slower learning.
    """

    target_rate_hz: Values = 10.0
    learning_rate_mv: Values = 0.05
    theta_mv: Values = 0.0
    threshold: Literal[">=", ">"] = ">="

    kept: ClassVar[tuple[str, ...]] = ("theta_mv",)
    checks: ClassVar[Mapping[str, Check]] = {
        **Membrane.checks,
        "target_rate_hz": positive("Hz", "10.0 is common."),
        "learning_rate_mv": non_negative("mV", "0.05 is slow against a burst."),
    }

    def _check_choices(self) -> None:
        require_choice("HomeostaticLIF", "threshold", self.threshold, (">=", ">"))

    def frozen(self) -> Self:
        """The record without adaptation: the threshold stays what it is."""
        return replace(self, learning_rate_mv=0.0)

    @property
    def model(self) -> Model:
        """The kernel model."""
        return replace(LIF_HOMEOSTATIC, static={"inclusive": self.threshold == ">="})

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Propagators of one step, and the moves of the threshold with and without a spike."""
        p = self._numbers()
        expected = p.target_rate_hz * (1e-3 * dt_ms)
        return {
            **self._membrane(dt_ms),
            **self._exp_currents(dt_ms),
            "rise_mv": p.learning_rate_mv * (1.0 - expected),
            "fall_mv": -p.learning_rate_mv * expected,
        }

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {**self._exp_state(), "theta_mv": self._numbers().theta_mv}
