"""Networks with a kernel of their own, which runs many steps in one call: reservoirs, and competition."""

from .arrays import fuse, fuse_built, fuse_network, is_fusable
from .competitive import Competitive, suits
from .reservoir import Block, FusedReservoir, Pooled

__all__ = [
    "Block", "Competitive", "FusedReservoir", "Pooled", "fuse", "fuse_built", "fuse_network", "is_fusable",
    "suits",
]  # fmt: skip
