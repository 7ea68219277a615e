"""Forecasts by an echo state network that runs on its own output."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..fused import fuse_network
from ..metrics import r2_score
from ..readout import Ridge, as_sequences, as_series, check_dtype
from ..reservoir import Reservoir
from ..storable import storable
from ..units import require_integer
from .base import InputScaler, SequenceEstimator
from .features import StepFeatures
from .regressor import fit_steps, predict_steps

__all__ = ["ESNForecaster"]

Array = npt.NDArray[Any]


@storable
class ESNForecaster(SequenceEstimator):
    """Learn to predict the next step of a series, then forecast any number of steps.

    Parameters
    ----------
    reservoir : Reservoir
        Recipe of the reservoir.
    include_input : bool
        Whether the readout sees the input of the step beside the state.
    ridge : float, "gcv" or "holdout"
        Penalty of the readout; "holdout" keeps the last fifth of each series for the choice.
    standardize : bool
        Whether the series are brought to zero mean and unit variance.
    washout : int
        Steps at the start of each series that are not fitted.
    dtype : {"float32", "float64"}
        Of weights and states. Rounding is fed back in a forecast: float32 costs chaotic series several steps.
    threads : int
        Threads that share the series.
    random_state : int or None
        Seed of the weights; None draws a new one at each fit.

    Attributes
    ----------
    n_features_in_ : int
    readout_ : Ridge
    network_ : Network
        The recipe that was drawn.
    synops_per_sample_ : float
        Multiplications of one step.

    References
    ----------
    H. Jaeger, H. Haas, "Harnessing nonlinearity", Science 304 (2004).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(0.2 * np.arange(600))[:, None]
    >>> model = ESNForecaster(Reservoir(100, input_scale=0.5)).fit(x[:500])
    >>> bool(np.abs(model.forecast(x[:500], steps=100) - x[500:]).max() < 0.01)
    True
    """

    _recipe: ClassVar[type[Any]] = Reservoir

    def __init__(
        self,
        reservoir: Reservoir = Reservoir(),  # noqa: B008 - frozen
        *,
        include_input: bool = True,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        standardize: bool = True,
        washout: int = 100,
        dtype: str = "float64",
        threads: int = 1,
        random_state: int | None = 0,
    ):
        self.reservoir = reservoir
        self.include_input = include_input
        self.ridge = ridge
        self.standardize = standardize
        self.washout = washout
        self.dtype = dtype
        self.threads = threads
        self.random_state = random_state

    def fit(self, x: Any, y: None = None) -> ESNForecaster:
        """Fit to one series, or to several of the same kind.

        Parameters
        ----------
        x : array [time, feature], or list of array [time, feature]
        y : None
            For scikit-learn's conventions; the target is the next step.
        """
        owner = f"{type(self).__name__}.fit"
        self.check_parameters()
        series = self._series(owner, x, None)
        self._check_lengths(owner, series)
        self._scaler = InputScaler.fit(series, self.standardize, deltas=False)
        (seed,) = self._seeds(1, self.reservoir.seed)
        self.network_ = self.reservoir.network(series[0].shape[1], seed)
        fused = fuse_network(self.network_, check_dtype(owner, self.dtype))
        self._features = StepFeatures(fused, self.include_input, self.washout, self.threads)
        inputs = self._scaler.transform(series, owner, "x")
        targets = [one[1:].astype(np.float64) for one in inputs]
        self.readout_: Ridge = fit_steps(self._features, [one[:-1] for one in inputs], targets, self.ridge)
        self.n_features_in_ = series[0].shape[1]
        self.synops_per_sample_ = float(fused.n_edges + self.readout_.coef_.size)
        return self

    def forecast(self, x: Any, steps: int) -> Any:
        """Continue a series on the network's own predictions.

        Parameters
        ----------
        x : array [time, feature], or list of array [time, feature]
            What is known; the reservoir runs through it from the zero state.
        steps : int
            Steps to forecast.

        Returns
        -------
        array [steps, feature], or list of them
        """
        self._check_fitted("forecast")
        owner = f"{type(self).__name__}.forecast"
        steps = require_integer(owner, "steps", steps, high=2**31 - 1)
        inputs = self._scaler.transform(self._series(owner, x, self.n_features_in_), owner, "x")
        fused = self._features.fused
        state = fused.zeros(len(inputs))
        warm = [i for i, one in enumerate(inputs) if len(one) > 1]
        nothing = np.zeros((len(warm), 1), dtype=np.uint32)
        for group in fused.pool([inputs[i][:-1] for i in warm], nothing, self.threads):
            state[[warm[i] for i in group.index]] = group.last
        first = np.array([one[-1] for one in inputs], dtype=fused.dtype)
        intercept = np.atleast_1d(self.readout_.intercept_)
        out = fused.free_run(first, state, self.readout_.coef_, intercept, steps)
        with np.errstate(over="ignore", invalid="ignore"):  # a forecast may grow beyond all bounds
            scaled = [self._scaler.inverse(out[:, i]) for i in range(len(inputs))]
        return scaled[0] if _is_one(x) else scaled

    def predict(self, x: Any) -> Any:
        """Predict one step ahead: row t is the forecast of step t + 1, made from the steps up to t."""
        self._check_fitted("predict")
        owner = f"{type(self).__name__}.predict"
        inputs = self._scaler.transform(self._series(owner, x, self.n_features_in_), owner, "x")
        outputs = [self._scaler.inverse(one) for one in predict_steps(self._features, self.readout_, inputs)]
        return outputs[0] if _is_one(x) else outputs

    def score(self, x: Any, y: None = None) -> float:
        """Return the coefficient of determination of `predict` behind the washout."""
        self._check_fitted("score")
        owner = f"{type(self).__name__}.score"
        series = self._series(owner, x, self.n_features_in_)
        self._check_lengths(owner, series)
        predicted = self.predict(series)
        pred = np.concatenate([one[self.washout : -1] for one in predicted])
        true = np.concatenate([one[self.washout + 1 :] for one in series])
        return r2_score(true, pred, owner)

    def _check_lengths(self, owner: str, series: list[Array]) -> None:
        for i, one in enumerate(series):
            if len(one) < self.washout + 2:
                need = f"have at least {self.washout + 2} steps, the washout and two more"
                raise ParameterError(owner, f"x[{i}]" if len(series) > 1 else "x", f"{len(one)} steps", need)

    def _series(self, owner: str, x: Any, n_features: int | None) -> list[Array]:
        dtype = check_dtype(owner, self.dtype)
        if _is_one(x):
            return [as_series(owner, x, dtype, n_features)]
        return as_sequences(owner, x, dtype, n_features, parameter="x")


def _is_one(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.ndim <= 2 and x.dtype != object
