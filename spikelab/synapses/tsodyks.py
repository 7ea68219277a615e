"""Short-term plasticity after Tsodyks, Uziel and Markram."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np

from ..connect.distributions import Distribution
from ..errors import ParameterError
from ..frozen import frozen_array, same_content
from ..units import real_array, require_finite

__all__ = ["TsodyksMarkram"]

Values: TypeAlias = float | np.ndarray | Distribution

_NAMES = ("U", "tau_rec_ms", "tau_fac_ms", "u", "x")


@dataclass(frozen=True, kw_only=True, eq=False)
class TsodyksMarkram:
    """Depression and facilitation of all synapses of a source (NEST: tsodyks2_synapse).

    A spike uses the share `u` of the resources `x` that are left, and arrives with the weight times u x.
    Between spikes, resources recover with `tau_rec_ms`, and the use decays to `U` with `tau_fac_ms`. All
    edges of one source have the same state, because they see the same spikes.

    Parameters
    ----------
    U : float, array [source] or distribution
        Use of the first spike after a long silence, from 0 to 1.
    tau_rec_ms : float, array [source] or distribution, ms
        Recovery of the resources; > 0.
    tau_fac_ms : float, array [source] or distribution, ms
        Decay of the facilitation; 0: none.
    u : float, array [source] or distribution, optional
        Use before the first spike; `U` by default.
    x : float, array [source] or distribution
        Resources before the first spike, from 0 to 1.

    Raises
    ------
    ParameterError
        If a value lies outside its range.

    Notes
    -----
    The first spike finds the state as it is. At a spike that comes h after the one before::

        x = 1 + (x - x u - 1) exp(-h / tau_rec)
        u = U + u (1 - U) exp(-h / tau_fac)

    with the old u in the first line. The efficacy u x is a real number; a weight times it is rounded to the
    quantum of the sums where it is delivered.

    References
    ----------
    M. V. Tsodyks, A. Uziel, H. Markram, "Synchrony generation in recurrent networks with frequency-dependent
    synapses", J. Neurosci. 20 (2000) RC50; M. V. Tsodyks, K. Pawelzik, H. Markram, "Neural networks with
    dynamic synapses", Neural Comput. 10 (1998) 821-835, equations 2.2 to 2.5.

    Examples
    --------
    >>> TsodyksMarkram(U=0.5, tau_rec_ms=800.0).u
    0.5
    """

    U: Values = 0.5
    tau_rec_ms: Values = 800.0
    tau_fac_ms: Values = 0.0
    u: Values | None = None
    x: Values = 1.0

    def __post_init__(self) -> None:
        if self.u is None:
            object.__setattr__(self, "u", self.U)
        for name in _NAMES:
            value = getattr(self, name)
            if isinstance(value, Distribution) and not isinstance(value, type):
                low, high = value.bounds
                self._check(name, np.array([low, high]), value)
                continue
            array = real_array(
                "TsodyksMarkram", name, value, "Give a number, an array [source] or a distribution."
            )
            if array.ndim > 1 or not array.size:
                need = "be a number or an array [source]"
                raise ParameterError("TsodyksMarkram", name, f"array of shape {array.shape}", need)
            require_finite("TsodyksMarkram", name, array)
            self._check(name, array, None)
            object.__setattr__(self, name, frozen_array(array) if array.ndim else float(array))

    @staticmethod
    def _check(name: str, values: np.ndarray, drawn: Any) -> None:
        low, high = float(values.min()), float(values.max())
        if name == "tau_rec_ms":
            good, need = low > 0, "be > 0 ms"
        elif name == "tau_fac_ms":
            good, need = low >= 0, "be >= 0 ms"
        else:
            good, need = low >= 0 and high <= 1, "lie in [0, 1]"
        if not good:
            bound = (
                "" if drawn is None else "Bound the distribution, as in Normal(0.5, 0.1, low=0.1, high=0.9)."
            )
            shown = drawn if drawn is not None else (high if low >= 0 and high > 1 else low)
            raise ParameterError("TsodyksMarkram", name, shown, need, bound)

    def check_size(self, n_source: int) -> None:
        """Refuse arrays that do not fit `n_source` sources."""
        for name in _NAMES:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.shape != (n_source,):
                need = f"have one value for each of the {n_source} sources"
                raise ParameterError("TsodyksMarkram", name, f"array of shape {value.shape}", need)

    def drawn(self, n_source: int, key: Any) -> dict[str, np.ndarray]:
        """Values of each parameter: arrays [source], float64.

        Parameters
        ----------
        n_source : int
        key : callable
            ``key(name)`` is the key of the stream that a distribution draws from. A `u` like `U`
            equals it in every source, drawn or not.
        """
        values: dict[str, np.ndarray] = {}
        for name in _NAMES:
            value = getattr(self, name)
            if name == "u" and same_content(value, self.U):
                values[name] = values["U"].copy()
            elif isinstance(value, Distribution):
                values[name] = value.sample(n_source, key(name))
            else:
                values[name] = np.ascontiguousarray(np.broadcast_to(value, n_source), np.float64)
        return values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TsodyksMarkram) and all(
            same_content(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]  # fields may be arrays
