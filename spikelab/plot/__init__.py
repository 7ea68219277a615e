"""Figures, made without pyplot: each function returns a ``matplotlib.figure.Figure``.

Nothing is shown and no global state is touched; in a notebook the figure shows itself, in a script
``figure.savefig("name.svg")`` writes it. Matplotlib is imported at the first figure.
"""

from spikelab.plot.anomaly import anomaly_scores
from spikelab.plot.audio import cochleagram
from spikelab.plot.learning import learning_curve
from spikelab.plot.plasticity import receptive_fields, weight_histogram
from spikelab.plot.plasticity_window import LearningWindow, measure_window, stdp_window
from spikelab.plot.projections import connectivity
from spikelab.plot.rasters import raster
from spikelab.plot.readouts import answer, confusion, ridge_path, scores
from spikelab.plot.spike_distributions import distributions
from spikelab.plot.spike_spectrum import spectrum
from spikelab.plot.states import reservoir_states, traces

__all__ = [
    "LearningWindow",
    "anomaly_scores",
    "answer",
    "cochleagram",
    "confusion",
    "connectivity",
    "distributions",
    "learning_curve",
    "measure_window",
    "raster",
    "receptive_fields",
    "reservoir_states",
    "ridge_path",
    "scores",
    "spectrum",
    "stdp_window",
    "traces",
    "weight_histogram",
]
