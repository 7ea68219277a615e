"""Which source reaches which target, with what weight and delay."""

from .arrays import FromArray
from .distance import DistanceDependent
from .distributions import Constant, Distribution, Normal, Uniform
from .edges import Edges, sample_edges
from .patterns import AllToAll, FixedIndegree, FixedProbability, OneToOne, Pattern
from .spectral import scale_to_spectral_radius, spectral_radius_of

__all__ = [
    "AllToAll",
    "Constant",
    "DistanceDependent",
    "Distribution",
    "Edges",
    "FixedIndegree",
    "FixedProbability",
    "FromArray",
    "Normal",
    "OneToOne",
    "Pattern",
    "Uniform",
    "sample_edges",
    "scale_to_spectral_radius",
    "spectral_radius_of",
]
