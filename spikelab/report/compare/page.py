"""The page of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikelab.report.compare.pictures import curves_figure, price_figure
from spikelab.report.compare.tables import claim_table, result_table, traits_table, tuning_table
from spikelab.report.compare.texts import AGAIN, CLAIMS, COLUMNS, EQUAL, TRAITS, WORDS
from spikelab.report.compare.verdict import sentences
from spikelab.report.fragments import escape
from spikelab.report.page import assemble

__all__ = ["render"]

_PRICES = ("fit_s", "learning_per_sample", "synops_per_sample")


def render(result: Mapping[str, Any]) -> str:
    """The page of a result of ``spikelab compare``.

    Parameters
    ----------
    result : mapping
        The content of ``result.json``, as read back from the file or as it was made.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing.
    """
    facts = {key: value for key, value in result["dataset"].items() if key not in ("classes", "key")}
    facts |= {f"split: {key}": value for key, value in result["split"].items()}
    curves = "".join(curves_figure(result, kind) for kind in ("spiking", "rate"))
    prices = "".join(price_figure(result, measure) for measure in _PRICES)
    tuning = tuning_table(result)
    return assemble(
        result,
        kicker=result["dataset"]["name"],
        heading="How far does learning get without backpropagation?",
        lead=_lead(result),
        verdict=sentences(result),
        sections=[
            f"<h2>The result</h2><p>{_how_measured(result)}</p>{result_table(result)}"
            f"<p><small>{escape(COLUMNS)}</small></p>",
            f"<h2>Popular claims</h2><p>{escape(CLAIMS)}</p>{claim_table(result)}",
            f'<h2>How they learn</h2><div class="grid">{curves}</div>' if curves else "",
            f'<h2>At which price</h2><div class="grid">{prices}</div>' if prices else "",
            f"<h2>What each rule needs</h2><p>{escape(TRAITS)}</p>{traits_table(result)}",
            f"<h2>Trials of settings</h2>{tuning}" if tuning else "",
        ],
        words=WORDS,
        again=AGAIN,
        details={"Data set, split and licence": facts, "The same for all arms": result["plan"]},
    )


def _lead(result: Mapping[str, Any]) -> str:
    plan, sizes = result["plan"], "-".join(str(n) for n in result["plan"]["hidden"])
    return (
        f"The same network (hidden layers of {sizes} neurons), the same first weights, the same samples in "
        f"the same order for {plan['epochs']} epochs: only the rule by which weights change differs. Beside "
        "every rule stand backpropagation, layers that never learn, and no layers at all."
    )


def _how_measured(result: Mapping[str, Any]) -> str:
    count, trials = len(result["seeds"]), result["tuning_trials"]
    tuned = (
        f"Each arm had {trials} trials of settings on validation data, backpropagation as well."
        if trials
        else "Nothing was tuned in this run: every arm, backpropagation as well, has the same learning rate "
        "and its own defaults. --tune N gives each arm N trials on validation data."
    )
    return escape(
        f"Split: {result['split']['text']}. {count} seed{'' if count == 1 else 's'}; behind ± stands the "
        f"standard deviation over them. {EQUAL} {tuned}"
    )
