"""Figures, made without pyplot: each function returns a ``matplotlib.figure.Figure``.

Nothing is shown and no global state is touched; in a notebook the figure shows itself, in a script
``figure.savefig("name.svg")`` writes it. Matplotlib is imported at the first figure.
"""

from spikelab.plot.anomaly import anomaly_scores
from spikelab.plot.audio import cochleagram
from spikelab.plot.readouts import answer, confusion, ridge_path, scores
from spikelab.plot.spikes import raster
from spikelab.plot.states import reservoir_states, traces

__all__ = [
    "anomaly_scores",
    "answer",
    "cochleagram",
    "confusion",
    "raster",
    "reservoir_states",
    "ridge_path",
    "scores",
    "traces",
]
