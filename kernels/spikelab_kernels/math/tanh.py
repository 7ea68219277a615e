"""Hyperbolic tangent."""

from __future__ import annotations

from spikelab_kernels.math.exp import exp_tail_f64
from spikelab_kernels.math.intrinsics import Real, abs, band, from_bits, max, min, shl, to_bits, where


def tanh_f32(x: Real) -> Real:
    """Return tanh(x), float32.

    With N / D an odd rational least-squares approximation of tanh(x / 2) on |x| <= 9.02, the double-angle
    formula gives 2 N D / (D^2 + N^2): one division, and an error of N / D dies out towards saturation.
    Measured maximal error: 4.45 ulp (2.0e-7 absolute) over all values; exactly 1 from |x| = 9.02 on.
    Neighbouring results may step back by 4 ulp.

    References
    ----------
    Muller, Elementary Functions (2016), chapters 3 and 4.
    """
    c = min(max(x, -9.02), 9.02)
    z = c * c
    n = c + c * z * (0.00011433268082328141 * z + 0.029777470976114273)
    d = (2.46129593506339e-06 * z + 0.002413865178823471) * z + 0.22622154653072358
    d = d * z + 2.0
    y = (n + n) * d / (d * d + n * n)
    return min(max(y, -1.0), 1.0)


def tanh_f64(x: Real) -> Real:
    """Return tanh(x), float64.

    Below 0.625 x + x^3 R(x^2) with a rational least-squares R, above it 1 - 2 / (exp(2 |x|) + 1)
    (Cody & Waite 1980), where the error of the exponential counts less than half.
    Measured maximal error: 1.34 ulp over all values.
    """
    b = min(max(x, -0.625), 0.625)
    z = b * b
    p = (0.00019908877646715662 * z + 0.020496783094501463) * z + 0.33333333333333326
    q = (0.00020643813962632272 * z + 0.02328864413829453) * z + 0.46149034928348925
    q = q * z + 1.0
    # exp(2 |x|) in place: |x| <= 20 needs no subnormals and no overflow.
    a = min(abs(x), 20.0)
    h = a + a
    t = to_bits(h * 1.4426950408889634 + 6755399441056767.0)
    n = from_bits(band(t, 0xFFF) + 0x4330000000000000) - 4503599627371519.0
    r = (h - n * 0.6931471803691238) - n * 1.9082149292705877e-10
    e = (1.0 + (r + r * r * exp_tail_f64(r))) * from_bits(shl(t, 52))
    # Both forms are base - base * ratio: one division.
    small = a < 0.625
    base = where(small, b, 1.0)
    y = base - base * (where(small, z * p, 2.0) / where(small, q, e + 1.0))
    y = where(x <= -0.625, -y, y)
    return where(x == 0.0, x, y)
