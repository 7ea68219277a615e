"""Leaky integrate-and-fire without units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.models.lif import LIF_UNITLESS

from ..errors import ParameterError
from ..units import require_choice, require_flag, require_integer, require_probability
from .base import Neuron, Values
from .checks import Check, positive

__all__ = ["UnitlessLIF"]


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitlessLIF(Neuron):
    r"""Leaky integrate-and-fire as machine-learning libraries write it; made by :meth:`LIF.unitless`.

    Parameters
    ----------
    beta : float or array [neuron]
        Share of the potential that is kept in a step, in [0, 1].
    threshold : float or array [neuron]
        Potential above which the neuron fires.
    reset : {"subtract", "zero"}
        What a spike does to the potential.
    reset_delay : {0, 1}
        Steps between a spike and its reset; snnTorch's ``Leaky`` uses 1.
    inclusive : bool
        Whether the threshold itself makes a spike.

    Notes
    -----
    .. math:: v[k] = \beta\, v[k-1] + I[k], \qquad s[k] = [v[k] > \theta]

    with the reset at once (``reset_delay=0``) or as part of the next step.
    """

    beta: Values = 0.9
    threshold: Values = 1.0
    reset: Literal["subtract", "zero"] = "subtract"
    reset_delay: int = 0
    inclusive: bool = False

    checks: ClassVar[Mapping[str, Check]] = {
        "beta": partial(require_probability, remedy="0.9 is common."),
        "threshold": positive(),
    }
    default_dt_ms = 1.0

    def _owner(self) -> str:
        return "LIF.unitless"

    def _check_choices(self) -> None:
        owner = self._owner()
        require_choice(owner, "reset", self.reset, ("subtract", "zero"))
        if require_integer(owner, "reset_delay", self.reset_delay, low=0) > 1:
            raise ParameterError(owner, "reset_delay", self.reset_delay, "be 0 or 1 steps")
        object.__setattr__(self, "inclusive", require_flag(owner, "inclusive", self.inclusive))

    @property
    def model(self) -> Model:
        """The kernel model."""
        static = {
            "inclusive": self.inclusive,
            "subtract": self.reset == "subtract",
            "delayed": self.reset_delay == 1,
        }
        return replace(LIF_UNITLESS, static=static)

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of one step; they do not depend on its length."""
        p = self._numbers()
        return {"beta": p.beta, "threshold": p.threshold}

    def initial(self) -> Mapping[str, Any]:
        """State before the first step."""
        return {"v": 0.0}
