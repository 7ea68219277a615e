"""What all estimators on sequences share: parameters, checks, scaling of the input."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from ..errors import ParameterError
from ..seeding import object_key
from ..storable import storable
from ..units import require_choice
from .parameters import check_parameters

__all__ = ["InputScaler", "SequenceEstimator", "softmax"]

Array = npt.NDArray[Any]


class SequenceEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of the estimators; nested parameters of a frozen recipe are set by replacing the recipe."""

    _recipe: ClassVar[type[Any]]
    _poolings: ClassVar[tuple[str, ...]] = ()
    reservoir: Any
    random_state: int | None

    def set_params(self, **params: Any) -> SequenceEstimator:
        """Set parameters, nested ones as ``reservoir__leak_rate=0.3``.

        Raises
        ------
        ParameterError
            If there is no parameter of that name.
        """
        known = self.get_params(deep=False)
        owner = f"{type(self).__name__}.set_params"
        nested: dict[str, dict[str, Any]] = {}
        changed: dict[str, Any] = {}
        # Whole records first: reservoir=..., reservoir__n=... together change the new record.
        for name, value in params.items():
            head, dots, tail = name.partition("__")
            if head not in known:
                raise ParameterError(owner, name, value, f"be one of {', '.join(sorted(known))}")
            if dots:
                nested.setdefault(head, {})[tail] = value
            else:
                changed[name] = value
        for head, values in nested.items():
            record = changed.get(head, known[head])
            if not is_dataclass(record) or isinstance(record, type):
                raise ParameterError(owner, head, record, "be a recipe whose fields can be set")
            names = [field.name for field in fields(record)]
            for tail, value in values.items():
                if tail not in names:
                    need = f"name a field of {type(record).__name__}: {', '.join(names)}"
                    raise ParameterError(owner, f"{head}__{tail}", value, need)
            changed[head] = replace(record, **values)
        # All or nothing: a value that a recipe refuses changes no other.
        for name, value in changed.items():
            setattr(self, name, value)
        return self

    def _seeds(self, ensemble: int, recipe_seed: int | None) -> list[int]:
        """Seeds of the members: from the recipe's seed, else from `random_state`."""
        base = self.random_state if recipe_seed is None else recipe_seed
        if base is None:
            base = secrets.randbits(32)
        return [object_key(int(base), ("member", k), "seed") for k in range(ensemble)]

    def _check_fitted(self, method: str) -> None:
        if not hasattr(self, "n_features_in_"):
            raise ParameterError(
                f"{type(self).__name__}.{method}", "self", self, "be fitted", "Call fit first."
            )

    def check_parameters(self) -> None:
        """Refuse parameters that cannot be used, whatever the data; `fit` does so first.

        Raises
        ------
        ParameterError
            For the first parameter at fault. What was fitted before is still whole.
        """
        owner, parameters = type(self).__name__, self.get_params(deep=False)
        if "reservoir" in parameters and not isinstance(self.reservoir, self._recipe):
            kind = self._recipe.__name__
            raise ParameterError(
                owner, "reservoir", self.reservoir, f"be a {kind} recipe", f"Pass {kind}(n=200)."
            )
        if "pooling" in parameters:
            require_choice(owner, "pooling", parameters["pooling"], self._poolings)
        check_parameters(owner, parameters)


@storable
@dataclass(frozen=True, eq=False)
class InputScaler:
    """Zero mean and unit variance of each feature over all steps, and differences if wanted.

    Attributes
    ----------
    mean, scale : array [feature], float64
        A feature that does not vary keeps the scale 1.
    deltas : bool
        Whether the difference from the step before (zero at the first) is added as further features.
    delta_scale : array [feature], float64
        Standard deviation of the differences.
    """

    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    deltas: bool
    delta_scale: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, series: list[Array], standardize: bool, deltas: bool) -> InputScaler:
        """Take the moments of all steps of all series."""
        n_features = series[0].shape[1]
        mean, scale, delta_scale = np.zeros(n_features), np.ones(n_features), np.ones(n_features)
        if standardize:
            steps = sum(len(one) for one in series)
            mean = sum((one.sum(axis=0, dtype=np.float64) for one in series), np.zeros(n_features)) / steps
            spread = _root_mean_square([one - mean for one in series], steps)
            change = _root_mean_square([np.diff(one.astype(np.float64), axis=0) for one in series], steps)
            # What the rounding of the sums makes of a constant is no variance.
            floor = steps * np.finfo(np.float64).eps * np.abs(mean)
            scale = np.where(spread > floor, spread, 1.0)
            delta_scale = np.where(change > 0, change, 1.0)
        return cls(mean, scale, deltas, delta_scale)

    @property
    def n_out(self) -> int:
        """Features after the transformation."""
        return self.mean.size * (2 if self.deltas else 1)

    def transform(self, series: list[Array], owner: str = "InputScaler", parameter: str = "X") -> list[Array]:
        """Return the scaled series, each of the dtype it had.

        Raises
        ------
        ParameterError
            If a value is so far from those of `fit` that its scaled form is not finite in that dtype.
        """
        return [self._one(one, owner, f"{parameter}[{i}]") for i, one in enumerate(series)]

    def inverse(self, x: Array) -> Array:
        """Return values in the unit of the data; for inputs without differences."""
        return np.asarray(x * self.scale + self.mean, dtype=x.dtype)

    def _one(self, one: Array, owner: str, name: str) -> Array:
        with np.errstate(over="ignore"):
            scaled = (one - self.mean) / self.scale
            if self.deltas:
                change = np.diff(one.astype(np.float64), axis=0, prepend=one[:1]) / self.delta_scale
                scaled = np.concatenate([scaled, change], axis=1)
            made = np.ascontiguousarray(scaled, dtype=one.dtype)
        finite = np.isfinite(made)
        if not finite.all():
            t, f = np.argwhere(~finite)[0]
            value, need = float(one[t, f % one.shape[1]]), f"be finite in {one.dtype.name} after scaling"
            remedy = "It is very far from the values seen in fit; scale the data, or use dtype='float64'."
            raise ParameterError(owner, f"{name}[{t}, {f % one.shape[1]}]", value, need, remedy)
        return made


def _root_mean_square(series: list[Array], steps: int) -> npt.NDArray[np.float64]:
    """Root mean square of each feature; values are scaled first, whose squares leave the range of float64."""
    peaks = [np.abs(one).max(axis=0) for one in series if len(one)]
    peak = np.max(peaks, axis=0) if peaks else np.zeros(series[0].shape[1])
    safe = np.where(peak > 0, peak, 1.0)
    power = sum((np.square(one / safe).sum(axis=0) for one in series), np.zeros(safe.size))
    return np.asarray(peak * np.sqrt(power / steps))


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return ``exp(s) / sum(exp(s))`` along the last axis."""
    power = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))
