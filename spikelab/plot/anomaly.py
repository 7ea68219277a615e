"""Figures of anomaly scores: a series with its score, threshold, marked stretches and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spikelab.errors import ParameterError
from spikelab.plot.style import INK, MUTED, NOTE_POINTS, SERIES, dress, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["anomaly_scores"]

Curve = Mapping[str, Sequence[float]]


def anomaly_scores(
    value: Curve,
    scores: Mapping[str, Curve],
    *,
    windows: Sequence[tuple[int, int]] = (),
    levels: Mapping[str, float] | None = None,
    alarms: Mapping[str, Sequence[int]] | None = None,
    train_stop: int = 0,
    rate_hz: float | None = None,
    ylabel: str = "value",
    others: Mapping[str, Curve] | None = None,
    width: float = 9.6,
) -> Figure:
    """Draw a series above the scores of one or more detectors, on one axis of time.

    Parameters
    ----------
    value : mapping
        ``{"at": [column], "low": [column], "high": [column]}``: the least and largest values of the points
        from each place to the next.
    scores : mapping of str to mapping
        The same of the scores, by the detector's name.
    windows : sequence of (int, int)
        Marked stretches, half-open, shaded.
    levels : mapping of str to float, optional
        Thresholds, drawn as lines; NaN for none.
    alarms : mapping of str to sequence of int, optional
        Where alarms were raised: triangles above the score, filled inside of a marked stretch.
    train_stop : int
        Points before it were learnt from; a line marks its end.
    rate_hz : float, optional
        Points a second; the axis is in seconds, hours or days then.
    ylabel : str
        What the series is.
    others : mapping of str to mapping, optional
        Further channels of the series, by name, each in a panel below the first.
    width : float, inches

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        If a curve is empty or its parts have different lengths.

    Examples
    --------
    >>> curve = {"at": [0, 1, 2], "low": [0.0, 1.0, 0.0], "high": [0.0, 1.0, 0.0]}
    >>> len(anomaly_scores(curve, {"ESN": curve}, windows=[(1, 2)]).axes)
    2
    """
    _check(value, "value")
    for name, curve in scores.items():
        _check(curve, f"scores[{name!r}]")
    channels = {ylabel: value, **(others or {})}
    for name, curve in channels.items():
        _check(curve, f"others[{name!r}]")
    figure = new_figure(width, 0.75 + 1.15 * (len(channels) + len(scores)))
    ratios = [1.5 if len(channels) == 1 else 1.2] * len(channels) + [1.0] * len(scores)
    panels = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios, squeeze=False)[:, 0]
    last = int(value["at"][-1])
    scale, unit = _clock(last - int(value["at"][0]), rate_hz)
    for axes in panels:
        dress(axes)
        for start, stop in windows:
            axes.axvspan(
                start * scale, max(stop, start + 1) * scale, color=SERIES[1], alpha=0.18, linewidth=0
            )
        if int(value["at"][0]) < train_stop <= last:
            axes.axvline(train_stop * scale, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    for axes, (name, curve) in zip(panels, channels.items(), strict=False):
        _band(axes, curve, scale, INK)
        axes.set_ylabel(name)
    for axes, (name, curve), colour in zip(
        panels[len(channels) :], scores.items(), (SERIES[0], *SERIES[2:]), strict=False
    ):
        _band(axes, curve, scale, colour)
        axes.set_ylabel("score")
        axes.set_title(name, loc="left", pad=3, fontsize=NOTE_POINTS)
        level = (levels or {}).get(name, float("nan"))
        top = float(np.nanmax(_finite(curve["high"])))
        if np.isfinite(level):
            axes.axhline(level * 1.0, color=SERIES[1], linewidth=0.9)
            top = max(top, level)
        _alarm_marks(axes, (alarms or {}).get(name, ()), windows, scale, top)
        axes.set_ylim(min(0.0, float(np.nanmin(_finite(curve["low"])))), 1.18 * top if top > 0 else 1.0)
    panels[-1].set_xlabel(unit)
    panels[-1].locator_params(axis="x", nbins=5 if width < 6 else 9)  # long row numbers side by side
    panels[-1].set_xlim(int(value["at"][0]) * scale, max(last, 1) * scale)
    return figure


def _band(axes: Axes, curve: Curve, scale: float, colour: str) -> None:
    """A line through least and largest values in turn: what a full drawing would look like."""
    at = np.repeat(np.asarray(curve["at"], dtype=np.float64), 2) * scale
    ends = np.column_stack([_finite(curve["low"]), _finite(curve["high"])]).ravel()
    axes.plot(at, ends, color=colour, linewidth=0.8)


def _alarm_marks(
    axes: Axes, places: Sequence[int], windows: Sequence[tuple[int, int]], scale: float, top: float
) -> None:
    right = [at for at in places if any(start <= at < stop for start, stop in windows)]
    wrong = [at for at in places if at not in set(right)]
    for some, full in ((right, True), (wrong, False)):
        axes.plot(
            [at * scale for at in some],
            [1.08 * top] * len(some),
            "v",
            color=SERIES[1],
            markersize=5,
            fillstyle="full" if full else "none",
            markeredgewidth=0.9,
            linestyle="none",
        )


def _finite(values: Sequence[float]) -> Any:
    """Gaps, which JSON holds as null, as NaN."""
    made = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.where(np.isfinite(made), made, np.nan)


def _clock(points: int, rate_hz: float | None) -> tuple[float, str]:
    if not rate_hz:
        return 1.0, "row"
    seconds = points / rate_hz
    for longest, unit_s, unit in ((300.0, 1.0, "s"), (3 * 3600.0, 60.0, "min"), (4 * 86400.0, 3600.0, "h")):
        if seconds <= longest:
            return 1.0 / rate_hz / unit_s, unit
    return 1.0 / rate_hz / 86400.0, "days"


def _check(curve: Curve, name: str) -> None:
    sizes = {len(curve[part]) for part in ("at", "low", "high")}
    if len(sizes) != 1 or 0 in sizes:
        need = "have equally many places, least and largest values, at least one"
        raise ParameterError("anomaly_scores", name, sorted(sizes), need)
