"""The page on adding a rule: what it shows runs, and learns what a frozen layer cannot tell."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

import spikelab as sl
from spikelab.learn import Adam, Course, calibrate, spiking_stack

PAGE = Path(__file__).parents[2] / "docs" / "develop" / "adding_a_rule.md"


def test_the_page_runs_and_its_rule_learns(monkeypatch, capsys):
    text = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    page = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", page)
    exec(compile(text, str(PAGE), "exec"), page.__dict__)
    assert capsys.readouterr().out == f"{page.accuracy:.0%} right\n"

    class Frozen(page.SignedDFA):
        def thirds(self, stack, state, shown, error, target):
            return {}

    stack = spiking_stack(sl.layers(4, 80), n_classes=2, steps=20)
    calibrate(stack, page.x, rate=0.2)
    course, rng = Course(stack, Frozen(), Adam(learning_rate=0.02)), np.random.default_rng(0)
    for _ in range(200):
        rows = rng.choice(400, 50, replace=False)
        course.step(page.x[rows], page.y[rows].astype(int))
    floor = (stack.present(page.x).logits.argmax(axis=1) == page.y).mean()
    assert page.accuracy > max(0.85, floor + 0.03)
    # signs alone: each class says up, down or nothing
    shown = stack.present(page.x)
    error = rng.normal(0.0, 0.1, (400, 2)).astype(np.float32)
    told = page.SignedDFA().thirds(stack, course.state, shown, error, error)[0]
    assert len(np.unique(told, axis=0)) == 9
