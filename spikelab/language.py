"""Functions that a model of one's own may use, under the names of the model language."""

from spikelab_kernels.language import abs, exp, expm1, floor, log, max, min, pow, real, sqrt, tanh, where

__all__ = ["abs", "exp", "expm1", "floor", "log", "max", "min", "pow", "real", "sqrt", "tanh", "where"]
