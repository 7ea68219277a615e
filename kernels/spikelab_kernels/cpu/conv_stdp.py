"""Filters that learn, in Numba: the call of the module generated for each rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from spikelab_kernels.cache import flatten, load_text
from spikelab_kernels.conv_spec import ConvRule
from spikelab_kernels.cpu.conv_stdp_text import conv_stdp_text

__all__ = ["conv_stdp_kernel"]


@cache
def conv_stdp_kernel(form: ConvRule) -> Callable[..., None]:
    """Compile a rule for filters; the reference says what the function returned does."""
    kernel = load_text("conv_stdp", flatten(conv_stdp_text(form))).learn_images

    def learn(
        latency: np.ndarray,
        weight: np.ndarray,
        scale: float,
        threshold: int,
        n_steps: int,
        winners: int,
        radius: int,
        constants: np.ndarray,
        pre_trace: np.ndarray,
        post_trace: np.ndarray,
        coincident: int,
        wins: np.ndarray,
    ) -> None:
        kernel(
            latency, weight, np.float64(scale), np.int64(threshold), np.int64(n_steps), np.int64(winners),
            np.int64(radius), constants, pre_trace, post_trace, np.int64(coincident), wins,
        )  # fmt: skip

    return learn
