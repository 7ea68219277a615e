"""What is wrong with a model function, and where."""

from __future__ import annotations

from spikelab_kernels.errors import SpikelabError

__all__ = ["ModelError"]


class ModelError(SpikelabError, SyntaxError):
    """A model function that the restricted language refuses.

    It is a :class:`SyntaxError` with file, line, column and source line, so
    that Python itself prints the line with a caret below the fault.
    """

    def __init__(self, message: str, file: str = "<model>", line: int = 0, column: int = 0, text: str = ""):
        super().__init__(message, (file, line, column, text))
