"""The order of a network: cyclic components, each after all that feeds it."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..network import Network
from ..parts import Population

__all__ = ["Component", "components"]


@dataclass(frozen=True)
class Component:
    """Populations that reach one another.

    Attributes
    ----------
    populations : tuple of str
        In the order in which they were added.
    cyclic : bool
        Whether spikes can come back; a single population without a recurrent projection is not.
    """

    populations: tuple[str, ...]
    cyclic: bool


def components(net: Network) -> list[Component]:
    """Strongly connected components of `net`, sources first; the order depends on the recipe alone."""
    names = list(net.populations)
    place = {name: i for i, name in enumerate(names)}
    pairs = [
        (place[p.source.name], place[p.target.name])
        for p in net.projections.values()
        if isinstance(p.source, Population)
    ]
    if not names:
        return []
    rows, cols = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = sparse.coo_array((np.ones(len(pairs)), (rows, cols)), shape=(len(names),) * 2)
    _, labels = connected_components(graph.tocsr(), directed=True, connection="strong")
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for label in dict.fromkeys(labels.tolist()):
        sorter.add(label)
    for source, target in pairs:
        if labels[source] != labels[target]:
            sorter.add(int(labels[target]), int(labels[source]))
    loops = {int(labels[source]) for source, target in pairs if labels[source] == labels[target]}
    return [
        Component(tuple(name for name in names if labels[place[name]] == label), label in loops)
        for label in sorter.static_order()
    ]
