"""Fitted models in one file: estimators, recognisers and detectors with all that they have learned."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module, metadata
from typing import Any

from ..errors import ParameterError
from ..storable import STORABLE
from .checkpoint import CheckpointError, brief, read_checkpoint, write_checkpoint
from .packing import pack, unpack

__all__ = ["load_model", "save_model"]

_KIND = "model"
_FORMAT = 1
# Where storable classes are defined; a file may name any of them.
_HOMES = ("estimators", "speech", "anomaly")


def save_model(path: str | os.PathLike[str], model: Any) -> None:
    """Write a model to one file, atomically: its parameters, what it has learned, where its stream stands.

    Parameters
    ----------
    path : str or path
        File to write; replaced where it exists.
    model : estimator, SpeechRecognizer or AnomalyDetector

    Raises
    ------
    ParameterError
        If `model` is not one of these, or holds values that a file cannot describe.
    CheckpointError
        If the path cannot be written.

    Notes
    -----
    A safetensors file with JSON in its header: reading one executes nothing.

    Examples
    --------
    >>> import numpy as np, spikelab as sl
    >>> t = np.arange(40)
    >>> X = [np.sin(t / period)[:, None] for period in (2, 3, 2.1, 3.1)]
    >>> model = sl.ESNClassifier(sl.Reservoir(50)).fit(X, ["fast", "slow", "fast", "slow"])
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pitch.model"
    ...     sl.save_model(path, model)
    ...     again = sl.load_model(path)
    >>> bool((again.decision_function(X) == model.decision_function(X)).all())
    True
    """
    _import_homes()
    if not _is_model(model):
        known = sorted(name for name, kind in STORABLE.items() if hasattr(kind, "fit"))
        need = f"be one of {', '.join(known)}"
        raise ParameterError(
            "save_model", "model", model, need, "Simulators have a method save of their own."
        )
    arrays: dict[str, Any] = {}
    try:
        described = pack(model, arrays)
    except ParameterError as error:
        if error.parameter != "net":
            raise
        remedy = "Give it numbers, texts and arrays, such as a whole number as random_state."
        raise ParameterError("save_model", "model", error.value, error.need, remedy) from None
    write_checkpoint(
        path, arrays, {"kind": _KIND, "format": _FORMAT, "spikelab": _version(), "model": described}
    )


def load_model(path: str | os.PathLike[str], *, models: Mapping[str, Any] | None = None) -> Any:
    """Read a model that `save_model` wrote.

    Parameters
    ----------
    path : str or path
    models : mapping of str to callable, optional
        Your own neuron models by name, where the model's network has some.

    Raises
    ------
    CheckpointError
        If there is no such file, or it is truncated, altered, of another program or of a newer version.
    """
    _import_homes()
    arrays, meta = read_checkpoint(path)
    if meta.get("kind") != _KIND:
        remedy = "Simulator.load reads simulators, read_checkpoint everything else."
        raise _error(path, f"be a saved model; it holds a {brief(meta.get('kind', 'checkpoint'))}", remedy)
    writer = brief(meta.get("spikelab"))
    if not isinstance(meta.get("format"), int) or meta["format"] > _FORMAT:
        written = f"It has format {brief(meta.get('format'))} and was written by spikelab {writer}"
        raise _error(path, f"have format {_FORMAT} or lower", f"{written}; upgrade to read it.")
    remedy = f"It was written by spikelab {writer}, this is {_version()}. Fit and save again."
    try:
        model = unpack(meta["model"], arrays, models or {})
    except Exception as error:  # a description that does not fit may make the classes it names raise anything
        if isinstance(error, CheckpointError) and error.parameter == "models":
            raise
        reason = error.value if isinstance(error, CheckpointError) else str(error) or type(error).__name__
        raise _error(path, f"describe a model of this version ({brief(reason)})", remedy) from error
    if not _is_model(model):
        raise _error(path, f"describe a model; it describes {brief(type(model).__name__)}", remedy)
    return model


def _error(path: str | os.PathLike[str], need: str, remedy: str) -> CheckpointError:
    return CheckpointError("load_model", "path", str(path), need, remedy)


def _is_model(value: Any) -> bool:
    return STORABLE.get(type(value).__name__) is type(value)


def _import_homes() -> None:
    for name in _HOMES:
        import_module(f"spikelab.{name}")


def _version() -> str:
    return metadata.version("spikelab-sim")
