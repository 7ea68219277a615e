"""exp(x) - 1 without cancellation."""

from __future__ import annotations

from spikelab_kernels.math.exp import (
    exp_index_f32,
    exp_index_f64,
    exp_scale_f32,
    exp_scale_f64,
    exp_tail_f32,
    exp_tail_f64,
)
from spikelab_kernels.math.intrinsics import Real, from_bits, max, min, shl, to_bits, where


def expm1_f32(x: Real) -> Real:
    """Return exp(x) - 1, float32.

    x = n ln 2 + r in two parts with the rounding error of r kept (Cody & Waite 1980; Muller 2016), then
    2^n ((exp(r) - 1) + (1 - 2^-n)), whose constant is exact where it matters.
    Measured maximal error: 1.45 ulp over [-104, 89].
    """
    h = min(max(x, -20.0), 89.0)
    k = exp_index_f32(h)
    n = from_bits(k + 0x4B000000) - 8389120.0
    a = h - n * 0.693145751953125
    b = n * 1.4286068203094172e-06
    r = a - b
    c = (a - r) - b
    e = r + (c + r * r * exp_tail_f32(r))
    # 2^-n; below 2^-32 it no longer counts.
    inverse = from_bits(shl(to_bits(12583039.0 - min(n, 32.0)), 23))
    return where(x == 0.0, x, exp_scale_f32(e + (1.0 - inverse), k))


def expm1_f64(x: Real) -> Real:
    """Return exp(x) - 1, float64.

    x = n ln 2 + r in two parts with the rounding error of r kept (Cody & Waite 1980; Muller 2016), then
    2^n ((exp(r) - 1) + (1 - 2^-n)), whose constant is exact where it matters.
    Measured maximal error: 1.48 ulp over [-746, 710].
    """
    h = min(max(x, -40.0), 710.0)
    k = exp_index_f64(h)
    n = from_bits(k + 0x4330000000000000) - 4503599627374592.0
    a = h - n * 0.6931471803691238
    b = n * 1.9082149292705877e-10
    r = a - b
    c = (a - r) - b
    e = r + (c + r * r * exp_tail_f64(r))
    # 2^-n; below 2^-64 it no longer counts.
    inverse = from_bits(shl(to_bits(6755399441056767.0 - min(n, 64.0)), 52))
    return where(x == 0.0, x, exp_scale_f64(e + (1.0 - inverse), k))
