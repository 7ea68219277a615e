"""Change of dynamics, seen in the weights of a readout that is fitted again to the last points."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from sklearn.base import BaseEstimator

from ..errors import ParameterError
from ..readout import Gram, Ridge
from ..storable import storable
from ..units import require_flag, require_integer
from .detector import AnomalyDetector
from .points import Floats, as_points
from .training import TrainingState, training_rows

__all__ = ["ReadoutDrift"]

# Normal windows that a spread is taken of, at least.
_LEAST_WINDOWS = 4


@storable
class ReadoutDrift(BaseEstimator):  # type: ignore[misc]
    """Tell whether the dynamics of a series have changed, where no single point need be anomalous.

    The detector's readout is fitted to the last `window` points again and again, with its ridge. Each weight
    is standardised by its mean and spread over the windows of the normal part. Where the series follows other
    dynamics these numbers are distributed otherwise: the distance is that of Kolmogorov and Smirnov between
    those of now and those of all normal windows.

    Parameters
    ----------
    detector : AnomalyDetector
        Fitted; it is not changed.
    window : int
        Points that the weights are fitted to; several times as many as the reservoir has units.
    step : int
        Points between two fits; `window` is a multiple of it.

    Attributes
    ----------
    mean_, scale_ : array [weight], float64
        Mean and standard deviation of each weight over the normal windows.
    reference_ : array [window, weight], float64
        Weights of the normal windows, each standardised by the other windows.
    normal_distances_ : array [window], float64
        Distance of each of them from the others.
    offset_ : float
        Less the largest of these: lower scores are changes.

    Notes
    -----
    The weights of a window are not independent of each other, so that the distance is a measure and not a
    test: it is judged by the distances that normal windows have. The ridge is the detector's, by the share of
    the points.

    References
    ----------
    H. Chen, P. Tiňo, A. Rodan, X. Yao, "Learning in the model space for cognitive fault diagnosis", IEEE
    TNNLS 25 (2014), for readouts as descriptions of a window; F. Massey, "The Kolmogorov-Smirnov test for
    goodness of fit", JASA 46 (1951), for the distance.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab import Reservoir
    >>> t = np.arange(6000)
    >>> noise = 0.05 * np.random.default_rng(0).standard_normal(6000)
    >>> x = (np.sin(np.where(t < 4000, 0.2, 0.3) * t) + noise)[:, None]
    >>> detector = AnomalyDetector(Reservoir(100, input_scale=0.5, bias_scale=0.2), ridge=1.0).fit(x[:3000])
    >>> drift = ReadoutDrift(detector, window=500).fit(x[:3000])
    >>> changed = drift.decision_function(x) < 0
    >>> bool(changed[:4000].any()), bool(changed[4500:].all())
    (False, True)
    """

    _last: float
    _count: int

    def __init__(self, detector: AnomalyDetector, *, window: int = 1000, step: int = 100):
        self.detector = detector
        self.window = window
        self.step = step

    def fit(self, normal: Any, y: None = None) -> ReadoutDrift:
        """Take the weights of the windows of a normal part; at least four windows must fit in.

        Parameters
        ----------
        normal : array [time, channel]
            NaN where missing.
        y : None
            For scikit-learn's conventions.
        """
        owner = f"{type(self).__name__}.fit"
        if not isinstance(self.detector, AnomalyDetector) or not hasattr(self.detector, "n_features_in_"):
            raise ParameterError(owner, "detector", self.detector, "be a fitted AnomalyDetector")
        require_integer(owner, "step", self.step)
        require_integer(owner, "window", self.window)
        if self.window % self.step:
            raise ParameterError(owner, "window", self.window, f"be a multiple of step={self.step}")
        learned = self.detector._learned
        skipped = learned.predictor.washout + self.detector.horizon
        least = skipped + self.window + _LEAST_WINDOWS * self.step
        points = as_points(owner, normal, self.detector.n_features_in_, least)
        self._ridge = Ridge(self.detector.readout_.alpha_ * self.window / learned.gram.n)
        self._begin()
        weights = [made for made in self._weights(points) if made is not None]
        if len(weights) < _LEAST_WINDOWS:
            need = f"have {_LEAST_WINDOWS} windows with values"
            raise ParameterError(owner, "x", f"{len(weights)} of them", need, "Give a part with fewer gaps.")
        normal = np.array(weights)
        self.mean_, self.scale_ = _moments(normal)
        others = [np.delete(np.arange(len(normal)), i) for i in range(len(normal))]
        self.reference_ = np.array(
            [_standardised(one, *_moments(normal[rest])) for one, rest in zip(normal, others, strict=True)]
        )
        self.normal_distances_ = np.array(
            [_distance(self.reference_[i], self.reference_[rest]) for i, rest in enumerate(others)]
        )
        self.offset_ = -float(self.normal_distances_.max())
        self._begin()
        return self

    def score_samples(self, x: Any, continue_: bool = False) -> Floats:
        """Return less the distance of the weights of the window that ends last, for each point.

        Parameters
        ----------
        x : array [time, channel]
            NaN where missing.
        continue_ : bool
            Whether `x` follows the points last scored instead of starting a series anew.

        Returns
        -------
        array [time], float64
            From -1, all weights differ, to 0; 0 before the first window is full.
        """
        owner = f"{type(self).__name__}.score_samples"
        if not hasattr(self, "reference_"):
            raise ParameterError(owner, "self", self, "be fitted", "Call fit first.")
        points = as_points(owner, x, self.detector.n_features_in_)
        if not require_flag(owner, "continue_", continue_):
            self._begin()
        scores = np.empty(len(points))
        done = 0
        while done < len(points):
            part = points[done : done + self.step - self._count]
            ended = self._count + len(part) == self.step
            scores[done : done + len(part)] = self._last
            for weights in self._weights(part):
                if weights is not None:
                    now = _standardised(weights, self.mean_, self.scale_)
                    self._last = 0.0 - _distance(now, self.reference_)
            if ended:
                scores[done + len(part) - 1] = self._last
            done += len(part)
        return scores

    def decision_function(self, x: Any, continue_: bool = False) -> Floats:
        """Return ``score_samples(x) - offset_``: negative where the dynamics have changed."""
        return self.score_samples(x, continue_) - self.offset_

    def _begin(self) -> None:
        self._train = TrainingState.start(self.detector._learned.predictor)
        self._steps: list[Gram] = []
        self._open, self._count = Gram(), 0
        self._last = 0.0

    def _weights(self, points: Floats) -> Any:
        """Yield the weights of each window that the points complete; None where it has no values."""
        predictor = self.detector._learned.predictor
        done = 0
        while done < len(points):
            part = points[done : done + self.step - self._count]
            for features, targets in training_rows(predictor, part, self._train):
                self._open.add(features, targets)
            done, self._count = done + len(part), self._count + len(part)
            if self._count < self.step:
                continue
            self._steps = [*self._steps, self._open][-(self.window // self.step) :]
            self._open, self._count = Gram(), 0
            if len(self._steps) == self.window // self.step and int(self._train.point.clock[0]) >= (
                predictor.washout + predictor.horizon + self.window
            ):
                yield self._solved()

    def _solved(self) -> Floats | None:
        filled = [one for one in self._steps if one.n]
        if not filled:
            return None
        total = filled[0]
        for one in filled[1:]:
            total = total.merged(one)
        return self._ridge.fit_gram(total).coef_.ravel().copy()


def _moments(weights: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation over windows; 1 for a weight that does not vary."""
    scale = weights.std(axis=0, ddof=1)
    return weights.mean(axis=0), np.where(scale > 0, scale, 1.0)


def _standardised(weights: Floats, mean: Floats, scale: Floats) -> Floats:
    return (weights - mean) / scale


def _distance(weights: Floats, reference: Floats) -> float:
    return float(stats.ks_2samp(weights.ravel(), reference.ravel(), method="asymp").statistic)
