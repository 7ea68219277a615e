"""How a model or a rule of synapses is declared: its functions and the names that they may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from spikelab_kernels.ir.types import Type

__all__ = ["Model", "Rule", "Trace"]


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


@dataclass(frozen=True)
class Trace:
    """An exponentially decaying value of a neuron that synapses read.

    Attributes
    ----------
    tau : str
        Constant of the rule that holds its time constant, ms.
    of : str
        ``"spike"``: raised by each spike. The name of a state variable of the neuron: a low-pass filter of
        it instead, ``x[k] = x[k-1] + (1 - exp(-dt/tau)) (v[k] - x[k-1])`` with ``x[-1] = v[0]``.
    raised : {"add", "set"}
        Whether a spike adds 1 (all spikes count) or sets the value to 1 (the last one counts).
    """

    tau: str
    of: str = "spike"
    raised: Literal["add", "set"] = "add"


@dataclass(frozen=True)
class Rule:
    """A rule of synapses: up to three functions of one synapse. All values are reals.

    Attributes
    ----------
    name : str
        Used in messages and file names.
    constants : mapping of str to Type
        Fields of ``p``: all of type REAL.
    on_pre, on_post : callable or None
        ``f(s, p, pre, post)``, run when a spike of the source or of the target passes the synapse; it
        returns ``s.next(w=..., ...)``.
    on_step : callable or None
        ``f(s, p, pre, post, third)``, run in steps; ``pre.spike`` and ``post.spike`` are 0 or 1.
    state : mapping of str to str
        Fields of ``s`` beside the weight ``w``, each with the constant that holds its time constant in ms;
        ``""`` where it does not decay.
    pre, post : mapping of str to Trace
        Fields of ``pre`` and ``post`` that are traces.
    pre_values, post_values : tuple of str
        Fields of ``pre`` and ``post`` that are state variables of the neuron.
    third : tuple of str
        Fields of ``third``: signals that all synapses get.
    static : mapping of str to bool
        Further fields of ``p`` that are substituted before compilation.
    """

    name: str
    constants: Mapping[str, Type]
    on_pre: Callable[..., object] | None = None
    on_post: Callable[..., object] | None = None
    on_step: Callable[..., object] | None = None
    state: Mapping[str, str] = field(default_factory=dict)
    pre: Mapping[str, Trace] = field(default_factory=dict)
    post: Mapping[str, Trace] = field(default_factory=dict)
    pre_values: tuple[str, ...] = ()
    post_values: tuple[str, ...] = ()
    third: tuple[str, ...] = ()
    static: Mapping[str, bool] = field(default_factory=dict)
