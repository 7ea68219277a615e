"""Two rows on the same test utterances and seeds: the difference of their errors, and its spread."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab.report.document import summarise

__all__ = ["paired_difference"]

Wrong = NDArray[np.bool_]


def paired_difference(first: Wrong, second: Wrong) -> dict[str, Any]:
    """How many errors more the second row makes than the first.

    Parameters
    ----------
    first, second : array [seed, utterance], bool
        Where a row is wrong, on the same utterances and for the same seeds; what one has more of is left out.

    Returns
    -------
    dict
        ``errors``: mean, spread and values over the seeds, second minus first, positive where the first is
        better; ``items_std``: standard error of the mean over the utterances; ``clear``: whether the mean is
        more than twice that; ``only_first``, ``only_second``: utterances that one row alone gets wrong, the
        mean over the seeds.

    Notes
    -----
    With d the difference at an utterance, the mean over the seeds, and n utterances, the difference of
    the errors is ``sum(d)`` and its standard error ``sqrt(n var(d))``: another n utterances of the same kind
    would give another sum. For one trial each, it is McNemar's.

    References
    ----------
    Q. McNemar, Psychometrika 12 (1947) 153-157.

    Examples
    --------
    >>> wrong = np.zeros((1, 100), dtype=bool)
    >>> worse = wrong.copy()
    >>> worse[0, :9] = True
    >>> found = paired_difference(wrong, worse)
    >>> found["errors"]["mean"], round(found["items_std"], 2), found["clear"]
    (9.0, 2.88, True)
    """
    seeds = min(len(first), len(second))
    a, b = first[:seeds].astype(np.float64), second[:seeds].astype(np.float64)
    by_seed = (b - a).sum(axis=1)
    by_item = (b - a).mean(axis=0)
    n = by_item.size
    items_std = math.sqrt(n * float(by_item.var(ddof=1))) if n > 1 else 0.0
    return {
        "errors": summarise(by_seed),
        "items_std": items_std,
        "clear": bool(abs(by_seed.mean()) > 2.0 * items_std),
        "only_first": float((a * (1 - b)).sum() / seeds),
        "only_second": float((b * (1 - a)).sum() / seeds),
    }
