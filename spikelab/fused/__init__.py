"""Leaky-tanh reservoirs as the arrays of their own kernel, which runs many steps in one call."""

from .arrays import fuse, fuse_built, fuse_network, is_fusable
from .reservoir import Block, FusedReservoir, Pooled

__all__ = ["Block", "FusedReservoir", "Pooled", "fuse", "fuse_built", "fuse_network", "is_fusable"]
