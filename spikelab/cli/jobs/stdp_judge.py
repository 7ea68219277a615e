"""What the STDP job says of a row: accuracy with its interval, by every readout, and beside other rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelab.cli.jobs.classification import label_judge
from spikelab.cli.jobs.paired import paired_difference
from spikelab.cli.jobs.trials import RowSpec, Trial
from spikelab.report.document import summarise

__all__ = ["StdpJudge", "interval"]


def interval(correct: NDArray[np.bool_]) -> tuple[float, float]:
    """95 % interval of the accuracy: over seeds and over test images.

    Parameters
    ----------
    correct : array [seed, image], bool

    Notes
    -----
    The mean ± 1.96 times the root of s² / S + p (1 - p) / n: s² the variance of S accuracies, p their mean,
    n images. Other seeds and as many other images of the same kind would mostly give an accuracy in it.
    """
    by_seed = correct.mean(axis=1)
    mean = float(by_seed.mean())
    seeds = float(by_seed.var(ddof=1)) / by_seed.size if by_seed.size > 1 else 0.0
    reach = 1.96 * math.sqrt(seeds + mean * (1.0 - mean) / correct.shape[1])
    return max(0.0, mean - reach), min(1.0, mean + reach)


class StdpJudge:
    """Counts the errors of every row, and remembers them for the differences between rows.

    Parameters
    ----------
    truth : array [image]
        Numbers of the classes of the test images.
    """

    def __init__(self, truth: NDArray[np.int64]) -> None:
        self.truth = truth
        self._wrong: dict[str, NDArray[np.bool_]] = {}

    def __call__(self, spec: RowSpec, trials: Sequence[Trial]) -> dict[str, Any]:
        """What the job says of a row.

        The outcome of a trial holds the ``answer``, the ``readout`` that gave it, the answers of ``all``
        readouts and ``learn_s``, the seconds of learning alone.
        """
        answers = [replace(trial, outcome=trial.outcome["answer"]) for trial in trials]
        judged = label_judge(self.truth)(spec, answers)
        wrong = np.array([trial.outcome != self.truth for trial in answers])
        self._wrong[spec.key] = wrong
        names = trials[0].outcome["all"]
        judged["metrics"]["learn_s"] = summarise(trial.outcome["learn_s"] for trial in trials)
        return {
            **judged,
            "interval": interval(~wrong),
            "readout": trials[0].outcome["readout"],
            "readouts": {
                name: summarise((trial.outcome["all"][name] == self.truth).mean() for trial in trials)
                for name in names
            },
        }

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """Differences of the errors of pairs of finished rows: second minus first."""
        found = []
        for first, second in pairs:
            if first in self._wrong and second in self._wrong:
                a, b = self._wrong[first], self._wrong[second]
                # A row without seeds stands beside each seed of the other.
                a = np.repeat(a, len(b), axis=0) if len(a) == 1 else a
                b = np.repeat(b, len(a), axis=0) if len(b) == 1 else b
                found.append({"first": first, "second": second, **paired_difference(a, b)})
        return found
