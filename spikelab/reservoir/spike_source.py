"""From real features to the spikes of a population, inside a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from ..connect import FromArray, OneToOne
from ..encode import DeltaEncoder, LIFEncoder
from ..errors import ParameterError
from ..network import Network
from ..neurons import LIF, UnitlessLIF
from ..parts import Population
from ..units import require_positive

__all__ = ["ENCODERS", "add_encoder", "encoder_network"]

#: Records that `add_encoder` knows.
ENCODERS = (DeltaEncoder, LIFEncoder)

# The current that brings the encoder's neurons just to their threshold, as in the liquid.
_THRESHOLD_PA, _THRESHOLD_MV = 125.0, 15.0


def add_encoder(
    net: Network, n_inputs: int, encoder: DeltaEncoder | LIFEncoder, frame_ms: float, dt_ms: float
) -> Population:
    """Add an input ``"in"`` and a population ``"encoder"`` whose spikes tell of it.

    Parameters
    ----------
    net : Network
    n_inputs : int
        Features of the input.
    encoder : DeltaEncoder or LIFEncoder
        With a `DeltaEncoder` the population repeats the encoder's spikes, so that they can be recorded.
    frame_ms, dt_ms : float, ms
        How long each row of the input lasts; time step.

    Returns
    -------
    Population

    Raises
    ------
    ParameterError
        If the encoder is of another kind.
    """
    if isinstance(encoder, DeltaEncoder):
        inp = net.input("in", n_inputs, encoder=encoder, frame_ms=frame_ms)
        # A neuron that forgets at once and fires at every spike that arrives.
        pop = net.add("encoder", inp.n_out, UnitlessLIF(beta=0.0, threshold=0.5))
        net.connect(inp, pop, pattern=OneToOne(), weight=1.0, delay_ms=0.0)
        return pop
    if not isinstance(encoder, LIFEncoder):
        remedy = "Pass one such as spikelab.LIFEncoder(), or None for real values."
        raise ParameterError("add_encoder", "encoder", encoder, "be a DeltaEncoder or a LIFEncoder", remedy)
    n = encoder.channels(n_inputs)
    neuron = LIF(
        tau_mem_ms=encoder.tau_mem_ms,
        tau_ref_ms=encoder.tau_ref_ms,
        v_rest_mv=0.0,
        v_reset_mv=0.0,
        v_thresh_mv=_THRESHOLD_MV,
        c_mem_pf=encoder.tau_mem_ms * _THRESHOLD_PA / _THRESHOLD_MV,
        i_ext_pa=encoder.bias_pa,
        synapse="exp",
        tau_syn_exc_ms=encoder.tau_syn_ms,
        tau_syn_inh_ms=encoder.tau_syn_ms,
    )
    pop = net.add("encoder", n, neuron)
    inp = net.input("in", n_inputs, frame_ms=frame_ms)
    # A value that lasts is added at every step to a current that decays. In a step the current's mean is its
    # start times (tau / dt) (1 - exp(-dt / tau)), and a lasting sum starts at 1 / (1 - exp(-dt / tau)).
    gain = encoder.gain_pa * dt_ms / encoder.tau_syn_ms
    sign = np.concatenate([np.full(n_inputs, gain), np.full(n - n_inputs, -gain)])
    target = np.arange(n)
    weights = sparse.csr_array((sign, (target % n_inputs, target)), shape=(n_inputs, n))
    net.connect(inp, pop, pattern=FromArray(weights), delay_ms=0.0)
    return pop


def encoder_network(n_inputs: int, encoder: Any, frame_ms: float, dt_ms: float) -> Network:
    """Return a network of an encoder alone: an input ``"in"`` and a population ``"encoder"``.

    Parameters
    ----------
    n_inputs : int
    encoder : DeltaEncoder or LIFEncoder
    frame_ms, dt_ms : float, ms

    Examples
    --------
    >>> encoder_network(3, LIFEncoder(), frame_ms=10.0, dt_ms=1.0).populations["encoder"].n
    6
    """
    require_positive("encoder_network", "dt_ms", dt_ms, "ms")
    net = Network(seed=0)
    add_encoder(net, n_inputs, encoder, frame_ms, dt_ms)
    return net
