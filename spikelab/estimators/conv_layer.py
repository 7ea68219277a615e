"""One layer of filters: its record, how it learns, and the first spikes that it sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch, philox

from ..build.quanta import quantum_for
from ..errors import ParameterError
from ..frozen import Recipe
from ..plasticity import LatencySTDP, Plasticity
from ..plasticity.base import COINCIDENT
from ..seeding import object_key
from ..storable import storable
from ..units import require_flag, require_integer, require_positive, require_probability, require_scalar

__all__ = ["ConvLayer", "LayerRun"]

Latencies = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

# A step of a picture, as rules count time.
_STEP_MS = 1.0


@storable
@dataclass(frozen=True, kw_only=True)
class ConvLayer(Recipe):
    """Maps of integrate-and-fire neurons without leak, each with one filter, that learn by STDP.

    The defaults are those that suited handwritten digits of 28 x 28 pixels.

    Parameters
    ----------
    maps : int
        Filters.
    kernel : int
        Side of a filter.
    threshold : float
        Sum of weights at which a neuron fires; a neuron fires once a picture at most.
    pool : int
        Side of the windows from which the first spike goes on. 1 keeps every neuron.
    rule : Plasticity
        How weights change; any rule whose functions read traces of spikes only.
    winners : int
        Neurons that learn from a picture, at most; never two of one map.
    radius : int
        A winner keeps neurons of other maps from learning that are this near, in rows and columns.
    samples : int
        Pictures to learn from; they are drawn in rounds without repetition.
    converged : float
        Learning ends when the mean of ``4 w (1 - w)``, w as a share of its range, has fallen below this.
    w_mean, w_std : float
        First weights: a normal distribution, cut off at the bounds.
    rivalry : bool
        Whether, once the layer has learned, only the first map of a position fires: of several in one step
        the one of the highest potential. While it learns, this is always so.

    Raises
    ------
    ParameterError
        If a value cannot be used.
    """

    maps: int = 64
    kernel: int = 7
    threshold: float = 15.0
    pool: int = 4
    rule: Plasticity = field(default_factory=lambda: LatencySTDP(a_plus=0.05, a_minus=0.025))
    winners: int = 5
    radius: int = 6
    samples: int = 20_000
    converged: float = 0.01
    w_mean: float = 0.8
    w_std: float = 0.05
    rivalry: bool = True

    def __post_init__(self) -> None:
        owner = "ConvLayer"
        for name in ("maps", "kernel", "pool", "winners"):
            require_integer(owner, name, getattr(self, name))
        for name in ("radius", "samples"):
            require_integer(owner, name, getattr(self, name), 0)
        for name in ("threshold", "converged", "w_mean", "w_std"):
            object.__setattr__(self, name, require_scalar(owner, name, getattr(self, name)))
        require_positive(owner, "threshold", self.threshold, remedy="It is a sum of weights.")
        require_probability(owner, "converged", self.converged)
        require_positive(owner, "w_std", self.w_std)
        require_flag(owner, "rivalry", self.rivalry)
        _check_rule(owner, self.rule)
        if not self.rule.w_min < self.w_mean < self.rule.w_max:
            need = f"lie between the rule's bounds, {self.rule.w_min!r} and {self.rule.w_max!r}"
            raise ParameterError(owner, "w_mean", self.w_mean, need)

    def shape_out(self, y: int, x: int) -> tuple[int, int]:
        """Rows and columns of what goes on from an input of `y` by `x`."""
        return tuple(-(-(size - self.kernel + 1) // self.pool) for size in (y, x))  # type: ignore[return-value]


def _check_rule(owner: str, record: Any) -> None:
    if not isinstance(record, Plasticity):
        need = "be a plasticity record"
        raise ParameterError(owner, "rule", record, need, "Pass one such as spikelab.LatencySTDP().")
    rule = record.rule
    others = [trace for trace in (*rule.pre.values(), *rule.post.values()) if trace.of != "spike"]
    if rule.on_step or rule.state or rule.pre_values or rule.post_values or rule.third or others:
        need = "read traces of spikes only, in on_pre and on_post, and have no state beside the weight"
        remedy = "Many synapses share a weight here: take LatencySTDP, or a rule of pairs such as STDP."
        raise ParameterError(owner, "rule", type(record).__name__, need, remedy)


class LayerRun:
    """The kernels of one layer with its filters.

    Parameters
    ----------
    layer : ConvLayer
    weight : array [channel, ky, kx, map], float64
        Changed by `learn`.
    n_steps : int
    backend : str
    """

    def __init__(self, layer: ConvLayer, weight: Floats, n_steps: int, backend: str = "cpu"):
        self.layer, self.weight, self.n_steps = layer, weight, n_steps
        self.kernels = dispatch.backend(backend)
        self.wins = np.zeros(layer.maps, np.int64)
        rule, synapses = layer.rule, weight.size // layer.maps
        bound = synapses * max(abs(rule.w_min), abs(rule.w_max))
        if layer.threshold > bound:
            need = f"be <= {bound:g}: a filter has {synapses} weights of at most {rule.w_max:g}"
            raise ParameterError("ConvLayer", "threshold", layer.threshold, need)
        self.scale = 1.0 / quantum_for(bound, "float32")
        self.threshold = int(np.ceil(layer.threshold * self.scale))

    @staticmethod
    def first_weights(layer: ConvLayer, channels: int, key: int) -> Floats:
        """Draw filters: array [channel, ky, kx, map]; a key for each map, so that more maps change none."""
        n, rule = channels * layer.kernel**2, layer.rule
        drawn = [philox.normals(object_key(key, ("map", m), "weight"), n) for m in range(layer.maps)]
        weight = np.clip(layer.w_mean + layer.w_std * np.stack(drawn, axis=-1), rule.w_min, rule.w_max)
        return np.ascontiguousarray(weight.reshape(channels, layer.kernel, layer.kernel, layer.maps))

    def learner(self) -> Callable[[Latencies], None]:
        """Return what shows pictures [sample, channel, y, x] to the layer, one after another."""
        from spikelab_kernels.conv_spec import ConvRule

        layer, form = self.layer, ConvRule(self.layer.rule.rule)
        values = layer.rule.prepare(_STEP_MS)
        learn = self.kernels.conv_stdp_kernel(form)
        fixed: tuple[Any, ...] = (self.scale, self.threshold, self.n_steps, layer.winners, layer.radius)
        traces = (form.trace_table(side, values, self.n_steps) for side in ("pre", "post"))
        fixed = (*fixed, form.typed_constants(values), *traces, COINCIDENT.index(layer.rule.coincident))
        return lambda latency: learn(latency, self.weight, *fixed, self.wins)

    @property
    def unsettled(self) -> float:
        """Mean of ``4 w (1 - w)``, w as a share of its range: 0 where all weights stand at their bounds."""
        low, high = self.layer.rule.w_min, self.layer.rule.w_max
        share = (self.weight - low) / (high - low)
        return float(4.0 * np.mean(share * (1.0 - share)))

    def forward(self, latency: Latencies) -> Latencies:
        """Return the first spikes [sample, map, row, column] of latencies [sample, channel, y, x]."""
        layer, (rows, _, *size) = self.layer, latency.shape
        first = np.empty((rows, layer.maps, *layer.shape_out(size[0], size[1])), np.uint8)
        given = (self._quanta, self.threshold, self.n_steps, layer.rivalry, layer.pool)
        self.kernels.conv_first_spikes(latency, *given, first, 0, rows)
        return first

    def highest_potential(self, latency: Latencies) -> float:
        """The largest sum of weights that any neuron reaches in pictures [sample, channel, y, x]."""
        peak = np.empty((len(latency), self.layer.maps, 1, 1), np.int32)
        window = max(latency.shape[2:])
        self.kernels.conv_potentials(latency, self._quanta, self.n_steps, peak, window, 0, len(latency))
        return float(peak.max() / self.scale)

    @cached_property
    def _quanta(self) -> npt.NDArray[np.int32]:
        """The filters as spikes deliver them; asked for once nothing learns any more."""
        return np.rint(self.weight * self.scale).astype(np.int32)
