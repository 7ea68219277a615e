"""Frozen records of what drives a network: currents into neurons, and populations that only send."""

from .base import Current, current_input
from .currents import ACCurrent, DCCurrent, NoiseCurrent, StepCurrent
from .poisson import PoissonSource
from .source import SpikingSource
from .trains import SpikePlayback, SpikeSource

__all__ = [
    "ACCurrent", "Current", "DCCurrent", "NoiseCurrent", "PoissonSource", "SpikePlayback", "SpikeSource",
    "SpikingSource", "StepCurrent", "current_input",
]  # fmt: skip
