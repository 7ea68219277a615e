"""Errors of data files."""

from __future__ import annotations

from ..errors import SpikelabError

__all__ = ["DataFileError", "MissingDataError"]


class DataFileError(SpikelabError, ValueError):
    """A data file that is not what it should be."""


class MissingDataError(DataFileError):
    """A data set whose files are not there; the message says how to get them."""
