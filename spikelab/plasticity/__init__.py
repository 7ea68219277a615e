"""Rules by which synapses learn: parameters of a projection's plasticity, frozen and checked."""

from .base import Plasticity, Traits

__all__ = ["Plasticity", "Traits"]
