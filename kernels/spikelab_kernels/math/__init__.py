"""Elementary functions of spikelab, one for each dtype: the same bits from NumPy, Numba and CUDA.

Written in the restricted language of the model compiler: straight-line arithmetic, comparisons and bit
operations, no FMA, no tables, no library calls. Called directly they are NumPy code: arrays or NumPy scalars
of the dtype in, the same out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spikelab_kernels.math.exp import exp_f32, exp_f64
from spikelab_kernels.math.expm1 import expm1_f32, expm1_f64
from spikelab_kernels.math.inverse_normal_cdf import (
    central_quantile_f64,
    inverse_normal_cdf_f32,
    inverse_normal_cdf_f64,
    tail_quantile_f64,
)
from spikelab_kernels.math.log import log_f32, log_f64
from spikelab_kernels.math.pow import pow_f32, pow_f64
from spikelab_kernels.math.tanh import tanh_f32, tanh_f64

REGISTRY: dict[str, dict[str, Callable[..., Any]]] = {
    "exp": {"float32": exp_f32, "float64": exp_f64},
    "expm1": {"float32": expm1_f32, "float64": expm1_f64},
    "log": {"float32": log_f32, "float64": log_f64},
    "tanh": {"float32": tanh_f32, "float64": tanh_f64},
    "pow": {"float32": pow_f32, "float64": pow_f64},
    "inverse_normal_cdf": {"float32": inverse_normal_cdf_f32, "float64": inverse_normal_cdf_f64},
}
"""Name in a model function, then dtype, to the function."""

__all__ = [
    "REGISTRY",
    "central_quantile_f64",
    "exp_f32",
    "exp_f64",
    "expm1_f32",
    "expm1_f64",
    "inverse_normal_cdf_f32",
    "inverse_normal_cdf_f64",
    "log_f32",
    "log_f64",
    "pow_f32",
    "pow_f64",
    "tail_quantile_f64",
    "tanh_f32",
    "tanh_f64",
]
