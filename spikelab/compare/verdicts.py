"""What popular articles claim of learning without backpropagation, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CLAIMS", "Claim", "judge_claims"]

Row = Mapping[str, Any]

# With fewer seeds a verdict would rest on luck.
_SEEDS = 5


@dataclass(frozen=True)
class Claim:
    """A claim, and what decides it.

    Attributes
    ----------
    text : str
    dataset : str
        Key of the data set it speaks of; "" for any.
    measure : {"accuracy", "train_s", "samples", "learning"}
    margin : float
        Points of accuracy that a rule may lack; for the others the share of backprop's that a rule may take.
    """

    text: str
    dataset: str
    measure: str
    margin: float


CLAIMS = (
    Claim("MNIST: accuracy within 1 point of backprop", "mnist", "accuracy", 0.01),
    Claim("CIFAR-10: accuracy within 2 points of backprop", "cifar10", "accuracy", 0.02),
    Claim("IMDB: accuracy within 1 point of backprop", "imdb", "accuracy", 0.01),
    Claim("Training time is low", "", "train_s", 1.0),
    Claim("Convergence is faster (samples to 90 %)", "", "samples", 1.0),
    Claim("Learning takes less computation", "", "learning", 1.0),
)


def judge_claims(dataset: str, rows: Sequence[Row]) -> list[dict[str, str]]:
    """Verdict on each claim for spiking and for rate networks.

    Parameters
    ----------
    dataset : str
        Key of the data set that the rows come from.
    rows : sequence of mapping
        Each with ``key``, ``name``, ``group``, ``kind``, ``local``, ``valid`` (accuracy on the validation
        part), ``difference`` (to backprop: mean, low, high; or None), and the values by seed of ``train_s``,
        ``samples`` (None where 90 % was never reached) and ``learning``.

    Returns
    -------
    list of dict
        ``claim``, ``kind``, ``verdict`` ("supported", "refuted" or "not tested") and ``number``, what was
        measured or why nothing was.

    Notes
    -----
    One rule stands for all: the local one that did best on the validation part. A claim on accuracy is
    supported if the whole 95 % interval of the difference lies within the margin, and refuted if all of it
    lies beyond; the others are supported, or refuted, if every seed says so.
    """
    found = []
    for kind in ("spiking", "rate"):
        best, reference = _stands_for(rows, kind), _backprop(rows, kind)
        for claim in CLAIMS:
            verdict, number = _judge(claim, dataset, best, reference)
            found.append({"claim": claim.text, "kind": kind, "verdict": verdict, "number": number})
    return found


def _stands_for(rows: Sequence[Row], kind: str) -> Row | None:
    rules = [row for row in rows if row["group"] == "rule" and row["kind"] == kind and row["local"]]
    return max(rules, key=lambda row: row["valid"], default=None)


def _backprop(rows: Sequence[Row], kind: str) -> Row | None:
    return next((row for row in rows if row["group"] == "backprop" and row["kind"] == kind), None)


def _judge(claim: Claim, dataset: str, best: Row | None, reference: Row | None) -> tuple[str, str]:
    if claim.dataset not in ("", dataset):
        return "not tested", f"this is {dataset}"
    if best is None or reference is None:
        return "not tested", "no local rule ran" if best is None else "backprop did not run"
    judge = _by_accuracy if claim.measure == "accuracy" else _by_ratio
    verdict, number = judge(claim, best, reference)
    seeds = min(len(best["train_s"]), len(reference["train_s"]))
    if verdict != "not tested" and seeds < _SEEDS:
        return "not tested", f"{number}; {seeds} of {_SEEDS} seeds that a verdict needs"
    return verdict, number


def _by_accuracy(claim: Claim, best: Row, reference: Row) -> tuple[str, str]:
    found = best["difference"]
    mean, low, high = (100 * found[name] for name in ("mean", "low", "high"))
    number = f"{best['name']}: {mean:+.1f} points ({low:+.1f} to {high:+.1f})"
    if found["low"] >= -claim.margin:
        return "supported", number
    return ("refuted", number) if found["high"] < -claim.margin else ("not tested", f"{number}; undecided")


def _by_ratio(claim: Claim, best: Row, reference: Row) -> tuple[str, str]:
    pairs = list(zip(best[claim.measure], reference[claim.measure], strict=False))
    never = [row["name"] for row in (best, reference) if None in row[claim.measure]]
    if never:
        return "not tested", f"not reached in every seed by {' and '.join(never)}"
    ratios = [one / other for one, other in pairs]
    low, high = min(ratios), max(ratios)
    number = f"{best['name']}: {low:.2f} to {high:.2f} times backprop's"
    if high < claim.margin:
        return "supported", number
    return ("refuted", number) if low > claim.margin else ("not tested", f"{number}; undecided")
