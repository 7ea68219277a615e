"""Reservoirs: recipes that make a network, and the fused way to run one."""

from .fused import FusedReservoir, fuse, fuse_network, is_fusable
from .recipe import Recipe, Reservoir

__all__ = ["FusedReservoir", "Recipe", "Reservoir", "fuse", "fuse_network", "is_fusable"]
