"""The simulator: the only holder of state."""

from ..io.packing import add_form
from .checkpoint import simulator_form
from .health import NotFiniteError
from .simulator import Simulator

__all__ = ["NotFiniteError", "Simulator"]

add_form("simulator", simulator_form(Simulator))
