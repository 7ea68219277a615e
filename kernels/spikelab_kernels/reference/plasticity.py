"""Synapses that learn, in plain NumPy: step after step, and every event in its own step.

The functions work on a :class:`~spikelab_kernels.plasticity_spec.PlasticState`. They say what the compiled
ones mean, which put the spikes of a target off until the next spike of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.ir.declare import Trace
from spikelab_kernels.ir.numpy_printer import print_rule
from spikelab_kernels.ir.types import Program
from spikelab_kernels.plasticity_spec import PlasticitySpec, PlasticState

__all__ = ["plasticity_kernel"]

_Update = Callable[..., dict[str, Any]]


@cache
def plasticity_kernel(spec: PlasticitySpec) -> Callable[[PlasticState], Kernel]:
    """Compile `spec`; ``bind(state)`` returns the functions that work on `state`.

    They are the methods of :class:`Kernel`. A state whose arrays were replaced must be bound again.
    """
    functions = {
        name: None if program is None else _compiled(spec, name, program)
        for name, program in zip(spec.programs._fields, spec.programs, strict=True)
    }

    def bind(state: PlasticState) -> Kernel:
        return Kernel(spec, functions, state)

    return bind


def _compiled(spec: PlasticitySpec, name: str, program: Program) -> _Update:
    namespace: dict[str, Any] = {}
    exec(compile(print_rule(program), f"<{spec.rule.name}.{name}>", "exec"), namespace)
    return namespace["update"]  # type: ignore[no-any-return]


class Kernel:
    """The functions of one rule on one partition."""

    def __init__(self, spec: PlasticitySpec, functions: Mapping[str, _Update | None], state: PlasticState):
        self.spec, self.functions, self.state = spec, functions, state
        self.real = np.dtype(spec.dtype).type
        edges: np.ndarray = np.diff(state.cell_edge.astype(np.int64))
        self.cell = np.repeat(np.arange(state.cell_delay.size), edges)

    def learn(
        self,
        t: int,
        steps: int,
        at: np.ndarray,
        post_step: np.ndarray,
        post: np.ndarray,
        pass_step: np.ndarray,
        passing: np.ndarray,
        due: np.ndarray,
        third: np.ndarray,
        learning: bool,
        done: int,
        need: int,
    ) -> bool:
        """Advance through the steps from `t` on. In each: spikes of the targets are listed; then the rule's
        functions run in the order of its coincidence mode; then the weights of passing spikes are sent.

        Parameters
        ----------
        t, steps : int
            First step, and how many.
        at : array [3], int64
            Numbers of spikes of the targets, of passing spikes and of steps that are dealt with; brought up
            to date.
        post_step, post : array [event], int32 and uint32
            Spikes of the targets, sorted by step: at the synapse, or with ``viewed`` at the neuron.
        pass_step, passing : array [event], int32 and uint32
            Steps in which a spike of the source passes a cell, sorted by step; each at most once a step.
        due : array [step], uint8
            Whether ``on_step`` runs.
        third : array [signal, step], real
            Signals, in the order of ``spec.third``.
        learning : bool
            False: traces move and spikes are sent, but no function runs.
        done : int
            Step up to which every cell has handled the spikes of the targets.
        need : int
            The newest spike of each neuron that is not more than this many steps old, and the one before,
            must stay listed.

        Returns
        -------
        bool
            False where the next spike of a target would push out one that is still needed. After
            `catch_up`, or with more room, the same call goes on.
        """
        while at[2] < steps:
            now = t + int(at[2])
            fired = post[at[0] : np.searchsorted(post_step, now, side="right")]
            if (self.state.post_step[-2, fired] > now - need).any():
                return False
            for neuron in fired:
                self._list(now, int(neuron))
            at[0] += fired.size
            passes = []
            while at[1] < passing.size and pass_step[at[1]] == now:
                passes.append(int(passing[at[1]]))
                at[1] += 1
            self._events(now, np.array(passes, np.int64), learning)
            if learning and due[at[2]]:
                self.step(now, third[:, at[2]])
            self._send(now, passes)
            at[2] += 1
        return True

    def catch_up(self, until: int) -> None:
        """Handle the spikes of the targets that pass up to step `until` in all cells."""
        self.state.cell_done[:] = np.maximum(self.state.cell_done, until)

    def step(self, now: int, third: np.ndarray) -> None:
        """Run ``on_step`` in step `now` on all synapses; `third` [signal] as in `learn`."""
        if self.functions["on_step"] is not None:
            every = np.arange(self.state.target.size)
            self._update("on_step", every, now, dict(zip(self.spec.third, third, strict=True)))

    def send_before(self, now: int, cells: np.ndarray, out: np.ndarray) -> None:
        """Add the weights of `cells` [event] as they stood before step `now` to `out` [neuron], quanta."""
        state = self.state
        for cell in cells:
            edges = slice(int(state.cell_edge[cell]), int(state.cell_edge[cell + 1]))
            np.add.at(out, state.target[edges], self._quanta(edges))

    def _list(self, step: int, neuron: int) -> None:
        """Put a spike before the others of its neuron."""
        state = self.state
        before = {
            name: self._faded(
                self._raised(trace, values[0, neuron]), step - state.post_step[0, neuron], trace.tau
            )
            for name, trace, values in self._traces(self.spec.post, state.post)
        }
        for listed in (state.post_step, *state.post.values()):
            listed[1:, neuron] = listed[:-1, neuron].copy()
        state.post_step[0, neuron] = step
        for name, value in before.items():
            state.post[name][0, neuron] = value

    def _events(self, now: int, passes: np.ndarray, on: bool) -> None:
        """Spikes of both sides at the synapses in step `now`."""
        state = self.state
        of_pass = np.isin(self.cell, passes)
        listed = state.post_step[:, state.target]
        of_post = (listed == self._view(np.arange(self.cell.size), now)).any(axis=0)
        if self.spec.coincident == "ignore":
            self._run("on_post", of_post, now, on)
        before = {
            name: self._faded(self._raised(trace, values[passes]), now - state.cell_last[passes], trace.tau)
            for name, trace, values in self._traces(self.spec.pre, state.pre)
        }
        for name, values in before.items():
            state.pre[name][passes] = values
        state.cell_last[passes] = now
        self._run("on_pre", of_pass, now, on)
        if self.spec.coincident != "ignore":
            self._run("on_post", of_post, now, on)
        state.cell_done[:] = now

    def _run(self, name: str, where: np.ndarray, now: int, on: bool) -> None:
        if on and self.functions[name] is not None:
            self._update(name, np.flatnonzero(where), now, {})

    def _update(self, name: str, edges: np.ndarray, now: int, third: Mapping[str, Any]) -> None:
        """Run one function on `edges` in step `now`."""
        state, function = self.state, self.functions[name]
        assert function is not None
        s = {"w": state.w[edges]}
        for other, values in state.synapse.items():
            s[other] = values[edges]
            if other in self.spec.fading:
                n = now - state.edge_last[edges]
                s[other] = self._faded(s[other], n, self.spec.fading[other])
                state.synapse[other][edges] = s[other]
        if state.edge_last.size:
            state.edge_last[edges] = now
        constants = {key: self.real(value) for key, value in state.constants.items()}
        with np.errstate(all="ignore"):
            new = function(s, constants, self._pre(name, edges, now), self._post(name, edges, now), third)
            for other, values in new.items():
                (state.w if other == "w" else state.synapse[other])[edges] = values
            w, low, high = state.w[edges], self.real(state.w_min), self.real(state.w_max)
            state.w[edges] = np.where(w > high, high, np.where(w < low, low, w))

    def _pre(self, name: str, edges: np.ndarray, now: int) -> dict[str, Any]:
        """What a function reads of the source."""
        state, cell = self.state, self.cell[edges]
        mode = self.spec.coincident
        raised = mode == "include" or (mode == "pre_first" and name != "on_pre")
        n = now - state.cell_last[cell]
        found = {"spike": (n == 0).astype(self.spec.dtype)}
        for key, trace, values in self._traces(self.spec.pre, state.pre):
            found[key] = self._read(trace, values[cell], n, raised)
        when = now - state.cell_delay[cell].astype(np.int64) * (self.spec.delay_kind == "axonal")
        for key, history in state.pre_seen.items():
            row = when - (key in self.spec.rule.pre and mode != "include")
            found[key] = history[row & (history.shape[0] - 1), state.cell_source[cell]]
        return found

    def _post(self, name: str, edges: np.ndarray, now: int) -> dict[str, Any]:
        """What a function reads of the target."""
        state, target, mode = self.state, self.state.target[edges], self.spec.coincident
        raised = mode == "include" or (mode == "pre_first" and name == "on_step")
        view = self._view(edges, now)
        slot = (state.post_step[:, target] > view).sum(axis=0)
        n = view - state.post_step[slot, target]
        found = {"spike": (n == 0).astype(self.spec.dtype)}
        for key, trace, values in self._traces(self.spec.post, state.post):
            found[key] = self._read(trace, values[slot, target], n, raised)
        delay = state.cell_delay[self.cell[edges]].astype(np.int64) * (self.spec.delay_kind == "dendritic")
        for key, history in state.post_seen.items():
            row = now - delay - (key in self.spec.rule.post and mode != "include")
            found[key] = history[row & (history.shape[0] - 1), target]
        return found

    def _view(self, edges: np.ndarray, now: int) -> Any:
        """Step of a target's list that counts at the synapses in step `now`."""
        return now - self.state.cell_delay[self.cell[edges]].astype(np.int64) * self.spec.viewed

    def _traces(
        self, declared: Mapping[str, Trace], values: Mapping[str, np.ndarray]
    ) -> list[tuple[str, Trace, np.ndarray]]:
        return [(name, trace, values[name]) for name, trace in declared.items()]

    def _raised(self, trace: Trace, before: Any) -> Any:
        return before + self.real(1) if trace.raised == "add" else np.ones_like(before)

    def _read(self, trace: Trace, before: np.ndarray, n: np.ndarray, raised: bool) -> np.ndarray:
        """A trace n steps after its last event; in its step raised or not."""
        after = self._faded(self._raised(trace, before), n, trace.tau)
        return after if raised else np.where(n == 0, before, after)

    def _faded(self, value: Any, n: Any, tau: str) -> Any:
        """A value n steps later."""
        low, high = self.state.decay[tau]
        return value * low[n & 255] * high[np.minimum(n >> 8, high.size - 1)]

    def _quanta(self, edges: slice) -> np.ndarray:
        scaled: np.ndarray = np.rint(self.state.w[edges] * self.real(self.state.scale))
        return scaled.astype(self.spec.sum_dtype)

    def _send(self, now: int, passes: list[int]) -> None:
        """Put the weights of passing spikes on their way, unless they were sent before the step."""
        state = self.state
        for cell in passes:
            delay = int(state.cell_delay[cell])
            if self.spec.delay_kind != "axonal" and delay > 0:
                edges = slice(int(state.cell_edge[cell]), int(state.cell_edge[cell + 1]))
                row = (now + delay) & (state.sums.shape[0] - 1)
                np.add.at(state.sums[row], state.target[edges], self._quanta(edges))
