"""The floor of a liquid that is driven by spikes: the spikes of its encoder, and no liquid."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from ..encode import DeltaEncoder, LIFEncoder
from ..errors import ParameterError
from ..reservoir import encoder_network
from ..storable import storable
from .base import InputScaler
from .spiking import SpikingPooling

__all__ = ["EncodedInputClassifier"]


@storable
class EncodedInputClassifier(SpikingPooling):
    """Classify sequences by a ridge readout of the rates at which an encoder's neurons fire.

    It tells what the spikes alone are worth: an `LSMClassifier` with the same encoder has a liquid on top.

    Parameters
    ----------
    encoder : DeltaEncoder or LIFEncoder
        What makes spikes of the (scaled) input.
    frame_ms, dt_ms : float, ms
        How long each row of the input lasts; time step.
    pooling, n_segments, trace_ms
        As in `LSMClassifier`, of the encoder's neurons.
    ridge, standardize, deltas, washout, dtype, threads
        As in `LSMClassifier`.

    Attributes
    ----------
    classes_, n_features_in_, readouts_, networks_, synops_per_sample_, spike_synops_per_sample_
        As in `LSMClassifier`; there is one network. No spike crosses an edge before the readout.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(20)
    >>> X = [np.sin(t / period)[:, None] for period in (2, 4, 2.1, 4.1)]
    >>> model = EncodedInputClassifier(DeltaEncoder(threshold=0.2)).fit(X, ["fast", "slow", "fast", "slow"])
    >>> model.predict(X[:2]).tolist()
    ['fast', 'slow']
    """

    _population: ClassVar[str] = "encoder"
    include_input = False  # the floor is the spikes alone

    def __init__(
        self,
        encoder: DeltaEncoder | LIFEncoder = LIFEncoder(),  # noqa: B008 - frozen
        *,
        frame_ms: float = 20.0,
        dt_ms: float = 1.0,
        pooling: Literal["segments", "mean", "last"] = "segments",
        n_segments: int = 4,
        trace_ms: float = 50.0,
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        standardize: bool = True,
        deltas: bool = False,
        washout: int = 0,
        dtype: str = "float32",
        threads: int = 1,
    ):
        self.encoder = encoder
        self.frame_ms = frame_ms
        self.dt_ms = dt_ms
        self.pooling = pooling
        self.n_segments = n_segments
        self.trace_ms = trace_ms
        self.ridge = ridge
        self.standardize = standardize
        self.deltas = deltas
        self.washout = washout
        self.dtype = dtype
        self.threads = threads

    def check_parameters(self) -> None:
        """Refuse parameters that cannot be used, whatever the data; `fit` does so first."""
        super().check_parameters()
        owner = type(self).__name__
        if self.encoder is None:
            remedy = "PooledInputClassifier pools the values themselves."
            raise ParameterError(owner, "encoder", None, "be an encoder", remedy)
        if self.frame_ms < self.dt_ms:
            raise ParameterError(owner, "frame_ms", self.frame_ms, f"be >= dt_ms={self.dt_ms!r}")

    def _start(self, series: list[Any]) -> None:
        self._scaler = InputScaler.fit(series, self.standardize, self.deltas)
        self.networks_ = [encoder_network(self._scaler.n_out, self.encoder, self.frame_ms, self.dt_ms)]

    @property
    def _step_ms(self) -> float:
        return self.dt_ms

    def _synops(self, inputs: list[Any]) -> float:
        self.spike_synops_per_sample_ = 0.0
        rows = float(np.mean([len(one) for one in inputs]))
        return float(rows * sum(features.n_input_edges for features in self._features))
