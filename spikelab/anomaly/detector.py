"""Anomaly detection by what a reservoir cannot predict."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..estimators.base import SequenceEstimator
from ..fused import fuse_network
from ..readout import Gram, Ridge, check_dtype
from ..reservoir import Reservoir
from ..storable import storable
from ..units import require_flag, require_integer, require_positive, require_scalar
from .points import Floats, as_points, moments
from .predictor import PointState, ReservoirPredictor
from .scoring import Scoring
from .threshold import score_threshold
from .training import TrainingState, training_rows

__all__ = ["AnomalyDetector"]

# Residuals that calibrate, at most: the last ones.
_CALIBRATION_ROWS = 1 << 16
# Rows needed to fit, and to calibrate.
_LEAST_ROWS = 4


@storable
class AnomalyDetector(SequenceEstimator):
    """Learn to predict the next point of a normal series; what is predicted badly is anomalous.

    A sample is a time point. The conventions are those of scikit-learn's outlier detectors: higher scores are
    more normal, `predict` answers +1 or -1, `offset_` is the threshold.

    Parameters
    ----------
    reservoir : Reservoir
        Recipe of the reservoir.
    ridge : float, "gcv" or "holdout"
        Penalty of the readout; "holdout" chooses it by the held-out part.
    washout : int
        Points at the start of a series that have no residual, because the state still forgets its start.
    horizon : int
        Points ahead that are predicted.
    targets : tuple of int, optional
        Channels that are predicted; the others only help. All by default.
    score : Scoring
        How residuals become scores.
    calibration : float
        Share of the normal part, its end, that the readout is first not fitted to: its residuals calibrate
        the scores and the threshold. The readout is then fitted to all.
    false_alarm_rate : float
        Share of normal points that `predict` may call anomalous; sets `offset_`.
    clip : float
        The reservoir sees no value farther from the mean than this many standard deviations, so that one wild
        value does not drive all of its units; residuals are formed of the values as they are.
    standardize : bool
        Whether channels are brought to zero mean and unit variance of the normal part.
    dtype : {"float32", "float64"}
        Of weights and states; readout, residuals and scores are float64.
    random_state : int or None
        Seed of the weights; None draws a new one at each fit.

    Attributes
    ----------
    n_features_in_ : int
        Channels.
    readout_ : Ridge
    network_ : Network
        The recipe that was drawn.
    offset_ : float
        ``decision_function(x) = score_samples(x) - offset_``.
    calibration_scores_ : array [point], float64
        `score_samples` of the held-out part, which `offset_` was taken from.
    synops_per_sample_ : float
        Multiplications of one point.

    Notes
    -----
    Missing values are NaN. A missing point of a predicted channel goes on with its prediction, one of another
    channel with its last value; in training all go on with the last value and are no targets. A missing point
    carries the last score, since nothing new is known.

    The residual is ``(x - mean) / scale`` less its prediction from the points before; `score` says what
    becomes of it. Points of the washout have no residual and the score 0, the most normal one, unless the
    state goes on from earlier points.

    References
    ----------
    H. Jaeger, H. Haas, "Harnessing nonlinearity", Science 304 (2004), for the predictor; S. Ahmad et al.,
    "Unsupervised real-time anomaly detection for streaming data", Neurocomputing 262 (2017), for the score.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(4000)
    >>> x = np.sin(0.1 * t)[:, None] + 0.05 * np.random.default_rng(0).standard_normal((4000, 1))
    >>> x[3500:3520] = 0.0
    >>> det = AnomalyDetector(Reservoir(100)).fit(x[:2000])
    >>> bool(3500 <= np.argmin(det.score_samples(x)) < 3530)
    True
    """

    _recipe: ClassVar[type[Any]] = Reservoir
    n_features_in_: int

    def __init__(
        self,
        reservoir: Reservoir = Reservoir(200),  # noqa: B008 - frozen
        *,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        washout: int = 50,
        horizon: int = 1,
        targets: tuple[int, ...] | None = None,
        score: Scoring = Scoring(),  # noqa: B008 - frozen
        calibration: float = 0.25,
        false_alarm_rate: float = 1e-3,
        clip: float = 10.0,
        standardize: bool = True,
        dtype: str = "float32",
        random_state: int | None = 0,
    ):
        self.reservoir = reservoir
        self.ridge = ridge
        self.washout = washout
        self.horizon = horizon
        self.targets = targets
        self.score = score
        self.calibration = calibration
        self.false_alarm_rate = false_alarm_rate
        self.clip = clip
        self.standardize = standardize
        self.dtype = dtype
        self.random_state = random_state

    def fit(self, normal: Any, y: None = None) -> AnomalyDetector:
        """Fit to a series without anomalies. Afterwards the state stands at its end.

        Parameters
        ----------
        normal : array [time, channel]
            NaN where missing.
        y : None
            For scikit-learn's conventions.
        """
        owner = f"{type(self).__name__}.fit"
        self.check_parameters()
        points = as_points(owner, normal, least=self.washout + self.horizon + 2 * _LEAST_ROWS)
        self._predictor = self._new_predictor(owner, points)
        self._train = TrainingState.start(self._predictor)
        cut = len(points) - max(_LEAST_ROWS, round(self.calibration * len(points)))
        cut = max(cut, self.washout + self.horizon + _LEAST_ROWS)
        fitted, held_out = self._gram_of(points[:cut]), self._gram_of(points[cut:])
        for gram, part in ((fitted, f"x[:{cut}]"), (held_out, f"x[{cut}:]")):
            if gram.n < _LEAST_ROWS:
                need = f"have at least {_LEAST_ROWS} points without gaps, behind the washout"
                raise ParameterError(owner, part, f"{gram.n} points", need, "Give a longer normal part.")
        chosen = Ridge(self.ridge).fit_gram(fitted, held_out if self.ridge == "holdout" else None)
        first = Ridge(chosen.alpha_).fit_gram(fitted)
        self._normal_residuals = self._run(points, first, self._predictor.start())[cut:]
        self._gram = fitted.merged(held_out)
        self.readout_ = chosen if self.ridge == "holdout" else Ridge(self.ridge).fit_gram(self._gram)
        self._finish(points, self._predictor.start())
        return self

    def partial_fit(self, normal: Any, y: None = None) -> AnomalyDetector:
        """Go on with further normal points, which follow those fitted so far; the first call is `fit`.

        The points are predicted first, which widens the calibration, and then added to the sums of products
        that the readout is solved from: the readout of ``fit(a).partial_fit(b)`` is that of `fit` of both up
        to rounding, where ``standardize=False`` and the ridge is a number or "gcv". The scaling stays that of
        the first call, and so does a ridge chosen by "holdout".

        Parameters
        ----------
        normal : array [time, channel]
            NaN where missing.
        y : None
            For scikit-learn's conventions.
        """
        if not hasattr(self, "n_features_in_"):
            return self.fit(normal)
        points = as_points(f"{type(self).__name__}.partial_fit", normal, self.n_features_in_)
        before = self._end.copy()
        fresh = self._run(points, self.readout_, self._end)
        self._normal_residuals = np.concatenate([self._normal_residuals, fresh])[-_CALIBRATION_ROWS:]
        more = self._gram_of(points)
        if more.n:
            self._gram = self._gram.merged(more)
            self.readout_ = Ridge(self.readout_.alpha_ if self.ridge == "holdout" else self.ridge)
            self.readout_.fit_gram(self._gram)
        self._finish(points, before)
        return self

    def score_samples(self, x: Any, continue_: bool = False) -> Floats:
        """Return how normal each point is: 0 at best, the lower the more anomalous.

        Parameters
        ----------
        x : array [time, channel]
            NaN where missing.
        continue_ : bool
            Whether `x` follows the points last scored (or fitted) instead of starting a series anew. The
            scores are those of one call with all points, to the bit.

        Returns
        -------
        array [time], float64
        """
        self._check_fitted("score_samples")
        owner = f"{type(self).__name__}.score_samples"
        points = as_points(owner, x, self.n_features_in_)
        if not require_flag(owner, "continue_", continue_):
            self._point, self._scores = self._predictor.start(), self._calibrated.copy()
        return 0.0 - self.score.run(self._run(points, self.readout_, self._point), self._scores)

    def score_next(self, point: Any) -> float:
        """Return how normal the next point is: `score_samples` with ``continue_=True``, one point at a time.

        Parameters
        ----------
        point : float or array [channel]
            NaN where missing.

        Raises
        ------
        ParameterError
            If the detector is not fitted, or the point is not real numbers, one a channel, finite or NaN.
        """
        self._check_fitted("score_next")
        try:
            row = np.array(point, dtype=np.float64, ndmin=2)
        except (TypeError, ValueError):
            row = np.empty((0, 0))
        if row.shape != (1, self.n_features_in_) or np.isinf(row).any():
            need = f"be {self.n_features_in_} real numbers, finite or NaN"
            raise ParameterError(f"{type(self).__name__}.score_next", "point", point, need)
        residual, score = np.empty((1, self._predictor.targets.size)), np.empty(1)
        readout = self.readout_
        self._predictor.residuals(row, readout.coef_, np.atleast_1d(readout.intercept_), self._point, residual)
        self.score.advance(residual, self._scores, score)
        return 0.0 - float(score[0])

    def decision_function(self, x: Any, continue_: bool = False) -> Floats:
        """Return ``score_samples(x) - offset_``: negative where anomalous."""
        return self.score_samples(x, continue_) - self.offset_

    def predict(self, x: Any, continue_: bool = False) -> npt.NDArray[np.int64]:
        """Return -1 where anomalous, else +1: array [time]."""
        return np.where(self.decision_function(x, continue_) < 0, -1, 1)

    def residuals(self, x: Any) -> Floats:
        """Return what each point of a series differs from its prediction, in the unit of the data.

        Parameters
        ----------
        x : array [time, channel]
            NaN where missing; the series starts anew, and a scoring under way is not touched.

        Returns
        -------
        array [time, target], float64
            NaN where a point is missing, and in the washout.
        """
        self._check_fitted("residuals")
        points = as_points(f"{type(self).__name__}.residuals", x, self.n_features_in_)
        scale = self._predictor.scale[self._predictor.targets]
        return self._run(points, self.readout_, self._predictor.start()) * scale

    def check_parameters(self) -> None:
        """Refuse parameters that cannot be used, whatever the data; `fit` does so first."""
        super().check_parameters()
        owner = type(self).__name__
        require_integer(owner, "horizon", self.horizon, high=1000)
        require_positive(owner, "clip", require_scalar(owner, "clip", self.clip), remedy="10 is usual.")
        for name in ("calibration", "false_alarm_rate"):
            value = require_scalar(owner, name, getattr(self, name))
            if not 0 < value < 1:
                raise ParameterError(owner, name, value, "lie in (0, 1)")
        if not isinstance(self.score, Scoring):
            raise ParameterError(owner, "score", self.score, "be a Scoring", "Pass Scoring().")

    def _new_predictor(self, owner: str, points: Floats) -> ReservoirPredictor:
        n_channels = points.shape[1]
        mean, scale = moments(owner, points)
        if not self.standardize:
            mean, scale = np.zeros(n_channels), np.ones(n_channels)
        targets = range(n_channels) if self.targets is None else self.targets
        for place, one in enumerate(targets):
            require_integer(owner, f"targets[{place}]", one, low=0, high=n_channels - 1)
        (seed,) = self._seeds(1, self.reservoir.seed)
        self.network_ = self.reservoir.network(n_channels, seed)
        fused = fuse_network(self.network_, check_dtype(owner, self.dtype))
        self.synops_per_sample_ = float(fused.n_edges + len(targets) * (fused.n + n_channels))
        return ReservoirPredictor(
            fused, mean, scale, float(self.clip), np.array(targets, np.int64), self.horizon, self.washout
        )

    def _gram_of(self, points: Floats) -> Gram:
        gram = Gram()
        for features, targets in training_rows(self._predictor, points, self._train):
            gram.add(features, targets)
        return gram

    def _run(self, points: Floats, readout: Ridge, state: PointState) -> Floats:
        out = np.empty((len(points), self._predictor.targets.size))
        self._predictor.residuals(points, readout.coef_, np.atleast_1d(readout.intercept_), state, out)
        return out

    def _finish(self, points: Floats, state: PointState) -> None:
        """Set scores and threshold by the calibration, and stand at the end of the points, behind `state`."""
        self._calibrated = self.score.calibrate(self._normal_residuals)
        scores = self.score.run(self._normal_residuals, self._calibrated.copy())
        self.calibration_scores_ = 0.0 - scores[~np.isnan(self._normal_residuals).all(axis=1)]
        self.offset_ = -score_threshold(-self.calibration_scores_, self.false_alarm_rate)
        self._run(points, self.readout_, state)
        self._end, self._point, self._scores = state, state.copy(), self._calibrated.copy()
        self.n_features_in_ = points.shape[1]
