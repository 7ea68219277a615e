"""Run rows of a comparison, one trial a seed, so that an interrupt keeps what was finished."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any, Protocol

from spikelab.report.document import summarise
from spikelab.report.energy import energy_nj

__all__ = ["Judge", "Meter", "Outcome", "RowSpec", "Trial", "run_rows"]


@dataclass(frozen=True)
class Trial:
    """One fit and one prediction.

    Attributes
    ----------
    outcome : object
        What the job's judge looks at, such as the labels given to the test samples.
    fit_s, predict_s : float
        Wall seconds.
    accumulates, multiply_accumulates : float
        Synaptic operations a test sample, the mean over them.
    model : object
        The fitted estimator, or None.
    """

    outcome: Any
    fit_s: float
    predict_s: float
    accumulates: float = 0.0
    multiply_accumulates: float = 0.0
    model: Any = None


@dataclass(frozen=True)
class RowSpec:
    """A row to run: its name and kind, how one seed is tried, and what to say of it.

    ``twin`` is the key of the row that a control is the twin of. ``cost`` is the share of time a trial
    takes relative to other rows (for the time left only); ``seeded=False`` marks a row without
    randomness, which is tried once. ``prepare`` is called before the first trial, outside of what is
    timed: it lets kernels compile.
    """

    key: str
    name: str
    kind: str
    trial: Callable[[int], Trial]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    twin: str = ""
    cost: float = 1.0
    seeded: bool = True
    prepare: Callable[[], object] | None = None


# What a job says of the trials of a row: {"metrics": {...}} and whatever else its page shows.
Judge = Callable[[RowSpec, Sequence[Trial]], Mapping[str, Any]]


class Meter(Protocol):
    """Where progress goes."""

    def begin(self, total: float) -> None:
        """`total` units of work lie ahead."""

    def start(self, row: str, trial: int, trials: int) -> None:
        """Trial number `trial` (from 1) of a row begins."""

    def done(self, cost: float) -> None:
        """`cost` units are finished."""


@dataclass
class Outcome:
    """Finished rows, the model of each row's first seed, and whether the user stopped the run."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    models: dict[str, Any] = field(default_factory=dict)
    interrupted: bool = False


def run_rows(specs: Sequence[RowSpec], seeds: Sequence[int], judge: Judge, meter: Meter) -> Outcome:
    """Run every row over every seed; Ctrl-C ends the run and keeps the finished trials.

    Parameters
    ----------
    specs : sequence of RowSpec
        In the order of running.
    seeds : sequence of int
    judge : callable
        Called with a row and its finished trials; returns the entries that the job adds to the row. To its
        ``metrics`` the seconds, operations and energy are added here.
    meter : Meter

    Returns
    -------
    Outcome
        A row that was stopped between two seeds is kept with the smaller n.
    """
    outcome = Outcome()
    meter.begin(sum(spec.cost * len(_seeds_of(spec, seeds)) for spec in specs))
    with _Stop() as stop:
        for spec in specs:
            trials: list[Trial] = []
            used = _seeds_of(spec, seeds)
            try:
                _run_row(spec, used, meter, stop, trials)
            except KeyboardInterrupt:
                stop.requested = True
            except Exception:
                if not stop.requested:  # else the interrupt broke something on its way up
                    raise
            if trials:
                outcome.rows.append(_row(spec, trials, used, judge))
                outcome.models[spec.key] = trials[0].model
            if stop.requested:
                outcome.interrupted = True
                break
    return outcome


def _run_row(spec: RowSpec, seeds: Sequence[int], meter: Meter, stop: _Stop, trials: list[Trial]) -> None:
    """Append a trial for each seed to `trials`, which the caller keeps where this is interrupted."""
    if spec.prepare is not None:
        meter.start(f"{spec.name}, warming up", 1, 1)
        stop.patient = True
        spec.prepare()
        stop.patient = False
    for number, seed in enumerate(seeds, start=1):
        if stop.requested:
            return
        meter.start(spec.name, number, len(seeds))
        trial = spec.trial(seed)
        if stop.requested:  # a simulation below may end early instead of raising
            return
        trials.append(trial)
        meter.done(spec.cost)


def _seeds_of(spec: RowSpec, seeds: Sequence[int]) -> Sequence[int]:
    return seeds if spec.seeded else seeds[:1]


def _row(spec: RowSpec, trials: Sequence[Trial], seeds: Sequence[int], judge: Judge) -> dict[str, Any]:
    judged = dict(judge(spec, trials))
    metrics = {
        **judged.pop("metrics"),
        "fit_s": summarise(trial.fit_s for trial in trials),
        "predict_s": summarise(trial.predict_s for trial in trials),
        "synops_per_sample": summarise(t.accumulates + t.multiply_accumulates for t in trials),
        "energy_nj_per_sample": summarise(
            energy_nj(trial.accumulates, trial.multiply_accumulates) for trial in trials
        ),
    }
    return {
        "key": spec.key,
        "name": spec.name,
        "kind": spec.kind,
        "note": spec.note,
        "twin": spec.twin,
        "seeds_used": list(seeds[: len(trials)]) if spec.seeded else [],
        "metrics": metrics,
        **judged,
        "parameters": dict(spec.parameters),
    }


class _Stop:
    """Ctrl-C, noted and raised: seen even where a callee swallows it.

    While ``patient``, the first one is only noted: an exception inside of a compiler's callback is lost,
    and the compiler fails of it.
    """

    def __init__(self) -> None:
        self.requested = False
        self.patient = False
        self._before: Any = None

    def __enter__(self) -> _Stop:
        if threading.current_thread() is threading.main_thread():  # no other may set handlers
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, signum: int, frame: FrameType | None) -> None:
        again, self.requested = self.requested, True
        if again or not self.patient:
            raise KeyboardInterrupt
