"""The page of the anomaly job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spikelab.report.anomaly.measures import measures_of
from spikelab.report.anomaly.pictures import series_section
from spikelab.report.anomaly.tables import result_table, series_table
from spikelab.report.anomaly.texts import LEADS, STEPS, WORDS
from spikelab.report.anomaly.verdict import sentences
from spikelab.report.fragments import escape, fold
from spikelab.report.page import assemble, steps

__all__ = ["render"]

# Of sets with more series than this, the table of series is folded.
_FEW = 6

_METHOD = (
    "Nothing here is trained by backpropagation, and no example of an anomaly is ever shown. The reservoir "
    "learns to forecast the next point of a normal series; what it cannot forecast is unusual."
)


def render(result: Mapping[str, Any]) -> str:
    """The page of an anomaly result.

    Parameters
    ----------
    result : mapping
        The content of ``result.json``, as read back from the file or as it was made.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing.
    """
    dataset = result["dataset"]
    facts = {name: dataset[name] for name in ("name", "licence", "source", "coverage")}
    facts["series"] = len(dataset["series"])
    facts["points"] = f"{sum(one['points'] for one in dataset['series']):,}"
    return assemble(
        result,
        kicker=dataset["name"],
        heading="What is unusual?",
        lead=LEADS[dataset["key"]],
        verdict=sentences(result),
        sections=[
            _outcome(result),
            series_section(result),
            _by_series(result),
            f"<h2>How it works</h2><p>{escape(_METHOD)}</p>{steps(STEPS)}",
        ],
        words=WORDS,
        details={"Data set and licence": facts},
    )


def _outcome(result: Mapping[str, Any]) -> str:
    dataset, count = result["dataset"], len(result["seeds"])
    series = len(dataset["series"])
    which = "the same series" if series == 1 else f"the same {series} series ({dataset['coverage']})"
    text = (
        f"Every method learned from the same normal part of {which} and scored the rest, causally: no point "
        "was looked at before its time. All methods get the same choice of smoothing and of the rule that "
        f"turns what they find into a score. Methods with random parts ran with {count} "
        f"seed{'' if count == 1 else 's'}; the table shows the mean ± the standard deviation over the runs. "
        "Settings were chosen on the training parts alone, the plain methods with as many tries."
    )
    return f"<h2>The result</h2><p>{escape(text)}</p>{result_table(result)}"


def _by_series(result: Mapping[str, Any]) -> str:
    series, measures = result["dataset"]["series"], measures_of(result)
    wanted = [name for name in (result["measure"], "nab_label_free", "auroc", "auprc") if name in measures]
    if len(series) < 2:
        return ""
    parts = []
    for name in dict.fromkeys(wanted):
        text = ""
        if name.startswith("nab"):
            text = "<p>In points of the whole score: a column adds up to the score of its method.</p>"
        content = text + series_table(result, name)
        title = f"{measures[name].title}, by series"
        parts.append(fold(title, content) if len(series) > _FEW else f"<h3>{escape(title)}</h3>{content}")
    return "<h2>Series by series</h2>" + "".join(parts)
