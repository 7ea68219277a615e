"""The tables of the page: results of all rows by size, and the same counts read out in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from spikelab.report.fragments import escape, spread, table
from spikelab.report.stdp.texts import READOUTS

__all__ = ["groups", "readout_table", "result_table"]

Row = Mapping[str, Any]

_KINDS = ("stdp", "ridge", "shuffled", "random", "images", "kmeans")


def groups(result: Row) -> Iterator[tuple[str, list[Row]]]:
    """Yield (title, rows) of each size of the network, of filters, and of what has neither."""
    of_size: set[str] = set()
    for n in result["neurons"]:
        keys = [f"{kind}_{n}" for kind in _KINDS]
        rows = sorted(
            (row for row in result["rows"] if row["key"] in keys), key=lambda row: keys.index(row["key"])
        )
        of_size.update(keys)
        if rows:
            yield f"{n:,} neurons", rows
    others = [row for row in result["rows"] if row["key"] not in of_size]
    filters = [row for row in others if row["key"].startswith("conv")]
    plain = [row for row in others if row not in filters]
    for title, rows in (("Filters that learn by STDP", filters), ("Straight from the pixels", plain)):
        if rows:
            yield title, rows


def result_table(result: Row) -> str:
    """Accuracy, interval, seconds and operations of every row."""
    titles = (
        "right answers,\u00a0%",
        "95\u00a0% interval",
        "runs",
        "learning,\u00a0s",
        "fit,\u00a0s",
        f"predict {result['split']['test']:,},\u00a0s",
        "synaptic operations an image",
        "energy an image,\u00a0nJ",
    )
    return _grouped(result, titles, _cells, "Results of all methods")


def readout_table(result: Row) -> str:
    """Accuracy of every row of counts by every readout."""
    names = [name for name in READOUTS if any(name in row.get("readouts", {}) for row in result["rows"])]

    def cells(row: Row) -> list[str]:
        found = row.get("readouts", {})
        return [spread(found[name], scale=100.0) if name in found else "–" for name in names]

    def wanted(row: Row) -> bool:
        return len(row.get("readouts", {})) > 1

    titles = [f"{READOUTS[name]},\u00a0%" for name in names]
    return _grouped(result, titles, cells, "Readouts of the same counts", wanted)


def _grouped(
    result: Row,
    titles: Sequence[str],
    cells: Callable[[Row], Sequence[str]],
    label: str,
    wanted: Callable[[Row], bool] = lambda row: True,
) -> str:
    head = ['<th scope="col">Method</th>']
    head += [f'<th scope="col" class="number">{escape(title)}</th>' for title in titles]
    body = []
    for title, rows in groups(result):
        shown = [row for row in rows if wanted(row)]
        if shown:
            cell = f'<th scope="colgroup" colspan="{len(head)}"><span>{escape(title)}</span></th>'
            body.append(f'<tr class="group">{cell}</tr>')
            body += [_row(row, cells(row), note=wanted(row) and label.startswith("Results")) for row in shown]
    return table(head, body, label=label, kind="wide results")


def _cells(row: Row) -> list[str]:
    metrics, (low, high) = row["metrics"], row["interval"]
    return [
        spread(metrics["accuracy"], scale=100.0),
        f"{100 * low:.1f} to {100 * high:.1f}",
        str(metrics["accuracy"]["n"]),
        f"{metrics['learn_s']['mean']:.1f}",
        f"{metrics['fit_s']['mean']:.1f}",
        f"{metrics['predict_s']['mean']:.2f}",
        f"{metrics['synops_per_sample']['mean']:,.0f}",
        f"{metrics['energy_nj_per_sample']['mean']:,.1f}",
    ]


def _row(row: Row, cells: Sequence[str], *, note: bool) -> str:
    tag = "" if row["kind"] == "model" else f'<span class="tag {row["kind"]}">{row["kind"]}</span>'
    text = f"<br><small>{escape(row['note'])}</small>" if note and row["note"] else ""
    values = "".join(f'<td class="number">{cell}</td>' for cell in cells)
    name = f'<span class="name">{escape(row["name"])}{tag}</span>{text}'
    return f'<tr class="{row["kind"]}"><th scope="row">{name}</th>{values}</tr>'
