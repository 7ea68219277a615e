"""What the figures say, in words; written so that a floor's success is never hidden."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.report.forecast.figures import number

__all__ = ["best_row", "rows_of", "verdict"]

Row = Mapping[str, Any]


def rows_of(result: Mapping[str, Any], task: str) -> list[Row]:
    """The rows of one task, in the result's order."""
    return [row for row in result["rows"] if row["task"] == task]


def best_row(rows: Sequence[Row], kind: str, *, lower: bool) -> Row | None:
    """The row of a kind with the best mean figure, or None where the kind is absent."""
    chosen = [row for row in rows if row["kind"] == kind]
    return min(chosen, key=lambda row: _mean(row) if lower else -_mean(row)) if chosen else None


def verdict(result: Mapping[str, Any]) -> list[str]:
    """A sentence on all tasks, then for each the model beside the best floor, and what its memory adds."""
    texts = [text for name, task in result["tasks"].items() if (text := _one(rows_of(result, name), task))]
    return [_all(result), *texts]


def _all(result: Mapping[str, Any]) -> str:
    """On how many tasks the model beats every floor, and on how many the control too."""
    judged = above = needed = 0
    for name, task in result["tasks"].items():
        lower, rows = bool(task["lower_is_better"]), rows_of(result, name)
        model, floor, control = (best_row(rows, kind, lower=lower) for kind in ("model", "floor", "control"))
        if model is None:
            continue
        judged += 1
        above += floor is None or _is_better(model, floor, lower)
        needed += control is None or (_is_better(model, control, lower) and _is_clear(model, control))
    if not judged:
        return "No model was finished, so there is nothing to judge."
    return (
        f"The echo state network is better than every floor on {above} of {judged} "
        f"task{'' if judged == 1 else 's'}; its memory clearly helps on {needed}."
    )


def _one(rows: Sequence[Row], task: Mapping[str, Any]) -> str:
    lower = bool(task["lower_is_better"])
    model, floor, control = (best_row(rows, kind, lower=lower) for kind in ("model", "floor", "control"))
    if model is None:
        return f"{task['title']}: no model was finished, so there is nothing to judge." if rows else ""
    what = "error" if lower else "forecasts hold for"
    seeds = model["metrics"]["score"]["n"]
    over = f" (mean over {seeds} seeds)" if seeds > 1 else " (one seed)"
    text = f"{task['title']}: the echo state network's {_says(what, model, task)}{over}."
    if floor is not None:
        if not _is_better(model, floor, lower):
            better = f"The floor {floor['name']} is as good or better ({_figure(floor)})"
            text += f" {better}: here the reservoir earns nothing."
        else:
            times = _ratio(model, floor)
            text += f" The best floor, {floor['name'].lower()}, reaches {_figure(floor)}, {times}."
    if control is not None:
        if not _is_better(model, control, lower):
            text += (
                f" The same kind of network without memory is as good or better ({_figure(control)}): here "
                "the network's memory adds nothing, its nonlinear units do the work."
            )
        else:
            sure = "" if _is_clear(model, control) else ", a difference that may be chance"
            text += f" Without memory it reaches {_figure(control)}{sure}."
    return text


def _says(what: str, row: Row, task: Mapping[str, Any]) -> str:
    if what == "error":
        after = " after 84 steps" if "84" in task["figure"] else ""
        return f"error{after} is {_figure(row)} of the spread of the series"
    return f"{what} {_figure(row)} Lyapunov times"


def _ratio(model: Row, floor: Row) -> str:
    low, high = sorted((_mean(model), _mean(floor)))
    times = high / low if low > 0 else math.inf
    return f"a factor of {number(times) if times < 100 else f'{times:,.0f}'}"


def _is_better(row: Row, other: Row, lower: bool) -> bool:
    return _mean(row) < _mean(other) if lower else _mean(row) > _mean(other)


def _is_clear(row: Row, other: Row) -> bool:
    """Whether the means differ by more than two standard errors of their difference."""
    variance = sum(one["metrics"]["score"]["std"] ** 2 / one["metrics"]["score"]["n"] for one in (row, other))
    return abs(_mean(row) - _mean(other)) > 2.0 * math.sqrt(variance)


def _mean(row: Row) -> float:
    value = row["metrics"]["score"]["mean"]
    return math.inf if value is None else float(value)


def _figure(row: Row) -> str:
    return number(_mean(row))
