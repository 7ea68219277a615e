"""Reward tasks: what the synapses are told, when a task counts as solved, and a run of each."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import spikelab as sl
from spikelab.bench.reward_tasks import TASKS, Chooser, _rule, play_bandit, play_lake, signal_of
from spikelab.cli.main import cli


def test_controls_are_told_something_that_does_not_depend_on_the_trial() -> None:
    rewards = [float(r) for r in np.random.default_rng(0).integers(0, 2, 400)]
    assert [signal_of("reward", 0)(r) for r in rewards[:5]] == rewards[:5]
    assert {signal_of("constant", 0)(r) for r in rewards} == {0.5}
    shuffled = signal_of("shuffled", 3)
    told = np.array([shuffled(r) for r in rewards])
    assert set(told) == {0.0, 1.0} and abs(told.mean() - np.mean(rewards)) < 0.1
    assert abs(np.corrcoef(told, rewards)[0, 1]) < 0.15
    with pytest.raises(sl.ParameterError, match="kind must be one of 'reward', 'shuffled', 'constant'"):
        signal_of("praise", 0)


def test_tasks_count_as_solved_by_their_criterion() -> None:
    bandit = np.zeros(600, dtype=bool)
    bandit[250:290] = bandit[550:590] = True
    assert TASKS["bandit"].solved(bandit)
    bandit[289] = False  # 39 of 50 before the change
    assert not TASKS["bandit"].solved(bandit)
    lake = np.arange(500) >= 410
    assert TASKS["lake"].solved(lake) and not TASKS["lake"].solved(lake[:-1])


def test_a_rewarded_action_is_preferred_and_an_unrewarded_one_is_not() -> None:
    rule = _rule("reward", learning_rate=0.02, tau_c_ms=60.0)
    chooser = Chooser(2, 2, rule=rule, seed=5)
    assert chooser.preferences().tolist() == [[1.0, 1.0], [1.0, 1.0]]
    for trial in range(120):
        state = trial % 2
        chooser.reward(float(chooser.act(state) == state))
    preferred = chooser.preferences()
    assert preferred[0, 0] > preferred[0, 1] + 0.1 and preferred[1, 1] > preferred[1, 0] + 0.1


def test_a_bandit_is_played_again_alike() -> None:
    first, again = play_bandit(3, trials=10), play_bandit(3, trials=10)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == bool and first.shape == (10,)


def test_an_episode_on_the_lake_ends_at_the_goal_or_not() -> None:
    pytest.importorskip("gymnasium")
    made: list[Chooser] = []

    class Guided(Chooser):
        """Knows the way: down, down, right, down, right, right."""

        def act(self, state: int) -> int:
            super().act(state)
            return {0: 1, 4: 1, 8: 2, 9: 1, 13: 2, 14: 2}[state]

    def make(*arguments: int, **options: object) -> Chooser:
        made.append(Guided(*arguments, **options))  # type: ignore[arg-type]
        return made[0]

    assert play_lake(0, episodes=2, chooser=make).tolist() == [True, True]
    assert made[0].sim.time_ms == 12 * 60.0


def test_the_figures_of_the_tasks_are_written(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    options = ["--task", "bandit", "--seeds", "2", "--trials", "4", "--json", str(path)]
    answer = CliRunner().invoke(cli, ["bench", "reward", *options])
    assert answer.exit_code == 0, answer.output
    assert "the better arm in 80 %" in answer.output
    rows = json.loads(path.read_text())["rows"]
    assert [row["told"] for row in rows] == ["reward", "shuffled", "constant"]
    assert all(np.shape(row["curves"]) == (2, 4) and len(row["solved"]) == 2 for row in rows)
