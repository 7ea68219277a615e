"""e-prop: what each synapse could have done about the spikes, times an error that is broadcast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from ..errors import ParameterError
from ..neurons.unitless import UnitlessLIF
from ..plasticity.base import Traits
from ..units import require_positive, require_scalar
from .feedback import direct_feedback
from .presentation import Floats, error_of
from .rule import Change, DeepRule, Lesson, State, change
from .spiking import SpikingStack
from .spiking_layer import held_current, quantum_of
from .stack import Stack

__all__ = ["EProp"]


class Unfolded(NamedTuple):
    """One hidden layer in the steps of a presentation; arrays [step, sample, source or neuron].

    Attributes
    ----------
    traces : array
        Input of each source, summed up as the potential sums it up: the eligibility vector.
    potential : array
        Before a spike resets it.
    spikes : array
        0 or 1.
    """

    traces: Floats
    potential: Floats
    spikes: Floats


@dataclass(frozen=True, kw_only=True)
class EProp(DeepRule):
    r"""Eligibility propagation for layers of `LIF.unitless`, with a pseudo-derivative.

    .. math::
        \epsilon_i^t = \beta \epsilon_i^{t-1} + x_i^t, \qquad
        \psi_j^t = \frac{\gamma}{\theta} \max\left(0, 1 - \left|\frac{v_j^t - \theta}{\theta}\right|\right),
        \qquad \Delta W_{ij} = \frac{1}{T} \sum_t (e B_l)_j\, \psi_j^t \epsilon_i^t

    x are the spikes of the source, v is the potential before its reset, which counts as given. The readout
    takes spikes a step, so that the error e of the presentation stands for all its steps. With one hidden
    layer and the transposed weights of the readout as B it is the gradient that backpropagation through time
    finds with this pseudo-derivative. Traces of neurons are kept for all steps, none of synapses.

    Parameters
    ----------
    gamma : float
        Height of the pseudo-derivative.

    References
    ----------
    G. Bellec et al., "A solution to the learning dilemma for recurrent networks of spiking neurons", Nature
    Communications 11:3625 (2020): eligibility of LIF neurons, and random feedback.
    """

    traits: ClassVar[Traits] = Traits(uses_pseudo_derivative=True, update_lock="L+1")
    kinds: ClassVar[tuple[str, ...]] = ("spiking",)

    gamma: float = 0.3

    def __post_init__(self) -> None:
        require_positive("EProp", "gamma", require_scalar("EProp", "gamma", self.gamma))

    def check(self, stack: Stack) -> None:
        """As `DeepRule.check`; neurons must be `LIF.unitless` whose reset subtracts, without an encoder."""
        super().check(stack)
        assert isinstance(stack, SpikingStack)
        if stack.encoder is not None:
            need = "take values as currents: this version unfolds no spikes of an input"
            raise ParameterError("EProp", "encoder", stack.encoder, need, "Leave the encoder out.")
        for neuron in stack.neurons:
            shared = not any(np.ndim(value) for value in neuron.prepare(stack.dt_ms).values())
            if not (isinstance(neuron, UnitlessLIF) and shared and neuron.reset == "subtract"):
                need = "train LIF.unitless neurons of one beta and threshold, whose reset subtracts"
                raise ParameterError("EProp", "learn", neuron, need, "Use LIF.unitless().")

    def start(self, stack: Stack, key: int) -> State:
        """As `DeepRule.start`."""
        return direct_feedback(stack, key)

    def learn(self, stack: Stack, state: State, x: Floats, target: Floats, key: int) -> Lesson:
        """As `DeepRule.learn`."""
        assert isinstance(stack, SpikingStack)  # by `check`
        shown = stack.present(x)
        error = error_of(shown.logits, target)
        changes = {len(stack.hidden): change(shown.seen[-1], error)}
        for index, layer in enumerate(unfold(stack, x)):
            answers = self.pseudo_derivative(layer.potential, _numbers(stack, index)[1])
            changes[index] = _mean_change(layer.traces, answers * (error @ state[f"feedback/{index}"]))
        passed = 2 * stack.steps * sum(layer.weight.size for layer in stack.hidden)
        return Lesson(changes, shown, operations=2 * len(x) * (passed + stack.readout.weight.size))

    def pseudo_derivative(self, potential: Floats, threshold: float) -> Floats:
        """What stands for the derivative of a spike with respect to the potential."""
        away = np.abs(potential / threshold - 1)
        psi: Floats = ((self.gamma / threshold) * np.maximum(0, 1 - away)).astype(potential.dtype)
        return psi


def unfold(stack: SpikingStack, x: Floats) -> list[Unfolded]:
    """All steps of a presentation, with the spikes that the kernels make."""
    seen = np.broadcast_to(np.asarray(x, stack.dtype), (stack.steps, *np.shape(x)))
    layers = []
    for index, (layer, neuron) in enumerate(zip(stack.hidden, stack.neurons, strict=True)):
        assert isinstance(neuron, UnitlessLIF)  # by `check`
        beta, threshold = (stack.dtype.type(value) for value in _numbers(stack, index))
        if index:
            weight = np.rint(layer.weight.astype(np.float64) / quantum_of(layer.weight))
            arrived = seen @ (weight * quantum_of(layer.weight))
        else:
            arrived = np.broadcast_to(held_current(seen[0], layer.weight), (*seen.shape[:2], layer.n_out))
        potential, traces = arrived.astype(stack.dtype), seen.copy()
        spikes = np.zeros_like(potential)
        v = np.zeros_like(potential[0])
        for step in range(stack.steps):
            potential[step] += beta * v  # what decayed, then what arrives: sums as in the kernel
            if step:
                traces[step] += beta * traces[step - 1]
                if neuron.reset_delay:
                    potential[step] -= threshold * spikes[step - 1]
            over = np.greater_equal if neuron.inclusive else np.greater
            spikes[step] = over(potential[step], threshold)
            v = potential[step] if neuron.reset_delay else potential[step] - threshold * spikes[step]
        layers.append(Unfolded(traces, potential, spikes))
        seen = spikes
    return layers


def _numbers(stack: SpikingStack, index: int) -> tuple[float, float]:
    """Share of the potential that is kept in a step, and threshold."""
    constants = stack.neurons[index].prepare(stack.dt_ms)
    return float(constants["beta"]), float(constants["threshold"])


def _mean_change(pre: Floats, delta: Floats) -> Change:
    """As `change`, over all steps and samples."""
    return change(pre.reshape(-1, pre.shape[-1]), delta.reshape(-1, delta.shape[-1]))
