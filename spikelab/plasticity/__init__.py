"""Rules by which synapses learn: parameters of a projection's plasticity, frozen and checked."""

from spikelab_kernels.ir.declare import Trace

from .base import Plasticity, Traits
from .custom import CustomSynapse, SynapseFactory, synapse
from .factors import ThreeFactor
from .homeostasis import Homeostasis, Normalize, SynapticScaling
from .latency import LatencySTDP
from .likelihood import Likelihood
from .rates import BCM, AntiHebb, Hebb, Oja, RateRule, SoftHebb
from .reward import RewardSTDP
from .stdp import STDP, AntiHebbianSTDP, SymmetricSTDP
from .supervised import S2STDP
from .traces import InhibitorySTDP, TraceSTDP
from .triplet import TripletSTDP
from .voltage import Clopath

__all__ = [
    "BCM", "S2STDP", "STDP", "AntiHebb", "AntiHebbianSTDP", "Clopath", "CustomSynapse", "Hebb",
    "Homeostasis", "InhibitorySTDP", "LatencySTDP", "Likelihood", "Normalize", "Oja", "Plasticity",
    "RateRule", "RewardSTDP", "SoftHebb", "SymmetricSTDP", "SynapseFactory", "SynapticScaling",
    "ThreeFactor", "Trace", "TraceSTDP", "Traits", "TripletSTDP", "synapse",
]  # fmt: skip
