"""What the estimators on pooled spikes share."""

from __future__ import annotations

from typing import Any, ClassVar

from ..readout import as_series, check_dtype
from ..result import Result
from .pooled import PooledClassifier
from .spike_features import SpikeFeatures

__all__ = ["SpikingPooling"]


class SpikingPooling(PooledClassifier):
    """A classifier whose readout sees the spikes of one population, pooled."""

    _poolings: ClassVar[tuple[str, ...]] = ("last", "mean", "segments")
    _population: ClassVar[str]
    include_input: bool

    @property
    def _step_ms(self) -> float:
        """Time step of the networks."""
        raise NotImplementedError

    def spikes(self, x: Any, member: int = 0) -> Result:
        """Return the spikes of all populations for one series, such as those of the encoder.

        Parameters
        ----------
        x : array [time, feature]
            As the series of `fit`; it is scaled as they were.
        member : int
            Which network.

        Returns
        -------
        Result
        """
        self._check_fitted("spikes")
        owner = f"{type(self).__name__}.spikes"
        one = as_series(owner, x, check_dtype(owner, self.dtype), self.n_features_in_)
        features: SpikeFeatures = self._features[member]
        return features.run_one(self._scaler.transform([one], owner, "x")[0])

    def _member_features(self, net: Any, inputs: list[Any]) -> SpikeFeatures:
        return SpikeFeatures(
            net,
            self._population,
            self._step_ms,
            pooling=self.pooling,
            n_segments=self.n_segments,
            trace_ms=self.trace_ms,
            include_input=self.include_input,
            washout=self.washout,
            threads=self.threads,
            dtype=check_dtype(type(self).__name__, self.dtype).name,
        )
