"""A leaky-tanh reservoir with a readout that predicts the next point, run point by point or in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch

from ..fused import FusedReservoir
from ..storable import require_array, require_stored, storable
from .points import Floats

__all__ = ["PointState", "ReservoirPredictor"]

Array = npt.NDArray[Any]

# As in the kernels: longer rows vectorise by themselves.
_LONGEST_COLUMNS = 64


@storable
@dataclass(eq=False)
class PointState:
    """Where a predictor stands in a series.

    Attributes
    ----------
    z : array [neuron + channel], float32 or float64
        State of the reservoir and its last input.
    pending : array [horizon, target], float64
        Predictions of the next points.
    held : array [channel], float64
        Last value of each channel, scaled.
    clock : array [1], int64
        Points since the state was zero.
    """

    z: Array
    pending: Floats
    held: Floats
    clock: npt.NDArray[np.int64]

    def copy(self) -> PointState:
        """Return a state that goes its own way."""
        return PointState(self.z.copy(), self.pending.copy(), self.held.copy(), self.clock.copy())


@storable
@dataclass(frozen=True, eq=False)
class ReservoirPredictor:
    """Residuals of a series under a reservoir and its readout.

    Attributes
    ----------
    fused : FusedReservoir
    mean, scale : array [channel], float64
        The reservoir sees ``(x - mean) / scale``,
    clip : float
        no farther from zero than this.
    targets : array [target], int64
        Channels that are predicted.
    horizon : int
        Points ahead.
    washout : int
        Points at the start that have no residual.
    """

    fused: FusedReservoir
    mean: Floats
    scale: Floats
    clip: float
    targets: npt.NDArray[np.int64]
    horizon: int
    washout: int

    def _check_stored(self) -> None:
        require_stored(isinstance(self.fused, FusedReservoir), "reservoir")
        n_channels = self.fused.n_inputs
        require_array(self.mean, "mean", np.float64, n_channels)
        require_array(self.scale, "scale", np.float64, n_channels)
        require_array(self.targets, "targets", np.int64, None)
        require_stored(bool(((self.targets >= 0) & (self.targets < n_channels)).all()), "targets")
        require_stored(type(self.horizon) is int and self.horizon > 0, "horizon")

    def check_state(self, state: Any) -> None:
        """Refuse a state from a file that is none of this predictor; the kernel looks at no bounds."""
        require_stored(isinstance(state, PointState), "state")
        require_array(state.z, "state", self.fused.dtype, self.n_features)
        require_array(state.pending, "predictions", np.float64, self.horizon, self.targets.size)
        require_array(state.held, "last values", np.float64, self.mean.size)
        require_array(state.clock, "clock", np.int64, 1)
        require_stored(int(state.clock[0]) >= 0, "clock")

    @cached_property
    def _arguments(self) -> tuple[Any, ...]:
        """What the kernel is told besides the series, the readout and the state."""
        fused = self.fused
        lengths = (fused.ptr[1:] - fused.ptr[:-1]).astype(np.int64)
        longest = -(-int(lengths.max()) // 4) * 4
        width = longest if fused.source.size and longest <= _LONGEST_COLUMNS else 0
        column_source = np.zeros((width, fused.n), fused.source.dtype)
        column_weight = np.zeros((width, fused.n), fused.dtype)
        if width:
            neuron = np.repeat(np.arange(fused.n), lengths)
            place = np.arange(fused.source.size) - fused.ptr[neuron]
            column_source[place, neuron], column_weight[place, neuron] = fused.source, fused.weight
        return (
            self.mean, self.scale, self.clip, self.targets, self.washout, fused.ptr, fused.source,
            fused.weight, column_source, column_weight, fused.bias, fused.leak,
        )  # fmt: skip

    @property
    def n_features(self) -> int:
        """Features of a point: states and inputs."""
        return self.fused.n + self.fused.n_inputs

    def synops(self, state: PointState) -> float:
        """Multiplications of one point; the state does not matter here."""
        return float(self.fused.n_edges + self.targets.size * self.n_features)

    def start(self) -> PointState:
        """Return the state before the first point."""
        z = np.zeros(self.n_features, self.fused.dtype)
        pending = np.zeros((self.horizon, self.targets.size))
        return PointState(z, pending, np.zeros(self.fused.n_inputs), np.zeros(1, np.int64))

    def features(self, u: Floats, state: PointState) -> Array:
        """Return the readout's features along scaled, filled points; ``state.z`` advances.

        Parameters
        ----------
        u : array [time, channel]
        state : PointState

        Returns
        -------
        array [time, neuron + channel]
        """
        n = self.fused.n
        x = np.clip(u, -self.clip, self.clip).astype(self.fused.dtype)
        states = self.fused.run(x[:, None], state.z[None, :n])
        state.z[n:] = x[-1]
        return np.concatenate([states[:, 0], x], axis=1)

    def residuals(
        self, points: Floats, coef: Floats, intercept: Floats, state: PointState, out: Floats
    ) -> None:
        """Write what each point differs from its prediction.

        Parameters
        ----------
        points : array [time, channel], float64
            NaN where missing: a predicted channel goes on with its prediction, another with its last value.
        coef : array [target, feature], float64
        intercept : array [target], float64
        state : PointState
            Replaced by the state behind the last point.
        out : array [time, target], float64
            Scaled; NaN where a point or its prediction is missing.
        """
        dispatch.backend(self.fused.backend).detect_run(
            points, *self._arguments, coef, intercept, state.z, state.pending, state.held, state.clock, out
        )
