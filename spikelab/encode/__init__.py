"""Frozen records that say how numbers become spikes; the kernels that do it know nothing of them."""

from .delta import DeltaEncoder
from .dog import DoG
from .latency import LatencyEncoder
from .lif import LIFEncoder
from .poisson import PoissonDrive, PoissonEncoder
from .spikes import SpikeInput

__all__ = [
    "DeltaEncoder",
    "DoG",
    "LIFEncoder",
    "LatencyEncoder",
    "PoissonDrive",
    "PoissonEncoder",
    "SpikeInput",
]
