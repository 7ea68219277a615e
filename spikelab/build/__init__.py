"""From a recipe to arrays: components, blocks, quanta, row tables. No time loop."""

from .built import Built, build

__all__ = ["Built", "build"]
