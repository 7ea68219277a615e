"""Run sides of a benchmark of networks, each in a process of its own, in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..networks import make
from ..options import Peers, peer_python
from ..timing import Timing
from .describe import describe
from .protocol import MARK

__all__ = ["Run", "Side", "choose_sides", "run_in_turn"]

#: Spikes of a population: (step, neuron), two arrays [event].
Spikes = tuple[np.ndarray, np.ndarray]
_BENCH = Path(__file__).parents[1]
_REHEARSAL = 0.1
# Steps of a run from which on a simulator may look for a compiled loop.
_LOOPED_STEPS = 5000
_PEERS = {"nest": "NEST", "brian2": "Brian2"}


@dataclass(frozen=True)
class Side:
    """A simulator with what is set about it.

    Attributes
    ----------
    name : str
        Heading of its row.
    peer : str
        "nest", "brian2", or "" for this library.
    threads : int
        Threads.
    dtype : str
        "float32" or "float64"; peers compute in float64.
    arguments : mapping of str to value
        Arguments of the network that this side has for itself.
    """

    name: str
    peer: str = ""
    threads: int = 1
    dtype: str = "float64"
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def command(self) -> list[str]:
        """What starts its process."""
        if not self.peer:
            return [sys.executable, "-m", "spikelab.bench.peers.own_side"]
        python = peer_python(self.peer)
        assert python is not None  # or it would be no side
        # At the end of the path, where the modules here hide none of the peer's.
        code = f"import sys; sys.path.append({str(_BENCH)!r}); from peers import protocol, {self.peer}_side"
        return [python, "-c", f"{code}; protocol.answer({self.peer}_side.simulate)"]


@dataclass
class Run:
    """What the processes of one side answered, one entry a round."""

    side: Side
    answers: list[dict[str, Any]] = field(default_factory=list)
    total_s: list[float] = field(default_factory=list)
    spikes: list[dict[str, Spikes]] = field(default_factory=list)

    def timing(self, key: str = "simulate_s") -> Timing:
        """Seconds of one part over the rounds; "total_s" is the whole process."""
        values = self.total_s if key == "total_s" else [answer[key] for answer in self.answers]
        return Timing(tuple(values))

    def median(self, key: str) -> float:
        """Median of a number over the rounds."""
        return float(np.median([answer[key] for answer in self.answers]))

    def rates_hz(self, sizes: dict[str, int], duration_ms: float) -> dict[str, float]:
        """Mean rate of each population over the rounds, Hz."""
        return {
            name: float(np.mean([answer["counts"][name] for answer in self.answers]))
            / (n * duration_ms * 1e-3)
            for name, n in sizes.items()
        }


def choose_sides(peers: Peers, threads: Sequence[int], dtypes: Sequence[str]) -> list[Side]:
    """Sides of a benchmark: ours for each width of the reals, then the peers; each for each thread count."""
    own = [Side(f"spikelab {dtype}", threads=count, dtype=dtype) for count in threads for dtype in dtypes]
    others = [
        Side(name, peer, threads=count) for count in threads for peer, name in _PEERS.items() if peer in peers
    ]
    return own + others


def run_in_turn(
    sides: Sequence[Side],
    function: str,
    arguments: dict[str, Any],
    *,
    rounds: int,
    duration_ms: float,
    warm_ms: float,
    dt_ms: float = 0.1,
    keep_spikes: bool = False,
) -> list[Run]:
    """Run every side once a round, in turn; round r has seed r on all sides.

    Our own sides run once before, uncounted and at a tenth of the size at most, so that their kernels are
    compiled; the loop of a small network too, where the run is long enough to use it.

    Raises
    ------
    click.ClickException
        If a process fails; with the end of what it printed.
    """
    runs = [Run(side) for side in sides]
    task = {"function": function, "dt_ms": dt_ms, "spikes": None, "window_loop": "auto"}
    loop = "always" if duration_ms >= _LOOPED_STEPS * dt_ms else "auto"
    small = {**arguments, "scale": min(arguments.get("scale", 1.0), _REHEARSAL)}
    for side in sides:
        if not side.peer:
            rehearsal: dict[str, Any] = {"duration_ms": 10 * dt_ms, "warm_ms": 0.0, "seed": 0}
            rehearsal["arguments"] = {**small, **side.arguments}
            _run(side, {**task, **rehearsal, "window_loop": loop})
    for seed in range(rounds):
        lengths = {"duration_ms": duration_ms, "warm_ms": warm_ms, "seed": seed}
        for run in runs:
            given = {**arguments, **run.side.arguments, "seed": seed}
            own = {"network": describe(make(function, **given))} if run.side.peer else {"arguments": given}
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "spikes.npz") if keep_spikes else None
                started = time.perf_counter()
                answer = _run(run.side, {**task, **lengths, **own, "spikes": file and str(file)})
                run.total_s.append(time.perf_counter() - started)
                run.answers.append(answer)
                if file is not None:
                    run.spikes.append(_read(file, answer["counts"]))
    return runs


def _run(side: Side, task: dict[str, Any]) -> dict[str, Any]:
    threads = str(side.threads)
    child = subprocess.run(
        side.command(),
        input=json.dumps({**task, "threads": side.threads, "dtype": side.dtype}),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
    )
    if child.returncode != 0 or MARK not in child.stdout:
        said = "\n".join(child.stderr.strip().splitlines()[-12:])
        raise click.ClickException(f"{side.name} failed (exit code {child.returncode}):\n{said}")
    answer: dict[str, Any] = json.loads(child.stdout.rpartition(MARK)[2])
    return answer


def _read(file: Path, names: dict[str, int]) -> dict[str, Spikes]:
    with np.load(file) as arrays:
        return {name: (arrays[f"{name}/step"], arrays[f"{name}/neuron"]) for name in names}
