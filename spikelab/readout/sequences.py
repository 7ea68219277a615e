"""The one place where sequences and their targets are checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..metrics.classification import label_array
from ..units import require_integer

__all__ = ["as_labels", "as_sequences", "as_series", "as_targets", "check_dtype", "subsequences"]

Series = list[npt.NDArray[Any]]


def check_dtype(owner: str, dtype: Any) -> np.dtype[Any]:
    """Return float32 or float64 as a dtype, refusing every other."""
    # NumPy would take None for float64, and has older names that it warns of.
    for width in ("float32", "float64"):
        known = (width,) if isinstance(dtype, str) else (np.dtype(width), np.dtype(width).type)
        if any(type(dtype) is type(one) and dtype == one for one in known):
            return np.dtype(width)
    raise ParameterError(owner, "dtype", dtype, "be 'float32' or 'float64'")


def as_sequences(
    owner: str, X: Any, dtype: Any, n_features: int | None = None, parameter: str = "X"
) -> Series:
    """Check sequences and bring them into one dtype.

    Parameters
    ----------
    owner : str
        Named in errors.
    X : list of array [time, feature], or array [sequence, time, feature]
        The sequences; ragged in time, not in features.
    dtype : dtype
        Wanted.
    n_features : int, optional
        Features that each must have; by default as many as the first.
    parameter : str
        Name of `X` in errors.

    Returns
    -------
    list of array [time, feature]
        C-contiguous; not copied where they fitted already.

    Raises
    ------
    ParameterError
        With the index of what is wrong: rank, number of features, empty series, NaN or infinity.
    """
    if isinstance(X, np.ndarray) and X.dtype != object and X.ndim != 3:
        need = "be a list of arrays [time, feature] or one array [sequence, time, feature]"
        remedy = {
            1: "For one series of one feature pass [x[:, None]].",
            2: "For one series pass [x]; for series of one feature, one in a row, pass x[:, :, None].",
        }.get(X.ndim, "")
        raise ParameterError(owner, parameter, f"array of shape {X.shape}", need, remedy)
    if isinstance(X, (str, bytes)) or not isinstance(X, (Sequence, np.ndarray)):
        raise ParameterError(owner, parameter, X, "be a list of arrays [time, feature]")
    if len(X) == 0:
        raise ParameterError(owner, parameter, "no series", "hold at least one series")
    expected, because = n_features, "as in fit"
    series: Series = []
    for i, item in enumerate(X):
        one = _as_matrix(owner, f"{parameter}[{i}]", item, dtype)
        if expected is None:
            expected, because = one.shape[1], f"as {parameter}[{i}] has"
        if one.shape[1] != expected:
            shape = f"array of shape {one.shape}"
            raise ParameterError(owner, f"{parameter}[{i}]", shape, f"have {expected} features, {because}")
        series.append(one)
    return series


def as_series(owner: str, x: Any, dtype: Any, n_features: int | None = None, parameter: str = "x") -> Any:
    """Check one series: array [time, feature]."""
    one = _as_matrix(owner, parameter, x, dtype)
    if n_features is not None and one.shape[1] != n_features:
        shape = f"array of shape {one.shape}"
        raise ParameterError(owner, parameter, shape, f"have {n_features} features, as in fit")
    return one


def _as_matrix(owner: str, parameter: str, item: Any, dtype: Any) -> npt.NDArray[Any]:
    try:
        raw = np.asarray(item)
    except ValueError:
        raise ParameterError(owner, parameter, item, "be a regular array [time, feature]") from None
    if raw.dtype.kind not in "biuf":
        raise ParameterError(owner, parameter, item, "hold real numbers in an array [time, feature]")
    if np.ma.is_masked(item):
        remedy = "What lies under the mask would be taken for data; fill it or cut it out."
        raise ParameterError(owner, parameter, "masked array", "have no masked values", remedy)
    if raw.ndim != 2:
        remedy = "For a series of one feature pass x[:, None]." if raw.ndim == 1 else ""
        raise ParameterError(
            owner, parameter, f"array of shape {raw.shape}", "have shape (time, feature)", remedy
        )
    if raw.shape[0] == 0:
        shape = f"array of shape {raw.shape}"
        raise ParameterError(owner, parameter, shape, "have at least one step", "Leave empty series out.")
    if raw.shape[1] == 0:
        raise ParameterError(owner, parameter, f"array of shape {raw.shape}", "have at least one feature")
    with np.errstate(over="ignore"):
        one = np.ascontiguousarray(raw, dtype=dtype)
    finite = np.isfinite(one)
    if not finite.all():
        t, f = np.argwhere(~finite)[0]
        need = f"be finite in {np.dtype(dtype).name}"
        remedy = "Fill or cut the gap; a reservoir would carry it on to every later step."
        raise ParameterError(owner, f"{parameter}[{t}, {f}]", float(raw[t, f]), need, remedy)
    return one


def as_labels(owner: str, y: Any, n: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Check labels of a classifier.

    Returns
    -------
    classes : array [class]
        Sorted.
    index : array [sequence], int64
        Position of each label in `classes`.
    """
    labels = label_array(owner, "y", y)
    if labels.shape != (n,):
        shape = f"array of shape {labels.shape}"
        raise ParameterError(owner, "y", shape, f"have one label for each of the {n} series")
    classes, index = np.unique(labels, return_inverse=True)
    if classes.size < 2:
        remedy = "There is nothing to tell apart; add series of another class."
        raise ParameterError(
            owner, "y", f"only the class {classes[0]!s}", "hold at least two classes", remedy
        )
    return classes, index.astype(np.int64)


def as_targets(
    owner: str, y: Any, X: Series
) -> tuple[list[npt.NDArray[np.float64]] | npt.NDArray[np.float64], bool]:
    """Check targets of a regressor.

    Returns
    -------
    targets : array [sequence, output], or list of array [time, output]
    stepwise : bool
        Whether there is a target at each step: where `y` is a list of arrays of the series' lengths.
    """
    try:
        array = np.asarray(y)
        stepwise = array.ndim == 3 or (
            isinstance(y, (list, tuple)) and array.ndim == 2 and len(y[0]) == len(X[0])
        )
    except ValueError:  # arrays of different lengths
        stepwise = True
    if stepwise:
        if len(y) != len(X):
            raise ParameterError(
                owner, "y", f"{len(y)} arrays", f"have one array for each of the {len(X)} series"
            )
        columns = [_column(one) for one in y]
        targets = as_sequences(owner, columns, np.float64, parameter="y")
        for i, (one, x) in enumerate(zip(targets, X, strict=True)):
            if one.shape[0] != x.shape[0]:
                shape = f"array of shape {one.shape}"
                raise ParameterError(owner, f"y[{i}]", shape, f"have {x.shape[0]} steps, as X[{i}] has")
        return targets, True
    if array.dtype.kind not in "biuf" or array.ndim not in (1, 2) or array.shape[0] != len(X):
        shape = f"array of shape {array.shape}"
        need = f"have one target for each of the {len(X)} series, or one array [time, output] for each"
        raise ParameterError(owner, "y", shape, need)
    flat = array.astype(np.float64).reshape(len(X), -1)
    if not np.isfinite(flat).all():
        i, j = np.argwhere(~np.isfinite(flat))[0]
        raise ParameterError(owner, f"y[{i}]", float(flat[i, j]), "be finite")
    return flat, False


def _column(target: Any) -> Any:
    try:
        return np.asarray(target)[:, None] if np.ndim(target) == 1 else target
    except ValueError:  # nested sequences of different lengths; refused with the others
        return target


def subsequences(owner: str, X: Series, skip: int, parameter: str = "washout") -> None:
    """Refuse a washout that leaves a series without a step."""
    require_integer(owner, parameter, skip, low=0)
    for i, one in enumerate(X):
        if one.shape[0] <= skip:
            need = f"be below the length of every series; X[{i}] has {one.shape[0]} steps"
            raise ParameterError(owner, parameter, skip, need)
