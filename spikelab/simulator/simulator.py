"""Run a network: the public face of the engine."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from spikelab_kernels.dispatch import BACKENDS, backend

from ..build import Built, build
from ..errors import ParameterError
from ..fused import is_fusable
from ..network import Network
from ..progress import Meter, metered
from ..record import Record
from ..result import Result
from ..units import require_choice, require_flag, require_integer
from .arguments import check_inputs, check_samples, check_signals, check_snapshot, count_steps
from .calibrate import calibrate
from .checkpoint import load_simulator, save_simulator
from .engine import Engine
from .health import first_bad, lost_weight, run_to_nan
from .interrupt import Interrupt
from .paths import PATHS, PathUse
from .present import Presented, present
from .present_fused import FusedSamples
from .recorder import Recorder
from .reservoir_engine import ReservoirEngine
from .synapse_access import SynapseAccess, weights_of
from .timings import Timings
from .window_loop import LOOPS
from .workers import Workers

__all__ = ["Simulator"]


class Simulator(SynapseAccess):
    """A network at run time; the only holder of state.

    Parameters
    ----------
    net : Network
        The recipe. It is copied: later changes to it have no effect here.
    dt_ms : float, ms, optional
        Time step. By default 0.1 for spiking networks and 1.0 for networks without units of time
        (rates, ``LIF.unitless``).
    batch : int
        Independent samples that run side by side with the same weights.
    device : {"cpu", "reference"}
        ``"reference"`` runs plain NumPy, slowly, with the same spikes.
    dtype : {"float32", "float64"}
        Width of the reals.
    weights : mapping of projection name to array [edge], optional
        Weights that replace the recipe's, as :meth:`weights` returns them.
    threads : int, optional
        Threads; by default as many as the work and the machine suggest. The spikes do not depend on it.
    dense_path : {"auto", "event", "matrix"}
        How spikes pass through dense projections: row by row of the spikes, by sums of rows made before, or,
        as measured density suggests, either of them in each chunk of steps. The spikes do not depend on it;
        :meth:`paths` tells what was chosen.

    window_loop : {"auto", "always", "never"}
        Whether a recurrent network on one thread runs from window to window in compiled code instead of
        Python: several times as fast where it is small, and some ten seconds to compile, once for each kind
        of network.
        ``"auto"``: in long runs where the compiled code is in the cache, and in very long ones. The spikes do
        not depend on it.

    Raises
    ------
    ParameterError
        If the recipe cannot be built with this time step, or a value does not fit.

    Examples
    --------
    >>> import spikelab as sl
    >>> net = sl.Network(seed=0)
    >>> exc = net.add("exc", 100, sl.LIF())
    >>> drive = net.drive(exc, sl.PoissonDrive(rate_hz=20_000.0, weight=1.0))
    >>> result = sl.Simulator(net).run(100.0)
    >>> result["exc"].mean_rate_hz > 0
    True
    """

    def __init__(
        self,
        net: Network,
        dt_ms: float | None = None,
        batch: int = 1,
        device: str = "cpu",
        dtype: str = "float32",
        weights: Mapping[Any, np.ndarray] | None = None,
        threads: int | None = None,
        dense_path: str = "auto",
        window_loop: str = "auto",
    ):
        self.batch = require_integer("Simulator", "batch", batch, high=2**32 - 1)
        if device not in BACKENDS:
            need = f"be one of {', '.join(map(repr, BACKENDS))}"
            raise ParameterError("Simulator", "device", device, need, "This version computes on the CPU.")
        self.device = device
        self._backend = backend(device)
        self._workers = Workers(threads)
        require_choice("Simulator", "dense_path", dense_path, PATHS)
        require_choice("Simulator", "window_loop", window_loop, LOOPS)
        self._path, self._loop = dense_path, window_loop
        self._weights = weights_of("weights", {} if weights is None else weights)
        started = time.perf_counter()
        self._set(build(net, dt_ms, dtype, self._weights, threads=self._parts(net), batch=self.batch))
        self._build_s = time.perf_counter() - started

    def _parts(self, net: Network) -> int:
        return self._workers.parts(sum(p.n for p in getattr(net, "populations", {}).values()))

    def _set(self, built: Built) -> None:
        self._built = built
        self._fused: FusedSamples | None = None  # made when `present` needs it
        kind = ReservoirEngine if is_fusable(built) else Engine
        self._engine = kind(built, self.batch, self._backend, self._workers, self._path, self._loop)

    @property
    def net(self) -> Network:
        """The recipe that runs here."""
        return self._built.net

    @property
    def dt_ms(self) -> float:
        """Time step, ms."""
        return self._built.dt_ms

    @property
    def dtype(self) -> str:
        """Width of the reals."""
        return self._built.dtype

    @property
    def threads(self) -> int | None:
        """Threads asked for; None where the simulator chooses."""
        return self._workers.threads

    @property
    def time_ms(self) -> float:
        """Time simulated since the last reset, ms."""
        return self._engine.step * self.dt_ms

    def run(
        self,
        duration_ms: float | None = None,
        *,
        inputs: Mapping[str, Any] | None = None,
        record: Record | None = None,
        progress: bool | Meter = False,
        sample_ids: Any = None,
        learn: bool = True,
        signals: Mapping[str, Any] | None = None,
    ) -> Result:
        """Simulate on from where the last run ended.

        Parameters
        ----------
        duration_ms : float, ms, optional
            How long; set by the data where the network has inputs.
        inputs : mapping of str to array [time, batch, feature]
            Data of every input of the network.
        record : Record, optional
            What to keep; by default all spikes as events.
        progress : bool or callable
            True shows a bar for runs of over two seconds; a callable is called with
            ``(steps_done, steps_total)``.
        sample_ids : array [batch], int, optional
            Global index of each batch row, which its noise depends on; by default 0, 1, ...
        learn : bool
            False freezes plastic weights, and neurons that adapt for good.
        signals : mapping of str to float or array [time], optional
            Third factors that rules read, such as ``{"reward": r}``: a value a step, or one for all.

        Returns
        -------
        Result
            What was kept. After Ctrl-C, or with more spikes than ``Record(max_events=...)``, what was
            simulated until then, with ``interrupted=True``; the state is whole and the run can go on with
            the rows of data not yet used.

        Raises
        ------
        ParameterError
            If data are missing, not finite, or of the wrong shape, or disagree with `duration_ms`.
        NotFiniteError
            If a state variable becomes NaN; the message names neuron and step. The state is that before
            this step, and what was kept until then is the error's ``rest``.
        RecordingError
            If the disk does not take what ``Record(to=folder)`` is to keep. The state is whole, and what
            was not written is in the error.
        """
        started = time.perf_counter()
        data = check_inputs(self._engine.inputs, inputs, self.batch)
        steps = count_steps(duration_ms, data, self._engine.inputs, self.dt_ms)
        samples = check_samples(sample_ids, self.batch)
        record = Record() if record is None else record
        if not isinstance(record, Record):
            need = "be a Record"
            raise ParameterError("Simulator.run", "record", record, need, 'Write Record(traces=["v_mv"]).')
        engine, t0, done = self._engine, self._engine.step, 0
        engine.run_steps = steps
        engine.adapt(require_flag("Simulator.run", "learn", learn))
        engine.learning.signals = check_signals(engine.learning.runners, signals, steps, self.dtype)
        fixed = cache(lambda name: self.connections(self.net.projections[name]).weight)
        learners = self._learners

        def weights_now(name: Any) -> np.ndarray:
            return learners[name].weights() if name in learners else fixed(name)

        recorder = Recorder(self._built, record, steps, self.batch, t0, weights_now)
        # data can only go on at the start of a row: an interrupted run ends the rows that it has begun
        frame = math.lcm(*(engine.inputs[name].hold for name in data))
        with metered(progress, self.dt_ms) as meter, Interrupt() as interrupt, recorder:
            while done < steps and not ((stop := interrupt.requested or recorder.full) and done % frame == 0):
                left = frame - done % frame if stop else steps - done
                length = recorder.limit(engine.learning.until_due(engine.step, min(engine.chunk, left)))
                before = engine.backup()
                try:
                    engine.advance(length, done, data, samples, recorder)
                except BaseException:  # no memory, no cache folder, a second Ctrl-C: no half a chunk stays
                    engine.revert(before)
                    raise
                if first_bad(engine) is not None:
                    engine.revert(before)
                    error = run_to_nan(engine, done, data, samples, recorder)
                    error.rest = recorder.result(True, time.perf_counter() - started)
                    raise error
                if (lost := lost_weight(engine, length)) is not None:
                    engine.revert(before)
                    recorder.drop_chunk()
                    lost.rest = recorder.result(True, time.perf_counter() - started)
                    raise lost
                done += length
                recorder.end_chunk(done)
                meter(done, steps)
        wall_s = time.perf_counter() - started
        engine.wall_s += wall_s
        return recorder.result(done < steps, wall_s)

    def present(
        self,
        inputs: Mapping[str, Any],
        duration_ms: float | None = None,
        *,
        learn: bool = True,
        progress: bool | Meter = False,
        sample_ids: Any = None,
    ) -> Presented:
        """Show samples one after another, each to neurons at rest, while the weights go on.

        Before each sample the time returns to 0 and the state to that before the first step, but for weights
        and what neurons keep (such as the threshold of `DiehlCookLIF`); spikes under way are dropped. After
        it, homeostasis with ``every="sample"`` acts. The batch must be 1.

        Parameters
        ----------
        inputs : mapping of str to array [sample, feature] or [sample, time, feature]
            Data of every input; without an axis of time they are held for `duration_ms`.
        duration_ms : float, ms, optional
            How long a sample is shown.
        learn : bool
            False freezes plastic weights, and neurons that adapt for good.
        progress : bool or callable
            As in `run`, in samples.
        sample_ids : array [sample], int, optional
            Global index of each sample, which its noise depends on; by default 0, 1, ...

        Returns
        -------
        Presented
            Spike counts of every population: ``presented["exc"]`` is an array [sample, neuron].

        Raises
        ------
        ParameterError
            If the data do not fit, or the batch is not 1.
        """
        return present(self, inputs, duration_ms, learn, progress, sample_ids)

    def reset(self, reseed: int = 0, keep_weights: bool = False) -> None:
        """Return to the state before the first step.

        Parameters
        ----------
        reseed : int
            0 replays the same noise; any other number draws another one. Connections stay.
        keep_weights : bool
            Keep the weights that were learned; by default they, too, return to those of the start.
        """
        reseed = require_integer("Simulator.reset", "reseed", reseed, low=0, high=2**63 - 1)
        learned = [learner.weights() for learner in self._engine.learners] if keep_weights else []
        self._engine.reset(reseed)
        for learner, weights in zip(self._engine.learners, learned, strict=False):
            learner.take_weights(weights)

    def state(self) -> dict[str, dict[str, np.ndarray]]:
        """Copies of all state variables: population -> variable -> array [batch, neuron]."""
        return {
            name: {
                variable: values[:, slice(*runner.block.ranges[name])].copy()
                for variable, values in runner.state.items()
            }
            for runner in self._engine.blocks
            for name in runner.block.ranges
        }

    def snapshot(self) -> dict[str, np.ndarray]:
        """Copies of all that moves, spikes under way and the time included, for `restore`."""
        return self._engine.snapshot()

    def restore(self, snapshot: Mapping[str, np.ndarray]) -> None:
        """Go back to where `snapshot` was taken, in a simulator of the same network and batch.

        Raises
        ------
        ParameterError
            If it was taken of another network or batch.
        """
        check_snapshot(snapshot, self._engine.snapshot())
        self._engine.restore(snapshot)

    def paths(self) -> dict[tuple[str, str, int], PathUse]:
        """Which way the spikes of each projection took since the last reset, and how dense they were."""
        return self._engine.paths.uses()

    def timings(self) -> Timings:
        """Where the time of the runs since the last reset went, and the memory of the synapses."""
        engine = self._engine
        steps = engine.step - engine.began
        return Timings(
            simulated_ms=steps * self.dt_ms,
            wall_s=engine.wall_s,
            build_s=self._build_s,
            phases=engine.timers.seconds(),
            neuron_steps=steps * self.batch * sum(block.n for block in self._built.blocks),
            events=engine.events(),
            synapses=sum(table.link.edges for table in engine.tables),
            synapse_bytes=sum(table.link.nbytes for table in engine.tables),
        )

    def calibrate(
        self, inputs: Mapping[str, Any], rate_hz: float, *, tolerance: float = 0.1, max_runs: int = 24
    ) -> dict[str, float]:
        """Scale the weights into each spiking population until it fires at about `rate_hz`.

        Layers are done in order, each by bisection on one gain. The state is reset before and after.

        Parameters
        ----------
        inputs : mapping of str to array [time, batch, feature]
            Typical data.
        rate_hz : float, Hz
            Mean rate over neurons, batch rows and time.
        tolerance : float
            How far the rate may lie from the one asked for, relative.
        max_runs : int
            Most runs for each population.

        Returns
        -------
        dict of str to float
            Rate reached, Hz, for each population.

        Raises
        ------
        ParameterError
            If a population receives no connection, or the rate cannot be reached; the weights are
            then as before.
        """
        return calibrate(self, inputs, rate_hz, tolerance, max_runs)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write recipe, weights and the whole state to one file, atomically.

        Raises
        ------
        ParameterError
            If the network holds something that a file cannot, such as a model function of one's own
            (see :meth:`load`).
        """
        save_simulator(self, path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        models: Mapping[str, Any] | None = None,
        threads: int | None = None,
        device: str = "cpu",
    ) -> Simulator:
        """Go on from a saved state with the same spikes.

        Parameters
        ----------
        path : str or path
            What :meth:`save` wrote. Nothing in it is executed.
        models : mapping of str to neuron model, optional
            Models made by ``@neuron`` that the network uses, by name.
        threads, device
            As for :class:`Simulator`.

        Raises
        ------
        CheckpointError
            If the file is truncated, altered, foreign or of a newer version.
        """
        return load_simulator(cls, path, models or {}, threads, device)

    def __getstate__(self) -> dict[str, Any]:
        # The engine's arrays are views of each other, and its threads belong to this process.
        return {
            "batch": self.batch, "device": self.device, "threads": self.threads, "path": self._path,
            "loop": self._loop,
            "weights": self._weights, "build_s": self._build_s, "built": self._built,
            "moving": self.snapshot(),
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.batch, self.device, self._path = state["batch"], state["device"], state["path"]
        self._loop = state["loop"]
        self._backend, self._workers = backend(self.device), Workers(state["threads"])
        self._weights, self._build_s = state["weights"], state["build_s"]
        self._set(state["built"])
        self.restore(state["moving"])

    def __repr__(self) -> str:
        neurons = sum(population.n for population in self.net.populations.values())
        return (
            f"Simulator({neurons} neurons, batch {self.batch}, dt {self.dt_ms:g} ms, {self.dtype}, "
            f"{self.device}, at {self.time_ms:g} ms)"
        )
