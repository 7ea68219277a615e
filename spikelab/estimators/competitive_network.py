"""The network of Diehl & Cook 2015: neurons that compete for samples, each silencing all others."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..connect import FromArray, OneToOne, Uniform
from ..encode import PoissonEncoder
from ..network import Network
from ..neurons import DiehlCookLIF
from ..plasticity import Normalize, TraceSTDP

__all__ = ["DT_MS", "EXC", "INH", "INPUT", "competitive_network"]

DT_MS = 1.0
INPUT, EXC, INH = "input", "exc", "inh"

# What a spike adds to its partner among the inhibitory neurons: enough, from rest, for a spike of its own.
_EXC_TO_INH_MV = 22.5
_INHIBITORY: dict[str, Any] = {
    "tau_mem_ms": 10.0,
    "tau_ref_ms": 2.0,
    "v_rest_mv": -60.0,
    "v_reset_mv": -45.0,
    "v_thresh_mv": -40.0,
    "theta_plus_mv": 0.0,
}
# Weights go up to that many times their mean, and start evenly spread below three times the mean.
_HIGHEST, _SPREAD = 10.0, 3.0


def competitive_network(
    n_inputs: int,
    n_neurons: int,
    *,
    nu_post: float,
    nu_pre: float,
    theta_plus_mv: float,
    total_mv: float,
    inhibition_mv: float,
    max_rate_hz: float,
    weights: Any,
    seed: int,
) -> Network:
    """Make the network.

    Parameters
    ----------
    n_inputs, n_neurons : int
        Features, and excitatory (as well as inhibitory) neurons.
    nu_post, nu_pre : float
        Rates of learning of `TraceSTDP`, as shares of a tenth of the highest weight.
    theta_plus_mv : float, mV
        What a spike adds to the threshold of its neuron.
    total_mv : float, mV
        Sum of the weights onto a neuron after each sample.
    inhibition_mv : float, mV
        What a spike of an inhibitory neuron takes from each neuron but its partner.
    max_rate_hz : float, Hz
        Rate of an input of the value 1.
    weights : array [input, neuron] or None
        First weights; None draws them.
    seed : int

    Notes
    -----
    A mean weight w = total / inputs is 0.1 mV for the paper's 784 pixels, bounds are 0 and 10 w, and first
    weights are spread evenly below 3 w. All delays are one step, of the input's connections, too.
    """
    mean = total_mv / n_inputs
    unit = _HIGHEST * mean  # 1 mV for the paper's pixels, in which the rates of learning are stated
    rule = TraceSTDP(w_max=unit, nu_post=nu_post * unit, nu_pre=nu_pre * unit, coincident="include")
    net = Network(seed)
    source = net.input(INPUT, n_inputs, PoissonEncoder(max_rate_hz=max_rate_hz))
    exc = net.add(EXC, n_neurons, DiehlCookLIF(theta_plus_mv=theta_plus_mv))
    inh = net.add(INH, n_neurons, DiehlCookLIF(**_INHIBITORY))
    first = Uniform(0.0, _SPREAD * mean) if weights is None else weights
    net.connect(
        source, exc, weight=first, delay_ms=DT_MS, plasticity=rule, homeostasis=Normalize(total=total_mv)
    )
    net.connect(exc, inh, OneToOne(), weight=_EXC_TO_INH_MV, delay_ms=DT_MS)
    others = FromArray(1.0 - np.eye(n_neurons))
    net.connect(inh, exc, others, weight=-inhibition_mv, delay_ms=DT_MS)
    return net
