"""What reaches a block beside tables of edges: spikes through matrices, and real values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from spikelab_kernels.dispatch import Backend

from ..build import Built
from ..build.links import AnalogLink, DenseLink
from .block_runner import BlockRunner
from .history import BitHistory
from .paths import PathTally, takes_matrix
from .playback import PlaybackRunner
from .workers import Workers, row_ranges

__all__ = ["Delivery", "Held"]

Held = tuple[int, int, int]
"""How real values last: steps of a row, first step of the data, steps."""


class Delivery:
    """Dense and analog links of a network.

    Parameters
    ----------
    built : Built
        The network.
    blocks : sequence of BlockRunner or PlaybackRunner
        Where it arrives.
    histories : mapping of node to BitHistory
        Where spikes come from.
    backend, workers, path, paths
        As of the engine.
    """

    def __init__(
        self,
        built: Built,
        blocks: Sequence[BlockRunner | PlaybackRunner],
        histories: Mapping[int | str, BitHistory],
        backend: Backend,
        workers: Workers,
        path: str,
        paths: PathTally,
    ):
        self.blocks, self.histories, self.backend, self.workers = blocks, histories, backend, workers
        self._path, self._paths = path, paths
        dense = [link for link in built.events if isinstance(link, DenseLink)]
        self._dense = [[link for link in dense if link.target == i] for i in range(len(blocks))]
        self._analog: dict[int | str, list[AnalogLink]] = {}
        for link in built.analog:
            self._analog.setdefault(link.source, []).append(link)

    def reaches(self, block: int) -> bool:
        """Whether spikes reach a block through matrices."""
        return bool(self._dense[block])

    def pull(self, block: int, first: int, sums: np.ndarray) -> None:
        """Add the spikes that reach a block through matrices to the sums of a window of the chunk."""
        steps, batch = sums.shape[:2]
        out = sums.reshape(steps, batch, -1)
        for link in self._dense[block]:
            bits = self.histories[link.source].rows(first - link.delay, steps)
            spikes, rows = int(self.backend.count_bits(bits)), steps * batch
            matrix = self._path == "matrix" or (
                self._path == "auto" and takes_matrix(link.tiles, spikes, rows)
            )
            self._paths.add(link, matrix, spikes, rows * link.n_source)
            if spikes:
                kernel = self.backend.deliver_matrix if matrix else self.backend.deliver_dense
                work = min(spikes, rows * link.n_source // 4) * link.tiles.targets // 8
                self._split(work, batch, partial(kernel, bits, *link.tiles, link.address, 0, out))

    def values(self, node: int | str, values: np.ndarray, first: int, held: Held) -> None:
        """Deliver real values [row, batch, source] that are sent from row `first` of the chunk on."""
        for link in self._analog.get(node, ()):
            self._one_analog(link, values, first, held)

    def _one_analog(self, link: AnalogLink, values: np.ndarray, first: int, held: Held) -> None:
        target = self.blocks[link.target]
        assert isinstance(target, BlockRunner)  # nothing reaches a source
        slab = target.lane(link)[first:]
        batch = slab.shape[1]
        out = slab.reshape(slab.shape[0], batch, -1)
        x = np.ascontiguousarray(values[:, :, link.lo : link.hi])
        hold, _, steps = held
        rows = -(-steps // hold) * batch
        if link.dense is not None:
            matrix = link.dense
            deliver = partial(self.backend.deliver_analog, x, *held, matrix, link.delay, out, link.address)
            work = (rows * x.shape[2] + 4 * steps * batch) * matrix.shape[1] // 8
        else:
            assert link.table is not None
            table = link.table
            deliver = partial(
                self.backend.deliver_analog_sparse, x, *held, table.ptr, table.target, table.weight,
                link.delay, out,
            )  # fmt: skip
            work = rows * table.target.size // 4 + steps * batch * out.shape[2] // 2
        self._split(work, batch, deliver)

    def _split(self, work: int, batch: int, call: Callable[[int, int], None]) -> None:
        """Run ``call(row_lo, row_hi)`` over the batch rows, in threads where it is worth while."""
        threads = self.workers.count(work)
        self.workers.run([partial(call, lo, hi) for lo, hi in row_ranges(batch, threads)], threads)
