"""Rules by which synapses learn: parameters of a projection's plasticity, frozen and checked."""

from .base import Plasticity, Traits
from .homeostasis import Homeostasis, Normalize, SynapticScaling

__all__ = ["Homeostasis", "Normalize", "Plasticity", "SynapticScaling", "Traits"]
