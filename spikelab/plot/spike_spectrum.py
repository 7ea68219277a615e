"""Power spectrum of population rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spikelab.errors import ParameterError
from spikelab.metrics import PowerSpectrum, power_spectrum
from spikelab.plot.style import SERIES, legend_above, new_axes
from spikelab.units import require_positive, require_scalar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["spectrum"]


def spectrum(
    populations: Any,
    *,
    bin_ms: float = 1.0,
    segment_ms: float | None = None,
    highest_hz: float | None = None,
) -> Figure:
    """Power spectrum of the rate of one or several populations.

    Parameters
    ----------
    populations : PopulationResult, SpikeTrains, PowerSpectrum, or mapping of name to these
        ``res["exc"]``, or ``{"exc": res["exc"], "NEST": trains}``. A `Result` is a mapping too.
    bin_ms, segment_ms : float
        As for `sl.metrics.power_spectrum`.
    highest_hz : float, optional
        Where the axis ends, Hz.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        As `sl.metrics.power_spectrum`; or there is nothing to draw.
    """
    named = populations if isinstance(populations, Mapping) else {"": populations}
    if not named:
        raise ParameterError("spectrum", "populations", populations, "hold a population")
    if highest_hz is not None:
        require_positive("spectrum", "highest_hz", require_scalar("spectrum", "highest_hz", highest_hz), "Hz")
    figure, axes = new_axes(height=3.2 if len(named) > 1 else 3.0)
    for place, (name, source) in enumerate(named.items()):
        found = source
        if not isinstance(source, PowerSpectrum):
            found = power_spectrum(source, bin_ms=bin_ms, segment_ms=segment_ms)
        # Without the first value, which the removal of the mean has emptied.
        colour = SERIES[place % len(SERIES)]
        axes.plot(found.frequency_hz[1:], found.power[1:], color=colour, linewidth=1.3, label=name or None)
    axes.set_yscale("log")
    axes.set(xlabel="frequency (Hz)", ylabel="power of the rate (Hz²/Hz)")
    axes.set_xlim(0.0, highest_hz)
    if len(named) > 1:
        legend_above(axes, min(len(named), 4))
    return figure
