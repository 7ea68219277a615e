"""What the numbers say, in words; written so that a floor's success is never hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["best_row", "count", "find_pair", "notes", "paired_text", "recurrence", "units", "verdict"]

Row = Mapping[str, Any]
Result = Mapping[str, Any]

_TOLD = {"speakers": "named the right speaker for", "words": "recognised"}


def best_row(rows: Sequence[Row], kind: str, protocol: str | None = None) -> Row | None:
    """The row of a kind with the fewest mean errors (in the first protocol by default), or None."""
    chosen = [row for row in rows if row["kind"] == kind]
    return min(chosen, key=lambda row: _errors(row, protocol)) if chosen else None


def find_pair(pairs: Sequence[Row], protocol: str, first: str, second: str) -> Row | None:
    """The difference of two rows, second minus first, or None where it was not taken."""
    return next(
        (one for one in pairs if (one["protocol"], one["first"], one["second"]) == (protocol, first, second)),
        None,
    )


def paired_text(pairs: Sequence[Row], first: str, second: str) -> str:
    """Errors of a row less those of another, in every protocol: ``-2.0 ± 1.4 / -80.2 ± 9.1``."""
    found = [one for one in pairs if (one["first"], one["second"]) == (first, second)]
    # 0.0 - x and not -x: no difference is no "-0.0".
    return " / ".join(f"{0.0 - one['errors']['mean']:+.1f} ± {one['items_std']:.1f}" for one in found)


def verdict(result: Result) -> list[str]:
    """For each protocol, the best model beside the best floor, in two or three sentences."""
    if best_row(result["rows"], "model") is None:
        return ["No model was finished, so there is nothing to judge."]
    several = len(result["protocols"]) > 1
    return [_judged(result, one, several) for one in result["protocols"]]


def _judged(result: Result, protocol: Row, several: bool) -> str:
    key, rows = protocol["key"], result["rows"]
    model, floor = best_row(rows, "model", key), best_row(rows, "floor", key)
    assert model is not None
    judged = model["protocols"][key]
    seeds = judged["errors"]["n"]
    over = f", the mean over {seeds} seeds" if seeds > 1 else " with one seed"
    where = f"{protocol['title'].capitalize()}: the" if several else "The"
    start = (
        f"{where} best model, {model['name']}, {_TOLD[result['kind']]} "
        f"{100 * judged['accuracy']['mean']:.1f} % of {protocol['test']:,} unseen utterances: "
        f"{count(_errors(model, key))}{over}."
    )
    if floor is None:
        return f"{start} No floor was finished to compare it with."
    beside = (
        f"{start} The best floor, {floor['name']}, which has no network, makes {count(_errors(floor, key))}"
    )
    pair = find_pair(result["pairs"], key, model["key"], floor["key"])
    more = _errors(floor, key) - _errors(model, key)
    paired = "" if pair is None else f" (paired difference {_difference(pair)} on the same utterances)"
    if more <= 0:
        fewer = "fewer" if more < 0 else "just as many"
        return f"{beside}, {fewer}{paired}: on this task the network earns nothing."
    if pair is None or not pair["clear"]:
        return f"{beside}, more, but a difference this small{paired} can be chance."
    return f"{beside}{paired}: a difference too large to be chance."


def notes(result: Result) -> list[str]:
    """A sentence on the other models that do no better than the best floor, and some on the controls."""
    found: list[str] = []
    rows = result["rows"]
    for protocol in result["protocols"]:
        key = protocol["key"]
        model, floor = best_row(rows, "model", key), best_row(rows, "floor", key)
        if model is None or floor is None:
            continue
        below = [
            f"{row['name']} ({count(_errors(row, key))})"
            for row in rows
            if row["kind"] == "model" and row is not model and _errors(row, key) >= _errors(floor, key)
        ]
        if below:
            verb = "does" if len(below) == 1 else "do"
            where = f" ({protocol['title']})" if len(result["protocols"]) > 1 else ""
            best = f"{floor['name']} ({count(_errors(floor, key))})"
            found.append(f"{' and '.join(below)} {verb} no better than the floor {best}{where}.")
    if len(result["protocols"]) > 1:
        return found + _recurrence_in_short(result)
    return found + [text for one in result["protocols"] for text in recurrence(result, one)]


def _recurrence_in_short(result: Result) -> list[str]:
    """For each reservoir with a memoryless twin, one sentence on all protocols."""
    found = []
    by_key = {row["key"]: row for row in result["rows"]}
    for row in result["rows"]:
        twin = by_key.get(row.get("twin", ""))
        effects: dict[str, list[str]] = {}  # where each is seen
        for one in result["protocols"]:
            pair = find_pair(result["pairs"], one["key"], twin["key"], row["key"]) if twin else None
            if pair is not None:
                verb, size = _effect(pair)
                effects.setdefault(verb, []).append(f"{one['title']}: {size}")
        if twin is not None and effects:
            parts = " and ".join(f"{verb} ({'; '.join(sizes)})" for verb, sizes in effects.items())
            found.append(f"{twin['name']} beside its memoryless twin: recurrence {parts}.")
    return found


def _effect(pair: Row) -> tuple[str, str]:
    more = pair["errors"]["mean"]
    verb = "adds nothing measurable" if not pair["clear"] else ("helps" if more > 0 else "harms")
    side = "fewer" if more > 0 else "more"
    return verb, f"{_difference(pair)} errors {side}" if more else "as many errors"


def recurrence(result: Result, protocol: Row) -> list[str]:
    """For each control, what is lost with the recurrence of its twin."""
    found = []
    by_key = {row["key"]: row for row in result["rows"]}
    where = f"{protocol['title'].capitalize()}: " if len(result["protocols"]) > 1 else ""
    for row in result["rows"]:
        twin = by_key.get(row.get("twin", ""))
        if row["kind"] != "control" or twin is None:
            continue
        key = protocol["key"]
        pair = find_pair(result["pairs"], key, twin["key"], row["key"])
        if pair is None:
            continue
        more = pair["errors"]["mean"]
        if not pair["clear"]:
            relation = "as many as" if more == 0 else ("more than" if more > 0 else "fewer than")
            meaning = "no difference that this test can show, so that recurrence adds nothing measurable"
        elif more > 0:
            relation, meaning = "clearly more than", "recurrence helps here"
        else:
            relation, meaning = "clearly fewer than", "recurrence harms here"
        found.append(
            f"{where}{row['name']} makes {count(_errors(row, key))}, {relation} {twin['name']} "
            f"({count(_errors(twin, key))}; paired difference {_difference(pair)}): {meaning}."
        )
    return found


def units(result: Result, protocol: Row) -> list[str]:
    """Whether a layer of random units without memory is above the floor, where it clearly is or is not."""
    found = []
    key = protocol["key"]
    floor = best_row(result["rows"], "floor", key)
    where = f"{protocol['title'].capitalize()}: " if len(result["protocols"]) > 1 else ""
    for row in result["rows"]:
        pair = floor and find_pair(result["pairs"], key, row["key"], floor["key"])
        if row["kind"] != "control" or floor is None or pair is None or not pair["clear"]:
            continue
        if pair["errors"]["mean"] > 0:
            told = "fewer than the best floor: what helps is the layer of random units itself"
        else:
            told = "more than the best floor: the layer of random units alone does harm"
        found.append(f"{where}{row['name']} makes {_difference(pair)} errors {told}.")
    return found


def _difference(pair: Row) -> str:
    return f"{abs(pair['errors']['mean']):.1f} ± {pair['items_std']:.1f}"


def _errors(row: Row, protocol: str | None = None) -> float:
    judged = row["metrics"] if protocol is None else row["protocols"][protocol]
    return float(judged["errors"]["mean"])


def count(value: float) -> str:
    """``3 errors``, ``0.8 errors``, ``1 error``."""
    text = f"{value:,.1f}".removesuffix(".0")
    return f"{text} error{'' if text == '1' else 's'}"
