"""The floors of regression and forecasting: a ridge readout of the last inputs, and nothing between."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin

from ..errors import ParameterError
from ..metrics import r2_score
from ..readout import Gram, Ridge, as_sequences, as_targets, check_dtype
from ..storable import storable
from ..units import require_integer
from .base import InputScaler, SequenceEstimator

__all__ = ["TappedDelayForecaster", "TappedDelayRegressor"]

Array = npt.NDArray[Any]

# Rows of taps held at a time.
_ROWS = 4096


class _TappedDelays(SequenceEstimator):
    """What both share: the input of the last `taps` steps as features, zero before the series begins."""

    taps: int
    ridge: Any
    standardize: bool
    washout: int

    def __init__(
        self,
        taps: int = 30,
        *,
        ridge: float | Literal["gcv"] = "gcv",
        standardize: bool = True,
        washout: int = 100,
    ):
        self.taps = taps
        self.ridge = ridge
        self.standardize = standardize
        self.washout = washout

    def _fit(self, owner: str, series: list[Array], targets: list[Array] | None) -> None:
        """Fit to targets of each step, or to the next step of the input itself."""
        require_integer(owner, "taps", self.taps)
        self._scaler = InputScaler.fit(series, self.standardize, deltas=False)
        inputs = self._scaler.transform(series, owner, "x")
        gram = Gram()
        for i, one in enumerate(inputs):
            wanted = one[1:] if targets is None else targets[i]
            if len(wanted) <= self.washout:
                need = f"have more than {self.washout + (targets is None)} steps, for the washout"
                raise ParameterError(owner, f"x[{i}]" if len(inputs) > 1 else "x", f"{len(one)} steps", need)
            for start, rows in self._rows(one[: len(wanted)], self.washout):
                gram.add(rows, wanted[start : start + len(rows)])
        self.readout_: Ridge = Ridge(self.ridge).fit_gram(gram)
        self.n_features_in_ = series[0].shape[1]
        self.synops_per_sample_ = float(self.readout_.coef_.size)

    def _rows(self, x: Array, first: int = 0) -> Any:
        """Yield (step, features [step, tap * feature]) from step `first` on; the oldest tap comes first."""
        padded = np.concatenate([np.zeros((self.taps - 1, x.shape[1])), x])
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.taps, axis=0).swapaxes(1, 2)
        for start in range(first, len(x), _ROWS):
            rows = windows[start : start + _ROWS]
            yield start, rows.reshape(len(rows), -1)

    def _outputs(self, inputs: list[Array]) -> list[Array]:
        return [
            np.concatenate([self.readout_.predict(rows) for _, rows in self._rows(one)]) for one in inputs
        ]


@storable
class TappedDelayRegressor(RegressorMixin, _TappedDelays):  # type: ignore[misc]
    """Predict a value at each step from the inputs of the last steps: the linear floor of `ESNRegressor`.

    Parameters
    ----------
    taps : int
        Steps of input that the readout sees, the present one included.
    ridge : float or "gcv"
        Penalty of the readout.
    standardize : bool
        Whether the inputs are brought to zero mean and unit variance.
    washout : int
        Steps at the start of each series that are not fitted; they are predicted nevertheless.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((500, 1))
    >>> y = np.roll(x, 3, axis=0)
    >>> bool(TappedDelayRegressor(taps=5, washout=10).fit([x], [y]).score([x], [y]) > 0.99)
    True
    """

    def fit(self, X: Any, y: Any) -> TappedDelayRegressor:
        """Fit to sequences (list of array [time, feature]) and a target at each of their steps.

        Raises
        ------
        ParameterError
            For every input that cannot be used, with its index.
        """
        owner = f"{type(self).__name__}.fit"
        self.check_parameters()
        series = as_sequences(owner, X, check_dtype(owner, "float64"))
        targets, stepwise = as_targets(owner, y, series)
        if not stepwise or isinstance(targets, np.ndarray):
            raise ParameterError(owner, "y", y, "have one array [time, output] for each series")
        self._fit(owner, series, targets)
        # A sample is a series, as it is of the other estimators that take many.
        self.synops_per_sample_ *= float(np.mean([len(one) for one in series]))
        return self

    def predict(self, X: Any) -> list[Array]:
        """Return the prediction at each step: list of array [time, output]."""
        self._check_fitted("predict")
        owner = f"{type(self).__name__}.predict"
        series = as_sequences(owner, X, check_dtype(owner, "float64"), self.n_features_in_)
        return self._outputs(self._scaler.transform(series, owner))

    def score(self, X: Any, y: Any) -> float:
        """Return the coefficient of determination behind the washout, over all steps and outputs."""
        self._check_fitted("score")
        owner = f"{type(self).__name__}.score"
        targets, _ = as_targets(owner, y, as_sequences(owner, X, check_dtype(owner, "float64")))
        true = np.concatenate([np.reshape(one, (len(one), -1))[self.washout :] for one in targets])
        return r2_score(true, np.concatenate([one[self.washout :] for one in self.predict(X)]), owner)


@storable
class TappedDelayForecaster(_TappedDelays):
    """Forecast on its own predictions, linearly in the last steps: the floor of `ESNForecaster`.

    Parameters
    ----------
    taps, ridge, standardize, washout
        As in `TappedDelayRegressor`; the target is the next step.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(0.2 * np.arange(600))[:, None]
    >>> model = TappedDelayForecaster(taps=5).fit(x[:500])
    >>> bool(np.abs(model.forecast(x[:500], steps=100) - x[500:]).max() < 0.01)
    True
    """

    def fit(self, x: Any, y: None = None) -> TappedDelayForecaster:
        """Fit to one series (array [time, feature]), or to a list of them."""
        owner = f"{type(self).__name__}.fit"
        self.check_parameters()
        self._fit(owner, self._series(owner, x, None), None)
        return self

    def forecast(self, x: Any, steps: int) -> Any:
        """Continue a series, or each of a list: array [steps, feature], or a list of them.

        A forecast of an unstable recursion may grow beyond all bounds; it then ends in infinities.
        """
        self._check_fitted("forecast")
        owner = f"{type(self).__name__}.forecast"
        steps = require_integer(owner, "steps", steps)
        inputs = self._scaler.transform(self._series(owner, x, self.n_features_in_), owner, "x")
        d = self.n_features_in_
        past = np.zeros((len(inputs), self.taps + steps, d))
        for row, one in enumerate(inputs):
            kept = one[-self.taps :]
            past[row, self.taps - len(kept) : self.taps] = kept
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(steps):
                seen = past[:, t : t + self.taps].reshape(len(inputs), -1)
                past[:, t + self.taps] = seen @ self.readout_.coef_.T + self.readout_.intercept_
            out = [self._scaler.inverse(one[self.taps :]) for one in past]
        return out[0] if isinstance(x, np.ndarray) and x.ndim == 2 else out

    def _series(self, owner: str, x: Any, n_features: int | None) -> list[Array]:
        one = isinstance(x, np.ndarray) and x.ndim <= 2 and x.dtype != object
        return as_sequences(owner, [x] if one else x, check_dtype(owner, "float64"), n_features, "x")
