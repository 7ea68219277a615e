"""Reservoirs: recipes that make a network."""

from .liquid import LiquidReservoir
from .recipe import Reservoir
from .spike_source import ENCODERS, add_encoder, encoder_network

__all__ = ["ENCODERS", "LiquidReservoir", "Reservoir", "add_encoder", "encoder_network"]
