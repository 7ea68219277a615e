"""Recipe of a liquid state machine: spiking neurons on a grid, coupled to their neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import sparse

from spikelab_kernels import philox

from ..connect import DistanceDependent, FromArray
from ..encode import DeltaEncoder, LIFEncoder
from ..errors import ParameterError
from ..frozen import Recipe
from ..network import Network
from ..neurons import LIF
from ..parts import Input, Population
from ..seeding import object_key
from ..storable import storable
from ..units import (
    require_finite,
    require_integer,
    require_non_negative,
    require_positive,
    require_probability,
    require_scalar,
)
from .spike_source import add_encoder

__all__ = ["LiquidReservoir"]

# Probability of a connection at distance zero, by (source, target) (Maass et al. 2002).
_CONNECTION = {("exc", "exc"): 0.3, ("exc", "inh"): 0.2, ("inh", "exc"): 0.4, ("inh", "inh"): 0.1}


@storable
@dataclass(frozen=True, kw_only=True)
class LiquidReservoir(Recipe):
    """Recipe of a liquid: LIF neurons, some of them inhibitory, coupled the less the farther they stand.

    Parameters
    ----------
    n : int
        Neurons; they stand on a cubic grid of distance 1.
    inhibitory : float
        Share of inhibitory neurons, drawn at random.
    reach : float
        Connection probability falls as ``exp(-(d / reach)**2)`` with the distance d; 0 for no connections.
    weight_exc_pa, weight_inh_pa : float, pA
        Mean size of the synaptic currents of the two kinds; each synapse draws between half and one and a
        half of it.
    input_pa : float, pA
        An input of 1 that lasts drives a neuron with a current drawn between -input_pa and input_pa. Where an
        encoder stands between, each of its spikes adds such a current.
    input_in_degree : int, optional
        Inputs, or channels of the encoder, that reach each neuron; all of them by default.
    bias_pa, bias_spread_pa : float, pA
        Constant current of each neuron: drawn between ``bias_pa - bias_spread_pa`` and
        ``bias_pa + bias_spread_pa``. 125 pA lead to the threshold.
    tau_mem_ms, tau_ref_ms, tau_syn_exc_ms, tau_syn_inh_ms : float, ms
        Time constants of membrane, refractoriness and synapses.
    frame_ms : float, ms
        How long each row of the input lasts.
    dt_ms : float, ms
        Time step.
    seed : int, optional
        Seed of connections and weights; by default the one that `network` or the estimator is given.

    References
    ----------
    W. Maass, T. Natschläger, H. Markram, "Real-time computing without stable states", Neural Computation 14
    (2002), doi 10.1162/089976602760407955; appendix B. Their short-term plasticity is left out.

    Examples
    --------
    >>> net = LiquidReservoir(n=64).network(n_inputs=3, seed=1)
    >>> net.populations["reservoir"].n
    64
    """

    n: int = 400
    inhibitory: float = 0.2
    reach: float = 2.0
    weight_exc_pa: float = 30.0
    weight_inh_pa: float = 30.0
    input_pa: float = 100.0
    input_in_degree: int | None = None
    bias_pa: float = 125.0
    bias_spread_pa: float = 25.0
    tau_mem_ms: float = 30.0
    tau_ref_ms: float = 2.0
    tau_syn_exc_ms: float = 3.0
    tau_syn_inh_ms: float = 6.0
    frame_ms: float = 20.0
    dt_ms: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        owner = "LiquidReservoir"
        require_integer(owner, "n", self.n)
        for one in fields(self):
            if one.type == "float":
                require_scalar(owner, one.name, getattr(self, one.name))
        require_probability(owner, "inhibitory", self.inhibitory, remedy="0.2 is the share in the cortex.")
        for name in ("reach", "weight_exc_pa", "weight_inh_pa", "bias_spread_pa", "tau_ref_ms"):
            require_non_negative(owner, name, getattr(self, name))
        require_finite(owner, "bias_pa", self.bias_pa)
        for name in ("input_pa", "tau_mem_ms", "tau_syn_exc_ms", "tau_syn_inh_ms", "frame_ms", "dt_ms"):
            require_positive(owner, name, getattr(self, name))
        if self.frame_ms < self.dt_ms:
            raise ParameterError(owner, "frame_ms", self.frame_ms, f"be >= dt_ms={self.dt_ms!r}")
        if self.input_in_degree is not None:
            require_integer(owner, "input_in_degree", self.input_in_degree)
        if self.seed is not None:
            require_integer(owner, "seed", self.seed, low=0)

    def network(
        self, n_inputs: int, seed: int | None = None, encoder: DeltaEncoder | LIFEncoder | None = None
    ) -> Network:
        """Return the network: an input ``"in"`` that drives the population ``"reservoir"``.

        Parameters
        ----------
        n_inputs : int
            Features of the input.
        seed : int, optional
            Seed of connections and weights; by default the recipe's own, or 0.
        encoder : DeltaEncoder or LIFEncoder, optional
            Makes spikes of the input in a population ``"encoder"`` between the two. None: the input's values
            themselves are currents.
        """
        n_inputs = require_integer("LiquidReservoir.network", "n_inputs", n_inputs)
        net = Network(seed=(self.seed or 0) if seed is None else seed)
        spread = self.bias_spread_pa * self._drawn(net, "bias", self.n)
        neuron = LIF(
            tau_mem_ms=self.tau_mem_ms,
            tau_ref_ms=self.tau_ref_ms,
            v_rest_mv=0.0,
            v_reset_mv=0.0,
            v_thresh_mv=15.0,
            c_mem_pf=self.tau_mem_ms * 125.0 / 15.0,
            i_ext_pa=self.bias_pa + spread,
            synapse="exp",
            tau_syn_exc_ms=self.tau_syn_exc_ms,
            tau_syn_inh_ms=self.tau_syn_inh_ms,
        )
        pop = net.add("reservoir", self.n, neuron)
        source: Input | Population
        if encoder is None:
            source = net.input("in", n_inputs, frame_ms=self.frame_ms)
        else:
            source = add_encoder(net, n_inputs, encoder, self.frame_ms, self.dt_ms)
        weights = self._input_weights(net, source.n_out)
        if encoder is None:
            weights *= self._per_step(weights)
        net.connect(source, pop, pattern=FromArray(weights), delay_ms=0.0)
        recurrent = self._recurrent_weights(net)
        if recurrent.nnz:
            net.connect(pop, pop, pattern=FromArray(recurrent), delay_ms=self.dt_ms)
        return net

    def positions(self) -> npt.NDArray[np.float64]:
        """Return where the neurons stand: array [neuron, 3]."""
        side = math.ceil(round(self.n ** (1 / 3), 9))
        grid = np.indices((side, side, side)).reshape(3, -1).T[: self.n]
        return grid.astype(np.float64)

    def is_inhibitory(self, seed: int) -> npt.NDArray[np.bool_]:
        """Tell which neurons are inhibitory in the network of a seed: array [neuron]."""
        order = np.argsort(philox.uniforms(object_key(seed, "reservoir", "kind"), self.n), kind="stable")
        chosen = np.zeros(self.n, dtype=np.bool_)
        chosen[order[: round(self.inhibitory * self.n)]] = True
        return chosen

    def _input_weights(self, net: Network, n_inputs: int) -> npt.NDArray[np.float64]:
        """Weights [input, neuron], pA."""
        drawn = self._drawn(net, "input", n_inputs * self.n).reshape(n_inputs, self.n)
        weights: npt.NDArray[np.float64] = self.input_pa * drawn
        if self.input_in_degree is not None:
            if self.input_in_degree > n_inputs:
                need = f"be <= {n_inputs}, the inputs there are"
                raise ParameterError("LiquidReservoir", "input_in_degree", self.input_in_degree, need)
            rank = np.argsort(
                np.argsort(self._drawn(net, "choice", weights.size).reshape(weights.shape), axis=0), axis=0
            )
            weights[rank >= self.input_in_degree] = 0.0
        return weights

    def _per_step(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        # A value that lasts is added at every step to a current that decays: at rest they make the sum of a
        # geometric series, which is taken out, so that the current is the one asked for.
        tau = np.where(weights > 0, self.tau_syn_exc_ms, self.tau_syn_inh_ms)
        return np.asarray(-np.expm1(-self.dt_ms / tau))

    def _recurrent_weights(self, net: Network) -> sparse.csr_array:
        """Weights [source, target], pA."""
        matrix: sparse.csr_array = sparse.csr_array((self.n, self.n))
        if self.reach == 0:
            return matrix
        inhibitory, positions = self.is_inhibitory(net.seed), self.positions()
        members = {"exc": np.flatnonzero(~inhibitory), "inh": np.flatnonzero(inhibitory)}
        mean = {"exc": self.weight_exc_pa, "inh": -self.weight_inh_pa}
        for (pre, post), c in _CONNECTION.items():
            pattern = DistanceDependent(
                positions[members[pre]], positions[members[post]], c=c, lambda_=self.reach
            )
            key = object_key(net.seed, ("reservoir", pre, post), "edges")
            source, target = pattern.edges(members[pre].size, members[post].size, key, pre == post)
            weight = mean[pre] * (1.0 + 0.5 * self._drawn(net, f"weight {pre} {post}", source.size))
            index = (members[pre][source], members[post][target])
            matrix = matrix + sparse.csr_array((weight, index), shape=matrix.shape)
        matrix.eliminate_zeros()
        return matrix

    def _drawn(self, net: Network, purpose: str, n: int) -> npt.NDArray[np.float64]:
        """Draw uniform numbers in (-1, 1)."""
        return 2.0 * np.asarray(philox.uniforms(object_key(net.seed, "reservoir", purpose), n)) - 1.0
