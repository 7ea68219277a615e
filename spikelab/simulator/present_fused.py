"""Samples through the loop that knows networks of competing neurons, with the engine's state and weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..fused.competitive import Competitive, suits

if TYPE_CHECKING:
    from .simulator import Simulator

__all__ = ["FusedSamples"]


class FusedSamples:
    """The loop of a competitive network: it takes over a simulator's weights and state, and gives them back.

    Parameters
    ----------
    sim : Simulator
        For whose network `suits` holds.
    """

    def __init__(self, sim: Simulator):
        self._sim, self._engine = sim, sim._engine
        self._reseed = sim._engine.reseed
        (self._learner,) = sim._engine.plastic
        self._loop = Competitive(sim._built, sim.weights(), sim.device, self._reseed)

    @staticmethod
    def suits(sim: Simulator) -> bool:
        """Whether the network of `sim` is a competitive one."""
        if sim._fused is not None and sim._fused.fits(sim):
            return True
        return len(sim._engine.plastic) == 1 and suits(sim._built, sim.weights())

    def fits(self, sim: Simulator) -> bool:
        """Whether it was made for `sim` as it is now."""
        return sim._engine is self._engine and sim._engine.reseed == self._reseed

    def take_over(self) -> None:
        """Go on from the weights and the state of the simulator."""
        for own, theirs in self._state():
            own[:] = theirs
        weights = self._learner.link.sign * self._learner.weights()
        self._loop.weights[:] = weights.reshape(self._loop.weights.shape)

    def show(
        self, inputs: Mapping[str, np.ndarray], steps: int, learn: bool, sample_ids: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Show samples: spike counts of the populations, arrays [sample, neuron], int32."""
        (data,) = inputs.values()
        return self._loop.present(data, steps, learn, sample_ids)

    def hand_over(self) -> None:
        """Give weights and state back to the simulator."""
        for own, theirs in self._state():
            theirs[:] = own
        weights = self._loop.weights.ravel().astype(np.float64)
        self._learner.take_weights(self._learner.link.sign * weights)

    def _state(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Each state variable of the loop, and that of the engine."""
        built, engine = self._sim._built, self._engine
        for name, variables in self._loop.state.items():
            runner = engine.blocks[built.block_of(name)]
            own = slice(*runner.block.ranges[name])
            for variable, values in variables.items():
                yield values, runner.state[variable][:, own]
