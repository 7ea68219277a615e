"""``spikelab warmup`` fills the cache, so that a run after it compiles nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from spikelab.cli import warmup as module


def test_steps_run_in_order_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    work = {name: lambda name=name: done.append(name) for name in ("a", "b", "c")}
    monkeypatch.setattr(module, "steps", lambda: work)
    result = CliRunner().invoke(module.warmup, [])
    assert result.exit_code == 0, result.output
    assert done == ["a", "b", "c"]
    assert "3 models ready" in result.output


def test_quiet_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "steps", lambda: {"a": lambda: None})
    result = CliRunner().invoke(module.warmup, ["--quiet"])
    assert (result.exit_code, result.output) == (0, "")


def test_every_step_names_a_width() -> None:
    names = list(module.steps())
    assert len(names) == len(set(names))
    assert all(name.endswith(("float32", "float64")) for name in names)


@pytest.mark.slow
def test_a_second_warmup_compiles_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "SPIKELAB_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "spikelab", "warmup", "--quiet"]

    def stamps() -> dict[str, int]:
        subprocess.run(command, env=environment, cwd=tmp_path, check=True)
        return {str(path): path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.nb[ic]")}

    first = stamps()
    assert first
    assert stamps() == first
