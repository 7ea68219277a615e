"""Energy of synaptic operations, by a stated model of the arithmetic alone."""

from __future__ import annotations

from typing import Any

__all__ = ["AC_PJ", "ENERGY_MODEL", "MAC_PJ", "energy_nj"]

AC_PJ = 0.9  # 32-bit floating point add
MAC_PJ = 4.6  # 32-bit floating point multiply (3.7 pJ) and add (0.9 pJ)

ENERGY_MODEL: dict[str, Any] = {
    "accumulate_pj": AC_PJ,
    "multiply_accumulate_pj": MAC_PJ,
    "counts": "synaptic operations only: no memory traffic, neuron updates or idle power",
    "source": "M. Horowitz, Computing's energy problem, ISSCC 2014, figure 1.1.9: 45 nm, 0.9 V, 32-bit float",
}


def energy_nj(accumulates: float, multiply_accumulates: float) -> float:
    """Energy of one sample in nJ.

    Parameters
    ----------
    accumulates : float
        Additions of a weight, as a spike causes one at each synapse.
    multiply_accumulates : float
        Products with an analog value, added up.

    Notes
    -----
    ``(0.9 pJ * accumulates + 4.6 pJ * multiply_accumulates) / 1000``.

    References
    ----------
    M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, figure 1.1.9.
    """
    return (AC_PJ * accumulates + MAC_PJ * multiply_accumulates) / 1000.0
