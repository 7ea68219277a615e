"""What the numbers say, in words; written so that a floor's success is never hidden."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["find_pair", "find_row", "percent", "sentences"]

Row = Mapping[str, Any]
Result = Mapping[str, Any]


def find_row(result: Result, key: str) -> Row | None:
    """The row of that key, or None where it was not finished."""
    return next((row for row in result["rows"] if row["key"] == key), None)


def find_pair(result: Result, first: str, second: str) -> Row | None:
    """The difference of two rows, second minus first, or None."""
    return next((one for one in result["pairs"] if (one["first"], one["second"]) == (first, second)), None)


def percent(row: Row) -> str:
    """``92.1 %``."""
    return f"{100 * row['metrics']['accuracy']['mean']:.1f} %"


def sentences(result: Result) -> list[str]:
    """What logistic regression does beside every network, then what the controls tell."""
    learned = [row for n in result["neurons"] if (row := find_row(result, f"stdp_{n}")) is not None]
    if not learned:
        return ["No network that learns was finished, so there is nothing to judge."]
    pixels, means = _beside_pixels(result, learned), _beside_means(result, learned)
    cost = _energy(result, learned)
    return [pixels, *means, *cost, *_beside_controls(result, learned), *_filters(result)]


def _beside_pixels(result: Result, learned: Sequence[Row]) -> str:
    """Every network beside logistic regression on raw pixels, which knows no neurons."""
    shown = _joined([f"{percent(row)} with {_n(row):,} neurons" for row in learned])
    test = f"of {result['split']['test']:,} test images"
    plain = find_row(result, "logistic")
    start = f"Learned without labels, by STDP, and read out by a vote, spiking neurons name {shown} {test}"
    if plain is None:
        return f"{start}. No plain method was finished to compare them with."
    parts = []
    for row in learned:
        relation = _relation(find_pair(result, row["key"], "logistic"))
        parts.append(f"{_n(row):,} neurons {relation}")
    return (
        f"{start}. Logistic regression on the raw pixels, which has no neurons and takes "
        f"{_seconds(plain)}, names {percent(plain)}: {_joined(parts)}."
    )


def _beside_means(result: Result, learned: Sequence[Row]) -> list[str]:
    """Every network beside k-means of its size."""
    parts = []
    for row in learned:
        plain = find_row(result, f"kmeans_{_n(row)}")
        pair = find_pair(result, row["key"], f"kmeans_{_n(row)}")
        if plain is not None and pair is not None:
            parts.append(f"{_n(row):,} neurons {_relation(pair)}, {percent(row)} beside {percent(plain)}")
    if not parts:
        return []
    return [f"Beside k-means, with as many centres and the same vote: {_joined(parts)}."]


def _energy(result: Result, learned: Sequence[Row]) -> list[str]:
    """What an answer costs, by the model of the arithmetic."""
    plain = find_row(result, "logistic")
    if plain is None:
        return []
    parts = [f"{_energy_nj(row)} with {_n(row):,} neurons" for row in learned]
    return [
        f"An answer takes {_joined(parts)} by the model of the arithmetic alone, and {_energy_nj(plain)} by "
        "logistic regression."
    ]


def _energy_nj(row: Row) -> str:
    return f"{row['metrics']['energy_nj_per_sample']['mean']:,.0f} nJ"


def _beside_controls(result: Result, learned: Sequence[Row]) -> list[str]:
    """What is left where nothing is learned."""
    found = []
    for row in learned:
        n = _n(row)
        controls = {
            name: find_row(result, f"{kind}_{n}")
            for kind, name in (
                ("random", "with random weights"),
                ("images", "with training images as weights"),
                ("shuffled", "with shuffled labels"),
            )
        }
        parts = [f"{percent(one)} {name}" for name, one in controls.items() if one is not None]
        fitted = find_row(result, f"ridge_{n}")
        if parts:
            ridge = f" A ridge readout of the learned counts reaches {percent(fitted)}." if fitted else ""
            found.append(
                f"What learning does, {n:,} neurons: {percent(row)} with it, {_joined(parts)}.{ridge}"
            )
    return found


def _filters(result: Result) -> list[str]:
    """Convolutional features beside the same filters with their weights at other places."""
    row = find_row(result, "conv")
    if row is None:
        return []
    names = {
        "conv_shuffled": "with the weights of each filter shuffled",
        "conv_shuffled_lower": "with these and a threshold chosen for them",
        "conv_untrained": "with filters as they were drawn",
        "conv_dog": "without filters",
    }
    parts = [f"{percent(one)} {text}" for key, text in names.items() if (one := find_row(result, key))]
    start = f"Filters over small patches that learn by STDP, with a ridge readout, name {percent(row)}"
    return [f"{start}; the same readout {_joined(parts)}." if parts else f"{start}."]


def _relation(pair: Row | None) -> str:
    """A difference counts as clear beyond twice its standard error over test images and seeds."""
    if pair is None:
        return "stand beside it"
    errors = pair["errors"]
    more, spread = errors["mean"], math.sqrt(pair["items_std"] ** 2 + errors["std"] ** 2 / errors["n"])
    size = f"{abs(more):,.0f} ± {spread:.0f} errors"
    if abs(more) <= 2.0 * spread:
        return f"tie with it ({size} {'fewer' if more > 0 else 'more'})"
    return f"beat it ({size} fewer)" if more > 0 else f"do not reach it ({size} more)"


def _n(row: Row) -> int:
    return int(row["parameters"]["n_neurons"])


def _seconds(row: Row) -> str:
    return f"{row['metrics']['fit_s']['mean']:.0f} s"


def _joined(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
