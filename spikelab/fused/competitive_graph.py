"""Which networks the competitive kernel runs, and their arrays in its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spikelab_kernels.competitive_spec import CompetitiveNet, CompetitiveSpec, Layer, Way, is_quiet
from spikelab_kernels.plasticity_spec import PlasticitySpec, decay_tables
from spikelab_kernels.population_spec import PopulationSpec

from ..build import Built
from ..build.edges import Wire, make_wire
from ..encode import PoissonEncoder, SpikeInput
from ..parts import Input, Population, Projection
from ..plasticity import Normalize, Plasticity

__all__ = ["Graph", "Weights", "competitive_net", "find_graph", "make_layer"]

Weights = Mapping[Any, np.ndarray]


class Graph(NamedTuple):
    """The parts of a competitive network.

    Attributes
    ----------
    item : Input
    exc, inh : Population
    learned, out, back : Projection
        From the input to `exc`, from `exc` to `inh`, and from `inh` to `exc`.
    """

    item: Input
    exc: Population
    inh: Population
    learned: Projection
    out: Projection
    back: Projection


def find_graph(built: Built) -> Graph | None:
    """The parts of a network, if their kinds and ends are those of a competitive one."""
    net = built.net
    sizes = len(net.inputs), len(net.populations), len(net.projections)
    if sizes != (1, 2, 3) or net.drives:
        return None
    (item,) = net.inputs.values()
    ends = {(p.source.name, p.target.name): p for p in net.projections.values()}
    for exc, inh in (tuple(net.populations.values()), tuple(net.populations.values())[::-1]):
        ways = [(item.name, exc.name), (exc.name, inh.name), (inh.name, exc.name)]
        if set(ways) == set(ends):
            graph = Graph(item, exc, inh, *(ends[way] for way in ways))
            return graph if _is_plain(graph) else None
    return None


def _is_plain(graph: Graph) -> bool:
    """Whether nothing is asked of the parts that the kernel does not do."""
    rule, scaling = graph.learned.plasticity, graph.learned.homeostasis
    fixed = (graph.out, graph.back)
    return (
        type(graph.item.encoder) in (PoissonEncoder, SpikeInput)
        and graph.item.frame_ms is None
        and graph.exc.n == graph.inh.n
        and all(p.neuron.kind == "spiking" and p.neuron.receptors for p in (graph.exc, graph.inh))
        and all(p.plasticity is None for p in fixed)
        and all(p.short_term is None and p.failure_probability == 0 for p in (graph.learned, *fixed))
        and isinstance(rule, Plasticity)
        and _is_simple(rule)
        and (scaling is None or (type(scaling) is Normalize and scaling.every == "sample"))
    )


def _is_simple(record: Plasticity) -> bool:
    """Whether a rule has traces of spikes only, no states beside the weight and no ``on_step``."""
    rule = record.rule
    traces = (*rule.pre.values(), *rule.post.values())
    looks = rule.on_step or rule.state or rule.third or rule.pre_values or rule.post_values
    return not looks and all(trace.of == "spike" for trace in traces)


def competitive_net(
    built: Built, graph: Graph, weights: Weights
) -> tuple[CompetitiveSpec, CompetitiveNet] | None:
    """The arrays of a network, or None where its edges are not those of a competitive one.

    Parameters
    ----------
    built : Built
    graph : Graph
    weights : mapping of projection name to array [edge]
        Weights that replace the recipe's.
    """
    wires = [
        make_wire(p, built.dt_ms, built.dtype, p is not graph.learned, weights.get(p.name))
        for p in (graph.learned, graph.out, graph.back)
    ]
    learned, out, back = wires
    n_in, n = graph.item.n_out, graph.exc.n
    all_in, one, every = np.arange(n_in * n), np.arange(n) * (n + 1), np.arange(n * n)
    fixed = _way(built, graph.out, out), _way(built, graph.back, back)
    spares = not np.array_equal(_flat(back, n), every)
    if (
        fixed[0] is None
        or fixed[1] is None
        or isinstance(learned.delay, np.ndarray)
        or isinstance(learned.receptor, np.ndarray)
        or not np.array_equal(_flat(learned, n), all_in)
        or not np.array_equal(_flat(out, n), one)
        or (spares and not np.array_equal(_flat(back, n), np.delete(every, one)))
    ):
        return None
    record = graph.learned.plasticity
    negative = record.w_min >= 0 and bool((learned.weight < 0).any())
    if negative and bool((learned.weight > 0).any()):
        return None
    (exc_form, exc), (inh_form, inh) = (make_layer(built, p) for p in (graph.exc, graph.inh))
    constants = record.prepare(built.dt_ms)
    rule = PlasticitySpec(record.rule, built.dtype, record.delay_kind, record.coincident)
    decay = {tau: decay_tables(constants[tau], built.dt_ms, built.dtype) for tau in rule.taus}
    homeostasis = graph.learned.homeostasis
    net = CompetitiveNet(
        exc=exc,
        inh=inh,
        weights=np.ascontiguousarray(abs(learned.weight) if negative else learned.weight, built.dtype)
        .reshape(n_in, n)
        .copy(),
        scale=(-1.0 if negative else 1.0) / float(exc.quanta[learned.receptor, 0]),
        w_min=record.w_min,
        w_max=record.w_max,
        constants=constants,
        decay=decay,
        receptor=learned.receptor,
        delay=learned.delay,
        out=fixed[0],
        back=fixed[1],
        spares=spares,
        total=0.0 if homeostasis is None else homeostasis.total,
    )
    exc_kept, inh_kept = (
        frozenset(built.blocks[built.block_of(p.name)].kept) for p in (graph.exc, graph.inh)
    )
    return CompetitiveSpec(exc_form, inh_form, exc_kept, inh_kept, rule, *_quiet(rule, net)), net


def _flat(wire: Wire, n: int) -> np.ndarray:
    return np.asarray(wire.source.astype(np.int64) * n + wire.target)


def _way(built: Built, projection: Projection, wire: Wire) -> Way | None:
    """A projection whose edges agree in weight, delay and receptor."""
    if isinstance(wire.delay, np.ndarray) or isinstance(wire.receptor, np.ndarray) or not wire.weight.size:
        return None
    weight = float(wire.weight[0])
    if not (wire.weight == weight).all():
        return None
    block = built.block_of(projection.target.name)
    lo, _ = built.blocks[block].ranges[projection.target.name]
    return Way(wire.receptor, int(np.rint(weight / built.quanta[block][wire.receptor, lo])), wire.delay)


def make_layer(built: Built, population: Population, frozen: bool = False) -> tuple[PopulationSpec, Layer]:
    """The part of a block that is one population; with the constants of `frozen` neurons, or of its own."""
    place = built.block_of(population.name)
    block = built.blocks[place]
    own = slice(*block.ranges[population.name])
    moving, still = ({n: _part(v, own) for n, v in c.items()} for c in (block.constants, block.frozen or {}))
    arrays = frozenset(name for c in (moving, still) for name, value in c.items() if np.ndim(value))
    form = PopulationSpec(block.model, built.dtype, arrays, output="uint8")
    constants = still if frozen and still else moving
    first = {
        name: np.array(np.broadcast_to(_part(value, own), population.n), form.state_dtype(name), order="C")
        for name, value in block.initial.items()
    }
    spread: dict[str, Any] = {
        name: np.broadcast_to(value, population.n) if name in arrays else value
        for name, value in constants.items()
    }
    layer = Layer(
        state={name: values[None].copy() for name, values in first.items()},
        first={name: values for name, values in first.items() if name not in block.kept},
        constants=spread,
        quanta=built.quanta[place][:, own],
        rng_key=np.ascontiguousarray(block.rng_key[own]),
        rng_element=np.ascontiguousarray(block.rng_element[own]),
    )
    return form, layer


def _part(value: Any, own: slice) -> Any:
    """A constant of the block for some of its neurons: one number where they agree."""
    if not np.ndim(value):
        return value
    part = np.asarray(value)[own]
    return part[0].item() if (part == part[0]).all() else np.ascontiguousarray(part)


def _quiet(rule: PlasticitySpec, net: CompetitiveNet) -> tuple[bool, bool]:
    """Whether functions of the rule do nothing where the other side has not fired."""
    most = {
        name: 1.0 if trace.raised == "set" else 1.01 / (1.0 - float(net.decay[trace.tau][0][1]))
        for name, trace in (*rule.pre.items(), *rule.post.items())
    }
    sides = {
        side: {"w": (net.w_min, net.w_max), **{name: (0.0, most[name]) for name in traces}}
        for side, traces in (("pre", rule.pre), ("post", rule.post))
    }
    on_pre, on_post, _ = rule.programs
    return (
        is_quiet(on_pre, "post", net.constants, sides["pre"]),
        is_quiet(on_post, "pre", net.constants, sides["post"]),
    )
