"""How a model is declared: its step function and the names that it may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from spikelab_kernels.ir.types import Type

__all__ = ["Model"]


@dataclass(frozen=True)
class Model:
    """A neuron model: one pure step function with its named scalars.

    Attributes
    ----------
    name : str
        Used in messages and file names.
    step : callable
        ``step(s, p, inp, rng)`` in the restricted language.
    state : mapping of str to Type
        State variables in storage order.
    constants : mapping of str to Type
        Fields of ``p``: what ``prepare`` computes once for a time step.
    receptors : tuple of str
        Fields of ``inp``.
    static : mapping of str to bool
        Further fields of ``p`` that are substituted before compilation.
    output : str
        Name of the state that a rate model hands on; empty for a spiking model.
    """

    name: str
    step: Callable[..., object]
    state: Mapping[str, Type]
    constants: Mapping[str, Type]
    receptors: tuple[str, ...]
    static: Mapping[str, bool] = field(default_factory=dict)
    output: str = ""
