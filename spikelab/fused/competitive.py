"""Networks whose neurons compete for samples, by a kernel of their own with the engine's bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from spikelab_kernels import dispatch
from spikelab_kernels.layout import words_for

from ..build import Built
from ..encode import PoissonEncoder
from ..errors import ParameterError
from ..seeding import object_key, sub_key
from .competitive_graph import Graph, Weights, competitive_net, find_graph, make_layer

__all__ = ["Competitive", "suits"]

#: Samples of one call: between calls progress is told and Ctrl-C is heard.
_SAMPLES = 64


def suits(built: Built, weights: Weights | None = None) -> bool:
    """Whether a network is one that `Competitive` runs.

    That is: one input (Poisson or spikes) whose weights onto one population `exc` learn, complete and with
    one delay; from `exc` one edge to each neuron of a second population, and from each of these to all of
    `exc`, or to all but its partner, with one weight and one delay each; a rule without ``on_step``, states
    or values of neurons; `Normalize` after each sample or nothing; no drives.

    Parameters
    ----------
    built : Built
        The network.
    weights : mapping of projection name to array [edge], optional
        Weights that replace the recipe's.
    """
    graph = find_graph(built)
    return graph is not None and competitive_net(built, graph, weights or {}) is not None


class Competitive:
    """Many samples, one after another, in one call of a compiled loop.

    ``Competitive(build(net, 1.0)).present(x, 250)`` does what ``Simulator(net, 1.0).present`` does, with the
    same bits. The weights learned stand in :attr:`weights`, what the neurons keep in :attr:`state`; both may
    be read, copied and written between two calls.

    Parameters
    ----------
    built : Built
        The network, see `suits`.
    weights : mapping of projection name to array [edge], optional
        Weights that replace the recipe's.
    backend : str
        "cpu" or "reference".
    reseed : int
        As in `Simulator.reset`.

    Attributes
    ----------
    weights : array [input, exc], float32 or float64
        Magnitudes of the weights that learn.
    state : dict of str to dict of str to array [1, neuron]
        Of both populations, by their names; as the last step left it.

    Raises
    ------
    ParameterError
        If the network does not suit.

    Examples
    --------
    >>> import spikelab as sl
    >>> from spikelab.build import build
    >>> net = sl.Network(seed=0)
    >>> image = net.input("image", 16, sl.PoissonEncoder(max_rate_hz=100.0))
    >>> exc, inh = (net.add(name, 4, sl.DiehlCookLIF()) for name in ("exc", "inh"))
    >>> rule = sl.TraceSTDP(w_max=1.0)
    >>> p = net.connect(image, exc, weight=sl.Uniform(0.0, 3.0), delay_ms=1.0, plasticity=rule)
    >>> p = net.connect(exc, inh, sl.OneToOne(), weight=20.0, delay_ms=1.0)
    >>> p = net.connect(inh, exc, weight=-10.0, delay_ms=1.0)
    >>> counts = Competitive(build(net, 1.0)).present(np.ones((3, 16)), 100)["exc"]  # doctest: +SKIP
    """

    def __init__(self, built: Built, weights: Weights | None = None, backend: str = "cpu", reseed: int = 0):
        graph = find_graph(built)
        found = graph and competitive_net(built, graph, weights or {})
        if graph is None or found is None:
            need = (
                "be an input that learns onto neurons which inhibit one another through a second population"
            )
            raise ParameterError("Competitive", "net", built.net, need)
        self.graph: Graph = graph
        self._built = built
        self._spec, self._net = found
        key = object_key(built.net.seed, graph.item.name, "encode")
        self._key = sub_key(key, "reseed", reseed) if reseed else key
        self._kernel = dispatch.backend(backend).competitive_kernel(self._spec)
        self.weights = self._net.weights
        self.state = {graph.exc.name: self._net.exc.state, graph.inh.name: self._net.inh.state}
        still = (make_layer(built, p, frozen=True)[1].constants for p in (graph.exc, graph.inh))
        exc, inh = (
            layer._replace(constants=constants)
            for layer, constants in zip((self._net.exc, self._net.inh), still, strict=True)
        )
        self._frozen = replace(self._net, exc=exc, inh=inh)
        self._backend = dispatch.backend(backend)

    def present(
        self,
        x: np.ndarray,
        n_steps: int,
        learn: bool = True,
        sample_ids: np.ndarray | None = None,
        trains: bool = False,
        meter: Callable[[int, int], object] | None = None,
    ) -> dict[str, np.ndarray]:
        """Show samples.

        Parameters
        ----------
        x : array [sample, feature] or [sample, time, feature]
            Intensities in [0, 1], held while they are shown or one row a step; for `SpikeInput` spikes.
        n_steps : int
            Steps for which each is shown.
        learn : bool
            False freezes weights, and thresholds that adapt.
        sample_ids : array [sample], int, optional
            Global index of each sample, on which the draws of its spikes depend; 0, 1, ... by default.
        trains : bool
            Return every spike, too.
        meter : callable, optional
            ``meter(done, samples)``, called now and then.

        Returns
        -------
        dict of str to array
            Spike counts [sample, neuron], int32, of both populations by their names. With `trains`,
            ``name + "/spikes"``: array [sample, step, neuron], uint8.
        """
        samples, (exc, inh) = len(x), (self.graph.exc, self.graph.inh)
        ids = np.arange(samples) if sample_ids is None else np.asarray(sample_ids)
        ids = np.ascontiguousarray(ids, dtype=np.uint32)
        counts = [np.zeros((samples, p.n), np.int32) for p in (exc, inh)]
        room = (samples, n_steps) if trains else (0, 0)
        spikes = [np.zeros((*room, p.n if trains else 0), np.uint8) for p in (exc, inh)]
        outputs: list[np.ndarray] = [*counts, *spikes]
        run = self._kernel(self._net if learn else self._frozen)
        for first in range(0, samples, _SAMPLES):
            part = slice(first, min(first + _SAMPLES, samples))
            given = self._inputs(x[part], n_steps, ids[part])
            parts = [out[part] for out in outputs]
            run(0, part.stop - first, n_steps, learn, *given, ids[part], *parts)
            if meter is not None:
                meter(part.stop, samples)
        found: dict[str, np.ndarray] = {}
        for population, number, train in zip((exc, inh), counts, spikes, strict=True):
            found[population.name] = number
            found |= {f"{population.name}/spikes": train} if trains else {}
        return found

    def _inputs(self, x: np.ndarray, n_steps: int, ids: np.ndarray) -> tuple[Any, ...]:
        """Intensities, probability, key and bits as the kernel takes them: intensities or bits."""
        no_x, no_bits = np.zeros((0, 0), self._built.dtype), np.zeros((0, 0, 0), np.uint64)
        encoder, key = self.graph.item.encoder, np.uint64(self._key)
        if isinstance(encoder, PoissonEncoder):
            probability = encoder.step_probability(self._built.dt_ms)
            data = np.ascontiguousarray(x, dtype=self._built.dtype)
            if data.ndim == 2:
                return data, probability, key, no_bits
            bits = np.zeros((n_steps, len(x), words_for(x.shape[-1])), np.uint64)
            rows = np.ascontiguousarray(data.swapaxes(0, 1))
            self._backend.encode_poisson(rows, probability, 1, key, ids, 0, 0, bits, 0, len(x))
        else:
            bits = np.zeros((n_steps, len(x), words_for(x.shape[-1])), np.uint64)
            spikes = np.asarray(x, np.uint8)
            held = spikes[:, None] if spikes.ndim == 2 else spikes[:, :n_steps]
            spikes = np.broadcast_to(held, (len(x), n_steps, x.shape[-1])).swapaxes(0, 1)
            self._backend.pack_bits(np.ascontiguousarray(spikes), bits)
        return no_x, 0.0, key, np.ascontiguousarray(bits.swapaxes(0, 1))
