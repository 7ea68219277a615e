"""What all currents share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any

import numpy as np

from ..errors import ParameterError
from ..frozen import same_content
from .held import Series, Window

__all__ = ["Current", "current_input", "require_size"]


class Current(ABC):
    """A current into every neuron of a population; a drive for `Network.drive`.

    Subclasses are frozen dataclasses. The current of step k is held while the step lasts, from k dt to
    (k + 1) dt.
    """

    start_ms: float
    stop_ms: float | None

    @abstractmethod
    def series(self, dt_ms: float) -> Series:
        """Current of each step, pA, were the generator always active."""

    def window(self, dt_ms: float) -> Window:
        """Steps in which it is active."""
        return Window.of(type(self).__name__, self.start_ms, self.stop_ms, dt_ms)

    def check_size(self, n: int) -> None:
        """Refuse arrays that do not fit a population of `n` neurons."""
        for name, value in self._values().items():
            if isinstance(value, np.ndarray):
                require_size(type(self).__name__, name, value, n)

    def _check_window(self) -> None:
        start, stop = Window.check(type(self).__name__, self.start_ms, self.stop_ms)
        object.__setattr__(self, "start_ms", start)
        object.__setattr__(self, "stop_ms", stop)

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and isinstance(other, Current)
            and same_content(self._values(), other._values())
        )

    __hash__ = None  # type: ignore[assignment]  # fields may be arrays


def require_size(owner: str, parameter: str, value: np.ndarray, n: int) -> None:
    """Refuse an array whose last axis is not `n` neurons."""
    if value.shape[-1] != n:
        need = f"have one value for each of the {n} neurons"
        raise ParameterError(owner, parameter, f"array of shape {value.shape}", need)


def current_input(target: str, inputs: tuple[str, ...], receptor: str = "auto") -> str:
    """The input of a neuron that a current enters.

    Parameters
    ----------
    target : str
        Name of the population.
    inputs : tuple of str
        Inputs of its neuron that take real values.
    receptor : str
        One of them, or "auto": "current" where there is one, else the only input.

    Raises
    ------
    ParameterError
        If there is no such input.
    """
    if receptor in inputs:
        return receptor
    if receptor == "auto":
        if "current" in inputs:
            return "current"
        if len(inputs) == 1:
            return inputs[0]
    known = ", ".join(map(repr, inputs)) or "none"
    remedy = f"Its neuron has {known}; a current needs one that is named 'current', or a single one."
    raise ParameterError("Network.drive", "receptor", receptor, f"name an input of {target!r}", remedy)
