"""Anomaly detection by what a reservoir cannot predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import OutlierMixin

from ..errors import ParameterError
from ..estimators.base import SequenceEstimator
from ..frozen import Recipe
from ..fused import fuse_network
from ..network import Network
from ..readout import Gram, Ridge, check_dtype
from ..reservoir import LiquidReservoir, Reservoir
from ..storable import require_array, require_stored, storable
from ..units import require_flag, require_integer, require_scalar
from .liquid import LiquidPredictor
from .points import FARTHEST, Floats, as_points, channels_of, moments, require_targets
from .predictor import ReservoirPredictor
from .scoring import ScoreState, Scoring
from .threshold import score_threshold
from .training import Predictor, TrainingState, gram_of

__all__ = ["AnomalyDetector"]

# Residuals that calibrate, at most: the last ones.
_CALIBRATION_ROWS = 1 << 16
# Farther values are not told from infinite ones once float32 has squared them.
_MOST_CLIP = 1e15
# Rows needed to fit, and to calibrate.
_LEAST_ROWS = 4


@storable
class AnomalyDetector(OutlierMixin, SequenceEstimator):  # type: ignore[misc]
    """Learn to predict the next point of a normal series; what is predicted badly is anomalous.

    A sample is a time point. The conventions are those of scikit-learn's outlier detectors: higher scores are
    more normal, `predict` answers +1 or -1, `offset_` is the threshold.

    Parameters
    ----------
    reservoir : Reservoir or LiquidReservoir
        Recipe of the reservoir; of a liquid the readout sees the filtered spikes.
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
    trace_ms : float, ms
        Time constant of the filter of the spikes (liquids only).
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
        Multiplications of one point; of a liquid, the edges that spikes cross are counted with them.

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

    _recipe: ClassVar[type[Any]] = Recipe
    n_features_in_: int

    def __init__(
        self,
        reservoir: Reservoir | LiquidReservoir = Reservoir(200),  # noqa: B008 - frozen
        *,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        washout: int = 50,
        horizon: int = 1,
        targets: tuple[int, ...] | None = None,
        score: Scoring = Scoring(),  # noqa: B008 - frozen
        calibration: float = 0.25,
        false_alarm_rate: float = 1e-3,
        clip: float = 10.0,
        trace_ms: float = 50.0,
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
        self.trace_ms = trace_ms
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
        network, predictor = self._new_predictor(owner, points)
        cut = len(points) - max(_LEAST_ROWS, round(self.calibration * len(points)))
        cut = max(cut, self.washout + self.horizon + _LEAST_ROWS)
        train = TrainingState.start(predictor)
        fitted, held_out = (gram_of(predictor, part, train) for part in (points[:cut], points[cut:]))
        for gram, part in ((fitted, f"x[:{cut}]"), (held_out, f"x[{cut}:]")):
            if gram.n < _LEAST_ROWS:
                need = f"have at least {_LEAST_ROWS} points without gaps, behind the washout"
                raise ParameterError(owner, part, f"{gram.n} points", need, "Give a longer normal part.")
        chosen = Ridge(self.ridge).fit_gram(fitted, held_out if self.ridge == "holdout" else None)
        first = Ridge(chosen.alpha_).fit_gram(fitted)
        residuals = _residuals(predictor, points, first, predictor.start())[cut:]
        self._learned = _Learned(predictor, train, fitted.merged(held_out), residuals[-_CALIBRATION_ROWS:])
        self.network_ = network
        self.readout_ = chosen if self.ridge == "holdout" else Ridge(self.ridge).fit_gram(self._learned.gram)
        self._finish(points, predictor.start())
        self.n_features_in_ = points.shape[1]
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
        owner = f"{type(self).__name__}.partial_fit"
        points = as_points(owner, normal, self.n_features_in_)
        learned, before = self._learned, self._end.copy()
        reach = FARTHEST * learned.predictor.scale
        far = np.abs(points - learned.predictor.mean) > reach
        if far.any():
            t, c = np.argwhere(far)[0]
            need = f"lie within {FARTHEST:g} standard deviations of the mean"
            remedy = "Write NaN for a value that is none."
            raise ParameterError(owner, f"x[{t}, {c}]", float(points[t, c]), need, remedy)
        fresh = _residuals(learned.predictor, points, self.readout_, self._end)
        learned.residuals = np.concatenate([learned.residuals, fresh])[-_CALIBRATION_ROWS:]
        more = gram_of(learned.predictor, points, learned.train)
        if more.n:
            learned.gram = learned.gram.merged(more)
            alpha = self.readout_.alpha_ if self.ridge == "holdout" else self.ridge
            self.readout_ = Ridge(alpha).fit_gram(learned.gram)
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
            self._point, self._scores = self._learned.predictor.start(), self._calibrated.copy()
        residuals = _residuals(self._learned.predictor, points, self.readout_, self._point)
        scores = np.empty(len(points))
        self.score.advance(residuals, self._scores, scores)
        return 0.0 - scores

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
            given = np.array(point, ndmin=2)
        except ValueError:  # rows of different lengths
            given = np.empty((0, 0))
        row = given.astype(np.float64) if given.dtype.kind in "biuf" else np.empty((0, 0))
        if row.shape != (1, self.n_features_in_) or np.isinf(row).any():
            need = f"be {self.n_features_in_} real numbers, finite or NaN"
            raise ParameterError(f"{type(self).__name__}.score_next", "point", point, need)
        score = np.empty(1)
        residuals = _residuals(self._learned.predictor, row, self.readout_, self._point)
        self.score.advance(residuals, self._scores, score)
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
        predictor = self._learned.predictor
        scale = predictor.scale[predictor.targets]
        return _residuals(predictor, points, self.readout_, predictor.start()) * scale

    def check_parameters(self) -> None:
        """Refuse parameters that cannot be used, whatever the data; `fit` does so first."""
        owner = type(self).__name__
        if not isinstance(self.reservoir, Reservoir | LiquidReservoir):
            need, remedy = "be a Reservoir or LiquidReservoir recipe", "Pass Reservoir(n=200)."
            raise ParameterError(owner, "reservoir", self.reservoir, need, remedy)
        super().check_parameters()
        require_integer(owner, "horizon", self.horizon, high=1000)
        clip = require_scalar(owner, "clip", self.clip)
        if not 0 < clip <= _MOST_CLIP:
            raise ParameterError(owner, "clip", clip, f"lie in (0, {_MOST_CLIP:g}]", "10 is usual.")
        for name in ("calibration", "false_alarm_rate"):
            value = require_scalar(owner, name, getattr(self, name))
            if not 0 < value < 1:
                raise ParameterError(owner, name, value, "lie in (0, 1)")
        require_targets(owner, self.targets)
        if not isinstance(self.score, Scoring):
            raise ParameterError(owner, "score", self.score, "be a Scoring", "Pass Scoring().")

    def _check_stored(self) -> None:
        if not hasattr(self, "n_features_in_"):
            return
        require_stored(isinstance(self._learned, _Learned) and isinstance(self.score, Scoring), "content")
        predictor, score = self._learned.predictor, self.score
        require_stored(isinstance(predictor, (ReservoirPredictor, LiquidPredictor)), "predictor")
        require_stored(self.n_features_in_ == predictor.mean.size, "number of channels")
        for state in (self._learned.train.point, self._end, self._point):
            if isinstance(predictor, ReservoirPredictor):
                predictor.check_state(state)
        n_targets = predictor.targets.size
        self._learned.gram.check_shape(predictor.n_features, n_targets)
        require_array(self.readout_.coef_, "readout", np.float64, n_targets, predictor.n_features)
        require_array(np.atleast_1d(self.readout_.intercept_), "intercept", np.float64, n_targets)
        for scores in (self._calibrated, self._scores):
            require_stored(isinstance(scores, ScoreState) and scores.centre.size == n_targets, "scores")
            require_stored(score.kind != "rank_tail" or scores.ordered.size == scores.long.size, "scores")

    def _new_predictor(self, owner: str, points: Floats) -> tuple[Network, Predictor]:
        n_channels = points.shape[1]
        targets = channels_of(owner, self.targets, n_channels)
        mean, scale = moments(owner, points)
        if not self.standardize:
            mean, scale = np.zeros(n_channels), np.ones(n_channels)
        (seed,) = self._seeds(1, self.reservoir.seed)
        network = self.reservoir.network(n_channels, seed)
        common: dict[str, Any] = {
            "mean": mean, "scale": scale, "clip": float(self.clip), "targets": targets,
            "horizon": self.horizon, "washout": self.washout,
        }  # fmt: skip
        dtype = check_dtype(owner, self.dtype)
        if isinstance(self.reservoir, LiquidReservoir):
            liquid = LiquidPredictor(network, self.reservoir, float(self.trace_ms), dtype.name, **common)
            return network, liquid
        return network, ReservoirPredictor(fuse_network(network, dtype), **common)

    def _finish(self, points: Floats, state: Any) -> None:
        """Set scores and threshold by the calibration, and stand behind the points, which follow `state`."""
        residuals = self._learned.residuals
        self._calibrated = self.score.calibrate(residuals)
        scores = self.score.run(residuals, self._calibrated.copy())
        self.calibration_scores_ = 0.0 - scores[~np.isnan(residuals).all(axis=1)]
        self.offset_ = -score_threshold(-self.calibration_scores_, self.false_alarm_rate)
        _residuals(self._learned.predictor, points, self.readout_, state)
        self.synops_per_sample_ = self._learned.predictor.synops(state)
        self._end, self._point, self._scores = state, state.copy(), self._calibrated.copy()


@storable
@dataclass(eq=False)
class _Learned:
    """What `partial_fit` goes on from."""

    predictor: Predictor
    train: TrainingState
    gram: Gram
    residuals: Floats


def _residuals(predictor: Predictor, points: Floats, readout: Ridge, state: Any) -> Floats:
    out = np.empty((len(points), predictor.targets.size))
    predictor.residuals(points, readout.coef_, np.atleast_1d(readout.intercept_), state, out)
    return out
