"""Natural logarithm."""

from __future__ import annotations

from spikelab_kernels.math.intrinsics import Integer, Real, band, both, from_bits, shr, to_bits, where


def log_bits_f32(x: Real) -> Integer:
    """Return the bits of x > 0 (subnormals times 2^25), moved so that the exponent turns over at sqrt(2)."""
    small = x < 1.1754943508222875e-38
    return to_bits(where(small, where(small, x, 1.0) * 33554432.0, x)) + 0x004AFB0D


def log_bits_f64(x: Real) -> Integer:
    """Return the bits of x > 0 (subnormals times 2^54), moved so that the exponent turns over at sqrt(2)."""
    small = x < 2.2250738585072014e-308
    return to_bits(where(small, where(small, x, 1.0) * 18014398509481984.0, x)) + 0x00095F619980C433


def log_exponent_f32(x: Real) -> Real:
    """Return k of x = 2^k m with sqrt(1/2) <= m < sqrt(2)."""
    k = from_bits(shr(log_bits_f32(x), 23) + 0x4B000000) - 8388735.0
    return where(x < 1.1754943508222875e-38, k - 25.0, k)


def log_exponent_f64(x: Real) -> Real:
    """Return k of x = 2^k m with sqrt(1/2) <= m < sqrt(2)."""
    k = from_bits(shr(log_bits_f64(x), 52) + 0x4330000000000000) - 4503599627371519.0
    return where(x < 2.2250738585072014e-308, k - 54.0, k)


def log_mantissa_f32(x: Real) -> Real:
    """Return m of x = 2^k m with sqrt(1/2) <= m < sqrt(2)."""
    return from_bits(band(log_bits_f32(x), 0x007FFFFF) + 0x3F3504F3)


def log_mantissa_f64(x: Real) -> Real:
    """Return m of x = 2^k m with sqrt(1/2) <= m < sqrt(2)."""
    return from_bits(band(log_bits_f64(x), 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)


def log_tail_f32(z: Real) -> Real:
    """Return (atanh(s) / s - 1 - z / 3) / z^2 for z = s^2 <= 0.0295."""
    return (0.11710062623023987 * z + 0.1427353471517563) * z + 0.20000076293945312


def log_tail_f64(z: Real) -> Real:
    """Return (atanh(s) / s - 1 - z / 3) / z^2 for z = s^2 <= 0.0295."""
    q = 0.06598962102610868 * z + 0.0662832431011152
    q = q * z + 0.07693382237941278
    q = q * z + 0.0909089210725
    q = q * z + 0.11111111260820734
    q = q * z + 0.14285714285045029
    return q * z + 0.2000000000000114


def log_f32(x: Real) -> Real:
    """Return log(x), float32; -inf at 0, NaN below.

    x = 2^k m with sqrt(1/2) <= m < sqrt(2); log m = 2 atanh(s), s = (m - 1) / (m + 1), from a least-squares
    polynomial in s^2, summed so that m - 1 enters last (Cody & Waite 1980; Muller 2016, section 11).
    Measured maximal error: 0.835 ulp over all positive values, subnormals included.
    """
    ok = both(x > 0.0, x <= 3.4028234663852886e38)
    a = where(ok, x, 1.0)
    k = log_exponent_f32(a)
    f = log_mantissa_f32(a) - 1.0
    s = f / (2.0 + f)
    z = s * s
    q = z * (0.6666666666666666 + z * (2.0 * log_tail_f32(z)))
    half = 0.5 * f * f
    y = k * 0.693145751953125 - ((half - (s * (half + q) + k * 1.4286068203094172e-06)) - f)
    zero = band(to_bits(a), 0)
    edge = where(x > 0.0, x, from_bits(zero + 0x7FC00000))
    edge = where(x == 0.0, from_bits(zero - 0x00800000), edge)
    return where(ok, y, edge)


def log_f64(x: Real) -> Real:
    """Return log(x), float64; -inf at 0, NaN below.

    x = 2^k m with sqrt(1/2) <= m < sqrt(2); log m = 2 atanh(s), s = (m - 1) / (m + 1), from a least-squares
    polynomial in s^2, summed so that m - 1 enters last (Cody & Waite 1980; Muller 2016, section 11).
    Measured maximal error: 0.824 ulp over all positive values, subnormals included.
    """
    ok = both(x > 0.0, x <= 1.7976931348623157e308)
    a = where(ok, x, 1.0)
    k = log_exponent_f64(a)
    f = log_mantissa_f64(a) - 1.0
    s = f / (2.0 + f)
    z = s * s
    q = z * (0.6666666666666666 + z * (2.0 * log_tail_f64(z)))
    half = 0.5 * f * f
    y = k * 0.6931471803691238 - ((half - (s * (half + q) + k * 1.9082149292705877e-10)) - f)
    zero = band(to_bits(a), 0)
    edge = where(x > 0.0, x, from_bits(zero + 0x7FF8000000000000))
    edge = where(x == 0.0, from_bits(zero - 0x0010000000000000), edge)
    return where(ok, y, edge)
