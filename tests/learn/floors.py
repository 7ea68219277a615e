"""A small task that hidden layers must learn: what a frozen one reaches stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import spikelab as sl
from spikelab.learn import Adam, Course, DeepRule, calibrate, rate_stack, spiking_stack


@dataclass(frozen=True, kw_only=True)
class Frozen(DeepRule):
    """Another rule of which only the readout gets its change."""

    rule: DeepRule

    def start(self, stack, key):
        return self.rule.start(stack, key)

    def learn(self, stack, state, x, target, key):
        lesson = self.rule.learn(stack, state, x, target, key)
        top = len(stack.hidden)
        return lesson._replace(changes={top: lesson.changes[top]})


def board() -> tuple[np.ndarray, np.ndarray]:
    """Fields of a board of 3 by 3, each with its own neighbours' opposite colour."""
    x = np.random.default_rng(3).random((360, 2)).astype(np.float32)
    labels = (np.floor(3 * x).astype(int).sum(axis=1) % 2).astype(int)
    return np.concatenate([x, 1 - x], axis=1), labels


def reached(
    rule: DeepRule, kind: str = "rate", *, sizes: tuple[int, ...] = (30, 30), rate: float = 0.01
) -> float:
    """Share of the board's points that a network tells after a course under `rule`."""
    x, labels = board()
    if kind == "rate":
        stack = rate_stack(4, *sizes, n_classes=2, activation="relu")
    else:
        stack = spiking_stack(sl.layers(4, *sizes), 2, steps=20)
        calibrate(stack, x, 0.2)
    course = Course(stack, rule, Adam(learning_rate=rate), seed=1)
    for step in range(360):
        rows = slice(step % 6 * 60, step % 6 * 60 + 60)
        course.step(x[rows], labels[rows])
    return float((stack.present(x).logits.argmax(axis=1) == labels).mean())
