"""Neuron records: parameters of a population, frozen and checked."""

from .base import Neuron
from .custom import CustomNeuron, NeuronFactory, neuron
from .leaky import LeakyIntegrator, LeakyTanh
from .lif import LIF, UnitlessLIF

__all__ = [
    "LIF", "CustomNeuron", "LeakyIntegrator", "LeakyTanh", "Neuron", "NeuronFactory", "UnitlessLIF", "neuron",
]  # fmt: skip
