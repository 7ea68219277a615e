"""A feed-forward network as arrays that learn: hidden layers and a linear readout."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from .presentation import Floats, Presentation

__all__ = ["Layer", "Stack"]


@dataclass(eq=False)
class Layer:
    """Weights into one layer, which learn in place.

    Attributes
    ----------
    name : str
    weight : array [source, neuron]
    bias : array [neuron]
        Stays zero where `biased` is False.
    biased : bool
    """

    name: str
    weight: Floats
    bias: Floats
    biased: bool

    @property
    def n_in(self) -> int:
        """Sources."""
        return int(self.weight.shape[0])

    @property
    def n_out(self) -> int:
        """Neurons."""
        return int(self.weight.shape[1])


class Stack(ABC):
    """Hidden layers, each fully connected to the next, and a readout ``seen @ weight + bias``.

    Attributes
    ----------
    hidden : list of Layer
    readout : Layer
    dtype : dtype
    stream : int
        Which draws an encoder of chance takes: one for each batch that is learned, 0 to answer.
    """

    kind: ClassVar[Literal["spiking", "rate"]]

    def __init__(self, hidden: Sequence[Layer], readout: Layer):
        self.hidden, self.readout = list(hidden), readout
        self.dtype = readout.weight.dtype
        self.stream = 0

    @property
    def layers(self) -> list[Layer]:
        """All layers, the readout last."""
        return [*self.hidden, self.readout]

    @property
    def n_classes(self) -> int:
        """Outputs of the readout."""
        return self.readout.n_out

    @abstractmethod
    def present(self, x: Floats, depth: int | None = None) -> Presentation:
        """Pass samples through the layers.

        Parameters
        ----------
        x : array [sample, feature]
        depth : int, optional
            Hidden layers to pass. By default all of them, and the readout.
        """

    def read(self, seen: Floats) -> Floats:
        """What the readout gives for the activity [sample, neuron] of the last hidden layer."""
        logits: Floats = seen @ self.readout.weight + self.readout.bias
        return logits
