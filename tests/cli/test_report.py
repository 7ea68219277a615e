"""The page says what the numbers say, stands alone, and shows foreign text as text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelab.plot import confusion
from spikelab.report.document import plain, summarise, write_json, write_text
from spikelab.report.energy import energy_nj
from spikelab.report.environment import machine, versions
from spikelab.report.rows import in_order
from spikelab.report.speech.page import render
from spikelab.report.speech.pictures import scores_figure
from spikelab.report.speech.tables import result_table
from spikelab.report.speech.verdict import notes, verdict
from spikelab.report.svg import inline_svg

from .speech_result import pair, row, speech_result


class Checker(HTMLParser):
    """Collects ids and addresses, and checks that tags nest."""

    VOID = frozenset({"meta", "br", "link", "img", "hr", "path", "use", "rect", "line", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        self.addresses += [
            str(values[key]) for key in ("src", "href", "xlink:href", "action") if values.get(key)
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


@pytest.fixture(scope="module")
def page() -> str:
    return render(plain(speech_result()))


def test_the_page_loads_nothing(page: str) -> None:
    found = checked(page)
    assert all(address.startswith("#") for address in found.addresses), found.addresses
    assert "<script" not in page
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_every_id_is_unique_and_every_reference_has_its_target(page: str) -> None:
    ids = checked(page).ids
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', page))
    assert used <= set(ids)


def test_every_picture_has_words(page: str) -> None:
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) == 8
    assert all(re.search(r'role="img" aria-label="[^"]{10,}"', picture) for picture in pictures)


def test_colours_follow_the_theme(page: str) -> None:
    body = page[page.index("</style>") :]
    assert "var(--series-0)" in body
    assert not re.search(r"#[0-9a-f]{6}", body)


def test_the_page_shows_every_row_and_marks_floors(page: str) -> None:
    text = " ".join(" ".join(checked(page).text).split())
    for item in speech_result()["rows"]:
        assert item["name"] in text
    assert page.count('class="tag floor"') == 2
    assert page.count('class="tag best"') == 1
    assert "98.6" in text
    assert "spikelab run speech --output out" in text


def test_the_table_holds_the_figures_of_the_result() -> None:
    result = plain(speech_result())
    cells = re.findall(r"<td[^>]*>(.*?)</td>", result_table(result))
    found = [float(re.sub(r" <small>.*| ±.*|,", "", cell) or "nan") for cell in cells]
    floor = result["rows"][4]["metrics"]["errors"]["mean"]
    for item in in_order(result["rows"]):
        metrics = {name: metric["mean"] for name, metric in item["metrics"].items()}
        shown, found = found[:8], found[8:]
        beside = np.nan if item["kind"] == "floor" else metrics["errors"] - floor
        expected = [100 * metrics["accuracy"], metrics["errors"], beside, item["metrics"]["errors"]["n"]]
        expected += [metrics[name] for name in ("fit_s", "predict_s", "synops_per_sample")]
        expected.append(metrics["energy_nj_per_sample"])
        assert shown == pytest.approx(expected, abs=0.05, nan_ok=True)
    assert found == []


def test_the_page_says_what_a_model_is_and_what_it_mistakes_most() -> None:
    result = plain(speech_result())
    result["rows"][0]["note"] = "300 units <of one kind>."
    matrix = np.diag([10, 100, *[5] * 7])
    matrix[0, 2], matrix[1, 0] = 2, 3
    result["rows"][1]["protocols"]["official"]["confusion"] = matrix.tolist()
    page = render(result)
    assert "300 units &lt;of one kind&gt;." in page
    assert page.count("speaker 1 is taken for 3 in 2 of 12 cases") == 2  # caption and alternative text
    assert "2026-01-02 03:04 UTC" in page


@pytest.mark.parametrize(("errors", "start"), [([2, 2], 98), ([37, 37], 80), ([185, 184], 0)])
def test_the_axis_of_accuracies_starts_where_the_worst_row_is_still_seen(
    errors: list[int], start: int
) -> None:
    rows = [row("a", "ESN", "model", errors), row("b", "Chance", "floor", [330])]
    assert f"The axis starts at {start} %" in scores_figure(plain(rows), speech_result()["protocols"][0])


def test_foreign_text_stays_text() -> None:
    evil = "<img src=x onerror=alert(1)>&\"'"
    result = speech_result(command=f"spikelab {evil}", machine={"cpu": evil}, versions={"spikelab": evil})
    result["dataset"] = {**result["dataset"], "name": evil, "classes": [evil] * 9}
    result["rows"][0] = {**row(evil, evil, "model", [3]), "note": evil, "parameters": {evil: evil}}
    result["illustration"]["utterance"]["label"] = evil
    for part in ("states", "raster", "answer"):
        result["illustration"][part]["name"] = evil
    result["illustration"]["ridge_paths"]["esn"]["name"] = evil
    page = render(result)
    assert "<img" not in page
    checked(page)


def test_an_interrupted_run_without_rows_is_still_a_page() -> None:
    page = render(speech_result(rows=[], illustration={}, interrupted=True, quick=True))
    text = " ".join(checked(page).text)
    assert "This run was interrupted" in text
    assert "A quick run" in text
    assert "nothing to judge" in text


def judged(rows: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return speech_result(rows=rows, pairs=pairs)


@pytest.mark.parametrize(
    ("model", "floor", "said"),
    [
        (
            [2, 2, 2],
            [40],
            "2 errors, the mean over 3 seeds. The best floor, Pooled, which has no network, makes 40 errors "
            "(paired difference 38.0 ± 3.0 on the same utterances): a difference too large to be chance.",
        ),
        (
            [12, 12],
            [16],
            "16 errors, more, but a difference this small (paired difference 4.0 ± 3.0 on the same "
            "utterances) can be chance.",
        ),
        (
            [16, 16],
            [16],
            "16 errors, just as many (paired difference 0.0 ± 3.0 on the same utterances): on this",
        ),
        (
            [20, 21],
            [16],
            "16 errors, fewer (paired difference 4.5 ± 3.0 on the same utterances): on this task the",
        ),
    ],
)
def test_the_verdict_follows_the_numbers(model: list[int], floor: list[int], said: str) -> None:
    rows = [row("a", "ESN", "model", model), row("b", "Pooled", "floor", floor)]
    assert said in verdict(judged(rows, [pair(rows, "a", "b")]))[0]


def test_notes_name_models_below_the_floor_and_weigh_the_control() -> None:
    rows = [
        row("a", "ESN", "model", [5]),
        row("b", "LSM", "model", [17]),
        row("c", "No memory", "control", [30], twin="a"),
        row("d", "Pooled", "floor", [16]),
    ]
    found = notes(judged(rows, [pair(rows, "a", "c")]))
    assert found[0] == "LSM (17 errors) does no better than the floor Pooled (16 errors)."
    assert found[1] == (
        "No memory makes 30 errors, clearly more than ESN (5 errors; paired difference 25.0 ± 3.0): "
        "recurrence helps here."
    )
    rows[2] = row("c", "No memory", "control", [6], twin="a")
    assert (
        "more than ESN (5 errors; paired difference 1.0 ± 3.0): no difference that this test can show"
        in notes(judged(rows, [pair(rows, "a", "c")]))[1]
    )
    rows[2] = row("c", "No memory", "control", [6], twin="b")
    assert (
        "clearly fewer than LSM (17 errors; paired difference 11.0 ± 3.0): recurrence harms here."
        in notes(judged(rows, [pair(rows, "b", "c")]))[1]
    )
    assert notes(judged(rows[:2], [])) == []


def test_one_error_and_one_seed_are_singular() -> None:
    text = verdict(judged([row("a", "ESN", "model", [1])], []))[0]
    assert text.endswith(": 1 error with one seed. No floor was finished to compare it with.")


def test_summary_against_numpy() -> None:
    values = [3.0, 5.0, 8.5]
    summary = summarise(values)
    assert summary["mean"] == pytest.approx(np.mean(values))
    assert summary["std"] == pytest.approx(np.std(values, ddof=1))
    assert summarise([4])["std"] == 0.0


def test_energy_by_hand() -> None:
    assert energy_nj(1000, 0) == pytest.approx(0.9)
    assert energy_nj(0, 1000) == pytest.approx(4.6)


def test_json_is_strict_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(
        path, {"a": np.float32(1.5), "b": np.arange(2), "c": float("nan"), "d": (True, None), "e": Path("x")}
    )
    assert json.loads(path.read_text()) == {"a": 1.5, "b": [0, 1], "c": None, "d": [True, None], "e": "x"}
    write_text(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    write_text(path, "old")

    def refuse(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_versions_and_machine_are_filled() -> None:
    assert {"python", "numpy", "scipy", "numba", "scikit-learn", "spikelab"} <= set(versions())
    assert machine()["cores"] >= 1
    assert machine()["cpu"]


def test_two_pictures_share_no_id() -> None:
    first, second = (inline_svg(confusion([[1, 1], [0, 2]]), name=name, alt="a picture") for name in "ab")
    assert not set(checked(first).ids) & set(checked(second).ids)
    assert "<text" in first


def test_a_name_that_is_no_text_is_written_escaped(tmp_path):
    write_text(tmp_path / "a.html", "name \udcff.csv")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "name \\udcff.csv"
