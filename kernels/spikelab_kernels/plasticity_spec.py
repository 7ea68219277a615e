"""What a plasticity kernel is compiled for, and the arrays of one partition that it works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spikelab_kernels.errors import ParameterError
from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.parse_rule import RulePrograms, parse_rule
from spikelab_kernels.math import exp_f64

__all__ = ["NEVER", "PlasticState", "PlasticitySpec", "decay_tables"]

#: Step of an event that has not happened yet: so far back that every trace is 0.
NEVER = -(2**30)
_LOW_BITS = 8
_MOST_HIGH = 2**20


@dataclass(frozen=True)
class PlasticitySpec:
    """One compiled form of a rule.

    Attributes
    ----------
    rule : Rule
        The declaration.
    dtype : {"float32", "float64"}
        Width of the reals; sums are int32 or int64 accordingly.
    delay_kind : {"dendritic", "axonal", "transmission"}
        Which neuron's spikes are late at the synapse.
    coincident : {"ignore", "pre_first", "include"}
        What spikes of both sides in one step mean.
    viewed : bool
        Whether spikes of the targets are listed at the step in which they are fired, and each cell sees
        them after its own delay; else they are listed at the step in which they pass the synapses.
    """

    rule: Rule
    dtype: str
    delay_kind: str = "dendritic"
    coincident: str = "ignore"
    viewed: bool = False

    def __hash__(self) -> int:
        return hash((self.rule.name, self.dtype, self.delay_kind, self.coincident, self.viewed))

    @cached_property
    def programs(self) -> RulePrograms:
        """The functions of the rule, parsed once for each spec."""
        return parse_rule(self.rule, self.dtype)

    @cached_property
    def constants(self) -> list[str]:
        """Constants that the programs read, in declared order."""
        used = self.programs.read("constant")
        return [name for name in self.rule.constants if name in used]

    @cached_property
    def pre(self) -> dict[str, Trace]:
        """Traces of the spikes of the source that the programs read."""
        return _raised_by_spikes(self.rule.pre, self.programs.read("pre"))

    @cached_property
    def post(self) -> dict[str, Trace]:
        """Traces of the spikes of the target that the programs read."""
        return _raised_by_spikes(self.rule.post, self.programs.read("post"))

    @cached_property
    def pre_seen(self) -> list[str]:
        """Values of the source that the programs read from its history: state variables and their filters."""
        return [name for name in self.programs.read("pre") if name not in ("spike", *self.pre)]

    @cached_property
    def post_seen(self) -> list[str]:
        """Values of the target that the programs read from its history."""
        return [name for name in self.programs.read("post") if name not in ("spike", *self.post)]

    @cached_property
    def third(self) -> list[str]:
        """Signals that ``on_step`` reads."""
        return self.programs.read("third")

    @cached_property
    def fading(self) -> dict[str, str]:
        """States of the synapse that decay, with the constants of their time constants."""
        return {name: tau for name, tau in self.rule.state.items() if tau}

    @cached_property
    def taus(self) -> list[str]:
        """Constants that hold the time constants of closed forms; each has its tables of powers."""
        traces = [trace.tau for trace in (*self.pre.values(), *self.post.values())]
        return list(dict.fromkeys([*traces, *self.fading.values()]))

    @property
    def prompt(self) -> bool:
        """Whether a spike of the target must be handled in its own step, because ``on_post`` looks into a
        history."""
        program = self.programs.on_post
        return program is not None and bool(
            {*program.used("pre")} & {*self.pre_seen} or {*program.used("post")} & {*self.post_seen}
        )

    @property
    def sum_dtype(self) -> str:
        return "int32" if self.dtype == "float32" else "int64"


def _raised_by_spikes(traces: Mapping[str, Trace], used: list[str]) -> dict[str, Trace]:
    return {name: trace for name, trace in traces.items() if name in used and trace.of == "spike"}


@dataclass(eq=False)
class PlasticState:
    """Arrays of one partition of a plastic projection. Steps count from an origin that the caller keeps.

    A trace is kept as its value in the step of its last event, before it was raised in it, and evaluated in
    closed form: ``value * low[n & 255] * high[n >> 8]`` n steps later.

    Attributes
    ----------
    cell_source : array [cell], uint32
        Source of each cell; cells are sorted by source and delay.
    cell_delay : array [cell], uint16, steps
    cell_edge : array [cell + 1], uint32
        First edge of each cell.
    target : array [edge], uint16
        Neuron within the partition, ascending in a cell.
    w : array [edge], real
        Weights, or their magnitudes.
    synapse : dict of str to array [edge], real
        Further states.
    edge_last : array [edge] or [0], int32
        Step of the last event of each synapse, for states that decay.
    cell_last, cell_done : array [cell], int32
        Step in which the last spike of the source passed, and step up to which spikes of the targets have
        been handled.
    pre : dict of str to array [cell], real
        Traces of the source.
    post_step : array [room, neuron], int32
        The last steps in which each neuron fired, the newest first.
    post : dict of str to array [room, neuron], real
        Traces of the target at these steps.
    pre_seen, post_seen : dict of str to array [row, source or neuron], real
        Histories of values; step k stands in row ``k & (rows - 1)``.
    decay : dict of str to (array [256], array [high]), real
        Tables of powers of each time constant; the last of ``high`` is 0.
    constants : dict of str to real
    w_min, w_max : float
        Bounds of the weight.
    scale : float
        Quanta in a unit of the weight; negative where `w` holds magnitudes of negative weights.
    sums : array [row, neuron], int32 or int64, quanta
        What is on its way; what arrives in step k stands in row ``k & (rows - 1)``.
    """

    cell_source: np.ndarray
    cell_delay: np.ndarray
    cell_edge: np.ndarray
    target: np.ndarray
    w: np.ndarray
    synapse: dict[str, np.ndarray]
    edge_last: np.ndarray
    cell_last: np.ndarray
    cell_done: np.ndarray
    pre: dict[str, np.ndarray]
    post_step: np.ndarray
    post: dict[str, np.ndarray]
    pre_seen: dict[str, np.ndarray]
    post_seen: dict[str, np.ndarray]
    decay: dict[str, tuple[np.ndarray, np.ndarray]]
    constants: dict[str, float]
    w_min: float
    w_max: float
    scale: float
    sums: np.ndarray


def decay_tables(tau_ms: float, dt_ms: float, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Powers of ``exp(-dt/tau)``: of 0 to 255, and of multiples of 256 until they end or fall below normal.

    Computed in float64, then rounded; n steps are ``low[n & 255] * high[min(n >> 8, high.size - 1)]``.

    Raises
    ------
    ParameterError
        If the time constant is not positive and finite.
    """
    if not 0.0 < tau_ms < np.inf:
        raise ParameterError("decay_tables", "tau_ms", tau_ms, "be positive and finite")
    rate = dt_ms / tau_ms
    most = -np.log(float(np.finfo(dtype).tiny)) / (rate * 2**_LOW_BITS)
    count = int(min(most, _MOST_HIGH)) + 1
    low = exp_f64(-rate * np.arange(2**_LOW_BITS))
    high = np.append(exp_f64(-rate * 2**_LOW_BITS * np.arange(count)), 0.0)
    return low.astype(dtype), high.astype(dtype)
