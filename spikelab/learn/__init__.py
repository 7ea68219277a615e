"""Deep networks that learn without backpropagation: layers, rules, updaters."""

from __future__ import annotations

from .calibrate import CalibrationWarning, calibrate
from .course import Course
from .feedback import DRTP, AugmentedDFA, FeedbackAlignment, SignSymmetric
from .local_error import LocalError
from .network import rate_stack, spiking_stack
from .rates import RateStack
from .rule import Change, DeepRule, FactoredRule, Lesson
from .spiking import SpikingStack
from .stack import Layer, Stack
from .updaters import SGD, Adam, Updater

__all__ = [
    "DRTP", "SGD", "Adam", "AugmentedDFA", "CalibrationWarning", "Change", "Course", "DeepRule",
    "FactoredRule", "FeedbackAlignment", "Layer", "Lesson", "LocalError", "RateStack", "SignSymmetric",
    "SpikingStack", "Stack", "Updater", "calibrate", "rate_stack", "spiking_stack",
]  # fmt: skip
