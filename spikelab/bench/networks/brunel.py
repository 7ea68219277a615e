"""Brunel's random network of excitatory and inhibitory cells with delta synapses."""

from __future__ import annotations

from typing import Any

from ...connect import FixedIndegree, Normal
from ...encode import PoissonDrive
from ...network import Network
from ...neurons import LIF
from ...plasticity import STDP
from ...units import require_positive, require_scalar

__all__ = ["brunel", "stdp_brunel"]

_EXCITATORY, _INHIBITORY = 10_000, 2_500
_TAU_MS, _THRESHOLD_MV = 20.0, 20.0
_SPREAD = 0.028  # of the weights that have learned for half a second, as a share of their mean


def brunel(
    scale: float = 1.0,
    *,
    g: float = 5.0,
    eta: float = 2.0,
    weight_mv: float = 0.1,
    delay_ms: float = 1.5,
    density: float = 0.1,
    v_reset_mv: float = 0.0,
    recurrent_mv: Any = None,
    plasticity: Any = None,
    seed: int = 0,
) -> Network:
    """Return Brunel's network, populations "exc" and "inh".

    Parameters
    ----------
    scale : float
        Share of the 12,500 neurons. The in-degrees shrink with it, and the drive follows them: a smaller
        network is another one, which any simulator must still run alike.
    g : float
        Weight of an inhibitory synapse over that of an excitatory one.
    eta : float
        Rate of the drive over the rate that just reaches the threshold.
    weight_mv : float, mV
        Weight of an excitatory synapse.
    delay_ms : float, ms
        Delay of all synapses.
    density : float
        In-degree over the size of the population that sends.
    v_reset_mv : float, mV
        Reset potential: 0 in NEST's script, 10 in the paper.
    recurrent_mv : distribution, mV, optional
        Weights of the synapses between excitatory neurons; `weight_mv` by default.
    plasticity : record, optional
        Rule of these synapses.
    seed : int
        Seed of the network.

    Raises
    ------
    ParameterError
        If a value does not fit.

    References
    ----------
    N. Brunel, J. Comput. Neurosci. 8 (2000), model A; the defaults are those of ``brunel_delta_nest.py``.

    Examples
    --------
    >>> net = brunel(0.1)
    >>> net.populations["exc"].n, net.projections["exc", "inh", 0].pattern.k
    (1000, 100)
    """
    require_positive("brunel", "scale", require_scalar("brunel", "scale", scale), remedy="1 is the paper's.")
    require_positive("brunel", "weight_mv", require_scalar("brunel", "weight_mv", weight_mv), "mV")
    cell = LIF(
        tau_mem_ms=_TAU_MS, tau_ref_ms=2.0, v_rest_mv=0.0, v_reset_mv=v_reset_mv, v_thresh_mv=_THRESHOLD_MV
    )
    net = Network(seed)
    exc = net.add("exc", max(1, round(_EXCITATORY * scale)), cell)
    inh = net.add("inh", max(1, round(_INHIBITORY * scale)), cell)
    # In-degree times the rate of a source at which the mean potential just reaches the threshold.
    in_exc, in_inh = int(density * exc.n), int(density * inh.n)
    rate_hz = 1000.0 * eta * _THRESHOLD_MV / (weight_mv * _TAU_MS)
    for target in (exc, inh):
        net.drive(target, PoissonDrive(rate_hz=rate_hz, weight=weight_mv))
        rule, weight = None, weight_mv
        if target is exc:
            rule, weight = plasticity, weight_mv if recurrent_mv is None else recurrent_mv
        net.connect(exc, target, FixedIndegree(in_exc), weight=weight, delay_ms=delay_ms, plasticity=rule)
        net.connect(inh, target, FixedIndegree(in_inh), weight=-g * weight_mv, delay_ms=delay_ms)
    return net


def stdp_brunel(
    scale: float = 1.0,
    *,
    plastic: bool = True,
    spread: bool = False,
    learning_rate: float = 0.01,
    weight_mv: float = 0.1,
    w_max_mv: float = 0.2,
    seed: int = 0,
) -> Network:
    """Return Brunel's network in which synapses between excitatory neurons learn, or a static twin.

    The rule is the multiplicative one with NEST's defaults. Where both sides fire independently it holds
    weights near half of the largest one, here the weight of the static network, and so the network stays in
    its regime.

    Parameters
    ----------
    scale : float
        As for `brunel`.
    plastic : bool
        False leaves the rule out.
    spread : bool
        A weight of its own for each of these synapses, spread as far as learning spreads them. A static
        network whose weights are all the same stores one.
    learning_rate : float
        Step of a pair without distance, as a share of the largest weight (NEST's lambda).
    weight_mv, w_max_mv : float, mV
        Weight at the start, and the largest.
    seed : int
        Seed of the network.

    Examples
    --------
    >>> stdp_brunel(0.1, plastic=False) == brunel(0.1)
    True
    """
    rule = STDP(w_max=w_max_mv, a_plus=learning_rate, a_minus=learning_rate, mu_plus=1.0, mu_minus=1.0)
    each = Normal(weight_mv, _SPREAD * weight_mv) if spread else None
    return brunel(
        scale, weight_mv=weight_mv, recurrent_mv=each, plasticity=rule if plastic else None, seed=seed
    )
