"""What every ``result.json`` holds beside the figures of its job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from spikelab.cli.jobs.trials import Outcome
from spikelab.report.energy import ENERGY_MODEL
from spikelab.report.environment import machine, versions
from spikelab.report.rows import in_order

__all__ = ["BLAS_THREADS", "Run"]

# Matrices of a few hundred rows: BLAS threads that wait for each other took five times as long on two cores
# with other work, and the seconds in the tables would depend on that work.
BLAS_THREADS = 1


@dataclass(frozen=True)
class Run:
    """One run of a job, from its start on.

    Attributes
    ----------
    job : str
        "speech", "anomaly" or "forecast".
    seeds : list of int
        Of the trials.
    quick : bool
    command : str
        The command line, kept in the result.
    """

    job: str
    seeds: Sequence[int]
    quick: bool
    command: str
    began: float = field(default_factory=time.perf_counter)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def document(self, outcome: Outcome, **entries: Any) -> dict[str, Any]:
        """The content of ``result.json``: rows in order, `entries` of the job, and how it was made."""
        return {
            "format": 1,
            "job": self.job,
            **entries,
            "rows": in_order(outcome.rows),
            "energy_model": ENERGY_MODEL,
            "versions": versions(),
            "machine": {**machine(), "blas_threads": BLAS_THREADS},
            "seeds": list(self.seeds),
            "quick": self.quick,
            "interrupted": outcome.interrupted,
            "wall_s": time.perf_counter() - self.began,
            "started": self.started.isoformat(timespec="seconds"),
            "command": self.command,
        }
