"""What the numbers say, in words; written so that a floor's success is never hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikelab.report.anomaly.measures import Measure, best_row, measures_of, value_text

__all__ = ["sentences"]

Row = Mapping[str, Any]

_CHANCE = 0.05


def sentences(result: Mapping[str, Any]) -> list[str]:
    """The verdict first, then what must be known with it."""
    return [_verdict(result), *_pairs(result), *_control(result), *result["notes"]]


def _verdict(result: Mapping[str, Any]) -> str:
    name, measures = result["measure"], measures_of(result)
    if name not in measures:
        return _unlabelled(result)
    measure = measures[name]
    model = best_row(result["rows"], "model", name)
    floor = best_row(result["rows"], "floor", name)
    if model is None:
        return "No model was finished, so there is nothing to judge."
    reached = _figure(measure, model, name) + _of(result, name)
    start = f"{measure.phrase[0].upper()}{measure.phrase[1:]}: the {model['name']} reaches {reached}"
    if floor is None:
        return f"{start}; no plain method was finished to compare it with."
    difference = _mean(model, name) - _mean(floor, name)
    beside = f"the best plain method, {floor['name']}, {_figure(measure, floor, name)}"
    if result["dataset"]["key"] == "demo":
        clock = next((row for row in result["rows"] if row["key"] == "time_index"), None)
        counted = f" Merely counting the points reaches {_figure(measure, clock, name)}." if clock else ""
        return f"{start}, {beside}: a demonstration, not a test.{counted}"
    if abs(difference) * measure.scale < 0.5 * 10.0**-measure.digits:
        return f"{start}, {beside} too: here the reservoir earns nothing over it."
    if difference < 0:
        chance = "" if _sure(result, floor) == ", by more than chance" else ", if perhaps by chance"
        return f"{start}, {beside}: here the plain method is better{chance}, and the reservoir earns nothing."
    return f"{start}, {beside}: the reservoir is better on this set{_sure(result, floor)}."


def _unlabelled(result: Mapping[str, Any]) -> str:
    esn = next((row for row in result["rows"] if row["key"] == "esn"), None)
    if esn is None:
        return "The model was not finished, so there is nothing to say."
    alarms = esn["metrics"]["alarms"]
    text = f"{alarms['values'][0]:.0f}"
    raised = {"0": "no alarm", "1": "1 alarm"}.get(text, f"{text} alarms")
    start = f"The ESN raises {raised} in the watched part{'' if text == '0' else ', listed below'}"
    if alarms["n"] == 1:
        return f"{start}."
    which = "so it is with" if text == "0" else "the list is of"
    return f"{start} ({alarms['mean']:.1f} on average over the seeds; {which} the first)."


def _of(result: Mapping[str, Any], name: str) -> str:
    return f" of {len(result['dataset']['series'])}" if name == "located" else ""


def _sure(result: Mapping[str, Any], floor: Row) -> str:
    pair = next((one for one in result["paired"] if one["key"] == floor["key"]), None)
    if pair is None:
        return ", with too few series to rule out chance"
    if pair["p"] < _CHANCE:
        return ", by more than chance"
    return ", but series by series the difference may be chance"


def _pairs(result: Mapping[str, Any]) -> list[str]:
    """What the residual adds over the windowed Gaussian, which looks at the values themselves."""
    pair = next((one for one in result["paired"] if one["key"] == "windowed_gaussian"), None)
    if pair is None:
        return []
    measure = measures_of(result)[pair["metric"]]
    digits = measure.digits + 1 if measure.scale == 1.0 and measure.digits < 3 else measure.digits
    mean, low, high = (f"{measure.scale * pair[name]:+.{digits}f}" for name in ("mean", "low", "high"))
    unit = "point of the whole score a series" if pair["metric"].startswith("nab") else "a series"
    says = "more than chance" if pair["p"] < _CHANCE else "no clear difference"
    return [
        f"What the forecast error adds to looking at the values themselves (windowed Gaussian): on "
        f"{pair['better']} of {pair['series']} series it is better, on {pair['worse']} worse; {mean} {unit} "
        f"on average (95 % interval {low} to {high}; Wilcoxon p = {pair['p']:.2g}): {says}."
    ]


def _control(result: Mapping[str, Any]) -> list[str]:
    rows = {row["key"]: row for row in result["rows"]}
    name, measures = result["measure"], measures_of(result)
    if name not in measures or not {"esn", "memoryless"} <= rows.keys():
        return []
    measure, esn, twin = measures[name], rows["esn"], rows["memoryless"]
    difference = _mean(esn, name) - _mean(twin, name)
    spread = float(esn["metrics"][name]["std"]) + float(twin["metrics"][name]["std"])
    if difference <= 0:
        meaning = "the memory of the reservoir earns nothing here"
    elif difference > spread:
        meaning = "the memory of the reservoir earns its place"
    else:
        meaning = "the memory of the reservoir adds little, within the spread over seeds"
    return [f"Its twin without memory reaches {_figure(measure, twin, name)}: {meaning}."]


def _mean(row: Row, name: str) -> float:
    return float(row["metrics"][name]["mean"])


def _figure(measure: Measure, row: Row, name: str) -> str:
    unit = "\u00a0%" if measure.scale == 100.0 else ""
    return value_text(measure, _mean(row, name)) + unit
