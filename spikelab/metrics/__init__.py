"""Measures of what a model gets right and wrong."""

from .classification import accuracy, confusion_matrix, errors
from .regression import nrmse, r2_score

__all__ = ["accuracy", "confusion_matrix", "errors", "nrmse", "r2_score"]
