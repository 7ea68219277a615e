"""Reservoirs: recipes that make a network, and the fused way to run one."""

from .fuse import fuse, fuse_network, is_fusable
from .fused import Block, FusedReservoir, Pooled
from .liquid import LiquidReservoir
from .recipe import Recipe, Reservoir

__all__ = [
    "Block",
    "FusedReservoir",
    "LiquidReservoir",
    "Pooled",
    "Recipe",
    "Reservoir",
    "fuse",
    "fuse_network",
    "is_fusable",
]
