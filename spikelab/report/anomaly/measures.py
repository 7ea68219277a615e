"""The figures of the anomaly job: what they are called, how they are written, which a data set has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["MEASURES", "Measure", "best_row", "measures_of", "value_text"]


class Measure(NamedTuple):
    """A figure: its title in tables, its name in sentences, factor and digits; what is good."""

    title: str
    phrase: str
    scale: float = 1.0
    digits: int = 3
    higher_is_better: bool = True


MEASURES = {
    "nab_score": Measure("NAB score, published protocol", "the NAB score", digits=1),
    "nab_label_free": Measure("NAB score, label-free threshold", "the label-free NAB score", digits=1),
    "nab_reward_low_FP": Measure("same, false alarms dear", "the NAB score", digits=1),
    "nab_reward_low_FN": Measure("same, misses dear", "the NAB score", digits=1),
    "windows_found": Measure("windows found, label-free", "windows found", digits=1),
    "located": Measure("anomalies located", "anomalies located", digits=1),
    "f1": Measure("F1 of events, %", "the F1 of events", 100.0, 1),
    "precision": Measure("right alarms, %", "the precision", 100.0, 1),
    "recall": Measure("events found, %", "the share of events found", 100.0, 1),
    "events_found": Measure("events found", "the events found"),
    "alarms": Measure("alarms", "alarms", digits=1, higher_is_better=False),
    "false_alarms": Measure("false alarms", "false alarms", digits=1, higher_is_better=False),
    "auroc": Measure("AUROC", "the AUROC"),
    "auprc": Measure("AUPRC", "the AUPRC"),
}

_OWN = {
    "ecg": {
        "events_found": Measure(
            "abnormal beats found at one false alarm a minute, %",
            "the share of abnormal beats found at one false alarm a minute",
            100.0,
            1,
        )
    },
    "demo": {"events_found": Measure("events found", "the events found", digits=1)},
    "csv": {"events_found": Measure("events found", "the events found", digits=1)},
}


def measures_of(result: Mapping[str, Any]) -> dict[str, Measure]:
    """The figures that the rows of a result have, in the order of the tables."""
    known = {**MEASURES, **_OWN.get(result["dataset"]["key"], {})}
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
