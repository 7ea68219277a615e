"""Measures of what a model gets right and wrong, and of spiking activity."""

from .anomaly import auprc, auroc, located
from .classification import accuracy, confusion_matrix, errors
from .events import EventCount, alarms, count_events, events_at_rate
from .forecast import forecast_nrmse, valid_steps
from .nab import NAB_PROFILES, NabProfile, NabScore, nab_probation, nab_score, nab_sigmoid
from .regression import nrmse, r2_score
from .spike_comparison import DistributionComparison, compare_distributions, comparison_table
from .spike_counts import fano_factor, pair_correlations
from .spike_distances import van_rossum_distance, victor_purpura_distance
from .spike_distributions import KSDistance, KSSpread, ks_distance, ks_spread
from .spike_intervals import cv2, cv_isi, isi, local_variation, mean_rates
from .spike_population import (
    PopulationRate,
    PowerSpectrum,
    population_rate,
    power_spectrum,
    synchrony_index,
)
from .spike_statistics import SpikeStatistics, spike_statistics
from .spike_trains import BinnedSpikes, SpikeTrains

__all__ = [
    "NAB_PROFILES",
    "BinnedSpikes",
    "DistributionComparison",
    "EventCount",
    "KSDistance",
    "KSSpread",
    "NabProfile",
    "NabScore",
    "PopulationRate",
    "PowerSpectrum",
    "SpikeStatistics",
    "SpikeTrains",
    "accuracy",
    "alarms",
    "auprc",
    "auroc",
    "compare_distributions",
    "comparison_table",
    "confusion_matrix",
    "count_events",
    "cv2",
    "cv_isi",
    "errors",
    "events_at_rate",
    "fano_factor",
    "forecast_nrmse",
    "isi",
    "ks_distance",
    "ks_spread",
    "local_variation",
    "located",
    "mean_rates",
    "nab_probation",
    "nab_score",
    "nab_sigmoid",
    "nrmse",
    "pair_correlations",
    "population_rate",
    "power_spectrum",
    "r2_score",
    "spike_statistics",
    "synchrony_index",
    "valid_steps",
    "van_rossum_distance",
    "victor_purpura_distance",
]
