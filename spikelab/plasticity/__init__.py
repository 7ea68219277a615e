"""Rules by which synapses learn: parameters of a projection's plasticity, frozen and checked."""

from .base import Plasticity, Traits
from .homeostasis import Homeostasis, Normalize, SynapticScaling
from .reward import RewardSTDP
from .stdp import STDP, AntiHebbianSTDP, SymmetricSTDP
from .traces import InhibitorySTDP, TraceSTDP
from .triplet import TripletSTDP

__all__ = [
    "STDP", "AntiHebbianSTDP", "Homeostasis", "InhibitorySTDP", "Normalize", "Plasticity", "RewardSTDP",
    "SymmetricSTDP", "SynapticScaling", "TraceSTDP", "Traits", "TripletSTDP",
]  # fmt: skip
