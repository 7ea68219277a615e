"""Echo state networks that answer once for each series."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from ..fused import fuse_network
from ..readout import POOLINGS, ModelSpace, check_dtype
from ..reservoir import Reservoir
from ..storable import storable
from .features import PooledFeatures, kept_states
from .pooled import PooledClassifier, PooledReservoir

__all__ = ["ESNClassifier", "EchoStatePooling"]


class EchoStatePooling(PooledReservoir):
    """Pooled features of leaky-tanh reservoirs."""

    _recipe: ClassVar[type[Any]] = Reservoir
    _poolings: ClassVar[tuple[str, ...]] = POOLINGS

    def _member_features(self, net: Any, inputs: list[Any]) -> PooledFeatures:
        fused = fuse_network(net, check_dtype(type(self).__name__, self.dtype))
        space = None
        if self.pooling == "model_space":
            space = ModelSpace(min(self.n_components, fused.n))
            space.fit(part for _, _, part in kept_states(fused.stream(inputs, self.threads), self.washout))
        return PooledFeatures(
            fused, self.pooling, self.n_segments, self.include_input, self.washout, self.threads, space
        )

    def _synops(self, inputs: list[Any]) -> float:
        edges = sum(features.fused.n_edges for features in self._features)
        return float(np.mean([len(one) for one in inputs]) * edges)


@storable
class ESNClassifier(EchoStatePooling, PooledClassifier):
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
