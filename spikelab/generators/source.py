"""What populations that only send have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from spikelab_kernels.ir.declare import Model

from ..neurons import Neuron

__all__ = ["SOURCE", "SpikingSource"]


def source(s, p, inp, rng):  # type: ignore[no-untyped-def]
    """Never runs: the simulator writes the spikes of a source itself."""
    return s.next(), False


#: The model of every source: no state, no inputs.
SOURCE = Model(name="source", step=source, state={}, constants={}, receptors=())


class SpikingSource(Neuron):
    """A population that sends spikes and receives nothing."""

    #: Sources leave the choice of the time step to the neurons.
    default_dt_ms: ClassVar[float] = 1.0

    @property
    def model(self) -> Model:
        """A model without state and inputs."""
        return SOURCE

    def prepare(self, dt_ms: float) -> Mapping[str, Any]:
        """Nothing: no kernel of a neuron runs."""
        return {}

    def initial(self) -> Mapping[str, Any]:
        """Nothing: there is no state."""
        return {}

    @abstractmethod
    def check_size(self, n: int) -> None:
        """Refuse what does not fit a population of `n` neurons."""
