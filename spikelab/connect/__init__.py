"""Which source reaches which target, with what weight and delay."""

from .arrays import FromArray
from .distance import DistanceDependent
from .distributions import Constant, Distribution, Normal, Uniform
from .edges import EdgeBlock, Edges
from .patterns import AllToAll, FixedIndegree, FixedProbability, OneToOne, Pattern
from .spectral import scale_to_spectral_radius, spectral_radius_of

__all__ = [
    "AllToAll",
    "Constant",
    "DistanceDependent",
    "Distribution",
    "EdgeBlock",
    "Edges",
    "FixedIndegree",
    "FixedProbability",
    "FromArray",
    "Normal",
    "OneToOne",
    "Pattern",
    "Uniform",
    "scale_to_spectral_radius",
    "spectral_radius_of",
]
