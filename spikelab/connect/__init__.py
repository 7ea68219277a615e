"""Which source reaches which target, with what weight and delay."""

from .arrays import FromArray
from .degrees import FixedIndegree, FixedOutdegree
from .distance import DistanceDependent
from .distributions import Constant, Distribution, Uniform
from .edges import EdgeBlock, Edges
from .pairs import FixedProbability, FixedTotalNumber, PairwisePoisson, SymmetricProbability
from .patterns import AllToAll, OneToOne, Pattern
from .spectral import scale_to_spectral_radius, spectral_radius_of
from .truncated import Exponential, LogNormal, Normal

__all__ = [
    "AllToAll",
    "Constant",
    "DistanceDependent",
    "Distribution",
    "EdgeBlock",
    "Edges",
    "Exponential",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedProbability",
    "FixedTotalNumber",
    "FromArray",
    "LogNormal",
    "Normal",
    "OneToOne",
    "PairwisePoisson",
    "Pattern",
    "SymmetricProbability",
    "Uniform",
    "scale_to_spectral_radius",
    "spectral_radius_of",
]
