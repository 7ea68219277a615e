"""Recipes of reservoirs: few numbers in, a network out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikelab_kernels import philox

from ..connect import AllToAll, FixedIndegree, FixedProbability, Pattern, Uniform
from ..errors import ParameterError
from ..frozen import Recipe
from ..network import Network
from ..neurons import LeakyTanh
from ..seeding import object_key
from ..storable import storable
from ..units import (
    require_integer,
    require_non_negative,
    require_positive,
    require_probability,
    require_scalar,
)

__all__ = ["Reservoir"]


@storable
@dataclass(frozen=True)
class Reservoir(Recipe):
    """Recipe of an echo state network: leaky tanh units with random recurrent and input weights.

    Parameters
    ----------
    n : int
        Units.
    spectral_radius : float
        Largest modulus of the recurrent weights' eigenvalues; 0 leaves them out. With ``leak_rate=1`` the
        units then have no memory, which is the control that a task needs memory.
    leak_rate : float
        Share of the state that is renewed in a step, in (0, 1].
    input_scale : float
        Input weights are uniform in (-input_scale, input_scale).
    bias_scale : float
        Biases are uniform in (-bias_scale, bias_scale); 0 for none.
    in_degree : int
        Recurrent edges that arrive at each unit. A reservoir of fewer units is fully connected.
    density : float, optional
        Probability of each recurrent edge instead of `in_degree`.
    input_in_degree : int, optional
        Inputs that reach each unit; all of them by default.
    seed : int, optional
        Seed of the weights; by default the one that `network` or the estimator is given.

    References
    ----------
    H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural networks", GMD report 148
    (2001); M. Lukoševičius, "A practical guide to applying echo state networks" (2012), section 3.

    Examples
    --------
    >>> net = Reservoir(50, spectral_radius=0.8).network(n_inputs=3, seed=1)
    >>> list(net.populations), list(net.inputs)
    (['reservoir'], ['in'])
    """

    n: int = 500
    spectral_radius: float = field(default=0.9, kw_only=True)
    leak_rate: float = field(default=1.0, kw_only=True)
    input_scale: float = field(default=1.0, kw_only=True)
    bias_scale: float = field(default=0.0, kw_only=True)
    in_degree: int = field(default=10, kw_only=True)
    density: float | None = field(default=None, kw_only=True)
    input_in_degree: int | None = field(default=None, kw_only=True)
    seed: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        require_integer("Reservoir", "n", self.n, remedy="100 to 1000 units suit most tasks.")
        for name in ("spectral_radius", "leak_rate", "input_scale", "bias_scale"):
            require_scalar("Reservoir", name, getattr(self, name))
        remedy = "Values around 0.9 give long memory, values above 1 may lose the echo state property."
        require_non_negative("Reservoir", "spectral_radius", self.spectral_radius, remedy=remedy)
        require_positive("Reservoir", "leak_rate", self.leak_rate, remedy="It lies in (0, 1].")
        if self.leak_rate > 1:
            raise ParameterError("Reservoir", "leak_rate", self.leak_rate, "lie in (0, 1]")
        require_positive("Reservoir", "input_scale", self.input_scale)
        require_non_negative("Reservoir", "bias_scale", self.bias_scale)
        require_integer("Reservoir", "in_degree", self.in_degree)
        if self.density is not None:
            require_probability("Reservoir", "density", self.density)
        if self.input_in_degree is not None:
            require_integer("Reservoir", "input_in_degree", self.input_in_degree)
        if self.seed is not None:
            require_integer("Reservoir", "seed", self.seed, low=0)

    def network(self, n_inputs: int, seed: int | None = None) -> Network:
        """Return the network: an input ``"in"`` that drives the population ``"reservoir"``.

        Parameters
        ----------
        n_inputs : int
            Features of the input.
        seed : int, optional
            Seed of the weights; by default the recipe's own, or 0.
        """
        n_inputs = require_integer("Reservoir.network", "n_inputs", n_inputs)
        net = Network(seed=(self.seed or 0) if seed is None else seed)
        bias: Any = 0.0
        if self.bias_scale:
            drawn = philox.uniforms(object_key(net.seed, "reservoir", "bias"), self.n, np.float64)
            bias = self.bias_scale * (2.0 * drawn - 1.0)
        pop = net.add("reservoir", self.n, LeakyTanh(leak_rate=self.leak_rate, bias=bias))
        inp = net.input("in", n_inputs)
        pattern: Pattern = AllToAll()
        if self.input_in_degree is not None:
            pattern = FixedIndegree(self.input_in_degree, allow_multapses=False)
        net.connect(
            inp, pop, pattern=pattern, weight=Uniform(-self.input_scale, self.input_scale), delay_ms=0.0
        )
        if self.spectral_radius == 0:
            return net
        recurrent: Pattern = FixedIndegree(min(self.in_degree, self.n), allow_multapses=False)
        if self.density is not None:
            recurrent = FixedProbability(self.density)
        net.connect(
            pop, pop, pattern=recurrent, weight=Uniform(-1.0, 1.0), spectral_radius=self.spectral_radius
        )
        return net
