"""Where data sets lie."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ParameterError

__all__ = ["as_path", "data_home"]


def data_home() -> Path:
    """Return the folder under which data sets are looked for.

    Returns
    -------
    Path
        What the environment variable ``SPIKELAB_DATA`` names, else ``spikelab-data`` where the user's caches
        are; beside the compiled kernels, not among them, so that clearing those costs no download.

    Examples
    --------
    >>> isinstance(data_home(), Path)
    True
    """
    named = os.environ.get("SPIKELAB_DATA")
    if named:
        return Path(os.path.expanduser(named))
    import platformdirs

    return Path(platformdirs.user_cache_dir("spikelab-data", appauthor=False))


def as_path(owner: str, path: object) -> Path:
    """Return a path that was passed, ``~`` replaced by the user's folder."""
    if not isinstance(path, (str, os.PathLike)) or "\0" in os.fspath(path):
        raise ParameterError(owner, "path", path, "be a path", 'Pass one such as "data/series.csv".')
    # Path.expanduser raises where no user has that name; then ~ is a letter like any other.
    return Path(os.path.expanduser(path))
