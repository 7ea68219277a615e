"""
A way across the ice
====================

gymnasium's FrozenLake (4 x 4, not slippery): from a corner to the opposite one past four holes, with a
reward of 1 at the goal and nothing else. Ten place cells for each of the sixteen fields, one cell for each
direction; the synapses remain eligible for 300 ms, which is five steps, and learn when the
episode ends from the reward less the mean of those so far. Controls: they are told the reward of another
episode, or always the same. Needs the extra ``gym``.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from spikelab.bench.reward_tasks import TASKS, Chooser, play_lake

TINY = "--tiny" in sys.argv
SEEDS, EPISODES, WINDOW = (1, 4, 2) if TINY else (2, 500, 20)
TOLD = {"reward": "their reward", "shuffled": "another episode's", "constant": "always the same"}

choosers = []


class Watched(Chooser):
    """A chooser that is kept, to look at its weights afterwards."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        choosers.append(self)


figure, (course, ice) = plt.subplots(
    1, 2, figsize=(10, 4), layout="constrained", gridspec_kw={"width_ratios": [2, 1]}
)
for (kind, words), colour in zip(TOLD.items(), ("tab:blue", "tab:purple", "tab:orange"), strict=True):
    reached = np.stack([play_lake(seed, kind, EPISODES, chooser=Watched) for seed in range(SEEDS)])
    solved = sum(TASKS["lake"].solved(run) for run in reached)
    print(
        f"told {words}: solved in {solved} of {SEEDS} seeds ({TASKS['lake'].criterion}); the goal in "
        f"{100 * reached[:, -100:].mean():.0f} % of the last hundred"
    )
    share = 100.0 * reached.reshape(SEEDS, -1, WINDOW).mean(axis=2)
    place = WINDOW * np.arange(1, share.shape[1] + 1)
    course.fill_between(place, share.min(axis=0), share.max(axis=0), color=colour, alpha=0.15)
    line = "-" if kind == "reward" else "--"
    course.plot(place, np.median(share, axis=0), line, color=colour, label=f"told {words}")
course.set(xlabel="episodes", ylabel="goal reached (%)", ylim=(-2, 102))
course.legend()

# Where each field's synapses lead: left, down, right, up; several ways where several are as strong.
WAYS = np.array([(-0.3, 0.0), (0.0, 0.3), (0.3, 0.0), (0.0, -0.3)])
weights = choosers[0].preferences()
holes, goal = (5, 7, 11, 12), 15
ice.imshow(np.ptp(weights, axis=1).reshape(4, 4), cmap="Blues")
for field in range(16):
    row, column = divmod(field, 4)
    if field in (*holes, goal):
        ice.text(column, row, "goal" if field == goal else "hole", ha="center", va="center")
        continue
    for step in WAYS[weights[field] > 0.95 * weights[field].max()]:
        ice.annotate(
            "", (column + step[0], row + step[1]), (column, row), arrowprops={"width": 1.5, "headwidth": 7}
        )
ice.set(xticks=[], yticks=[], title="learned directions, seed 0")

if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    path = Path(names[0] if names else "frozen_lake.png")
    figure.savefig(path, dpi=100)
    print(f"wrote {path}")
