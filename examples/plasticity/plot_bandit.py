"""
Two arms, one reward
====================

Two arms pay with probability 0.8 and 0.2, and halfway they change places. Ten place cells drive one cell for
each arm through synapses that know three things: that both their cells fired, in which order, and what
reward came afterwards (E. M. Izhikevich, Cereb. Cortex 17 (2007); R. V. Florian, Neural Comput. 19 (2007)).
Controls: the synapses are told the reward of another trial, or that every trial was equally good.
"""

import sys
from pathlib import Path

import numpy as np

import spikelab as sl
from spikelab.bench.reward_tasks import TASKS, play_bandit

TINY = "--tiny" in sys.argv
SEEDS, TRIALS, WINDOW = (2, 8, 4) if TINY else (10, 600, 25)
TOLD = {"reward": "its reward", "shuffled": "another trial's", "constant": "always the same"}


def smooth(right):
    """Share of good choices over windows of trials, %: array [seed, window]."""
    return 100.0 * right.reshape(len(right), -1, WINDOW).mean(axis=2)


curves = {}
for kind, words in TOLD.items():
    right = np.stack([play_bandit(seed, kind, TRIALS) for seed in range(SEEDS)])
    solved = sum(TASKS["bandit"].solved(run) for run in right) if not TINY else 0
    print(
        f"told {words}: solved in {solved} of {SEEDS} seeds ({TASKS['bandit'].criterion}); "
        f"the better arm in {100 * right.mean():.0f} % of all choices"
    )
    curves[f"told {words}"] = smooth(right)
first = next(iter(curves))
figure = sl.plot.learning_curve(
    {first: curves.pop(first)},
    curves,
    {"chance": 50.0},
    x=WINDOW * np.arange(1, TRIALS // WINDOW + 1),
    xlabel="trials; the arms change places in the middle",
    ylabel="better arm chosen (%)",
)

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "bandit.png")
    figure.savefig(path, dpi=150)
    print(f"wrote {path}")
