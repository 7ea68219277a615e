"""Arms that learn the same task under equal conditions: rules without backpropagation, backprop, floors."""

from __future__ import annotations

from .arms import ARMS, Arm, choose_arms
from .run import Comparison
from .statistics import Difference, interval, paired
from .task import DATASETS, Task, load_task
from .trial import Plan, Record
from .verdicts import CLAIMS, Claim, judge_claims

__all__ = [
    "ARMS", "CLAIMS", "DATASETS", "Arm", "Claim", "Comparison", "Difference", "Plan", "Record", "Task",
    "choose_arms", "interval", "judge_claims", "load_task", "paired",
]  # fmt: skip
