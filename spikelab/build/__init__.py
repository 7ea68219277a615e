"""From a recipe to arrays: components, blocks, quanta, tables of synapses. No time loop."""

from .built import Built, build

__all__ = ["Built", "build"]
