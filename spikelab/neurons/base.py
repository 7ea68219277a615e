"""What every neuron record offers to the network and to the simulator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Literal

import numpy as np

from spikelab_kernels.ir.declare import Model

from ..errors import ParameterError
from ..frozen import frozen_array, same_content
from ..units import real_array, require_choice

__all__ = ["Neuron"]


class Neuron(ABC):
    """Frozen parameters of a population's neurons; a field may be a scalar or an array [neuron].

    Subclasses are frozen dataclasses. They name their kernel model and compute its
    constants for a time step.
    """

    #: Unit of the weights of spikes that arrive here.
    weight_unit: ClassVar[str] = ""
    #: Time step that suits the model where the user names none, ms.
    default_dt_ms: ClassVar[float] = 0.1

    @property
    @abstractmethod
    def model(self) -> Model:
        """The kernel model with its static fields substituted."""

    @abstractmethod
    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Constants of the step function for a time step of `dt_ms`, computed in float64."""

    @abstractmethod
    def initial(self) -> Mapping[str, Any]:
        """Value of each state variable before the first step; scalar or array [neuron]."""

    @property
    def kind(self) -> Literal["spiking", "rate"]:
        """``"rate"`` if the neuron hands on a real value instead of spikes."""
        return "rate" if self.model.output else "spiking"

    @property
    def receptors(self) -> tuple[str, ...]:
        """Names of the inputs that projections of spikes can address."""
        return self.model.receptors

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of all inputs: the receptors, then the currents, which take real values only."""
        return self.model.inputs

    def check_size(self, n: int) -> None:
        """Refuse array parameters that do not fit a population of `n` neurons."""
        for name, value in self._values().items():
            if isinstance(value, np.ndarray) and value.shape != (n,):
                need = f"be a scalar or have one value for each of the {n} neurons, not shape {value.shape}"
                raise ParameterError(type(self).__name__, name, value, need)

    def source(self, form: str = "numba", dtype: str = "float32") -> str:
        """The generated code of the step.

        Parameters
        ----------
        form : {"numba", "numpy", "typed"}
            The kernel module, its readable vector form, or the typed operations.
        dtype : {"float32", "float64"}
            Width of the reals.

        Returns
        -------
        str
            Source text.
        """
        from spikelab_kernels.source import FORMS, model_source

        owner = f"{type(self).__name__}.source"
        require_choice(owner, "form", form, tuple(FORMS))
        require_choice(owner, "dtype", dtype, ("float32", "float64"))
        return model_source(self.model, form, dtype)

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def _freeze_arrays(self) -> None:
        """Make the numbers floats and the sequences read-only arrays; call it first in ``__post_init__``.

        Raises
        ------
        ParameterError
            If a value is no number and no row of numbers, or an array is not as long as another one.
        """
        owner, length = type(self).__name__, None
        for field in fields(self):  # type: ignore[arg-type]
            name, value = field.name, getattr(self, field.name)
            if "Values" not in str(field.type) or (value is None and "None" in str(field.type)):
                continue
            array = frozen_array(real_array(owner, name, value))
            if array.ndim == 0:
                object.__setattr__(self, name, float(array))
                continue
            if array.size == 0:
                raise ParameterError(
                    owner, name, value, "have a value", "Give a number, or one for each neuron."
                )
            if array.ndim != 1:
                need = f"be a scalar or an array [neuron], not of shape {array.shape}"
                raise ParameterError(owner, name, value, need)
            if length not in (None, array.size):
                need = f"have {length} values as the arrays before it, not {array.size}"
                raise ParameterError(owner, name, value, need)
            length = array.size
            object.__setattr__(self, name, array)

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and isinstance(other, Neuron)
            and same_content(self._values(), other._values())
        )

    __hash__ = None  # type: ignore[assignment]  # fields may be arrays
