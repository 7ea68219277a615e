"""Plain detectors that a reservoir has to beat, with the same interface and the same scoring."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr
from sklearn.base import BaseEstimator

from ..errors import ParameterError
from ..units import require_flag, require_integer, require_positive, require_scalar
from .points import FARTHEST, Floats, as_points, channels_of, fill_last, moments, require_targets
from .scoring import Scoring

__all__ = [
    "LinearAutoregression",
    "MatrixProfile",
    "MovingZScore",
    "RandomScore",
    "TimeIndex",
    "WindowedGaussian",
]

# Beyond this many spreads the tail of a normal distribution has no meaning, only a size.
_MOST_SPREADS = 1e6
_PLAIN = Scoring("standardised")
# Stretches compared at a time: tiles that stay in the caches.
_ROWS, _COLUMNS = 1024, 4096


class _Floor(ABC, BaseEstimator):  # type: ignore[misc]
    """A residual of its own, then the scoring that every detector ends in.

    Values are centred and scaled by the mean and spread of the training part. A missing value (NaN) is
    replaced by the last one seen where it is needed as input, and has no residual of its own. All take
    ``targets``, the channels that have a residual, all by default, and ``score``, what is made of them.
    """

    score: Scoring
    targets: tuple[int, ...] | None
    _helped: ClassVar[bool] = False  # whether channels without a residual are looked at

    def check_parameters(self) -> None:
        """Refuse parameters that cannot be used, whatever the data."""
        if not isinstance(self.score, Scoring):
            raise ParameterError(type(self).__name__, "score", self.score, "be a Scoring")
        require_targets(type(self).__name__, self.targets)
        self._check()

    def fit(self, normal: npt.ArrayLike, y: object = None) -> Self:
        """Learn from a part that is taken as normal.

        Parameters
        ----------
        normal : array [time, channel]
            NaN where missing.

        Returns
        -------
        self
        """
        self.check_parameters()
        owner = f"{type(self).__name__}.fit"
        points = as_points(owner, normal, least=2)
        self.mean_, self.scale_ = moments(owner, points)
        self.n_features_in_ = points.shape[1]
        self.targets_ = channels_of(owner, self.targets, points.shape[1])
        self._held = np.zeros(points.shape[1])
        filled, missing = self._filled(points)
        self._learn(filled)
        residual = self._residual(filled, 0)
        residual[missing] = np.nan
        self._state = self.score.calibrate(residual)
        self._past, self._age = filled[-self._memory() :].copy(), len(filled)
        self._begin = (self._state.copy(), self._past, self._age, self._held.copy())
        return self

    def score_samples(self, x: npt.ArrayLike, continue_: bool = False) -> Floats:
        """Return how normal each point is, higher being more normal.

        Parameters
        ----------
        x : array [time, channel]
            NaN where missing.
        continue_ : bool
            Go on from the last point scored; False goes on from the end of the training part.

        Returns
        -------
        array [time], float64
        """
        owner = f"{type(self).__name__}.score_samples"
        if not hasattr(self, "mean_"):
            raise ParameterError(owner, "self", self, "be fitted", "Call fit first.")
        points = as_points(owner, x, self.n_features_in_)
        if not require_flag(owner, "continue_", continue_):
            state, self._past, self._age, held = self._begin
            self._state, self._held = state.copy(), held.copy()
        filled, missing = self._filled(points)
        whole = np.concatenate([self._past, filled])
        residual = self._residual(whole, self._age - len(self._past))[len(self._past) :]
        residual[missing] = np.nan
        self._past, self._age = whole[-self._memory() :].copy(), self._age + len(filled)
        return 0.0 - self.score.run(residual, self._state)

    def _filled(self, points: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Scaled points with the last one in place of missing ones, and where those were."""
        with np.errstate(over="ignore"):
            scaled = np.clip((points - self.mean_) / self.scale_, -FARTHEST, FARTHEST)
        filled, missing = fill_last(scaled, self._held), np.isnan(scaled)[:, self.targets_]
        return filled if self._helped else filled[:, self.targets_], missing

    def _memory(self) -> int:
        """Points before the first that its residual depends on."""
        return 1

    def _check(self) -> None:
        """Refuse parameters of its own."""

    def _learn(self, filled: Floats) -> None:
        """Fit to the training part [time, channel]."""

    @abstractmethod
    def _residual(self, whole: Floats, start: int) -> Floats:
        """The residual of each point [time, channel] from it and points before it.

        Point 0 is number `start` of the series.
        """


class MovingZScore(_Floor):
    """Distance from the moving mean, in moving standard deviations: the points before alone count.

    Parameters
    ----------
    window : int
        Points of the moving window.
    score : Scoring
        What is made of the residual.
    targets : tuple of int, optional
        Channels that have one; all by default.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(400.0))[:, None]
    >>> x[300] = 9.0
    >>> int(np.argmin(MovingZScore(50).fit(x[:200]).score_samples(x[200:])))
    100
    """

    def __init__(self, window: int = 100, *, score: Scoring = _PLAIN, targets: tuple[int, ...] | None = None):
        self.window = window
        self.score = score
        self.targets = targets

    def _check(self) -> None:
        require_integer(type(self).__name__, "window", self.window, 2, high=2**24)

    def _memory(self) -> int:
        return int(self.window)

    def _residual(self, whole: Floats, start: int) -> Floats:
        count = np.minimum(np.arange(len(whole)), self.window)
        mean = _moving_sum(whole, self.window) / np.maximum(count, 1)[:, None]
        square = _moving_sum(whole * whole, self.window) / np.maximum(count, 1)[:, None]
        # A quiet window does not make a whisper loud: a hundredth of the training spread is the least.
        spread = np.sqrt(np.maximum(square - mean * mean, 1e-4))
        return np.asarray((whole - mean) / spread)


class WindowedGaussian(MovingZScore):
    """Tail probability of a value under a normal distribution fitted to the points before it.

    The residual is ``-log10 Q(|z|)``, with z as of `MovingZScore` and Q both tails of the distribution.

    Parameters
    ----------
    window : int
        Points of the moving window.
    score : Scoring
        What is made of the residual.
    targets : tuple of int, optional
        Channels that have one; all by default.

    References
    ----------
    Lavin and Ahmad (2015), the benchmark's detector "Windowed Gaussian".
    """

    def __init__(
        self, window: int = 6400, *, score: Scoring = _PLAIN, targets: tuple[int, ...] | None = None
    ):
        super().__init__(window, score=score, targets=targets)

    def _residual(self, whole: Floats, start: int) -> Floats:
        spreads = np.minimum(np.abs(super()._residual(whole, start)), _MOST_SPREADS)
        return np.asarray(-(log_ndtr(-spreads) + np.log(2.0)) / np.log(10.0))


class LinearAutoregression(_Floor):
    """Error of a linear forecast from the last points, fitted by ridge regression.

    Channels that are no targets help to forecast the others.

    Parameters
    ----------
    order : int
        Points that the forecast sees, of all channels.
    ridge : float
        Strength of the penalty, as a share of the training points.
    horizon : int
        Points ahead that are forecast.
    score : Scoring
        What is made of the residual.
    targets : tuple of int, optional
        Channels that have one; all by default.
    """

    _helped = True

    def __init__(
        self,
        order: int = 10,
        ridge: float = 1e-3,
        horizon: int = 1,
        *,
        score: Scoring = _PLAIN,
        targets: tuple[int, ...] | None = None,
    ):
        self.order = order
        self.ridge = ridge
        self.horizon = horizon
        self.score = score
        self.targets = targets

    def _check(self) -> None:
        require_integer("LinearAutoregression", "order", self.order, high=2**16)
        require_integer("LinearAutoregression", "horizon", self.horizon, high=1000)
        require_positive(
            "LinearAutoregression", "ridge", require_scalar("LinearAutoregression", "ridge", self.ridge)
        )

    def _memory(self) -> int:
        return int(self.order + self.horizon - 1)

    def _learn(self, filled: Floats) -> None:
        if len(filled) < 2 * self._memory():
            need = f"have at least {2 * self._memory()} points, twice the order and horizon"
            raise ParameterError("LinearAutoregression.fit", "normal", f"{len(filled)} points", need)
        past, target = self._lags(filled)[self._memory() :], filled[self._memory() :, self.targets_]
        gram = past.T @ past + self.ridge * len(past) * np.eye(past.shape[1])
        self.coef_ = np.linalg.solve(gram, past.T @ target)

    def _residual(self, whole: Floats, start: int) -> Floats:
        return np.asarray(whole[:, self.targets_] - self._lags(whole) @ self.coef_)

    def _lags(self, whole: Floats) -> Floats:
        """The points `horizon` and more before each, and a constant; the first stands for those before."""
        padded = np.concatenate([np.repeat(whole[:1], self._memory(), axis=0), whole])
        taps = [padded[k : k + len(whole)] for k in range(self.order)]
        return np.concatenate([*taps, np.ones((len(whole), 1))], axis=1)


class MatrixProfile(_Floor):
    """Distance of the last points to the most similar stretch before them, as shapes.

    The distance is Euclidean between stretches of `window` points that are scaled to mean 0 and variance 1.
    It stands at the last point of a stretch, so that no point is looked at before its time. Channels are
    compared one by one.

    Parameters
    ----------
    window : int
        Points of a stretch.
    past : bool
        Compare with all that came before (the left matrix profile; the cost grows with the square of the
        length), or else with the training part alone.
    step : int
        The last stretch is looked at every so many points; the distance stands until the next.
    score : Scoring
        What is made of the residual.
    targets : tuple of int, optional
        Channels that have one; all by default.

    References
    ----------
    Yeh et al. (2016), "Matrix profile I", IEEE ICDM, definitions 3 to 5; S. Law (2019), "STUMPY", JOSS
    4(39), 1504.
    """

    def __init__(
        self,
        window: int = 100,
        past: bool = False,
        step: int = 1,
        *,
        score: Scoring = _PLAIN,
        targets: tuple[int, ...] | None = None,
    ):
        self.window = window
        self.past = past
        self.step = step
        self.score = score
        self.targets = targets

    def _check(self) -> None:
        require_integer("MatrixProfile", "window", self.window, 4, high=2**16)
        require_flag("MatrixProfile", "past", self.past)
        require_integer("MatrixProfile", "step", self.step, high=int(self.window))

    def _memory(self) -> int:
        return 2**62 if self.past else int(self.window) - 1

    def _learn(self, filled: Floats) -> None:
        if len(filled) < 2 * self.window:
            need = f"have at least {2 * self.window} points, twice the window"
            raise ParameterError("MatrixProfile.fit", "normal", f"{len(filled)} points", need)
        self.normal_ = filled

    def _residual(self, whole: Floats, start: int) -> Floats:
        distance = np.full(whole.shape, np.nan)
        first = int(self.window) - 1
        # Steps count from the start of the series, however it is cut.
        offset = -start % self.step
        # The training part is compared with what came before: in itself each stretch would find itself.
        own = self.past or start == 0
        for channel in range(whole.shape[1]):
            normal = None if own else self.normal_[:, channel]
            profile = _profile(whole[:, channel], int(self.window), normal, offset, int(self.step))
            known = np.where(np.isfinite(profile), profile, np.nan).repeat(self.step)
            distance[first + offset :, channel] = known[: max(len(whole) - first - offset, 0)]
        return distance


class TimeIndex(_Floor):
    """The number of the point: what a score reaches that looks at nothing but the clock."""

    def __init__(self, *, score: Scoring = _PLAIN, targets: tuple[int, ...] | None = None):
        self.score = score
        self.targets = targets

    def _residual(self, whole: Floats, start: int) -> Floats:
        clock = np.arange(start, start + len(whole), dtype=np.float64)
        return np.repeat(clock[:, None], whole.shape[1], axis=1)


class RandomScore(_Floor):
    """Random numbers: what a score reaches that looks at nothing."""

    def __init__(
        self, *, score: Scoring = _PLAIN, targets: tuple[int, ...] | None = None, random_state: int = 0
    ):
        self.score = score
        self.targets = targets
        self.random_state = random_state

    def _check(self) -> None:
        require_integer("RandomScore", "random_state", self.random_state, 0)

    def _residual(self, whole: Floats, start: int) -> Floats:
        # The number of the first point keys the stream, so that a second series does not repeat the first.
        draw = np.random.default_rng((int(self.random_state), start)).normal(size=(len(whole), 1))
        return np.repeat(draw, whole.shape[1], axis=1)


def _moving_sum(values: Floats, window: int) -> Floats:
    """Sum of the last `window` points before each point.

    A window is the end of one block of `window` points and the start of the next. Nothing is taken off a
    sum, so that of a wild value nothing stays once it has left the window.
    """
    n, width = values.shape
    window = min(window, n)
    blocks = -(-n // window) + 1
    padded = np.zeros((blocks * window, width))
    padded[window : window + n] = values
    parts = padded.reshape(blocks, window, width)
    first, rest = np.zeros_like(parts), np.zeros_like(parts)
    first[:, 1:] = np.cumsum(parts[:, :-1], axis=1)  # of a block, up to each point
    rest[1:] = np.cumsum(parts[:-1, ::-1], axis=1)[:, ::-1]  # of the block before, from each point on
    return np.asarray((first + rest).reshape(-1, width)[window : window + n])


def _profile(values: Floats, window: int, normal: Floats | None, offset: int, step: int) -> Floats:
    """Distance of every `step`-th stretch to the nearest of `normal`, or of those before it; inf if none."""
    every = _shapes(values, window)
    own, places = every[offset::step], np.arange(offset, len(every), step)
    others = every if normal is None else _shapes(normal, window)
    sizes = np.einsum("ij,ij->i", others, others)
    apart = -(-window // 4)  # stretches that overlap by more are no match, as stumpy has it
    nearest = np.full(len(own), np.inf, dtype=np.float32)
    for begin in range(0, len(own), _ROWS):
        some = slice(begin, begin + _ROWS)
        last = int(places[some][-1])
        for column in range(0, len(others) if normal is not None else last + 1, _COLUMNS):
            part = slice(column, column + _COLUMNS)
            # |a - b|^2 = |a|^2 + |b|^2 - 2 a b: the products of all pairs are one matrix product.
            distance = own[some] @ others[part].T
            distance *= -2.0
            distance += sizes[part]
            if normal is None and column + _COLUMNS > places[begin] - apart:  # on the diagonal
                gap = places[some, None] - np.arange(len(others))[part]
                distance[gap < apart] = np.inf
            np.minimum(nearest[some], distance.min(axis=1), out=nearest[some])
    distance = np.sqrt(np.maximum(nearest + np.einsum("ij,ij->i", own, own), 0.0))
    return np.asarray(distance, dtype=np.float64)


def _shapes(values: Floats, window: int) -> npt.NDArray[np.float32]:
    """Stretches [stretch, window] of mean 0 and variance 1; those that do not vary are 0."""
    stretches = np.lib.stride_tricks.sliding_window_view(values, window)
    shapes = np.empty(stretches.shape, dtype=np.float32)
    for begin in range(0, len(stretches), _ROWS):
        some = stretches[begin : begin + _ROWS]
        centred = some - some.mean(axis=1, keepdims=True)
        spread = centred.std(axis=1, keepdims=True)
        shapes[begin : begin + _ROWS] = centred / np.where(spread > 1e-9, spread, np.inf)
    return shapes
