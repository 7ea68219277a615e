"""How a side of a benchmark speaks: a task in JSON on its input, figures in JSON on its last line.

Every side runs in a process of its own. A task has

- ``network``: what `describe` wrote (this library's own side makes it by ``function`` and ``arguments``),
- ``dt_ms``, ``threads``, ``seed``, for our side ``dtype`` and ``window_loop``,
- ``warm_ms``: simulated first, untimed, its spikes dropped; ``duration_ms``: simulated and timed,
- ``spikes``: file that the spikes go to as arrays ``NAME/step`` and ``NAME/neuron``, or None.

and the answer ``build_s``, ``simulate_s``, ``counts`` (spikes of each population), ``synapses``, ``version``,
memory in bytes (``before``, ``built``, ``peak``), ``weights`` (mean and standard deviation at the end, of
each projection that learns; a peer may look at some of its edges), and whatever else a side wants to say.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["MARK", "answer", "memory_now", "memory_peak", "steps_in"]

#: Begins the line of the answer; simulators print lines of their own.
MARK = ">>> "


def answer(simulate: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read the task, carry it out by `simulate` and print what it returns.

    Spikes, under "spikes" a mapping of population to (step, neuron), go to the file and their numbers to
    the answer.
    """
    task = json.load(sys.stdin)
    result = simulate(task)
    spikes = result.pop("spikes")
    result["counts"] = {name: len(step) for name, (step, _) in spikes.items()}
    result["peak"] = memory_peak()
    if task["spikes"] is not None:
        arrays: dict[str, Any] = {
            f"{name}/{part}": np.asarray(values, dtype=np.uint32)
            for name, pair in spikes.items()
            for part, values in zip(("step", "neuron"), pair, strict=True)
        }
        np.savez(task["spikes"], **arrays)
    print(f"\n{MARK}{json.dumps(result)}", flush=True)


def steps_in(step: Any, neuron: Any, first: int, n_steps: int) -> tuple[Any, Any]:
    """Spikes of the steps from `first` on, as (step, neuron), sorted; steps count from there."""
    step, neuron = np.asarray(step) - first, np.asarray(neuron)
    inside = (step >= 0) & (step < n_steps)
    order = np.lexsort((neuron[inside], step[inside]))
    return step[inside][order], neuron[inside][order]


def memory_now() -> int:
    """Memory that this process holds, bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def memory_peak() -> int:
    """Most memory that this process has held, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
