"""Deep networks that learn without backpropagation: layers, rules, updaters."""

from __future__ import annotations

from .calibrate import CalibrationWarning, calibrate
from .course import Course
from .curve import Epoch
from .feedback import DRTP, AugmentedDFA, FeedbackAlignment, SignSymmetric
from .limits import WeightLimits
from .local_error import LocalError
from .network import rate_stack, spiking_stack
from .rates import RateStack
from .rule import Change, DeepRule, FactoredRule, Lesson
from .spiking import SpikingStack
from .stack import Layer, Stack
from .trainer import Trainer, TrainingWarning
from .updaters import SGD, Adam, Updater

__all__ = [
    "DRTP", "SGD", "Adam", "AugmentedDFA", "CalibrationWarning", "Change", "Course", "DeepRule", "Epoch",
    "FactoredRule", "FeedbackAlignment", "Layer", "Lesson", "LocalError", "RateStack", "SignSymmetric",
    "SpikingStack", "Stack", "Trainer", "TrainingWarning", "Updater", "WeightLimits", "calibrate",
    "rate_stack", "spiking_stack",
]  # fmt: skip
