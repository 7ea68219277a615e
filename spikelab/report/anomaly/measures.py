"""The figures of the anomaly job: what they are called, how they are written, which a data set has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["MEASURES", "Measure", "best_row", "measures_of", "value_text"]


class Measure(NamedTuple):
    """A figure: its title in tables, its name in sentences, factor, digits, its title on a terminal.

    Figures without a title for the terminal stand on the page alone.
    """

    title: str
    phrase: str
    scale: float = 1.0
    digits: int = 3
    short: str = ""


MEASURES = {
    "nab_score": Measure("NAB score, published protocol", "NAB score", digits=1, short="NAB"),
    "nab_label_free": Measure(
        "NAB score, label-free threshold", "label-free NAB score", digits=1, short="label-free"
    ),
    "nab_reward_low_FP": Measure("published protocol, false alarms dear", "NAB score", digits=1),
    "nab_reward_low_FN": Measure("published protocol, misses dear", "NAB score", digits=1),
    "windows_found": Measure("windows found, label-free", "windows found", digits=1, short="found"),
    "located": Measure("anomalies located", "number of anomalies located", digits=1, short="located"),
    "f1": Measure("F1 of events, %", "F1 of events", 100.0, 1, "F1 %"),
    "precision": Measure("right alarms, % (precision)", "precision", 100.0, 1, "precision %"),
    "recall": Measure("events found, % (recall)", "share of events found", 100.0, 1, "recall %"),
    "events_found": Measure("events found", "number of events found", digits=1, short="found"),
    "alarms": Measure("alarms", "number of alarms", digits=1, short="alarms"),
    "false_alarms": Measure("false alarms", "number of false alarms", digits=1, short="false alarms"),
    "auroc": Measure("AUROC", "AUROC", short="AUROC"),
    "auprc": Measure("AUPRC", "AUPRC", short="AUPRC"),
}

_BEATS = Measure(
    "abnormal beats found at one false alarm a minute, %",
    "share of abnormal beats found at one false alarm a minute",
    100.0,
    1,
    "found at 1/min %",
)


def measures_of(result: Mapping[str, Any]) -> dict[str, Measure]:
    """The figures that the rows of a result have, in the order of the tables."""
    known = MEASURES | ({"events_found": _BEATS} if result["dataset"]["key"] == "ecg" else {})
    present = {name for row in result["rows"] for name in row["metrics"]}
    return {name: measure for name, measure in known.items() if name in present}


def best_row(rows: Sequence[Mapping[str, Any]], kind: str, name: str) -> Mapping[str, Any] | None:
    """The row of a kind with the best mean of a figure; random numbers and the clock are no method."""
    chosen = [
        row
        for row in rows
        if row["kind"] == kind and name in row["metrics"] and row["key"] not in ("random", "time_index")
    ]
    return max(chosen, key=lambda row: float(row["metrics"][name]["mean"])) if chosen else None


def value_text(measure: Measure, value: float) -> str:
    """A figure as tables have it."""
    return f"{measure.scale * value:,.{measure.digits}f}"
