"""Reservoirs: recipes that make a network."""

from .liquid import LiquidReservoir
from .recipe import Recipe, Reservoir

__all__ = ["LiquidReservoir", "Recipe", "Reservoir"]
