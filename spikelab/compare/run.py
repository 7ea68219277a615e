"""Run arms by seed, keep every finished trial in a file, and choose settings on validation data."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from spikelab_kernels.philox import uniforms

from ..seeding import object_key
from .arms import Arm
from .task import Task
from .trial import Plan, Record

__all__ = ["Comparison"]

# Raised where a trial's meaning changes: files of others are then run anew.
_FORMAT = 1


@dataclass(frozen=True)
class Comparison:
    """Trials of arms on one task under one plan.

    Attributes
    ----------
    task : Task
    plan : Plan
    folder : Path or None
        Where finished trials are kept and looked for.
    trials : int
        Trials of settings for each arm on the validation part, the arm's own settings first; 0 for none.
    tune_seed : int
        Seed of those trials.
    """

    task: Task
    plan: Plan
    folder: Path | None = None
    trials: int = 0
    tune_seed: int = 0

    def run(self, arm: Arm, seed: int) -> tuple[Record, dict[str, Any]]:
        """One trial of an arm with its test, and the settings that it had.

        The record is read where it has been kept from the same task, plan, settings and seed.
        """
        settings = self.settings(arm)
        return self._kept(arm, settings, seed, self.task, "test"), settings

    def settings(self, arm: Arm) -> dict[str, Any]:
        """What an arm runs with: of its trials those that did best on the validation part."""
        tried = self.tuning(arm)
        return dict(max(tried, key=lambda one: one["valid"])["settings"] if tried else arm.settings)

    def tuning(self, arm: Arm) -> list[dict[str, Any]]:
        """Trials of settings, each with its ``settings`` and ``valid``; the test part plays no part."""
        found = []
        for settings in candidates(arm, self.trials, self.tune_seed):
            record = self._kept(arm, settings, self.tune_seed, self.task.without_test(), "valid")
            found.append({"settings": settings, "valid": record.valid, "failed": record.failed})
        return found

    def _kept(self, arm: Arm, settings: Mapping[str, Any], seed: int, task: Task, part: str) -> Record:
        meaning = {
            "format": _FORMAT, "arm": arm.key, "settings": dict(settings), "seed": seed, "part": part,
            "plan": asdict(self.plan), "task": dict(self.task.facts), "split": dict(self.task.split),
        }  # fmt: skip
        text = json.dumps(meaning, sort_keys=True)
        if self.folder is None:
            return arm.trial(task, self.plan, seed, settings)
        digest = blake2b(text.encode(), digest_size=6).hexdigest()
        path = self.folder / f"{arm.key}-{part}-{seed}-{digest}.json"
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))["record"]
            return Record(**{**kept, "curve": [tuple(point) for point in kept["curve"]]})
        record = arm.trial(task, self.plan, seed, settings)
        _write(path, {**meaning, "record": record.plain()})
        return record


def candidates(arm: Arm, trials: int, seed: int = 0) -> list[dict[str, Any]]:
    """The arm's own settings and, drawn without repetition, others of its space; at most `trials`."""
    names = list(arm.space)
    grid = [dict(zip(names, values, strict=True)) for values in itertools.product(*arm.space.values())]
    order = np.argsort(uniforms(object_key(seed, arm.key, "candidates"), len(grid)), kind="stable")
    others = [grid[i] for i in order if grid[i] != dict(arm.settings)]
    return [dict(arm.settings), *(others if names else [])][:trials]


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
