"""One row with one seed: answers to every protocol's test part; and what is made of them over the seeds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from spikelab.cli.jobs.classification import label_judge
from spikelab.cli.jobs.paired import paired_difference
from spikelab.cli.jobs.speech_task import Protocol, SpeechTask
from spikelab.cli.jobs.trials import RowSpec, Trial
from spikelab.estimators.shared_features import SharedFeatures
from spikelab.report.document import summarise

__all__ = ["SpeechJudge", "answer_all"]

Labels = NDArray[Any]

# The products of all pairs of that many utterances take 200 MB; more are fitted fold by fold.
_MOST_SHARED = 5000


def answer_all(estimator: Any, task: SpeechTask) -> Trial:
    """Fit every fold and answer its test part.

    Returns
    -------
    Trial
        ``outcome``: labels by protocol key, in the order of `Protocol.test`. Seconds are those of the first
        fold: one fit, and the answers to its test part.
    """
    shared = SharedFeatures.suits(estimator) and len(task.X) <= _MOST_SHARED
    return _shared(estimator, task) if shared else _apart(estimator, task)


def _shared(estimator: Any, task: SpeechTask) -> Trial:
    features = SharedFeatures(estimator, task.X)
    answers: dict[str, Labels] = {}
    solved_s = None
    for protocol in task.protocols:
        parts = []
        for fold in protocol.folds:
            began = time.perf_counter()
            classes, scores = features.scores(fold.train, fold.test, task.y, [float(estimator.ridge)])
            parts.append(classes[scores[0].argmax(axis=1)])
            solved_s = time.perf_counter() - began if solved_s is None else solved_s
        answers[protocol.key] = np.concatenate(parts)
    first = task.protocols[0].folds[0]
    share_s = features.features_s / len(task.X)
    readout = features.n_features * np.unique(task.y).size
    return Trial(
        answers,
        share_s * first.train.size + (solved_s or 0.0),
        share_s * first.test.size,
        features.accumulates,
        features.multiply_accumulates + readout,
    )


def _apart(estimator: Any, task: SpeechTask) -> Trial:
    answers: dict[str, Labels] = {}
    times: tuple[float, float] | None = None
    model: Any = None
    for protocol in task.protocols:
        parts = []
        for fold in protocol.folds:
            began = time.perf_counter()
            fitted = clone(estimator).fit([task.X[i] for i in fold.train], task.y[fold.train])
            ready = time.perf_counter()
            parts.append(np.asarray(fitted.predict([task.X[i] for i in fold.test])))
            if times is None:
                times, model = (ready - began, time.perf_counter() - ready), fitted
        answers[protocol.key] = np.concatenate(parts)
    assert times is not None
    spikes = float(getattr(model, "spike_synops_per_sample_", 0.0))  # a rate model sends none
    return Trial(answers, *times, spikes, float(model.synops_per_sample_) - spikes, model)


class SpeechJudge:
    """Counts the errors of every row, and remembers them for the differences between rows."""

    def __init__(self, task: SpeechTask) -> None:
        self.task = task
        self._wrong: dict[str, dict[str, NDArray[np.bool_]]] = {}
        self._seeded: dict[str, bool] = {}

    def __call__(self, spec: RowSpec, trials: Sequence[Trial]) -> dict[str, Any]:
        """What the job says of a row: the metrics of the first protocol, and all of each."""
        self._seeded[spec.key] = spec.seeded
        judged: dict[str, Any] = {}
        for protocol in self.task.protocols:
            answers = [np.asarray(trial.outcome[protocol.key]) for trial in trials]
            truth = self.task.y[protocol.test]
            wrong = np.array([given != truth for given in answers])
            self._wrong.setdefault(spec.key, {})[protocol.key] = wrong
            counted = label_judge(truth)(spec, [replace(t, outcome=t.outcome[protocol.key]) for t in trials])
            judged[protocol.key] = {
                **counted["metrics"],
                "confusion": counted["confusion"],
                **self._by_speaker(protocol, wrong),
            }
        first = judged[self.task.protocols[0].key]
        metrics = {name: first[name] for name in ("accuracy", "errors")}
        for protocol in self.task.protocols[1:]:
            metrics[f"accuracy_{protocol.key}"] = judged[protocol.key]["accuracy"]
        return {"metrics": metrics, "confusion": first["confusion"], "protocols": judged}

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """Differences of errors of pairs of finished rows, in every protocol.

        Parameters
        ----------
        pairs : sequence of (str, str)
            Keys of rows.
        """
        found = []
        for first, second in pairs:
            if first not in self._wrong or second not in self._wrong:
                continue
            for protocol in self.task.protocols:
                a, b = self._wrong[first][protocol.key], self._wrong[second][protocol.key]
                if not self._seeded[first]:
                    a = np.repeat(a, len(b), axis=0)
                if not self._seeded[second]:
                    b = np.repeat(b, len(a), axis=0)
                found.append(
                    {
                        "protocol": protocol.key,
                        "first": first,
                        "second": second,
                        **paired_difference(a, b),
                        "folds": _fold_differences(protocol, a, b),
                    }
                )
        return found

    def _by_speaker(self, protocol: Protocol, wrong: NDArray[np.bool_]) -> dict[str, Any]:
        """Accuracy for each speaker of the test part, where speakers are known."""
        speakers = self.task.speakers
        if speakers is None or not np.all(speakers != ""):
            return {}
        who = speakers[protocol.test]
        names = np.unique(who)
        return {
            "speakers": {str(name): summarise(1.0 - wrong[:, who == name].mean(axis=1)) for name in names}
        }


def _fold_differences(
    protocol: Protocol, first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> Mapping[str, float]:
    """Errors more of the second, the mean over seeds, for each fold that has a name."""
    seeds, start = min(len(first), len(second)), 0
    found = {}
    for fold in protocol.folds:
        part = slice(start, start + fold.test.size)
        start = part.stop
        if fold.name:
            more = second[:seeds, part].sum(axis=1) - first[:seeds, part].sum(axis=1).astype(float)
            found[fold.name] = float(more.mean())
    return found
