"""Samples shown to neurons that inhibit one another, in plain NumPy: every synapse in every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spikelab_kernels.competitive_spec import CompetitiveNet, CompetitiveSpec, Layer
from spikelab_kernels.ir.declare import Trace
from spikelab_kernels.ir.numpy_printer import print_rule
from spikelab_kernels.ir.types import Program
from spikelab_kernels.population_spec import PopulationSpec
from spikelab_kernels.reference.bits import bits_to_dense
from spikelab_kernels.reference.encode import encode_poisson
from spikelab_kernels.reference.population import population_kernel

__all__ = ["competitive_kernel"]

_Update = Callable[..., Mapping[str, Any]]
_NOTHING = np.empty(0, np.uint32)


def competitive_kernel(spec: CompetitiveSpec) -> Callable[..., Callable[..., None]]:
    """Compile `spec`.

    ``bind(net)`` takes a `CompetitiveNet` and returns ``run(first, last, n_steps, learning, x, probability,
    key, bits, sample_ids, exc_counts, inh_counts, exc_trains, inh_trains)``, which shows the samples `first`
    to `last` - 1, one after the other. Before each, all states but the kept ones begin anew and spikes
    under way are dropped. Then `n_steps` steps run, in each of which the populations get what arrives (all
    sums are integers), the rule changes the weights of the synapses that spikes pass (with `learning`), and
    the spikes are sent. At last the weights onto each neuron are scaled to their total (with `learning`).

    The order of a step, and which weight a spike carries, follow ``spec.rule.delay_kind`` and
    ``spec.rule.coincident`` as in `plasticity_kernel`.

    Parameters of ``run``:

    x : array [sample, pixel], real; [0, 0] where `bits` are given
        Intensities that `encode_poisson` would turn into spikes, held for the sample: the same draws.
    probability, key
        As for `encode_poisson`; the step counts from the start of the sample.
    bits : array [sample, step, word], uint64; [0, 0, 0] where `x` is given
        Spikes of the input.
    sample_ids : array [sample], uint32
    exc_counts, inh_counts : array [sample, neuron], int32
        The numbers of spikes are added.
    exc_trains, inh_trains : array [sample, step, neuron] or [0, 0, 0], uint8
        Where there is room, 1 for each spike.
    """

    functions = {
        name: _compiled(program)
        for name, program in zip(spec.rule.programs._fields, spec.rule.programs, strict=True)
    }

    def bind(net: CompetitiveNet) -> Callable[..., None]:
        def run(
            first: int,
            last: int,
            n_steps: int,
            learning: bool,
            x: np.ndarray,
            probability: float,
            key: int,
            bits: np.ndarray,
            sample_ids: np.ndarray,
            exc_counts: np.ndarray,
            inh_counts: np.ndarray,
            exc_trains: np.ndarray,
            inh_trains: np.ndarray,
        ) -> None:
            for k in range(first, last):
                ids = sample_ids[k : k + 1]
                words = -(-net.weights.shape[0] // 64)
                spikes = np.zeros((n_steps, 1, words), np.uint64)
                if x.size:
                    frame = x[k][None, None]
                    encode_poisson(frame, probability, n_steps, key, ids, 0, 0, spikes, 0, 1)
                else:
                    spikes[:, 0] = bits[k]
                dense = np.zeros((n_steps, 1, net.weights.shape[0]), np.uint8)
                bits_to_dense(spikes, dense)
                exc, inh = _Sample(spec, functions, net, ids, learning).run(dense[:, 0].astype(np.bool_))
                exc_counts[k] += exc.sum(axis=0)
                inh_counts[k] += inh.sum(axis=0)
                if exc_trains.size:
                    exc_trains[k], inh_trains[k] = exc, inh

        return run

    return bind


class _Sample:
    """One sample: the network from its reset to its end."""

    def __init__(
        self,
        spec: CompetitiveSpec,
        functions: Mapping[str, _Update | None],
        net: CompetitiveNet,
        ids: np.ndarray,
        learning: bool,
    ):
        self.spec, self.functions, self.net, self.ids, self.learning = spec, functions, net, ids, learning
        self.real, self.units = np.dtype(spec.rule.dtype).type, np.dtype(spec.exc.sum_dtype).type
        for layer in (net.exc, net.inh):
            for name, values in layer.first.items():
                layer.state[name][0] = values
        rule = spec.rule
        self.pre = {name: _Trace(trace, self, net.weights.shape[0]) for name, trace in rule.pre.items()}
        self.post = {name: _Trace(trace, self, net.weights.shape[1]) for name, trace in rule.post.items()}

    def run(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Show input spikes [step, pixel]; return those of both populations [step, neuron]."""
        net, kind = self.net, self.spec.rule.delay_kind
        n_steps, n_exc, n_inh = len(rows), net.weights.shape[1], net.inh.rng_key.size
        exc, inh = np.zeros((n_steps, n_exc), np.bool_), np.zeros((n_steps, n_inh), np.bool_)
        arriving = np.zeros((n_steps + net.delay + 1, n_exc), self.units)
        at_once = kind == "axonal" or net.delay == 0
        for t in range(n_steps):
            exc_sums = np.zeros((net.exc.quanta.shape[0], n_exc), self.units)
            inh_sums = np.zeros((net.inh.quanta.shape[0], n_inh), self.units)
            exc_sums[net.receptor] += self._sent(_before(rows, t, net.delay)) if at_once else arriving[t]
            fired = _before(inh, t, net.back.delay)
            others = (fired.sum() - net.spares * fired).astype(self.units)
            exc_sums[net.back.receptor] += self.units(net.back.weight) * others
            inh_sums[net.out.receptor] += self.units(net.out.weight) * _before(exc, t, net.out.delay)
            exc[t] = self._advance(self.spec.exc, net.exc, exc_sums, t)
            inh[t] = self._advance(self.spec.inh, net.inh, inh_sums, t)
            if self.learning:
                late_pre, late_post = net.delay * (kind == "axonal"), net.delay * (kind == "dendritic")
                self._learn(t, _before(rows, t, late_pre), _before(exc, t, late_post))
            arriving[t + net.delay] += self._sent(rows[t])
        if self.learning and net.total > 0.0:
            self._scale()
        return exc, inh

    def _advance(self, form: PopulationSpec, layer: Layer, sums: np.ndarray, t: int) -> np.ndarray:
        n = layer.rng_key.size
        fired = np.zeros((1, 1, n), np.uint8)
        step = population_kernel(form)(
            layer.state, layer.constants, layer.quanta, layer.rng_key, layer.rng_element
        )
        step(1, sums[None, None], None, _NOTHING, {}, fired, self.ids, t, (0, 1, 0, n))
        return np.asarray(fired[0, 0] != 0)

    def _sent(self, rows: np.ndarray) -> np.ndarray:
        """Sums of the rows that fired, in quanta."""
        scaled = np.rint(self.net.weights[rows] * self.real(self.net.scale))
        return np.asarray(scaled.astype(self.units).sum(axis=0, dtype=self.units))

    def _learn(self, t: int, rows: np.ndarray, posts: np.ndarray) -> None:
        """What the spikes that pass the synapses in a step change."""
        raise_pre = [(trace, rows) for trace in self.pre.values()]
        raise_post = [(trace, posts) for trace in self.post.values()]
        on_pre = (self.functions["on_pre"], rows[:, None] & np.ones_like(posts))
        on_post = (self.functions["on_post"], np.ones_like(rows)[:, None] & posts)
        order: dict[str, list[Any]] = {
            "ignore": [on_post, on_pre, *raise_pre, *raise_post],
            "pre_first": [on_pre, *raise_pre, on_post, *raise_post],
            "include": [*raise_pre, *raise_post, on_pre, on_post],
        }
        for what, where in order[self.spec.rule.coincident]:
            if isinstance(what, _Trace):
                what.spikes(where, t)
            elif what is not None:
                self._change(what, where, t)

    def _change(self, function: _Update, where: np.ndarray, t: int) -> None:
        """Run a function of the rule on the synapses `where` [input, exc]."""
        net = self.net
        row, column = np.nonzero(where)
        pre = {name: trace.now(t)[row] for name, trace in self.pre.items()}
        post = {name: trace.now(t)[column] for name, trace in self.post.items()}
        constants = {name: self.real(net.constants[name]) for name in self.spec.rule.constants}
        with np.errstate(all="ignore"):
            new = function({"w": net.weights[where]}, constants, pre, post, {})
        net.weights[where] = np.clip(new["w"], self.real(net.w_min), self.real(net.w_max))

    def _scale(self) -> None:
        """Scale the weights onto each neuron to their total, by sums in ascending order of the sources."""
        weights = self.net.weights
        sums = np.zeros(weights.shape[1])
        for row in weights:
            sums += np.abs(row)
        factors = np.ones_like(sums)
        np.divide(self.net.total, sums, out=factors, where=sums != 0.0)
        scaled = (weights * factors).astype(weights.dtype)
        weights[:] = np.clip(scaled, self.real(self.net.w_min), self.real(self.net.w_max))


class _Trace:
    """The trace of each neuron of one side; 0 until its first spike."""

    def __init__(self, trace: Trace, sample: _Sample, n: int):
        self.adds, self.real = trace.raised == "add", sample.real
        self.low, self.high = sample.net.decay[trace.tau]
        self.value, self.last = np.zeros(n, sample.spec.rule.dtype), np.full(n, -1)

    def now(self, t: int) -> np.ndarray:
        n = t - self.last
        high = self.high[np.minimum(n >> 8, self.high.size - 1)]
        return np.asarray(self.value * self.low[n & 255] * high)

    def spikes(self, where: np.ndarray, t: int) -> None:
        self.value = np.where(where, self.now(t) * self.adds + self.real(1), self.value)
        self.last = np.where(where, t, self.last)


def _before(spikes: np.ndarray, t: int, delay: int) -> np.ndarray:
    """Spikes of the step `delay` before t; none before the sample's first."""
    return spikes[t - delay] if t >= delay else np.zeros_like(spikes[0])


def _compiled(program: Program | None) -> _Update | None:
    if program is None:
        return None
    namespace: dict[str, Any] = {}
    exec(compile(print_rule(program), "<rule>", "exec"), namespace)
    return namespace["update"]  # type: ignore[no-any-return]
