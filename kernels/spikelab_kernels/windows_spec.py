"""What a windows kernel is compiled for: blocks that reach one another, with their noise and their queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from spikelab_kernels.population_spec import PopulationSpec

__all__ = ["WindowsBlock", "WindowsSpec"]


@dataclass(frozen=True)
class WindowsSpec:
    """The form of a cyclic part of a network that runs window by window in one call.

    Attributes
    ----------
    blocks : tuple of PopulationSpec
        Their compiled forms: sums in, bits out, no real inputs.
    driven : tuple of bool
        Which of them get Poisson noise.
    into, out_of : tuple of tuple of int
        Queues that are delivered to each block, and those that its spikes enter.
    queues : int
        How many there are.
    """

    blocks: tuple[PopulationSpec, ...]
    driven: tuple[bool, ...]
    into: tuple[tuple[int, ...], ...]
    out_of: tuple[tuple[int, ...], ...]
    queues: int


class WindowsBlock(NamedTuple):
    """Arrays of one block.

    Attributes
    ----------
    state, constants, quanta, rng_key, rng_element
        As for `population_kernel`.
    sums : array [window, batch, receptor, neuron], int32 or int64
        Room for what arrives in a window.
    drives : sequence
        Arguments ``lo`` to ``thresholds`` of `poisson_drives`; empty where the block is not driven.
    """

    state: Mapping[str, np.ndarray]
    constants: Mapping[str, Any]
    quanta: np.ndarray
    rng_key: np.ndarray
    rng_element: np.ndarray
    sums: np.ndarray
    drives: Sequence[Any]
