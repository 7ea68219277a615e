"""How the synapses of a projection change with the spikes that pass them, or fail."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..parts import Projection
from ..seeding import sub_key

__all__ = ["Transmission", "transmission"]


@dataclass(frozen=True, eq=False)
class Transmission:
    """Short-term plasticity and failures of one projection.

    Attributes
    ----------
    first, n_source : int
        Its sources within the node.
    dt_ms : float
    short_term : dict of str to array [source], float64
        Parameters of the plasticity; empty where there is none.
    failing : int
        Probability of a failure times 2**32, rounded up.
    key : int
        Of the random stream of the failures.
    """

    first: int
    n_source: int
    dt_ms: float
    short_term: Mapping[str, np.ndarray]
    failing: int
    key: int


def transmission(projection: Projection, first: int, dt_ms: float) -> Transmission:
    """Draw the parameters of the synapses of a projection."""
    record, n = projection.short_term, projection.source.n_out
    values: Mapping[str, np.ndarray] = {}
    if record is not None:
        record.check_size(n)
        values = record.drawn(n, lambda name: sub_key(projection.key("short term"), name))
    failing = math.ceil(projection.failure_probability * 2**32)
    return Transmission(first, n, dt_ms, values, failing, projection.key("failure"))
