"""Liquid state machines that answer once for each series."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from ..encode import DeltaEncoder, LIFEncoder
from ..network import Network
from ..reservoir import LiquidReservoir
from ..storable import storable
from .spiking import SpikingPooling

__all__ = ["LSMClassifier"]


@storable
class LSMClassifier(SpikingPooling):
    """Classify sequences by a liquid state machine: spiking neurons, and a ridge readout of their rates.

    Parameters
    ----------
    reservoir : LiquidReservoir
        Recipe of the liquid.
    encoder : DeltaEncoder, LIFEncoder or None
        What makes spikes of the (scaled) input for the liquid. None: its values are currents of the liquid.
    pooling : {"segments", "mean", "last"}
        What the readout sees of each neuron: its rate in `n_segments` parts of the series, its rate in all of
        it, or its spikes at the end, filtered with `trace_ms`.
    n_segments : int
        Parts of a series.
    trace_ms : float, ms
        Time constant of the filter (``pooling="last"`` only).
    include_input : bool
        Whether the input, pooled in the same way, stands beside the rates.
    ridge, ensemble, standardize, deltas, washout, threads, random_state
        As in `ESNClassifier`; the washout counts rows of the input.
    dtype : {"float32", "float64"}
        Of inputs, weights and states; the readout is always fitted in float64.

    Attributes
    ----------
    classes_, n_features_in_, readouts_, networks_
        As in `ESNClassifier`.
    spike_synops_per_sample_ : float
        Edges crossed by spikes in a training series, those of the encoder among them: additions of a weight,
        on average.
    synops_per_sample_ : float
        Those, and the multiplications of input and readout.

    References
    ----------
    W. Maass, T. Natschläger, H. Markram, "Real-time computing without stable states", Neural Computation 14
    (2002), doi 10.1162/089976602760407955.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab import LiquidReservoir
    >>> t = np.arange(20)
    >>> X = [np.sin(t / period)[:, None] for period in (2, 4, 2.1, 4.1)]
    >>> model = LSMClassifier(LiquidReservoir(n=27)).fit(X, ["fast", "slow", "fast", "slow"])
    >>> model.predict(X[:2]).tolist()
    ['fast', 'slow']
    """

    _recipe: ClassVar[type[Any]] = LiquidReservoir
    _population: ClassVar[str] = "reservoir"

    def __init__(
        self,
        reservoir: LiquidReservoir = LiquidReservoir(),  # noqa: B008 - frozen
        *,
        encoder: DeltaEncoder | LIFEncoder | None = None,
        pooling: Literal["segments", "mean", "last"] = "segments",
        n_segments: int = 4,
        trace_ms: float = 50.0,
        include_input: bool = False,
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
        self.encoder = encoder
        self.pooling = pooling
        self.n_segments = n_segments
        self.trace_ms = trace_ms
        self.include_input = include_input
        self.ridge = ridge
        self.ensemble = ensemble
        self.standardize = standardize
        self.deltas = deltas
        self.washout = washout
        self.dtype = dtype
        self.threads = threads
        self.random_state = random_state

    def _network(self, n_inputs: int, seed: int) -> Network:
        net: Network = self.reservoir.network(n_inputs, seed, self.encoder)
        return net

    @property
    def _step_ms(self) -> float:
        return float(self.reservoir.dt_ms)

    def _synops(self, inputs: list[Any]) -> float:
        self.spike_synops_per_sample_ = float(sum(features.spike_synops for features in self._features))
        rows = float(np.mean([len(one) for one in inputs]))
        products = sum(features.n_input_edges for features in self._features)
        return float(self.spike_synops_per_sample_ + rows * products)
