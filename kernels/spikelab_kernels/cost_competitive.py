"""What a network of competing neurons must do for its samples."""

from __future__ import annotations

from spikelab_kernels.cost_record import Cost

__all__ = ["competitive_kernel"]

_REAL_BYTES = 4


def competitive_kernel(
    samples: int,
    inputs: int,
    exc: int,
    *,
    neuron_steps: int,
    input_spikes: int,
    changes: int,
    operations: int,
    rule_operations: int,
) -> Cost:
    """Cost of samples shown while the network learns.

    `neuron_steps` of `operations` each, a row of weights read and summed for each of `input_spikes`,
    `changes` of single weights by a rule of `rule_operations`; after each sample all weights are read
    twice and written once, added up and multiplied. States and sums stay in the cache.
    """
    events = input_spikes * exc
    moved = samples * inputs + (events + 2 * changes + 3 * samples * inputs * exc) * _REAL_BYTES
    flops = neuron_steps * operations + 2 * events + changes * rule_operations
    return Cost(moved, flops + 2 * samples * inputs * exc, events)
