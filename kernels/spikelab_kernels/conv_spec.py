"""What a kernel of convolutional learning is compiled for: a rule whose neurons fire once an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from spikelab_kernels import math as own_math
from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.parse_rule import RulePrograms, parse_rule

__all__ = ["ConvRule"]


@dataclass(frozen=True)
class ConvRule:
    """The form of a rule for the filters of a layer: float64, no more than one spike of each neuron.

    Parameters
    ----------
    rule : Rule
        All that it reads of the neurons are traces of their spikes, in ``on_pre`` and ``on_post``; it has no
        state beside the weight.
    """

    rule: Rule

    def __hash__(self) -> int:
        return hash(self.rule.name)

    @cached_property
    def programs(self) -> RulePrograms:
        """Typed functions of the rule."""
        return parse_rule(self.rule, "float64")

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Constants that the functions read, after the bounds of the weight."""
        used = self.programs.read("constant")
        return ("w_min", "w_max", *(name for name in used if name not in ("w_min", "w_max")))

    def typed_constants(self, values: Mapping[str, float]) -> npt.NDArray[np.float64]:
        """Constants in their order: array [constant], float64."""
        return np.array([values[name] for name in self.constants], np.float64)

    def trace_table(self, side: str, values: Mapping[str, float], n_steps: int) -> npt.NDArray[np.float64]:
        """What a single spike leaves of each trace.

        Parameters
        ----------
        side : {"pre", "post"}
        values : mapping of str to float
            Constants, time constants and ``dt_ms`` among them.
        n_steps : int

        Returns
        -------
        array [n_steps + 1, trace], float64
            Row n is n steps after the spike; the last row, all zeros, is for a neuron that has not fired.
        """
        traces: Mapping[str, Trace] = getattr(self.rule, side)
        table = np.zeros((n_steps + 1, len(traces)))
        for column, trace in enumerate(traces.values()):
            rate = values["dt_ms"] / values[trace.tau]
            table[:n_steps, column] = own_math.exp_f64(-rate * np.arange(n_steps, dtype=np.float64))
        return table
