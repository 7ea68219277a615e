"""Rules and random networks for the tests of the plasticity kernels."""

from __future__ import annotations

import numpy as np

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.types import Type
from spikelab_kernels.plasticity_spec import NEVER, PlasticitySpec, PlasticState, decay_tables

DT_MS = 1.0
CONSTANTS = {"up": 0.07, "down": 0.1, "tau_pre": 3.0, "tau_post": 5.0, "tau_slow": 11.0, "tau_c": 7.0}
REALS = dict.fromkeys(CONSTANTS, Type.REAL)


def pair_pre(s, p, pre, post):
    return s.next(w=s.w - p.down * post.y)


def pair_post(s, p, pre, post):
    return s.next(w=s.w + p.up * pre.x)


PAIR = Rule(
    "pair_rule",
    REALS,
    on_pre=pair_pre,
    on_post=pair_post,
    pre={"x": Trace("tau_pre")},
    post={"y": Trace("tau_post")},
)


def rich_pre(s, p, pre, post):
    return s.next(w=s.w - p.down * s.w * post.y * post.slow, c=s.c - pre.x, seen=s.seen + 1.0)


def rich_post(s, p, pre, post):
    return s.next(w=s.w + p.up * (1.0 - s.w) * pre.x * (1.0 + post.slow), c=s.c + post.y)


def rich_step(s, p, pre, post, third):
    moved = s.w + p.up * third.reward * (s.c + pre.spike - 0.5 * post.spike) + 0.001 * pre.v * post.low
    return s.next(w=moved + p.up * third.reward * (pre.x - post.slow))


RICH = Rule(
    "rich_rule",
    REALS,
    on_pre=rich_pre,
    on_post=rich_post,
    on_step=rich_step,
    state={"c": "tau_c", "seen": ""},
    pre={"x": Trace("tau_pre", raised="set")},
    post={"y": Trace("tau_post"), "slow": Trace("tau_slow"), "low": Trace("tau_slow", of="v")},
    pre_values=("v",),
    third=("reward",),
)


class Case:
    """A random network of 6 sources and 70 targets with the spikes of 120 steps."""

    steps, sources, targets = 120, 6, 70

    def __init__(self, spec: PlasticitySpec, delays: tuple[int, ...], seed: int = 1, rate: float = 0.12):
        rng = np.random.default_rng(seed)
        self.spec, self.delays = spec, delays
        source, target = np.nonzero(rng.random((self.sources, self.targets)) < 0.7)
        delay = rng.choice(delays, source.size)
        order = np.lexsort((target, delay, source))
        self.source, self.target, self.delay = source[order], target[order], delay[order]
        self.weight = rng.random(source.size)
        self.pre = rng.random((self.steps, self.sources)) < rate
        self.post = rng.random((self.steps, self.targets)) < rate
        self.reward = np.where(rng.random(self.steps) < 0.1, rng.normal(size=self.steps), 0.0)
        self.pre_v = rng.normal(size=(256, self.sources))
        self.post_low = rng.normal(size=(256, self.targets))

    def state(self, lo: int, hi: int, room: int) -> PlasticState:
        spec, real = self.spec, self.spec.dtype
        key = self.source * 65536 + self.delay
        keys = np.unique(key)
        here = (self.target >= lo) & (self.target < hi)
        first = np.searchsorted(key[here], np.append(keys, 2**40)).astype(np.uint32)
        cells, edges = keys.size, int(here.sum())
        return PlasticState(
            cell_source=(keys >> 16).astype(np.uint32),
            cell_delay=(keys & 0xFFFF).astype(np.uint16),
            cell_edge=first,
            target=(self.target[here] - lo).astype(np.uint16),
            w=self.weight[here].astype(real),
            synapse={name: np.zeros(edges, real) for name in spec.rule.state},
            edge_last=np.full(edges if spec.fading else 0, NEVER, np.int32),
            cell_last=np.full(cells, NEVER, np.int32),
            cell_done=np.full(cells, -1, np.int32),
            pre={name: np.zeros(cells, real) for name in spec.pre},
            post_step=np.full((room, hi - lo), NEVER, np.int32),
            post={name: np.zeros((room, hi - lo), real) for name in spec.post},
            pre_seen={name: self.pre_v.astype(real) for name in spec.pre_seen},
            post_seen={name: self.post_low[:, lo:hi].astype(real) for name in spec.post_seen},
            decay={tau: decay_tables(CONSTANTS[tau], DT_MS, real) for tau in spec.taus},
            constants=CONSTANTS,
            w_min=0.0,
            w_max=1.0,
            scale=-(2.0**20),
            sums=np.zeros((64, hi - lo), spec.sum_dtype),
        )

    def passes(self, state: PlasticState) -> tuple[np.ndarray, np.ndarray]:
        """Steps and cells of passing spikes."""
        step, source = np.nonzero(self.pre)
        pairs = [
            (k + int(state.cell_delay[cell]) * (self.spec.delay_kind == "axonal"), cell)
            for k, s in zip(step, source, strict=True)
            for cell in np.flatnonzero(state.cell_source == s)
        ]
        when, cell = np.array(sorted(pair for pair in pairs if pair[0] < self.steps)).T
        return when.astype(np.int32), cell.astype(np.uint32)

    def run(self, backend, width=10, lo=0, hi=targets, room=4, learning=None):
        """What is delivered, weights and states after all steps, in windows of `width`."""
        spec, state = self.spec, self.state(lo, hi, room)
        kernel = backend.plasticity_kernel(spec)(state)
        late = self.delays[0] if spec.delay_kind == "dendritic" and not spec.viewed else 0
        need = max(self.delays) if spec.viewed else 0
        fired_step, fired = np.nonzero(self.post[: self.steps - late, lo:hi])
        fired_step, fired = (fired_step + late).astype(np.int32), fired.astype(np.uint32)
        pass_step, passing = self.passes(state)
        done, sent = -1, []
        for t in range(0, self.steps, width):
            inside = slice(*np.searchsorted(fired_step, [t, t + width]))
            passes = slice(*np.searchsorted(pass_step, [t, t + width]))
            reward = self.reward[None, t : t + width].astype(spec.dtype)
            third = np.ascontiguousarray(reward[: len(spec.third)])
            due = (self.reward[t : t + width] != 0).astype(np.uint8)
            on, at = learning is None or bool(learning[t]), np.zeros(3, np.int64)
            if not on:
                kernel.catch_up(t - 1)
                done = t - 1
            events = fired_step[inside], fired[inside], pass_step[passes], passing[passes]
            while not kernel.learn(t, width, at, *events, due, third, on, done, need):
                now = t + int(at[2]) - 1
                if done < now:
                    if on:
                        kernel.catch_up(now)
                    state.cell_done[:] = done = now
                else:
                    _double(state)
                    kernel = backend.plasticity_kernel(spec)(state)
            rows = np.arange(t + 1, t + width + 1) & 63
            sent.append(state.sums[rows].copy())
            state.sums[rows] = 0
        kernel.catch_up(self.steps - 1)
        return np.concatenate(sent), state


def _double(state: PlasticState) -> None:
    shape = state.post_step.shape
    state.post_step = np.concatenate([state.post_step, np.full(shape, NEVER, np.int32)])
    state.post = {
        name: np.concatenate([values, np.zeros(shape, values.dtype)]) for name, values in state.post.items()
    }
