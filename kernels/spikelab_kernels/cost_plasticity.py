"""What synapses that learn must do."""

from __future__ import annotations

from spikelab_kernels.cost_record import Cost

__all__ = ["plasticity_kernel"]


def plasticity_kernel(
    visits: int, posts: int, *, operations: int, real_bytes: int = 4, state_bytes: int = 0
) -> Cost:
    """Cost of `visits` of an edge by a spike of its source, and of `posts` by a spike of its target.

    A visit reads the target and the step in which it last fired, reads a trace, and moves the weight and
    the sum both ways; a spike of the target reads its step and two powers, and moves the weight again, with
    `state_bytes` of further states each time. Both run `operations`.
    """
    moved = 2 * (real_bytes + state_bytes)
    visit, post = 2 + 4 + real_bytes + moved + 2 * real_bytes, 4 + 2 * real_bytes + moved
    return Cost(visits * visit + posts * post, (visits + posts) * operations, visits)
