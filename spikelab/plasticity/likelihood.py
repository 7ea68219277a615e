"""Gradient ascent on the likelihood of spikes, with a third factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.models.likelihood_rules import LIKELIHOOD

from ..errors import ParameterError
from ..neurons import EscapeLIF
from ..neurons.checks import Check, positive
from ..neurons.propagators import current_gain, decay_factor
from ..units import require_choice
from .base import Plasticity

__all__ = ["Likelihood"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Likelihood(Plasticity):
    r"""The likelihood rule of escape-rate neurons: spikes that paid, or that were wanted, are made likelier.

    For targets of :class:`EscapeLIF`, whose constants it needs: :meth:`of` takes them from the record.

    Parameters
    ----------
    w_max, w_min
        See :class:`Plasticity`; in pA.
    delay_kind : {"axonal"}
        The rule sees a spike when it reaches the soma.
    learning_rate : float, pA^2
        Step :math:`\eta` along the gradient, which is in 1/pA.
    signal : {"reward", "novelty", "target"}
        Name of the third factor M. ``"reward"`` and ``"novelty"`` turn eligibilities into changes.
        ``"target"`` is 1 in the steps in which all targets of the projection should fire, and 0 in the
        others: ``sim.run(..., signals={"target": array [time]})``.
    tau_e_ms : float, ms
        How long an eligibility lasts, with reward or novelty.
    tau_mem_ms, c_mem_pf, tau_syn_ms, width_mv : float
        Of the target and of the receptor.

    Notes
    -----
    In a step the neuron fires with the probability :math:`1 - e^{-h}`, :math:`h = \rho\,dt`. With its spike s
    and the sensitivity :math:`z = \partial v / \partial w`, which obeys the equation of the membrane and its
    resets, the gradient of the log-likelihood of a step is

    .. math:: g(s) = \frac{1}{\Delta} \Big(\frac{h}{1 - e^{-h}}\, s - h\Big)\, z,

    exactly; for :math:`h \to 0` it is :math:`(s - \rho\,dt)\, z / \Delta`. Nothing counts while the neuron is
    refractory. Then

    .. math:: \dot e = -e / \tau_e + g(s), \quad \Delta w = \eta\, M\, e \qquad \text{or} \qquad
       \Delta w = \eta\, g(s^*)

    with the wanted spikes :math:`s^*`. The mean of g over the neuron's own spikes is 0: without a reward that
    depends on them weights only drift.

    References
    ----------
    J.-P. Pfister, T. Toyoizumi, D. Barber, W. Gerstner, "Optimal spike-timing-dependent plasticity for
    precise action potential firing in supervised learning", Neural Comput. 18 (2006), equation 2.14;
    D. Jimenez Rezende, W. Gerstner, "Stochastic variational learning in recurrent spiking networks", Front.
    Comput. Neurosci. 8 (2014) (novelty as the third factor).

    Examples
    --------
    >>> import spikelab as sl
    >>> rule = sl.Likelihood.of(sl.EscapeLIF(width_mv=3.0), w_max=500.0)
    >>> rule.width_mv
    3.0
    """

    delay_kind: Literal["dendritic", "axonal", "transmission"] = "axonal"
    learning_rate: float = 1.0
    signal: Literal["reward", "novelty", "target"] = "reward"
    tau_e_ms: float = 500.0
    tau_mem_ms: float = 10.0
    c_mem_pf: float = 250.0
    tau_syn_ms: float = 2.0
    width_mv: float = 2.0

    checks: ClassVar[Mapping[str, Check]] = {
        "tau_e_ms": positive("ms", "500.0 bridges half a second."),
        "tau_mem_ms": positive("ms"),
        "c_mem_pf": positive("pF"),
        "tau_syn_ms": positive("ms"),
        "width_mv": positive("mV"),
    }
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"signal": tuple(LIKELIHOOD)}

    @classmethod
    def of(cls, neuron: EscapeLIF, receptor: str = "exc", **options: Any) -> Likelihood:
        """The rule for synapses onto a receptor of `neuron`, whose parameters are single numbers.

        Parameters
        ----------
        neuron : EscapeLIF
        receptor : {"exc", "inh"}
        **options
            Other parameters of the rule.

        Raises
        ------
        ParameterError
            If the neuron is another one, or its parameters differ between neurons.
        """
        owner = f"{cls.__name__}.of"
        if not isinstance(neuron, EscapeLIF):
            raise ParameterError(owner, "neuron", neuron, "be an EscapeLIF", "Other neurons have no hazard.")
        require_choice(owner, "receptor", receptor, ("exc", "inh"))
        given = {
            "tau_mem_ms": neuron.tau_mem_ms,
            "c_mem_pf": neuron.c_mem_pf,
            "tau_syn_ms": getattr(neuron, f"tau_syn_{receptor}_ms"),
            "width_mv": neuron.width_mv,
        }
        return cls(**(given | options))

    @property
    def rule(self) -> Rule:
        """The kernel rule."""
        return LIKELIHOOD[self.signal]

    @property
    def when(self) -> Literal["always", "signal"] | float:
        """Every step: sensitivities move whether or not a signal is given."""
        return "always"

    def prepare(self, dt_ms: float) -> dict[str, float]:
        """Constants of the rule: every number of the record, and the propagators of the membrane."""
        gain = current_gain(self.tau_mem_ms, self.tau_syn_ms, self.c_mem_pf, dt_ms)
        return {
            **super().prepare(dt_ms),
            "decay": float(decay_factor(self.tau_mem_ms, dt_ms)),
            # the trace is read after it has decayed by a step, the membrane takes it as it was before
            "gain_before": float(gain / decay_factor(self.tau_syn_ms, dt_ms)),
            "per_width": 1.0 / self.width_mv,
            # so short that nothing is left in the next step
            "tau_told_ms": 1e-3 * dt_ms,
        }

    def _check_together(self) -> None:
        for name, meant in (("delay_kind", "axonal"), ("coincident", "ignore")):
            if getattr(self, name) != meant:
                raise ParameterError(self._owner(), name, getattr(self, name), f"be {meant!r}")
