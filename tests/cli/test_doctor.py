"""``spikelab doctor`` finds what is broken, and says what to do about it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from spikelab.cli.doctor import doctor


def run_json() -> tuple[int, dict[str, dict[str, object]]]:
    result = CliRunner().invoke(doctor, ["--json"])
    answer = json.loads(result.output)
    assert answer["ok"] == (result.exit_code == 0)
    return result.exit_code, {check["name"]: check for check in answer["checks"]}


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPIKELAB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("SPIKELAB_DATA", raising=False)
    for name in [name for name in os.environ if name.startswith("SPIKELAB_PEER_PYTHON_")]:
        monkeypatch.delenv(name)


def test_a_sound_installation() -> None:
    code, checks = run_json()
    assert code == 0
    for name in ("Python", "spikelab-sim", "numpy", "numba", "threads", "BLAS", "CUDA", "compiled kernels"):
        assert checks[name]["value"]


def test_the_table_names_the_cache_and_ends_well(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache" / "kernel.nbi").write_bytes(b"0" * 2**20)
    result = CliRunner().invoke(doctor, [])
    assert result.exit_code == 0
    assert "Nothing is broken." in result.output
    assert "1 files, 1.0 MiB" in " ".join(result.output.replace("│", " ").split())


def test_brackets_in_a_path_are_no_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path / "[red]" / "[" / "x]"))
    monkeypatch.setenv("COLUMNS", "400")
    assert "[red]/[/x]" in CliRunner().invoke(doctor, []).output


def test_a_cache_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    code, checks = run_json()
    assert code == 1
    assert "SPIKELAB_CACHE_DIR must be writable" in str(checks["compiled kernels"]["remedy"])


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_cache_that_others_can_write(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    result = CliRunner().invoke(doctor, [])
    assert result.exit_code == 1
    assert "chmod go-w" in result.output
    assert "1 broken." in result.output


def test_a_second_owner_of_the_package_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "site" / "spikelab-0.0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spikelab\nVersion: 0.0.1\n")
    (info / "RECORD").write_text("spikelab/__init__.py,,\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    code, checks = run_json()
    assert code == 1
    assert checks["owners of the folder"]["value"] == "spikelab-sim, spikelab"
    assert "pip uninstall spikelab spikelab-sim" in str(checks["owners of the folder"]["remedy"])


@pytest.mark.parametrize(
    ("variable", "remedy"),
    [
        ("SPIKELAB_DATA", "Let SPIKELAB_DATA name a folder that exists"),
        ("SPIKELAB_PEER_PYTHON_NEST", "Let SPIKELAB_PEER_PYTHON_NEST name the Python interpreter"),
    ],
)
def test_a_variable_that_names_nothing(
    variable: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    code, checks = run_json()
    assert code == 1
    assert remedy in str(checks[variable]["remedy"])
