"""`spikelab run speech` on recordings: splits, rows, differences between rows, saved models, and refusals."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import spikelab as sl
from spikelab.cli.jobs.paired import paired_difference
from spikelab.cli.jobs.speech_rows import twin_of
from spikelab.cli.jobs.speech_task import held_out, speakers_held_out
from spikelab.cli.main import cli
from spikelab.datasets import DataFileError, MissingDataError

PITCHES = {"high": 2400.0, "low": 350.0, "mid": 1000.0}
TINY = (
    "esn.reservoir.n=20",
    "esn_ensemble.reservoir.n=20",
    "esn_ensemble.ensemble=2",
    "lsm.reservoir.n=27",
)


def tone(pitch_hz: float, speaker: int, take: int) -> np.ndarray:
    """A fifth of a second of a tone in noise; speakers differ in pitch, takes in noise and length."""
    rng = np.random.default_rng(100 * speaker + take)
    t = np.arange(1500 + 60 * take) / 8000
    sound = 0.4 * np.sin(2 * np.pi * pitch_hz * (1 + 0.1 * speaker) * t) + 0.02 * rng.normal(size=t.size)
    return np.clip(32767 * sound, -32768, 32767).astype("<i2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three words of two speakers, six takes each."""
    place = tmp_path_factory.mktemp("words")
    for word, pitch_hz in PITCHES.items():
        for speaker, name in enumerate(("anna", "ben")):
            for take in range(6):
                with wave.open(str(place / f"{word}_{name}_{take}.wav"), "wb") as file:
                    file.setnchannels(1)
                    file.setsampwidth(2)
                    file.setframerate(8000)
                    file.writeframes(tone(pitch_hz, speaker, take).tobytes())
    return place


def run(*arguments: str | Path) -> Result:
    options = [part for setting in TINY for part in ("--set", setting)]
    return CliRunner().invoke(cli, ["run", "speech", *map(str, arguments), *options])


@pytest.fixture(scope="module")
def ran(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The job on the folder, with a saved model."""
    output = tmp_path_factory.mktemp("out")
    model = output / "words.model"
    options = ("--seeds", "2", "--save-model", model, "--save-row", "esn")
    answer = run("--dataset", folder, "--output", output, *options)
    assert answer.exit_code == 0, answer.output
    return answer, output


def test_every_row_answers_both_protocols(ran: tuple[Result, Path]) -> None:
    result = json.loads((ran[1] / "result.json").read_text())
    rows = {row["key"]: row for row in result["rows"]}
    models, floors = ["esn", "esn_ensemble", "lsm"], ["pooled_input", "encoded_input", "chance"]
    assert list(rows) == [*models, "memoryless", "lsm_memoryless", *floors]
    assert [one["key"] for one in result["protocols"]] == ["official", "speakers"]
    assert [one["test"] for one in result["protocols"]] == [6, 36]
    assert [one["train"] for one in result["protocols"]] == [30, 18]
    assert result["protocols"][1]["folds"] == ["anna", "ben"]
    for row in rows.values():
        seeds = len(row["seeds_used"]) or 1
        for key, size in (("official", 6), ("speakers", 36)):
            judged = row["protocols"][key]
            assert sum(map(sum, judged["confusion"])) == size * seeds
            assert judged["errors"]["mean"] == pytest.approx(size * (1 - judged["accuracy"]["mean"]))
            shares = [share["mean"] for share in judged["speakers"].values()]
            assert list(judged["speakers"]) == ["anna", "ben"]
            assert np.mean(shares) == pytest.approx(judged["accuracy"]["mean"])  # as many of either
        assert row["metrics"]["accuracy"] == row["protocols"]["official"]["accuracy"]
    assert rows["esn"]["metrics"]["accuracy"]["mean"] > 0.9
    assert rows["pooled_input"]["metrics"]["accuracy"]["mean"] > 0.9
    assert rows["chance"]["protocols"]["speakers"]["accuracy"]["mean"] < 0.6


def test_differences_between_rows_are_those_of_their_errors(ran: tuple[Result, Path]) -> None:
    result = json.loads((ran[1] / "result.json").read_text())
    rows = {row["key"]: row["protocols"] for row in result["rows"]}
    keys = [(pair["first"], pair["second"]) for pair in result["pairs"] if pair["protocol"] == "official"]
    assert ("esn", "memoryless") in keys
    assert ("lsm", "encoded_input") in keys
    assert not any("chance" in pair for pair in keys)
    for pair in result["pairs"]:
        first, second = (rows[pair[name]][pair["protocol"]]["errors"]["mean"] for name in ("first", "second"))
        assert pair["errors"]["mean"] == pytest.approx(second - first)
        assert sum(pair["folds"].values()) == pytest.approx(second - first if pair["folds"] else 0.0)


def test_the_page_speaks_of_words(ran: tuple[Result, Path]) -> None:
    page = (ran[1] / "report.html").read_text()
    for text in (
        "Which word was said?",
        "What recurrence adds",
        "Whose words are understood",
        "Cochleagram of",
    ):
        assert text in page
    for text in ("Who is speaking?", "A man says", "Cepstra"):
        assert text not in page
    assert page.count('role="img"') == 8
    assert "high, low, mid" in page


def test_the_saved_model_predicts(ran: tuple[Result, Path], folder: Path) -> None:
    answer, output = ran
    assert "fitted to 30 recordings: spikelab predict" in answer.output
    saved = json.loads((output / "result.json").read_text())["saved_model"]
    assert (saved["row"], saved["recordings"], saved["seed"]) == ("esn", 30, 0)
    files = [str(folder / f"{word}_ben_0.wav") for word in PITCHES]
    told = CliRunner().invoke(cli, ["predict", str(output / "words.model"), *files, "--json"])
    assert told.exit_code == 0, told.output
    labels = [json.loads(line)["label"] for line in told.stdout.splitlines()]
    assert labels == list(PITCHES)


def test_fits_apart_answer_as_those_that_share_features(
    ran: tuple[Result, Path], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spikelab.cli.jobs.speech_trials._MOST_SHARED", 0)
    answer = run("--dataset", folder, "--output", tmp_path, "--seeds", "2")
    assert answer.exit_code == 0, answer.output
    found, shared = (json.loads((place / "result.json").read_text()) for place in (tmp_path, ran[1]))
    for one, other in zip(found["rows"], shared["rows"], strict=True):
        assert one["protocols"] == other["protocols"]
        for name in ("synops_per_sample", "energy_nj_per_sample"):
            if one["kind"] != "floor":  # counted on the training part there, on all utterances here
                assert one["metrics"][name]["mean"] == pytest.approx(other["metrics"][name]["mean"], rel=0.05)


def test_new_speakers_alone(folder: Path, tmp_path: Path) -> None:
    answer = run(
        "--dataset", folder, "--protocol", "speakers", "--output", tmp_path, "--seeds", "1", "--quick"
    )
    assert answer.exit_code == 0, answer.output
    result = json.loads((tmp_path / "result.json").read_text())
    assert [one["title"] for one in result["protocols"]] == ["new speakers"]
    assert "Who" not in answer.output
    assert "floor*" in answer.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dataset", "nowhere"), "be vowels, fsdd, or a folder of WAV files"),
        (("--protocol", "both"), "go with a data set of recordings"),
        (("--save-model", "x.model"), "go with a data set of recordings"),
        (("--save-row", "esnn"), "be one of: esn, esn_ensemble, lsm, pooled_input"),
        (("--dataset", "FOLDER", "--set", "front_end.n_chanels=3"), "Did you mean 'front_end.n_channels'?"),
        (("--dataset", "FOLDER", "--set", "front_end.n_channels=0"), "n_channels must be"),
    ],
)
def test_what_cannot_be_used_is_refused(
    arguments: tuple[str, ...], said: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    used = [str(folder) if part == "FOLDER" else part for part in arguments]
    answer = CliRunner().invoke(cli, ["run", "speech", *used])
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.split())


def test_names_without_speakers_allow_no_new_speakers(tmp_path: Path) -> None:
    for word, pitch_hz in PITCHES.items():
        (tmp_path / word).mkdir()
        with wave.open(str(tmp_path / word / "1.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
            file.writeframes(tone(pitch_hz, 0, 0).tobytes())
    answer = run("--dataset", tmp_path, "--protocol", "speakers", "--output", tmp_path / "out")
    assert answer.exit_code == 2
    assert "Name the files CLASS_SPEAKER_TAKE.wav, or use --protocol official." in answer.output
    single = run("--dataset", tmp_path, "--output", tmp_path / "out")
    assert single.exit_code == 2
    assert "have at least two recordings of every class" in single.output


def test_held_out_recordings_are_a_fifth_of_each_class_drawn_with_the_seed() -> None:
    labels = np.repeat(["a", "b"], [10, 4])
    (fold,) = held_out(labels, None, "", seed=3).folds
    assert sorted([*fold.train, *fold.test]) == list(range(14))
    assert np.unique(labels[fold.test], return_counts=True)[1].tolist() == [2, 1]
    assert fold.test.tolist() == held_out(labels, None, "", seed=3).folds[0].test.tolist()
    others = {tuple(held_out(labels, None, "", seed=seed).folds[0].test) for seed in range(20)}
    assert len(others) > 5
    official = np.arange(14) % 7 == 0
    assert held_out(labels, official, "as it is", seed=0).test.tolist() == [0, 7]


def test_new_speakers_are_never_in_their_own_training_part() -> None:
    labels, speakers = np.tile(["a", "b"], 6), np.repeat(["x", "y", "z"], 4)
    protocol = speakers_held_out(labels, speakers)
    for fold in protocol.folds:
        assert set(speakers[fold.test]) == {fold.name}
        assert fold.name not in speakers[fold.train]
    assert sorted(protocol.test) == list(range(12))
    with pytest.raises(sl.ParameterError, match="one class alone where the speaker 'x' is left out"):
        speakers_held_out(np.array(["a", "b", "a"]), np.array(["x", "x", "y"]))


def test_a_paired_difference_by_hand() -> None:
    first = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1]], dtype=bool)
    second = np.array([[1, 1, 0, 0], [0, 1, 1, 0]], dtype=bool)
    found = paired_difference(first, second)  # the third seed has no counterpart
    assert found["errors"]["values"] == [1.0, 1.0]
    items = np.array([-0.5, 1.0, 0.5, 0.0])
    assert found["items_std"] == pytest.approx(2.0 * items.std(ddof=1))
    assert (found["only_first"], found["only_second"]) == (0.5, 1.5)
    assert not found["clear"]


def test_twins_have_the_same_input_weights_and_no_memory() -> None:
    esn, lsm = sl.ESNClassifier(sl.Reservoir(30, leak_rate=0.3)), sl.LSMClassifier(sl.LiquidReservoir(n=27))
    for model in (esn, lsm):
        nets = [one.reservoir.network(3, seed=5) for one in (model, twin_of(model))]
        inputs = [next(p for p in net.projections.values() if not p.recurrent).edges() for net in nets]
        np.testing.assert_array_equal(inputs[0].weight, inputs[1].weight)
        assert [any(p.recurrent for p in net.projections.values()) for net in nets] == [True, False]
    assert twin_of(esn).reservoir.leak_rate == 1.0
    assert esn.reservoir.leak_rate == 0.3


def test_the_digits_in_a_quick_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        sl.datasets.load_fsdd()
    except (MissingDataError, DataFileError) as error:
        pytest.skip(f"FSDD is not here: {error}")
    answer = run(
        "--dataset", "fsdd", "--quick", "--seeds", "1", "--protocol", "official", "--output", tmp_path
    )
    assert answer.exit_code == 0, answer.output
    result: dict[str, Any] = json.loads((tmp_path / "result.json").read_text())
    accuracy = {row["key"]: row["metrics"]["accuracy"]["mean"] for row in result["rows"]}
    assert accuracy["pooled_input"] > 0.85
    assert result["dataset"]["speakers"] == ["george", "jackson", "nicolas", "theo", "yweweler"]
