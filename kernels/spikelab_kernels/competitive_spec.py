"""What a competitive kernel is compiled for, and the arrays that it works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spikelab_kernels.ir.types import Op, Program, Type
from spikelab_kernels.plasticity_spec import PlasticitySpec
from spikelab_kernels.population_spec import PopulationSpec

__all__ = ["CompetitiveNet", "CompetitiveSpec", "Layer", "Way", "is_quiet"]


@dataclass(frozen=True)
class CompetitiveSpec:
    """The form of a network that shows samples to neurons which inhibit one another.

    Attributes
    ----------
    exc, inh : PopulationSpec
        Their compiled forms: sums in, no real inputs, ``output="uint8"``.
    exc_kept, inh_kept : frozenset of str
        States that a new sample leaves as they are.
    rule : PlasticitySpec
        Of the weights from the input to `exc`: no states beside the weight, traces of spikes only, no
        ``on_step``.
    quiet_pre, quiet_post : bool
        Whether ``on_pre`` (``on_post``) leaves a weight as it is where all traces of the target (source)
        are 0; see `is_quiet`. Only synapses of neurons that have fired are visited then.
    """

    exc: PopulationSpec
    inh: PopulationSpec
    exc_kept: frozenset[str]
    inh_kept: frozenset[str]
    rule: PlasticitySpec
    quiet_pre: bool
    quiet_post: bool


class Layer(NamedTuple):
    """Arrays of a population.

    Attributes
    ----------
    state : mapping of str to array [1, neuron]
        Moved in place.
    first : mapping of str to array [neuron]
        What a new sample begins with, for the states that are not kept.
    constants, quanta, rng_key, rng_element
        As for `population_kernel`.
    """

    state: Mapping[str, np.ndarray]
    first: Mapping[str, np.ndarray]
    constants: Mapping[str, float]
    quanta: np.ndarray
    rng_key: np.ndarray
    rng_element: np.ndarray


class Way(NamedTuple):
    """A fixed projection: every edge has one weight and one delay.

    Attributes
    ----------
    receptor : int
    weight : int, quanta
    delay : int, steps
    """

    receptor: int
    weight: int
    delay: int


@dataclass(eq=False)
class CompetitiveNet:
    """The network.

    Attributes
    ----------
    exc, inh : Layer
    weights : array [input, exc], real
        Weights that learn, or their magnitudes.
    scale : float
        Quanta in a unit of weight; negative where the weights are.
    w_min, w_max : float
    constants : mapping of str to float
        Of the rule.
    decay : mapping of str to (array [256], array [high]), real
        Tables of powers of each time constant, see `plasticity_spec.decay_tables`.
    receptor, delay : int
        Of the weights that learn.
    out, back : Way
        From each neuron of `exc` to its partner in `inh`, and from each of `inh` to all of `exc`.
    spares : bool
        Whether `back` leaves out the partner.
    total : float
        What the weights onto each neuron are scaled to after each sample; 0 where they are not.
    """

    exc: Layer
    inh: Layer
    weights: np.ndarray
    scale: float
    w_min: float
    w_max: float
    constants: Mapping[str, float]
    decay: Mapping[str, tuple[np.ndarray, np.ndarray]]
    receptor: int
    delay: int
    out: Way
    back: Way
    spares: bool
    total: float


_Range = tuple[float, float]
_UNKNOWN = (-np.inf, np.inf)


def is_quiet(
    program: Program | None, silent: str, constants: Mapping[str, float], ranges: Mapping[str, _Range]
) -> bool:
    """Whether a function of a rule provably leaves the weight as it is while all traces of one side are 0.

    The program is run on intervals: a product with 0 is 0 where the other factor is finite, and the weight
    plus or minus 0 is the weight. Whatever cannot be bounded so counts as a change.

    Parameters
    ----------
    program : Program or None
        None changes nothing.
    silent : {"pre", "post"}
        The side whose traces are 0.
    constants : mapping of str to float
        Constants of the rule.
    ranges : mapping of str to (low, high)
        Of the weight ``"w"``, and of the traces of the other side by their names.
    """
    if program is None:
        return True
    bounds: list[_Range] = []
    weight: list[bool] = []
    for op in program.ops:
        bounds.append(_bound(op, bounds, silent, constants, ranges, float(np.finfo(program.dtype).max)))
        weight.append(_is_weight(op, bounds, weight))
    return all(name == "w" and weight[place] for name, place in program.next_state.items())


def _bound(
    op: Op,
    bounds: list[_Range],
    silent: str,
    constants: Mapping[str, float],
    ranges: Mapping[str, _Range],
    largest: float,
) -> _Range:
    """Least and largest value of an operation; unknown where it may overflow or is none of a few."""
    args = [bounds[a] for a in op.args]
    if op.type is not Type.REAL or any(np.isinf(arg).any() for arg in args):
        return _UNKNOWN
    match op.name:
        case "const":
            found = (float(op.attr), float(op.attr))
        case "constant":
            found = (float(constants[op.attr]), float(constants[op.attr]))
        case "pre" | "post" if op.name == silent:
            found = (0.0, 0.0)
        case "state" | "pre" | "post":
            found = ranges[op.attr]
        case "neg":
            found = (-args[0][1], -args[0][0])
        case "add":
            found = (args[0][0] + args[1][0], args[0][1] + args[1][1])
        case "sub":
            found = (args[0][0] - args[1][1], args[0][1] - args[1][0])
        case "mul":
            corners = [a * b for a in args[0] for b in args[1]]
            found = (min(corners), max(corners))
        case "where":
            found = (min(args[1][0], args[2][0]), max(args[1][1], args[2][1]))
        case _:
            return _UNKNOWN
    # a margin, as the program rounds each operation and this one does not
    return found if max(map(abs, found)) < 0.5 * largest else _UNKNOWN


def _is_weight(op: Op, bounds: list[_Range], weight: list[bool]) -> bool:
    """Whether the value of an operation is the weight itself."""
    zero = [bounds[a] == (0.0, 0.0) for a in op.args]
    same = [weight[a] for a in op.args]
    match op.name:
        case "state":
            return op.attr == "w"
        case "add":
            return (same[0] and zero[1]) or (zero[0] and same[1])
        case "sub":
            return same[0] and zero[1]
        case "where":
            return same[1] and same[2]
        case _:
            return False
