"""Tasks in which all that a network is told is how much reward it got: a bandit and a lake to cross."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..connect import AllToAll
from ..encode import PoissonDrive, PoissonEncoder
from ..errors import ParameterError
from ..network import Network
from ..neurons import LIF
from ..plasticity import RewardSTDP
from ..simulator import Simulator
from ..units import require_choice

__all__ = ["CONTROLS", "TASKS", "Chooser", "Task", "play_bandit", "play_lake", "signal_of"]

#: What the synapses are told: the reward, that of a trial drawn from those so far, or always the same.
CONTROLS = ("reward", "shuffled", "constant")
_SHOWN_MS, _REST_MS, _DT_MS = 40.0, 20.0, 1.0
# Long delays let the simulator take as many steps at a time.
_DELAY_MS = 5.0
_SAME = 0.5  # the constant reward


class Chooser:
    """Place cells of each state onto one cell for each action; the action that fires most is taken.

    A state is shown for 40 ms by Poisson trains of its ten place cells, and 20 ms of rest follow, so that
    the next choice finds no trace of spikes. Noise of its own makes each action cell try; a spike of one
    inhibits the others.

    Parameters
    ----------
    states, actions : int
        How many there are.
    rule : Plasticity
        Of the synapses from place cells to action cells.
    seed : int
        Seed of the network.
    weight : float, mV
        Weight of all synapses at the start.

    Attributes
    ----------
    sim : Simulator
        The network.
    """

    cells = 10

    def __init__(self, states: int, actions: int, *, rule: Any, seed: int, weight: float = 1.0):
        self.states, self.actions = states, actions
        net = Network(seed)
        encoder = PoissonEncoder(max_rate_hz=200.0)
        places = net.input("places", states * self.cells, encoder, frame_ms=_REST_MS)
        cell = LIF(tau_mem_ms=20.0, tau_ref_ms=0.0, v_rest_mv=0.0, v_reset_mv=0.0, v_thresh_mv=20.0)
        out = net.add("actions", actions, cell)
        for sign in (1.0, -1.0):
            net.drive(out, PoissonDrive(rate_hz=1000.0, weight=2.0 * sign))
        net.connect(out, out, AllToAll(allow_autapses=False), weight=-20.0, delay_ms=_DELAY_MS)
        net.connect(places, out, AllToAll(), weight=weight, delay_ms=_DELAY_MS, plasticity=rule)
        self.sim = Simulator(net, _DT_MS)
        self._rng = np.random.default_rng(seed)

    def act(self, state: int) -> int:
        """Show a state and return the action of the cell that fires most; at random where several do."""
        frames = np.zeros((round((_SHOWN_MS + _REST_MS) / _REST_MS), 1, self.states * self.cells))
        here = slice(state * self.cells, (state + 1) * self.cells)
        frames[: round(_SHOWN_MS / _REST_MS), :, here] = 1.0
        counts = self.sim.run(inputs={"places": frames})["actions"].counts[0]
        return int(self._rng.choice(np.flatnonzero(counts == counts.max())))

    def reward(self, value: float) -> None:
        """Tell all synapses, at once."""
        self.sim.signal(reward=value)

    def preferences(self) -> np.ndarray:
        """Mean weight of a state's cells onto each action: array [state, action], mV."""
        weights = self.sim.weights()["places", "actions", 0]
        means: np.ndarray = weights.reshape(self.states, self.cells, self.actions).mean(axis=1)
        return means


def signal_of(kind: str, seed: int) -> Callable[[float], float]:
    """What the synapses are told of each reward, by kind; see `CONTROLS`."""
    require_choice("reward tasks", "kind", kind, CONTROLS)
    past: list[float] = []
    rng = np.random.default_rng([seed, 1])

    def told(reward: float) -> float:
        past.append(reward)
        if kind == "shuffled":
            return past[rng.integers(len(past))]
        return reward if kind == "reward" else _SAME

    return told


def play_bandit(seed: int, kind: str = "reward", trials: int = 600, rule: Any = None) -> np.ndarray:
    """Choose between two arms that pay with probability 0.8 and 0.2, and change places halfway.

    Parameters
    ----------
    seed : int
        Of the network and of the arms.
    kind : {"reward", "shuffled", "constant"}
        What the synapses are told.
    trials : int
        Choices.
    rule : Plasticity, optional
        Instead of the task's own.

    Returns
    -------
    array [trial], bool
        Whether the better arm was chosen.
    """
    chooser = Chooser(1, 2, rule=rule or _rule(kind, **_BANDIT), seed=seed)
    rng, told = np.random.default_rng([seed, 0]), signal_of(kind, seed)
    right = np.zeros(trials, dtype=bool)
    for trial in range(trials):
        right[trial] = chooser.act(0) == (trial >= trials // 2)
        chooser.reward(told(float(rng.random() < (0.8 if right[trial] else 0.2))))
    return right


def play_lake(
    seed: int,
    kind: str = "reward",
    episodes: int = 500,
    rule: Any = None,
    chooser: Callable[..., Chooser] = Chooser,
) -> np.ndarray:
    """Cross gymnasium's FrozenLake (4 x 4, not slippery) from start to goal, past four holes.

    The reward comes once, at the end of an episode: 1 at the goal, 0 in a hole or after a hundred steps.

    Parameters
    ----------
    seed, kind, rule
        As for `play_bandit`.
    episodes : int
        Crossings.
    chooser : callable
        Makes the network: called as `Chooser`.

    Returns
    -------
    array [episode], bool
        Whether the goal was reached.

    Raises
    ------
    ParameterError
        If gymnasium is not installed.
    """
    try:
        import gymnasium
    except ImportError:
        remedy = "`python -m pip install spikelab-sim[gym]` adds it."
        raise ParameterError("play_lake", "gymnasium", None, "be installed", remedy) from None
    lake = gymnasium.make("FrozenLake-v1", map_name="4x4", is_slippery=False)
    walker = chooser(16, 4, rule=rule or _rule(kind, **_LAKE), seed=seed)
    told = signal_of(kind, seed)
    reached = np.zeros(episodes, dtype=bool)
    for episode in range(episodes):
        state, _ = lake.reset(seed=seed)
        over, reward = False, 0.0
        while not over:
            state, got, ended, cut, _ = lake.step(walker.act(int(state)))
            over, reward = ended or cut, float(got)
        reached[episode] = reward > 0
        walker.reward(told(reward))
    lake.close()
    return reached


# Chosen with seeds 100 to 119; the reported ones begin at 0. Eligibility of the bandit ends with its trial,
# that of the lake lasts for some five steps.
_BANDIT: dict[str, float] = {"learning_rate": 0.02, "tau_c_ms": 60.0}
_LAKE: dict[str, float] = {"learning_rate": 0.05, "tau_c_ms": 300.0}


def _rule(kind: str, learning_rate: float, tau_c_ms: float) -> RewardSTDP:
    """The rule: surprise, the reward less the mean of those so far; or, untold of any, plain STDP."""
    return RewardSTDP(
        w_max=3.0,
        delay_kind="transmission",
        a_plus=1.0,
        a_minus=0.5,
        tau_plus_ms=10.0,
        tau_minus_ms=10.0,
        learning_rate=learning_rate,
        tau_c_ms=tau_c_ms,
        baseline="none" if kind == "constant" else "mean",
    )


def _bandit_solved(right: np.ndarray) -> bool:
    half = len(right) // 2
    return bool(min(right[half - 50 : half].mean(), right[-50:].mean()) >= 0.8)


def _lake_solved(reached: np.ndarray) -> bool:
    return bool(reached[-100:].mean() >= 0.9)


@dataclass(frozen=True)
class Task:
    """A task with its criterion, stated before it was run.

    Attributes
    ----------
    play : callable
        ``play(seed, kind, trials)`` returns an array [trial], bool: whether each went well.
    trials : int
        How many trials one run has.
    criterion : str
        When it counts as solved, in words.
    solved : callable
        The same, of what `play` returned.
    """

    play: Callable[[int, str, int], np.ndarray]
    trials: int
    criterion: str
    solved: Callable[[np.ndarray], bool]


#: The tasks by name.
TASKS = {
    "bandit": Task(
        play_bandit, 600, "the better arm in 80 % of the last 50 choices, before and after the change",
        _bandit_solved,
    ),
    "lake": Task(play_lake, 500, "the goal in 90 % of the last 100 episodes", _lake_solved),
}  # fmt: skip
