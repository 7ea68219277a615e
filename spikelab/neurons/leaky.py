"""Rate neurons: a leaky integrator and the leaky tanh unit of echo state networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.leaky import LEAKY_INTEGRATOR, LEAKY_TANH

from ..errors import ParameterError
from ..units import require_positive
from .base import Neuron, Values
from .checks import Check, positive
from .propagators import decay_factor

__all__ = ["LeakyIntegrator", "LeakyTanh", "require_share"]


def require_share(owner: str, name: str, value: Any) -> None:
    """Refuse everything but numbers in (0, 1]."""
    require_positive(owner, name, value)
    if np.any(np.asarray(value) > 1):
        raise ParameterError(owner, name, value, "lie in (0, 1]", "1.0 keeps nothing of the old state.")


@dataclass(frozen=True, kw_only=True, eq=False)
class LeakyIntegrator(Neuron):
    r"""A value that decays and adds what arrives: a readable trace of spikes.

    Parameters
    ----------
    tau_mem_ms : float or array [neuron], ms
        Time constant.

    Notes
    -----
    .. math:: v[k] = e^{-dt/\tau}\, v[k-1] + I[k]
    """

    tau_mem_ms: Values = 20.0

    checks: ClassVar[Mapping[str, Check]] = {"tau_mem_ms": positive("ms", "20.0 is common.")}

    @property
    def model(self) -> Model:
        """The kernel model."""
        return LEAKY_INTEGRATOR

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Decay of one step."""
        return {"decay": decay_factor(self._numbers().tau_mem_ms, dt_ms)}

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {"v": 0.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class LeakyTanh(Neuron):
    r"""The leaky tanh unit of an echo state network.

    Parameters
    ----------
    leak_rate : float or array [neuron]
        Share of the state that is renewed in a step, in (0, 1].
    bias : float or array [neuron]
        Constant input.

    Notes
    -----
    .. math:: x[k] = (1 - a)\, x[k-1] + a \tanh(I[k] + b)

    References
    ----------
    H. Jaeger, M. Lukosevicius, D. Popovici, U. Siewert, "Optimization and applications of echo
    state networks with leaky-integrator neurons", Neural Networks 20 (2007), equation 2.
    """

    leak_rate: Values = 1.0
    bias: Values = 0.0

    default_dt_ms: ClassVar[float] = 1.0

    checks: ClassVar[Mapping[str, Check]] = {"leak_rate": require_share}

    @property
    def model(self) -> Model:
        """The kernel model."""
        return LEAKY_TANH

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step; the leak is per step."""
        p = self._numbers()
        return {"keep": 1.0 - np.asarray(p.leak_rate), "leak_rate": p.leak_rate, "bias": p.bias}

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {"x": 0.0}
