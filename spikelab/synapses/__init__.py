"""Synapses that change with the spikes that pass them."""

from .tsodyks import TsodyksMarkram

__all__ = ["TsodyksMarkram"]
