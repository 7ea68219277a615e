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
        Fields of ``inp`` where spikes arrive: integer sums, and real values beside them.
    currents : tuple of str
        Further fields of ``inp``, which take real values only, such as a current in pA that is held
        for a step; 0 where nothing arrives.
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
    currents: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """All fields of ``inp``, in the order of the planes of real inputs: receptors, then currents."""
        return self.receptors + self.currents
