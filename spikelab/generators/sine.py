"""A sine that is the same on every machine: its own polynomial, no library's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["sine_of_turns"]

Array = npt.NDArray[np.float64]

# Taylor coefficients of sin(y), from y**21 down to y; |y| <= pi / 2, where the next term is below 2e-18.
_COEFFICIENTS = (
    1.9572941063391263e-20, -8.220635246624330e-18, 2.8114572543455206e-15, -7.647163731819816e-13,
    1.6059043836821613e-10, -2.505210838544172e-08, 2.7557319223985893e-06, -0.0001984126984126984,
    0.008333333333333333, -0.16666666666666666, 1.0,
)  # fmt: skip


def sine_of_turns(turns: npt.ArrayLike) -> Array:
    """sin(2 pi x) of an angle x in turns, within 3e-16 where |x| is small.

    Multiplications and additions only, which round the same everywhere, where the libraries' sines
    differ in their last bit.

    Examples
    --------
    >>> sine_of_turns([0.0, 0.25, 0.5, 0.75]).tolist()
    [0.0, 1.0, 0.0, -1.0]
    """
    x = np.asarray(turns, np.float64)
    x = x - np.rint(x)
    # sin(pi - y) = sin(y): into a quarter turn on either side of zero
    x = np.where(x > 0.25, 0.5 - x, np.where(x < -0.25, -0.5 - x, x))
    y = (2.0 * np.pi) * x
    square = y * y
    total = np.full_like(y, _COEFFICIENTS[0])
    for coefficient in _COEFFICIENTS[1:]:
        total = total * square + coefficient
    return np.asarray(total * y)
