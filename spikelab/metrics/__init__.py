"""Measures of what a model gets right and wrong."""

from .anomaly import auprc, auroc, located
from .classification import accuracy, confusion_matrix, errors
from .events import EventCount, alarms, count_events, events_at_rate
from .forecast import forecast_nrmse, valid_steps
from .nab import NAB_PROFILES, NabProfile, NabScore, nab_probation, nab_score, nab_sigmoid
from .regression import nrmse, r2_score

__all__ = [
    "NAB_PROFILES",
    "EventCount",
    "NabProfile",
    "NabScore",
    "accuracy",
    "alarms",
    "auprc",
    "auroc",
    "confusion_matrix",
    "count_events",
    "errors",
    "events_at_rate",
    "forecast_nrmse",
    "located",
    "nab_probation",
    "nab_score",
    "nab_sigmoid",
    "nrmse",
    "r2_score",
    "valid_steps",
]
