"""Errors of the package; the classes themselves stand below both import packages."""

from spikelab_kernels.errors import ParameterError, SpikelabError

__all__ = ["ParameterError", "SpikelabError"]
