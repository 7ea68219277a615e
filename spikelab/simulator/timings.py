"""What a simulator has done and what it cost, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Timings"]


@dataclass(frozen=True)
class Timings:
    """Time, work and memory of a simulator since its last reset.

    Attributes
    ----------
    simulated_ms : float, ms
        Biological time.
    wall_s : float, s
        Time that `run` took.
    build_s : float, s
        Time that building took, once.
    phases : mapping of str to float, s
        Time of each phase of a step, summed over the threads: "input" (encoding), "drive" (Poisson noise),
        "deliver" (spikes to sums), "update" (neurons), "send" (spikes on their way), "learn" (plastic
        synapses, with the delivery of their spikes), "loop" (the four before "learn" in one call, for small
        networks in long runs), "record".
    neuron_steps : int
        Neurons times steps times batch rows.
    events : int
        Spikes times the synapses that they go through, sparse projections only.
    synapses, synapse_bytes : int
        Synapses of the sparse projections and all that is stored of them.
    """

    simulated_ms: float
    wall_s: float
    build_s: float
    phases: Mapping[str, float]
    neuron_steps: int
    events: int
    synapses: int
    synapse_bytes: int

    @property
    def real_time_factor(self) -> float:
        """Seconds of computing a second of biological time; NaN before the first run."""
        return self.wall_s * 1e3 / self.simulated_ms if self.simulated_ms else float("nan")

    @property
    def ns_per_event(self) -> float:
        """Time of delivery for each synaptic event, ns; NaN where there was none."""
        return self.phases["deliver"] * 1e9 / self.events if self.events else float("nan")

    @property
    def ns_per_neuron_step(self) -> float:
        """Time of the neurons for each of their steps, ns; NaN before the first run."""
        return self.phases["update"] * 1e9 / self.neuron_steps if self.neuron_steps else float("nan")

    @property
    def bytes_per_synapse(self) -> float:
        """Bytes stored for each synapse of the sparse projections; NaN where there is none."""
        return self.synapse_bytes / self.synapses if self.synapses else float("nan")

    def __str__(self) -> str:
        lines = [
            f"{self.simulated_ms:g} ms in {self.wall_s:.3g} s, real-time factor {self.real_time_factor:.3g}; "
            f"built in {self.build_s:.3g} s",
            *(f"  {name:8}{seconds:9.3f} s" for name, seconds in self.phases.items()),
            f"  {self.neuron_steps:,} neuron-steps, {self.ns_per_neuron_step:.2f} ns each",
            f"  {self.events:,} synaptic events, {self.ns_per_event:.2f} ns each",
            f"  {self.synapses:,} synapses, {self.bytes_per_synapse:.2f} bytes each",
        ]
        return "\n".join(lines)
