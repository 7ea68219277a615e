"""The STDP job: networks that learn digits without labels, beside controls and plain methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import spikelab as sl
from spikelab.cli.jobs.document import BLAS_THREADS, Run
from spikelab.cli.jobs.settings import apply_settings, known_settings, parse_settings
from spikelab.cli.jobs.stdp_conv_rows import CONV_KEYS, conv_specs
from spikelab.cli.jobs.stdp_defaults import LABEL_SAMPLES, LOGISTIC, NEURONS, settings_of
from spikelab.cli.jobs.stdp_judge import StdpJudge
from spikelab.cli.jobs.stdp_pictures import illustrate
from spikelab.cli.jobs.stdp_rows import row_specs, stdp_key
from spikelab.cli.jobs.stdp_task import image_task
from spikelab.cli.jobs.trials import Meter, run_rows

__all__ = ["run_stdp"]

_OWNER = "run stdp-mnist"
_SEEDS = 3
_QUICK_SEEDS = 2
_QUICK_NEURONS = (100,)
# Enough for the solver to come to its end on the pixels of MNIST.
_ITERATIONS = 500


def run_stdp(
    *,
    dataset: str = "mnist",
    neurons: Sequence[int] = (),
    seed: int = 0,
    seeds: int | None = None,
    quick: bool = False,
    settings: Sequence[str] = (),
    meter: Meter,
    command: str,
) -> dict[str, Any]:
    """Fit and test every row over the seeds.

    Parameters
    ----------
    dataset : {"mnist", "fashion_mnist", "digits"}
    neurons : sequence of int
        Sizes of the network; 100, 400 and 1600, or 100 if `quick`, by default.
    seed, seeds : int
        First seed and how many; 3, or 2 if `quick`, by default.
    quick : bool
        A few thousand images and the smallest network.
    settings : sequence of str
        ``"key=value"`` changes of parameters, applied last.
    meter : Meter
        Where progress goes.
    command : str
        The command line, kept in the result.

    Returns
    -------
    dict
        The content of ``result.json``.

    Raises
    ------
    ParameterError
        An unknown data set or setting, or a value that an estimator refuses.
    """
    count = seeds or (_QUICK_SEEDS if quick else _SEEDS)
    run = Run("stdp-mnist", range(seed, seed + count), quick, command)
    sizes = sorted(set(neurons)) or (_QUICK_NEURONS if quick else NEURONS)
    task = image_task(dataset, quick)
    models: dict[str, Any] = {"logistic": LogisticRegression(max_iter=_ITERATIONS, **LOGISTIC)}
    for n in sizes:
        models[stdp_key(n)] = sl.STDPClassifier(
            n, label_samples=LABEL_SAMPLES, image_shape=task.image_shape, **settings_of(n)
        )
    networks = {key: model for key, model in models.items() if key != "logistic"}
    apply_settings(models, parse_settings(settings, known_settings(models), _OWNER))
    for estimator in networks.values():  # before the first row has run
        estimator.check_parameters()
    judge = StdpJudge(task.y_test)
    with threadpool_limits(BLAS_THREADS):
        specs = [*row_specs(models, task), *conv_specs(task, quick)]
        outcome = run_rows(specs, run.seeds, judge, meter)
        illustration: dict[str, Any] = {}
        try:
            if not outcome.interrupted:
                illustration = illustrate(networks, outcome.models, task, seed)
        except KeyboardInterrupt:  # the rows are finished, and worth more than the pictures
            outcome.interrupted = True
    return run.document(
        outcome,
        dataset=task.facts,
        split=task.split,
        neurons=list(sizes),
        pairs=judge.pairs(_pairs(outcome.rows)),
        illustration=illustration,
    )


def _pairs(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Every network that learns beside its controls, k-means of its size and the methods on raw pixels."""
    keys = [row["key"] for row in rows]
    plain = [key for key in ("logistic", "ridge_pixels") if key in keys]
    found = []
    for key in keys:
        kind, _, n = key.partition("_")
        if kind in ("stdp", "ridge") and n.isdigit():
            twins = [name for name in ("shuffled", "random", "images", "kmeans") if f"{name}_{n}" in keys]
            found += [(key, other) for other in (*(f"{name}_{n}" for name in twins), *plain)]
        if key == "conv":
            found += [(key, other) for other in (*CONV_KEYS[1:], *plain) if other in keys]
    return found
