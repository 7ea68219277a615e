"""The pictures of one task, drawn from ``result.json`` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spikelab.plot.forecasts import error_growth, forecast
from spikelab.report.fragments import escape, figure
from spikelab.report.svg import inline_svg

__all__ = ["pictures"]

Row = Mapping[str, Any]

# Lyapunov times that are drawn; in units of the task's own x axis for the others.
_SHOWN_LYAPUNOV_TIMES = 20.0


def pictures(name: str, task: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """Truth and forecasts from one start, and the growth of the error where there is one."""
    drawn = [row for row in rows if row["key"].endswith(("_esn", "_linear"))]
    parts = [_forecast(name, task, drawn)] if drawn else []
    grown = [row for row in rows if row["error_by_step"]]
    if grown:
        parts.append(_growth(name, task, grown))
    return f'<div class="grid">{"".join(parts)}</div>' if parts else ""


def _axis(task: Mapping[str, Any]) -> tuple[float, str, int | None]:
    """Length of a step on the x axis, the axis' name, and how many steps are drawn."""
    step = task.get("lyapunov_times_per_step")
    if step is None:
        return 1.0, "step ahead" if "starts" in task else "step of the test part", None
    return step, "Lyapunov times ahead", round(_SHOWN_LYAPUNOV_TIMES / step)


def _forecast(name: str, task: Mapping[str, Any], rows: Sequence[Row]) -> str:
    step, xlabel, count = _axis(task)
    truth = rows[0]["shown"]["true"][:count]
    lines = {row["name"]: _numbers(row["shown"]["forecast"][:count]) for row in rows}
    alone = "starts" in task
    ylabel = "x" if alone else "output"
    svg = inline_svg(
        forecast(truth, lines, step=step, xlabel=xlabel, ylabel=ylabel),
        name=f"{name}-lines",
        alt=f"{task['title']}: the truth as a dotted line over {len(truth)} steps, and {', '.join(lines)}",
    )
    where = "from the first start" if alone else f"over {len(truth)} steps"
    first = " (its first variable)" if name == "lorenz63" else ""
    caption = (
        f"<b>Truth and {'forecast' if alone else 'prediction'}</b> {where}{first}, first seed. As long as a "
        "line runs on the dotted one, nothing can be told apart by eye."
    )
    return figure(svg, caption)


def _growth(name: str, task: Mapping[str, Any], rows: Sequence[Row]) -> str:
    step, xlabel, count = _axis(task)
    lines = {row["name"]: _numbers(row["error_by_step"][:count]) for row in rows}
    marks = {84.0: "84"} if name == "mackey-glass" else {}
    threshold = task.get("valid_threshold")
    svg = inline_svg(
        error_growth(lines, step=step, xlabel=xlabel, marks=marks, threshold=threshold),
        name=f"{name}-growth",
        alt=f"{task['title']}: error against steps ahead for {', '.join(lines)}, on a logarithmic axis",
    )
    line = f" The dotted line is the {threshold} at which a forecast ends." if threshold else ""
    caption = (
        f"<b>How the error grows</b>, over {escape(task['starts'])} starts and all seeds. The axis is "
        f"logarithmic: a straight rise is growth by a constant factor, the mark of chaos.{line}"
    )
    return figure(svg, caption)


def _numbers(values: Sequence[float | None]) -> list[float]:
    """JSON has no infinities: what was none comes back as None."""
    return [float("nan") if value is None else value for value in values]
