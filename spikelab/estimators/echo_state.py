"""Echo state networks that answer once for each series: a classifier and the base of the regressor."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..errors import ParameterError
from ..readout import POOLINGS, ModelSpace, Ridge, as_labels, as_sequences, check_dtype, subsequences
from ..reservoir import Reservoir, fuse_network
from ..units import require_integer
from .base import InputScaler, SequenceEstimator, softmax
from .features import PooledFeatures, fit_readout, kept_states

__all__ = ["ESNClassifier", "PooledReservoir"]

Floats = npt.NDArray[np.float64]


class PooledReservoir(SequenceEstimator):
    """Sequences through one or more reservoirs to pooled features and ridge readouts."""

    def _start(self, series: list[Any]) -> None:
        """Check parameters, fit the scaling and draw the reservoirs."""
        owner = type(self).__name__
        if not isinstance(self.reservoir, Reservoir):
            remedy = "Pass one such as Reservoir(200)."
            raise ParameterError(owner, "reservoir", self.reservoir, "be a Reservoir recipe", remedy)
        self._choice("pooling", POOLINGS)
        for name in ("n_segments", "n_components", "threads"):
            require_integer(owner, name, getattr(self, name))
        subsequences(owner, series, self.washout)
        self.n_features_in_ = series[0].shape[1]
        self._scaler = InputScaler.fit(series, self.standardize, self.deltas)
        seeds = self._seeds(self.ensemble, self.reservoir.seed)
        self.networks_ = [self.reservoir.network(self._scaler.n_out, seed) for seed in seeds]

    def _fit_pooled(self, series: list[Any], targets: Floats) -> None:
        """Fit one readout a member; targets [series, output]."""
        self._start(series)
        inputs = self._scaler.transform(series)
        self._features = [self._pooled_features(net, inputs) for net in self.networks_]
        self.readouts_ = [
            fit_readout(partial(features.blocks, inputs), targets, features.n_out, self.ridge)
            for features in self._features
        ]
        steps = float(np.mean([len(one) for one in series]))
        edges = sum(features.fused.n_edges for features in self._features)
        self.synops_per_sample_ = steps * edges + sum(readout.coef_.size for readout in self.readouts_)

    @property
    def readout_(self) -> Ridge:
        """Readout of the first member."""
        readout: Ridge = self.readouts_[0]
        return readout

    def _pooled_features(self, net: Any, inputs: list[Any]) -> PooledFeatures:
        fused = fuse_network(net, check_dtype(type(self).__name__, self.dtype))
        space = None
        if self.pooling == "model_space":
            space = ModelSpace(min(self.n_components, fused.n))
            space.fit(
                states for _, _, states in kept_states(fused.stream(inputs, self.threads), self.washout)
            )
        return PooledFeatures(
            fused, self.pooling, self.n_segments, self.include_input, self.washout, self.threads, space
        )

    def _scores(self, X: Any, method: str) -> Floats:
        """Mean of the members' outputs: array [series, output]."""
        self._check_fitted(method)
        owner = f"{type(self).__name__}.{method}"
        series = as_sequences(owner, X, check_dtype(owner, self.dtype), self.n_features_in_)
        subsequences(owner, series, self.washout)
        inputs = self._scaler.transform(series)
        total: Any = 0.0
        for features, readout in zip(self._features, self.readouts_, strict=True):
            scores = np.empty((len(inputs), np.atleast_1d(readout.intercept_).size))
            for index, rows in features.blocks(inputs):
                scores[index] = readout.predict(rows).reshape(index.size, -1)
            total = total + scores / len(self.readouts_)
        return np.asarray(total)


class ESNClassifier(ClassifierMixin, PooledReservoir):  # type: ignore[misc]
    """Classify sequences by an echo state network with a ridge readout of pooled states.

    Parameters
    ----------
    reservoir : Reservoir
        Recipe of the reservoir.
    pooling : {"segments", "mean", "last", "model_space"}
        How the states of a series become one vector: means of `n_segments` parts of the series, the mean,
        the last state, or the weights of a linear model that predicts the states.
    n_segments : int
        Parts of a series.
    n_components : int
        Principal components of the states (``pooling="model_space"`` only).
    include_input : bool
        Whether the input, pooled in the same way, stands beside the states.
    ridge : float, "gcv" or "holdout"
        Penalty of the readout; see `spikelab.readout.Ridge`.
    ensemble : int
        Reservoirs, each with weights and a readout of its own; their scores are averaged.
    standardize : bool
        Whether inputs are brought to zero mean and unit variance.
    deltas : bool
        Whether differences from step to step are fed in as further features.
    washout : int
        Steps at the start of each series that are not pooled.
    dtype : {"float32", "float64"}
        Of inputs, weights and states; the readout is always fitted in float64.
    threads : int
        Threads that share the series.
    random_state : int or None
        Seed of the weights; None draws a new one at each fit.

    Attributes
    ----------
    classes_ : array [class]
    n_features_in_ : int
    readouts_ : list of Ridge
        One for each member; `readout_` is the first. Their ``ridge_path_`` shows the choice of the penalty.
    networks_ : list of Network
        The recipes that were drawn.
    synops_per_sample_ : float
        Multiplications of a series of mean length: recurrent, input and readout weights.

    Notes
    -----
    Targets are +1 for the class and -1 for the others. Each series starts from the zero state.

    References
    ----------
    H. Jaeger et al., Neural Networks 20 (2007), section 5 (Japanese Vowels).

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(40)
    >>> X = [np.sin(t / period)[:, None] for period in (2, 3, 2.1, 3.1)]
    >>> ESNClassifier(Reservoir(50)).fit(X, ["fast", "slow", "fast", "slow"]).predict(X[:2]).tolist()
    ['fast', 'slow']
    """

    def __init__(
        self,
        reservoir: Reservoir = Reservoir(),  # noqa: B008 - frozen
        *,
        pooling: Literal["segments", "mean", "last", "model_space"] = "segments",
        n_segments: int = 4,
        n_components: int = 30,
        include_input: bool = True,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        ensemble: int = 1,
        standardize: bool = True,
        deltas: bool = False,
        washout: int = 0,
        dtype: str = "float32",
        threads: int = 1,
        random_state: int | None = 0,
    ):
        self.reservoir = reservoir
        self.pooling = pooling
        self.n_segments = n_segments
        self.n_components = n_components
        self.include_input = include_input
        self.ridge = ridge
        self.ensemble = ensemble
        self.standardize = standardize
        self.deltas = deltas
        self.washout = washout
        self.dtype = dtype
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> ESNClassifier:
        """Fit to sequences and their labels.

        Parameters
        ----------
        X : list of array [time, feature], or array [sequence, time, feature]
        y : array [sequence]

        Raises
        ------
        ParameterError
            For every input that cannot be used, with its index.
        """
        owner = f"{type(self).__name__}.fit"
        series = as_sequences(owner, X, check_dtype(owner, self.dtype))
        self.classes_, index = as_labels(owner, y, len(series))
        targets = np.where(index[:, None] == np.arange(self.classes_.size), 1.0, -1.0)
        self._fit_pooled(series, targets)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return the scores: array [sequence, class]; with two classes [sequence], > 0 for the second."""
        scores = self._scores(X, "decision_function")
        return (scores[:, 1] - scores[:, 0]) / 2.0 if self.classes_.size == 2 else scores

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the label of the largest score: array [sequence]."""
        winner = self._scores(X, "predict").argmax(axis=1)
        labels: npt.NDArray[Any] = self.classes_[winner]
        return labels

    def predict_proba(self, X: Any) -> Floats:
        """Return the softmax of the scores: array [sequence, class]. It ranks; it is not calibrated."""
        return softmax(self._scores(X, "predict_proba"))
