"""Right and wrong labels of a row: accuracy, errors, and what was taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab.cli.jobs.trials import Judge, RowSpec, Trial
from spikelab.report.document import summarise

__all__ = ["label_judge"]


def label_judge(truth: NDArray[Any]) -> Judge:
    """Judge trials whose outcome is an array of labels.

    Parameters
    ----------
    truth : array [sample]
        The test labels.

    Returns
    -------
    callable
        Gives ``accuracy``, ``errors`` and ``confusion``: rows the truth, columns the answer, sorted labels,
        counts added up over the trials.
    """
    labels = np.unique(truth)

    def judge(spec: RowSpec, trials: Sequence[Trial]) -> dict[str, Any]:
        confusion = np.zeros((labels.size, labels.size), dtype=np.int64)
        for trial in trials:
            np.add.at(confusion, (np.searchsorted(labels, truth), np.searchsorted(labels, trial.outcome)), 1)
        wrong = [int(np.count_nonzero(trial.outcome != truth)) for trial in trials]
        return {
            "metrics": {
                "accuracy": summarise(1.0 - count / truth.size for count in wrong),
                "errors": summarise(wrong),
            },
            "confusion": confusion.tolist(),
        }

    return judge
