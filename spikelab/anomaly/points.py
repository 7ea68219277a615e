"""The one place where series with gaps are checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..units import require_integer

__all__ = [
    "FARTHEST",
    "Floats",
    "as_points",
    "channels_of",
    "deviation",
    "fill_last",
    "moments",
    "require_targets",
]

Floats = npt.NDArray[np.float64]

# Standard deviations from the mean beyond which a value counts as so far: squares of farther ones overflow.
FARTHEST = 1e100


def as_points(owner: str, x: Any, n_features: int | None = None, least: int = 1) -> Floats:
    """Check a series whose missing values are NaN.

    Parameters
    ----------
    owner : str
        Named in errors.
    x : array [time, channel]
        Real numbers; NaN where a value is missing.
    n_features : int, optional
        Channels that it must have.
    least : int
        Points that it must have.

    Returns
    -------
    array [time, channel], float64, C-contiguous

    Raises
    ------
    ParameterError
        With the index of what is wrong: text, rank, number of channels or points, infinity.
    """
    try:
        raw = np.asarray(x)
    except ValueError:
        raise ParameterError(owner, "x", x, "be a regular array [time, channel]") from None
    if raw.dtype.kind not in "biuf":
        raise ParameterError(owner, "x", x, "hold real numbers in an array [time, channel]")
    if np.ma.is_masked(x):
        raise ParameterError(owner, "x", "masked array", "have no masked values", "Fill them with NaN.")
    shape = f"array of shape {raw.shape}"
    if raw.ndim != 2:
        remedy = "For a series of one channel pass x[:, None]." if raw.ndim == 1 else ""
        raise ParameterError(owner, "x", shape, "have shape (time, channel)", remedy)
    if raw.shape[1] == 0:
        raise ParameterError(owner, "x", shape, "have at least one channel")
    if n_features is not None and raw.shape[1] != n_features:
        raise ParameterError(owner, "x", shape, f"have {n_features} channels, as in fit")
    if raw.shape[0] < least:
        need = f"have at least {least} point{'s' if least > 1 else ''}"
        raise ParameterError(owner, "x", f"{raw.shape[0]} points", need, "Give a longer series.")
    points = np.ascontiguousarray(raw, dtype=np.float64)
    infinite = np.isinf(points)
    if infinite.any():
        t, c = np.argwhere(infinite)[0]
        remedy = "Write NaN for a missing value."
        raise ParameterError(owner, f"x[{t}, {c}]", float(raw[t, c]), "be finite or NaN", remedy)
    return points


def require_targets(owner: str, targets: Any) -> None:
    """Refuse what names no channels, whatever the series: all but None and a tuple of numbers, each once."""
    if targets is None:
        return
    if not isinstance(targets, (tuple, list)):
        raise ParameterError(owner, "targets", targets, "be a tuple of channels, or None for all")
    for place, one in enumerate(targets):
        require_integer(owner, f"targets[{place}]", one, low=0)
    if not targets or len(set(targets)) < len(targets):
        raise ParameterError(owner, "targets", targets, "name at least one channel, each once")


def channels_of(owner: str, targets: Any, n_channels: int) -> npt.NDArray[np.int64]:
    """Return the channels that `targets` names, or all: array [target]."""
    require_targets(owner, targets)
    listed = range(n_channels) if targets is None else targets
    for place, one in enumerate(listed):
        require_integer(owner, f"targets[{place}]", one, low=0, high=n_channels - 1)
    return np.array(listed, np.int64)


def fill_last(points: Floats, held: Floats) -> Floats:
    """Return the points with each gap filled by the last value of its channel.

    Parameters
    ----------
    points : array [time, channel]
    held : array [channel]
        Values before the first point; replaced by the last ones.
    """
    rows = np.concatenate([held[None], points])
    known = np.where(np.isnan(rows), 0, np.arange(rows.shape[0])[:, None])
    filled: Floats = rows[np.maximum.accumulate(known, axis=0), np.arange(rows.shape[1])]
    held[:] = filled[-1]
    return filled[1:]


def deviation(owner: str, parameter: str, values: Floats) -> Floats:
    """Return the standard deviation of each channel, gaps left out.

    Raises
    ------
    ParameterError
        If values are so large that their squares leave float64.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        made: Floats = np.nanstd(values, axis=0)
    if not np.isfinite(made).all():
        name = f"{parameter}[:, {int(np.argmin(np.isfinite(made)))}]"
        raise ParameterError(owner, name, "values beyond 1e150", "be smaller", "Scale the data.")
    return made


def moments(owner: str, points: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each channel, gaps left out; 1 for a channel that does not vary.

    Raises
    ------
    ParameterError
        If a channel has no value, or values so large that their squares leave float64.
    """
    empty = np.isnan(points).all(axis=0)
    if empty.any():
        name = f"x[:, {int(np.argmax(empty))}]"
        raise ParameterError(owner, name, "only NaN", "have values to learn from", "Leave the channel out.")
    scale = deviation(owner, "x", points)
    mean = np.nanmean(points, axis=0)
    # What the rounding of the sums makes of a constant is no variance.
    still = scale <= len(points) * np.finfo(np.float64).eps * np.abs(mean)
    return mean, np.where(still, 1.0, scale)
