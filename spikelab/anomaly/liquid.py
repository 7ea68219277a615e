"""A spiking liquid with a readout that predicts the next point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..network import Network
from ..record import Record
from ..reservoir import LiquidReservoir
from ..simulator import Simulator
from ..storable import storable
from .points import Floats

__all__ = ["LiquidPredictor", "LiquidState"]

# Neuron-steps of one run, which bound the spikes that are held.
_RUN_STEPS = 1 << 22


@storable
@dataclass(eq=False)
class LiquidState:
    """Where a liquid stands in a series.

    Attributes
    ----------
    moving : dict of str to array
        Membranes, currents and spikes under way; empty before the first point.
    trace : array [neuron], float64
        Filtered spikes.
    crossed : array [1], int64
        Edges that spikes have crossed so far.
    pending, held, clock
        As in `PointState`; ``pending[0]`` is the prediction of the next point.
    """

    moving: dict[str, npt.NDArray[np.generic]]
    trace: Floats
    crossed: npt.NDArray[np.int64]
    pending: Floats
    held: Floats
    clock: npt.NDArray[np.int64]

    def copy(self) -> LiquidState:
        """Return a state that goes its own way."""
        moving = {name: values.copy() for name, values in self.moving.items()}
        trace, pending, held = self.trace.copy(), self.pending.copy(), self.held.copy()
        return LiquidState(moving, trace, self.crossed.copy(), pending, held, self.clock.copy())


@storable
@dataclass(frozen=True, eq=False)
class LiquidPredictor:
    """Residuals of a series under a liquid and its readout; see `ReservoirPredictor`.

    The features of a point are the spikes of each neuron, filtered with `trace_ms`, and the input.

    Attributes
    ----------
    network : Network
        Made by `recipe`.
    recipe : LiquidReservoir
    trace_ms : float, ms
    dtype : str
        Of the liquid.
    mean, scale, clip, targets, horizon, washout
        As in `ReservoirPredictor`.
    """

    network: Network
    recipe: LiquidReservoir
    trace_ms: float
    dtype: str
    mean: Floats
    scale: Floats
    clip: float
    targets: npt.NDArray[np.int64]
    horizon: int
    washout: int

    @cached_property
    def _simulator(self) -> Simulator:
        return Simulator(self.network, self.recipe.dt_ms, dtype=self.dtype, threads=1)

    @cached_property
    def _fan_out(self) -> npt.NDArray[np.int64]:
        fan_out = np.zeros(self.recipe.n, np.int64)
        for projection in self.network.projections.values():
            if projection.recurrent:
                fan_out += np.bincount(projection.edges().source, minlength=self.recipe.n)
        return fan_out

    @property
    def n_features(self) -> int:
        """Features of a point."""
        return self.recipe.n + self.mean.size

    def synops(self, state: LiquidState) -> float:
        """Edges crossed a point, by spikes on average up to `state`, and by inputs and readout."""
        edges = sum(len(one.edges()) for one in self.network.projections.values() if not one.recurrent)
        spikes = float(state.crossed[0]) / max(int(state.clock[0]), 1)
        return spikes + edges + self.targets.size * self.n_features

    def start(self) -> LiquidState:
        """Return the state before the first point."""
        pending = np.zeros((self.horizon, self.targets.size))
        trace, crossed, clock = np.zeros(self.recipe.n), np.zeros(1, np.int64), np.zeros(1, np.int64)
        return LiquidState({}, trace, crossed, pending, np.zeros(self.mean.size), clock)

    def features(self, u: Floats, state: LiquidState) -> Floats:
        """Return the readout's features along scaled, filled points; liquid and trace of `state` advance.

        Parameters
        ----------
        u : array [time, channel]
        state : LiquidState

        Returns
        -------
        array [time, neuron + channel], float64
        """
        hold = max(1, round(self.recipe.frame_ms / self.recipe.dt_ms))
        x = np.clip(u, -self.clip, self.clip)
        rows = np.empty((len(u), self.n_features))
        rows[:, self.recipe.n :] = x
        keep = float(np.exp(-hold * self.recipe.dt_ms / self.trace_ms))
        if state.moving:
            self._simulator.restore(state.moving)
        else:
            self._simulator.reset()
        chunk = max(1, _RUN_STEPS // (self.recipe.n * hold))
        for first in range(0, len(u), chunk):
            part = x[first : first + chunk, None]
            result = self._simulator.run(inputs={"in": part}, record=Record(spikes="events"))
            if result.interrupted:
                raise KeyboardInterrupt
            spikes = result["reservoir"].spikes
            point = (spikes.step // hold).astype(np.int64)
            place = point * self.recipe.n + spikes.neuron
            counts = np.bincount(place, minlength=len(part) * self.recipe.n).reshape(len(part), -1)
            state.crossed += int((counts @ self._fan_out).sum())
            for t, count in enumerate(counts):
                state.trace[:] = keep * state.trace + count
                rows[first + t, : self.recipe.n] = state.trace
        state.moving = self._simulator.snapshot()
        return rows

    def residuals(
        self, points: Floats, coef: Floats, intercept: Floats, state: LiquidState, out: Floats
    ) -> None:
        """Write what each point differs from its prediction; see `ReservoirPredictor.residuals`."""
        # A gap is filled by the prediction of its point, so that it must be reached alone.
        gaps = np.flatnonzero(np.isnan(points).any(axis=1))
        cuts = np.unique(np.concatenate([[0], gaps, gaps + 1, [len(points)]])).tolist()
        for first, last in pairwise(cuts):
            self._stretch(points[first:last], coef, intercept, state, out[first:last])

    def _stretch(
        self, points: Floats, coef: Floats, intercept: Floats, state: LiquidState, out: Floats
    ) -> None:
        """Residuals of points without gaps, or of one with gaps."""
        with np.errstate(over="ignore"):  # too far to be a number is clipped like all that is far
            u = (points - self.mean) / self.scale
        missing = np.isnan(u[0])
        u[0, missing] = state.held[missing]
        gaps = missing[self.targets]
        if gaps.any() and state.clock[0] >= self.horizon:
            u[0, self.targets[gaps]] = state.pending[0, gaps]
        features = self.features(u, state)
        # Row by row in one order of summation: a matrix product would depend on how many rows there are.
        made = np.stack([(features * row).sum(axis=1) for row in coef], axis=1) + intercept
        predicted = np.concatenate([state.pending, made])
        now = int(state.clock[0]) + np.arange(len(u))
        out[:] = u[:, self.targets] - predicted[: len(u)]
        out[now < max(self.horizon, self.washout)] = np.nan
        out[0, gaps] = np.nan
        state.pending = predicted[len(u) :].copy()
        state.held, state.clock = u[-1].copy(), state.clock + len(u)
