"""What all estimators on sequences share: parameters, checks, scaling of the input."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from ..errors import ParameterError
from ..seeding import object_key
from ..units import require_integer

__all__ = ["InputScaler", "SequenceEstimator", "softmax"]

Array = npt.NDArray[Any]


class SequenceEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of the estimators; nested parameters of a frozen recipe are set by replacing the recipe."""

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
        # Whole records first: reservoir=..., reservoir__n=... together change the new record.
        for name, value in params.items():
            head, dots, tail = name.partition("__")
            if head not in known:
                raise ParameterError(owner, name, value, f"be one of {', '.join(sorted(known))}")
            if dots:
                nested.setdefault(head, {})[tail] = value
            else:
                setattr(self, name, value)
        for head, values in nested.items():
            record = getattr(self, head)
            if not is_dataclass(record) or isinstance(record, type):
                raise ParameterError(owner, head, record, "be a recipe whose fields can be set")
            for tail, value in values.items():
                if not hasattr(record, tail):
                    raise ParameterError(
                        owner, f"{head}__{tail}", value, f"name a field of {type(record).__name__}"
                    )
            setattr(self, head, replace(record, **values))
        return self

    def _seeds(self, ensemble: int, recipe_seed: int | None) -> list[int]:
        """Seeds of the members: from the recipe's seed, else from `random_state`."""
        owner = type(self).__name__
        base = recipe_seed
        if base is None:
            state = self.random_state
            base = (
                secrets.randbits(32)
                if state is None
                else require_integer(owner, "random_state", state, low=0)
            )
        n = require_integer(owner, "ensemble", ensemble)
        return [object_key(base, ("member", k), "seed") for k in range(n)]

    def _check_fitted(self, method: str) -> None:
        if not hasattr(self, "n_features_in_"):
            raise ParameterError(
                f"{type(self).__name__}.{method}", "self", self, "be fitted", "Call fit first."
            )

    def _choice(self, parameter: str, options: tuple[str, ...]) -> None:
        value = getattr(self, parameter)
        if value not in options:
            need = f"be one of {', '.join(map(repr, options))}"
            raise ParameterError(type(self).__name__, parameter, value, need)


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
            power = sum((np.square(one - mean).sum(axis=0) for one in series), np.zeros(n_features)) / steps
            change = (
                sum((np.square(np.diff(one, axis=0)).sum(axis=0) for one in series), np.zeros(n_features))
                / steps
            )
            scale = np.where(power > 0, np.sqrt(power), 1.0)
            delta_scale = np.where(change > 0, np.sqrt(change), 1.0)
        return cls(mean, scale, deltas, delta_scale)

    @property
    def n_out(self) -> int:
        """Features after the transformation."""
        return self.mean.size * (2 if self.deltas else 1)

    def transform(self, series: list[Array]) -> list[Array]:
        """Return the scaled series, each of the dtype it had."""
        return [self._one(one) for one in series]

    def inverse(self, x: Array) -> Array:
        """Return values in the unit of the data; for inputs without differences."""
        return np.asarray(x * self.scale + self.mean, dtype=x.dtype)

    def _one(self, one: Array) -> Array:
        scaled = (one - self.mean) / self.scale
        if self.deltas:
            change = np.diff(one, axis=0, prepend=one[:1]) / self.delta_scale
            scaled = np.concatenate([scaled, change], axis=1)
        return np.ascontiguousarray(scaled, dtype=one.dtype)


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return ``exp(s) / sum(exp(s))`` along the last axis."""
    power = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))
