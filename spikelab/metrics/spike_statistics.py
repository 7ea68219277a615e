"""What the spikes of a population come to: one record of all that is usually reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..frozen import frozen_record
from .spike_counts import fano_factor, pair_correlations
from .spike_intervals import cv2, cv_isi, local_variation, mean_rates
from .spike_population import synchrony_index
from .spike_trains import SpikeTrains, as_trains

__all__ = ["QUANTITIES", "SpikeStatistics", "quantity_label", "spike_statistics"]

Floats = npt.NDArray[np.float64]

QUANTITIES = {
    "rates_hz": "rate (Hz)",
    "cv": "CV of intervals",
    "cv2": "CV2",
    "lv": "Lv",
    "fano": "Fano factor",
    "correlation": "correlation",
}
"""Distributions that a `SpikeStatistics` holds, with the words for each."""


@dataclass(frozen=True, eq=False)
class SpikeStatistics:
    """Statistics of the spikes of one population; made by `spike_statistics`.

    Attributes
    ----------
    n, spikes : int
        Neurons, and spikes of all of them.
    duration_ms, window_ms, bin_ms : float
        Time looked at; window of the Fano factor; bin of correlation and synchrony, ms.
    rates_hz : array [neuron], float64, Hz
        0 for a silent neuron.
    cv, cv2, lv : array [neuron], float64
        NaN for a neuron with fewer than three spikes.
    fano : array [neuron], float64
        NaN for a silent neuron.
    correlation : array [pair], float64
        Of a sample of pairs of neurons whose counts vary.
    synchrony : float
        Synchrony index of the counts.
    """

    n: int
    spikes: int
    duration_ms: float
    window_ms: float
    bin_ms: float
    rates_hz: Floats
    cv: Floats
    cv2: Floats
    lv: Floats
    fano: Floats
    correlation: Floats
    synchrony: float

    @property
    def silent(self) -> int:
        """Number of neurons without a spike."""
        return int(np.count_nonzero(self.rates_hz == 0))

    @property
    def too_few(self) -> int:
        """Number of neurons with one or two spikes, which have no measure of regularity."""
        return int(np.count_nonzero(np.isnan(self.cv))) - self.silent

    def mean(self, quantity: str) -> float:
        """Return the mean of a distribution, such as "cv", over those that have it; NaN where nobody has."""
        values = self.of(quantity)
        return float(values.mean()) if values.size else float("nan")

    def of(self, quantity: str) -> Floats:
        """Return the values of a distribution, without NaN.

        Raises
        ------
        ParameterError
            If there is no such quantity.
        """
        quantity_label("SpikeStatistics", quantity)
        values: Floats = getattr(self, quantity)
        return values[~np.isnan(values)]

    def __repr__(self) -> str:
        rows = [("quantity", "mean", "std", "of"), *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = (
            f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d}".rstrip() for a, b, c, d in rows
        )
        few = f"{self.silent:,} silent, {self.too_few:,} with one or two"
        head = f"SpikeStatistics: {self.spikes:,} spikes of {self.n:,} neurons ({few})"
        return "\n".join([f"{head} in {self.duration_ms:g} ms", *lines])

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        notes = {"fano": f", {self.window_ms:g} ms windows", "correlation": f", {self.bin_ms:g} ms bins"}
        for quantity, words in QUANTITIES.items():
            values = self.of(quantity)
            what = "pairs" if quantity == "correlation" else "neurons"
            spread = f"{values.std():.3g}" if values.size else "nan"
            size = f"{values.size:,} {what}{notes.get(quantity, '')}"
            yield words, f"{self.mean(quantity):.3g}", spread, size
        yield "synchrony index", f"{self.synchrony:.3g}", "", f"the population{notes['correlation']}"


def spike_statistics(
    trains: Any,
    *,
    start_ms: float | None = None,
    window_ms: float = 100.0,
    bin_ms: float = 2.0,
    pairs: int = 10_000,
    seed: int = 0,
) -> SpikeStatistics:
    """Return rates, regularity, variability and correlation of a population's spikes.

    Parameters
    ----------
    trains : SpikeTrains or PopulationResult
        For example ``res["exc"]``, recorded with ``spikes="events"``.
    start_ms : float, optional
        Leave out what lies before, such as the onset.
    window_ms : float
        Window of the Fano factor, ms.
    bin_ms : float
        Bin of correlation and synchrony, ms.
    pairs, seed : int
        As for `pair_correlations`.

    Returns
    -------
    SpikeStatistics

    Raises
    ------
    ParameterError
        If there are several batch rows, spikes were not recorded, or fewer than two windows fit.

    Examples
    --------
    >>> trains = SpikeTrains([100, 200, 300, 150], [0, 0, 0, 1], n=3, duration_ms=400.0)
    >>> spike_statistics(trains)
    SpikeStatistics: 4 spikes of 3 neurons (1 silent, 1 with one or two) in 400 ms
      quantity             mean   std  of
      rate (Hz)            3.33  3.12  3 neurons
      CV of intervals         0     0  1 neurons
      CV2                     0     0  1 neurons
      Lv                      0     0  1 neurons
      Fano factor           0.5  0.25  2 neurons, 100 ms windows
      correlation      -0.00875     0  1 pairs, 2 ms bins
      synchrony index     0.575        the population, 2 ms bins
    """
    spikes: SpikeTrains = as_trains(trains)
    if start_ms is not None:
        spikes = spikes.window(start_ms)
    statistics = SpikeStatistics(
        n=spikes.n,
        spikes=int(spikes.times_ms.size),
        duration_ms=spikes.duration_ms,
        window_ms=float(window_ms),
        bin_ms=float(bin_ms),
        rates_hz=mean_rates(spikes),
        cv=cv_isi(spikes),
        cv2=cv2(spikes),
        lv=local_variation(spikes),
        fano=fano_factor(spikes, window_ms=window_ms),
        correlation=pair_correlations(spikes, bin_ms=bin_ms, pairs=pairs, seed=seed),
        synchrony=synchrony_index(spikes, bin_ms=bin_ms),
    )
    return frozen_record(statistics)


def quantity_label(owner: str, quantity: str) -> str:
    """Return the words for a distribution, or say which there are."""
    if quantity not in QUANTITIES:
        known = ", ".join(map(repr, QUANTITIES))
        raise ParameterError(owner, "quantity", quantity, f"be one of {known}")
    return QUANTITIES[quantity]
