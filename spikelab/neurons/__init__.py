"""Neuron records: parameters of a population, frozen and checked."""

from .adex import AdEx
from .base import Neuron
from .conductance import ConductanceLIF
from .custom import CustomNeuron, NeuronFactory, neuron
from .diehl_cook import DiehlCookLIF
from .homeostatic import HomeostaticLIF, IPFermi, IPTanh
from .leaky import LeakyIntegrator, LeakyTanh
from .lif import LIF
from .nest import from_nest
from .simple import IF, Izhikevich
from .threshold import AdaptiveLIF, EscapeLIF
from .unitless import UnitlessLIF

__all__ = [
    "IF", "LIF", "AdEx", "AdaptiveLIF", "ConductanceLIF", "CustomNeuron", "DiehlCookLIF", "EscapeLIF",
    "HomeostaticLIF", "IPFermi", "IPTanh", "Izhikevich", "LeakyIntegrator", "LeakyTanh", "Neuron",
    "NeuronFactory", "UnitlessLIF", "from_nest", "neuron",
]  # fmt: skip
