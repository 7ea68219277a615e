"""What rules between rate units read: rates and traces of both layers, and what concerns a whole layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from spikelab_kernels.ir.declare import Trace
from spikelab_kernels.language import exp

from ..build.plastic_rates import RateLink
from ..neurons.propagators import decay_factor

__all__ = ["LayerValues"]

Values = dict[str, np.ndarray]


class LayerValues:
    """Values of the last step and traces of both sides of a projection.

    Parameters
    ----------
    link : RateLink
        The projection.
    constants : mapping of str to float
        Of its rule.
    batch : int
        Batch rows.

    Attributes
    ----------
    post : dict of str to array [batch, target]
        State variables, ``rate``, ``drive`` and traces of the targets.
    pre : dict of int to dict of str to array [batch, source]
        ``rate`` and traces of the values that arrive after each delay.
    """

    def __init__(self, link: RateLink, constants: Mapping[str, float], batch: int):
        self._link, self._batch = link, batch
        self._moves = {
            trace: np.dtype(link.dtype).type(1.0 - decay_factor(constants[trace.tau], link.dt_ms))
            for trace in (*link.rule.pre.values(), *link.rule.post.values())
        }
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        link = self._link
        names = {*link.post_states, *link.rule.post, "drive", *(("rate",) if link.output else ())}
        self.post: Values = {name: self._zeros(link.n_target) for name in sorted(names)}
        self.pre: dict[int, Values] = {
            part.delay: {name: self._zeros(link.n_source) for name in ("rate", *link.rule.pre)}
            for part in link.parts
        }
        self._begun = False

    def move(self, post: Mapping[str, np.ndarray], arriving: Mapping[int, np.ndarray]) -> None:
        """Take over the values of a step, and let the traces follow them."""
        rule = self._link.rule
        for name, values in post.items():
            self.post[name][:] = values
        for delay, values in arriving.items():
            self.pre[delay]["rate"][:] = values
        self._follow(rule.post, self.post)
        for side in self.pre.values():
            self._follow(rule.pre, side)
        self._begun = True

    def layer(self, names: list[str], lengths: Callable[[], np.ndarray]) -> Values:
        """What the rule reads of the targets, with ``share`` and ``norm`` where it reads them.

        ``lengths()`` returns the length of the weights of each target: array [target], float64.
        """
        values = {name: self.post[name] for name in names if name in self.post}
        if "share" in names:
            values["share"] = soft_shares(self.post["drive"], self._link.record.softmax_temperature)
        if "norm" in names:
            values["norm"] = np.tile(lengths().astype(self._link.dtype), (self._batch, 1))
        return values

    def under_way(self) -> Values:
        """Copies of everything that moves."""
        arrays = {f"post/{name}": values.copy() for name, values in self.post.items()}
        for delay, side in self.pre.items():
            arrays |= {f"pre/{delay}/{name}": values.copy() for name, values in side.items()}
        return arrays | {"begun": np.array(self._begun)}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over what `under_way` returned."""
        for name, values in self.post.items():
            values[:] = arrays[f"post/{name}"]
        for delay, side in self.pre.items():
            for name, values in side.items():
                values[:] = arrays[f"pre/{delay}/{name}"]
        self._begun = bool(arrays["begun"])

    def _zeros(self, n: int) -> np.ndarray:
        return np.zeros((self._batch, n), self._link.dtype)

    def _follow(self, traces: Mapping[str, Trace], values: Values) -> None:
        for name, trace in traces.items():
            now = values[trace.of.removesuffix("^2")]
            now = now * now if trace.of.endswith("^2") else now
            # a trace begins at the first value that it follows
            values[name][:] = values[name] + self._moves[trace] * (now - values[name]) if self._begun else now


def soft_shares(drive: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax over the units of each row, with a minus for all but the first of the largest.

    Parameters
    ----------
    drive : array [batch, unit], real
    temperature : float

    Returns
    -------
    array [batch, unit], real
    """
    per = drive.dtype.type(1.0 / temperature)
    weight = np.asarray(exp((drive - drive.max(axis=1, keepdims=True)) * per))
    # the last of the running sums is the sum in the order of the units
    share = weight / np.cumsum(weight, axis=1)[:, -1:]
    winner = np.arange(drive.shape[1]) == drive.argmax(axis=1)[:, None]
    return np.ascontiguousarray(np.where(winner, share, -share))
