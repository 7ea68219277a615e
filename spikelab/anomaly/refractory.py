"""A score that speaks once of each event."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from ..errors import ParameterError
from ..units import real_array, require_finite, require_integer

__all__ = ["refractory_score"]


def refractory_score(score: npt.ArrayLike, points: int) -> npt.NDArray[np.float64]:
    """Keep a score where it is higher than in the points before, and set it to the lowest elsewhere.

    So a threshold raises one alarm where the score climbs, and another within `points` points only if the
    score climbs higher still. Nothing after a point is looked at.

    Parameters
    ----------
    score : array [time]
        Anomaly score, higher being stranger.
    points : int
        How many points before must be lower; 0 leaves the score as it is.

    Returns
    -------
    array [time], float64

    Examples
    --------
    >>> refractory_score([0, 3, 2, 3, 5, 1, 1, 4], 2).tolist()
    [0.0, 3.0, 0.0, 0.0, 5.0, 0.0, 0.0, 4.0]
    """
    owner = "refractory_score"
    values = real_array(owner, "score", score)
    if values.ndim != 1 or values.size == 0:
        raise ParameterError(owner, "score", f"array of shape {values.shape}", "have shape (time,)")
    require_finite(owner, "score", values)
    back = require_integer(owner, "points", points, 0)
    if back == 0:
        return values.copy()
    back = min(back, values.size)
    # The filter's window of `back` points is moved to end one point before each.
    before = np.concatenate([[-np.inf], values[:-1]])
    highest = maximum_filter1d(before, back, origin=(back - 1) // 2, mode="constant", cval=-np.inf)
    return np.where(values > highest, values, values.min())
