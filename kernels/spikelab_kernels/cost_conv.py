"""What kernels of images must do."""

from __future__ import annotations

from spikelab_kernels.cost_record import Cost

__all__ = ["conv_first_spikes", "conv_potentials", "conv_stdp_kernel", "encode_contrast"]

# Of an event: a weight read, a sum read and written.
_EVENT_BYTES = 3 * 4


def encode_contrast(images: int, pixels: int, taps: int, *, item_bytes: int = 1) -> Cost:
    """Cost of on- and off-cells for each pixel; ranking counts as none."""
    return Cost(images * pixels * (item_bytes + 2), 2 * images * pixels * taps)


def conv_first_spikes(images: int, cells: int, windows: int, events: int) -> Cost:
    """Cost of images of `cells` latencies whose spikes add `events` weights; `windows` are written."""
    return Cost(images * (cells + windows) + events * _EVENT_BYTES, events, events)


def conv_potentials(images: int, cells: int, windows: int, events: int) -> Cost:
    """Cost as of first spikes; a potential has four bytes."""
    return Cost(images * (cells + 4 * windows) + events * _EVENT_BYTES, events, events)


def conv_stdp_kernel(images: int, cells: int, events: int, synapses: int, *, operations: int) -> Cost:
    """Cost of showing images, whose winners change `synapses` weights by a rule of so many `operations`.

    A weight is read and written, and rounded to quanta.
    """
    moved = images * cells + events * _EVENT_BYTES + synapses * (2 * 8 + 4)
    return Cost(moved, events + synapses * operations, events)
