"""Measures of what a model gets right and wrong."""

from .classification import accuracy, confusion_matrix, errors
from .regression import nrmse

__all__ = ["accuracy", "confusion_matrix", "errors", "nrmse"]
