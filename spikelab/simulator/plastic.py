"""Spikes through synapses that learn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build.plastic import PlasticLink

__all__ = ["PlasticRunner"]


class PlasticRunner:
    """A plastic projection at run time: weights, traces, and spikes under way.

    Calls in a window [t, t + steps) of the target's component, which is at most ``link.span`` steps:
    ``push`` (for a source in an earlier component: a whole chunk at once, before), ``deliver`` for each part,
    then the dynamics, ``push`` (for a source in this component), ``learn``.
    """

    def __init__(self, link: PlasticLink, batch: int, backend: Backend):
        self.link, self.batch, self.backend = link, batch, backend
        raise NotImplementedError

    @property
    def waiting(self) -> int:
        """Spikes that wait."""
        raise NotImplementedError

    def reset(self, reseed: int = 0) -> None:
        """Back to the state before the first step, the weights included."""

    def forget(self) -> None:
        """Before a new sample, at step 0: no traces, no spikes under way; weights and synapse states stay."""

    def push(self, step: np.ndarray, batch: np.ndarray, source: np.ndarray, step0: int) -> None:
        """Take spikes on their way, as `ArrivalRunner.push`."""

    def deliver(self, part: int, t: int, out: np.ndarray) -> None:
        """Add what arrives in a window to the sums of one partition, as `ArrivalRunner.deliver`."""

    def learn(
        self,
        t: int,
        steps: int,
        post_bits: np.ndarray,
        values: Mapping[str, Mapping[str, np.ndarray]],
        signals: Mapping[str, np.ndarray],
        learning: bool,
    ) -> None:
        """Take over what happened in the window [t, t + steps), after its dynamics.

        Parameters
        ----------
        t, steps : int
            First absolute step, and how many.
        post_bits : array [step, batch, word], uint64
            Spikes of the target's whole block.
        values : mapping
            ``"post"`` and, where asked, ``"pre"``: state variables [step, batch, neuron of the block].
        signals : mapping of str to array [step], float64
            Third factors; one that is missing is 0.
        learning : bool
            Whether weights change; spikes are delivered and traces move in any case.
        """

    def signal(self, now: int, signals: Mapping[str, float]) -> None:
        """Run ``on_step`` at once, between the steps `now` - 1 and `now`."""

    def weights(self) -> np.ndarray:
        """Weights as the user sees them, signs included: array [edge], float64, in the order of the edges."""
        raise NotImplementedError

    def set_weights(self, values: np.ndarray) -> None:
        """Replace the weights now, and those that `reset` returns to."""

    def take_weights(self, values: np.ndarray) -> None:
        """Replace the weights now, without a check; `reset` still returns to those before."""

    def synapse_state(self, now: int) -> dict[str, np.ndarray]:
        """States of the synapses beside their weights at step `now`: name -> array [edge], float64."""
        raise NotImplementedError

    def column_sums(self) -> np.ndarray:
        """Sum of the magnitudes of the weights onto each neuron of the target population, in ascending order
        of the sources: array [neuron], float64."""
        raise NotImplementedError

    def scale_columns(self, factor: np.ndarray) -> None:
        """Multiply the weights onto each neuron of the population by `factor` [neuron], and clip them."""

    def under_way(self, now: int) -> dict[str, np.ndarray]:
        """Copies of everything that moves, weights included, the same for any partitions."""
        raise NotImplementedError

    def restore(self, arrays: Mapping[str, np.ndarray], now: int) -> None:
        """Take over what `under_way` returned."""
