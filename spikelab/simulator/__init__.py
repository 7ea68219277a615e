"""The simulator: the only holder of state."""

from .simulator import Simulator

__all__ = ["Simulator"]
