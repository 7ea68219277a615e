"""What the numbers say, in words; written so that a floor's success is never hidden."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["best_row", "notes", "verdict"]

Row = Mapping[str, Any]


def best_row(rows: Sequence[Row], kind: str) -> Row | None:
    """The row of a kind with the fewest mean errors, or None where the kind is absent."""
    chosen = [row for row in rows if row["kind"] == kind]
    return min(chosen, key=_errors) if chosen else None


def verdict(rows: Sequence[Row], test_size: int) -> str:
    """The best model beside the best floor, in two or three sentences."""
    model, floor = best_row(rows, "model"), best_row(rows, "floor")
    if model is None:
        return "No model was finished, so there is nothing to judge."
    seeds = model["metrics"]["errors"]["n"]
    over = f", the mean over {seeds} seeds" if seeds > 1 else " with one seed"
    start = (
        f"The best model, {model['name']}, named the right speaker for {_percent(model)} of {test_size} "
        f"unseen utterances: {_count(_errors(model))}{over}."
    )
    if floor is None:
        return f"{start} No floor was finished to compare it with."
    beside = (
        f"{start} The best floor, {floor['name']}, which has no reservoir, makes {_count(_errors(floor))}"
    )
    difference = _errors(floor) - _errors(model)
    if difference <= 0:
        fewer = "fewer" if difference < 0 else "just as many"
        return f"{beside}, {fewer}: on this task the reservoir earns nothing."
    if not _clear(model, floor):
        return f"{beside}, more, but on {test_size} utterances a difference this small can be chance."
    return f"{beside}: a difference too large to be chance."


def notes(rows: Sequence[Row]) -> list[str]:
    """A sentence on the other models that do no better than the best floor, and one for every control."""
    model, floor = best_row(rows, "model"), best_row(rows, "floor")
    found: list[str] = []
    if model is None or floor is None:
        return found
    below = [
        f"{row['name']} ({_count(_errors(row))})"
        for row in rows
        if row["kind"] == "model" and row is not model and _errors(row) >= _errors(floor)
    ]
    if below:
        verb = "does" if len(below) == 1 else "do"
        best = f"{floor['name']} ({_count(_errors(floor))})"
        found.append(f"{' and '.join(below)} {verb} no better than the floor {best}.")
    for row in rows:
        if row["kind"] == "control":
            twin = next((other for other in rows if other["key"] == row.get("twin")), model)
            found.append(_control(row, twin))
    return found


def _control(row: Row, twin: Row) -> str:
    if _errors(row) <= _errors(twin):
        relation, meaning = "no more than", "here the memory of the reservoir earns nothing"
    elif _clear(row, twin):
        relation, meaning = "clearly more than", "the memory of the reservoir earns its place"
    else:
        relation, meaning = "more than", "but by so little that the memory of the reservoir may earn nothing"
    return (
        f"{row['name']} makes {_count(_errors(row))}, {relation} {twin['name']} "
        f"({_count(_errors(twin))}): {meaning}."
    )


def _errors(row: Row) -> float:
    return float(row["metrics"]["errors"]["mean"])


def _clear(first: Row, second: Row) -> bool:
    # Error counts of two classifiers vary about as Poisson counts: two standard deviations.
    difference = abs(_errors(first) - _errors(second))
    return difference > 2.0 * math.sqrt(_errors(first) + _errors(second))


def _percent(row: Row) -> str:
    return f"{100 * row['metrics']['accuracy']['mean']:.1f} %"


def _count(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text} error{'' if text == '1' else 's'}"
