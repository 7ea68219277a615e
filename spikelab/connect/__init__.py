"""Which source reaches which target, with what weight and delay."""

from .arrays import FromArray
from .connections import Connections
from .degrees import FixedIndegree, FixedOutdegree
from .distance import DistanceDependent
from .distributions import Constant, Distribution, Uniform
from .edges import EdgeBlock, Edges
from .of_distance import ExponentialOfDistance, GaussianOfDistance, LinearOfDistance, OfDistance
from .pairs import FixedProbability, FixedTotalNumber, PairwisePoisson, SymmetricProbability
from .patterns import AllToAll, OneToOne, Pattern
from .per_source import PerSource
from .positions import FreePositions, Grid, Positions
from .spatial import Spatial
from .spatial_degrees import SpatialIndegree, SpatialOutdegree
from .spectral import scale_to_spectral_radius, spectral_radius_of
from .truncated import Exponential, LogNormal, Normal

__all__ = [
    "AllToAll",
    "Connections",
    "Constant",
    "DistanceDependent",
    "Distribution",
    "EdgeBlock",
    "Edges",
    "Exponential",
    "ExponentialOfDistance",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedProbability",
    "FixedTotalNumber",
    "FreePositions",
    "FromArray",
    "GaussianOfDistance",
    "Grid",
    "LinearOfDistance",
    "LogNormal",
    "Normal",
    "OfDistance",
    "OneToOne",
    "PairwisePoisson",
    "Pattern",
    "PerSource",
    "Positions",
    "Spatial",
    "SpatialIndegree",
    "SpatialOutdegree",
    "SymmetricProbability",
    "Uniform",
    "scale_to_spectral_radius",
    "spectral_radius_of",
]
