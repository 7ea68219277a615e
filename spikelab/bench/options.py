"""What all benchmarks share on the command line: rounds, JSON file, peers, and one thread for every side."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import ParameterError

__all__ = ["PEERS", "Peers", "choose_peers", "common_options", "network_options", "one_thread", "peer_python"]

Command = TypeVar("Command", bound=Callable[..., Any])

#: Names of the peers, each with the distributions that it needs; their modules have the same names here.
PEERS: dict[str, tuple[str, ...]] = {
    "bindsnet": ("bindsnet", "torch"),
    "brian2": ("brian2",),
    "nest": ("nest-simulator",),
    "numpy": ("numpy",),
    "reservoirpy": ("reservoirpy",),
    "scikit-learn": ("scikit-learn",),
    "snntorch": ("snntorch", "torch"),
}
_MODULES = {"scikit-learn": "sklearn"}
# Run in processes of their own, by any interpreter that has them.
_OUTSIDE = ("bindsnet", "brian2", "nest")


@dataclass(frozen=True)
class Peers:
    """The peers of one run of a benchmark.

    Attributes
    ----------
    versions : mapping of str to str
        Peers that are timed, each with the version of its first distribution.
    missing : tuple of str
        Peers that this benchmark has and this environment has not.
    unused : tuple of str
        Peers that were asked for and have no side in this benchmark.
    """

    versions: Mapping[str, str]
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        return name in self.versions

    def note(self) -> str:
        """Say who took part and who did not."""
        parts = [f"{name} {version}" for name, version in self.versions.items()]
        text = f"Peers: {', '.join(parts)}." if parts else "No peers."
        for name in self.missing:
            text += f" {name} is left out: `python -m pip install {' '.join(PEERS[name])}` adds it"
            text += f", or {_variable(name)}=PYTHON." if name in _OUTSIDE else "."
        for name in self.unused:
            text += f" {name} has no side here."
        return text

    def as_dict(self) -> dict[str, Any]:
        """What the JSON file keeps."""
        return {"versions": dict(self.versions), "not_installed": list(self.missing)}


def choose_peers(text: str | None, known: Sequence[str], owner: str = "spikelab bench") -> Peers:
    """Read ``--peers``.

    Parameters
    ----------
    text : str or None
        Names with commas between them; "none" for no peer, None for all of `known` that are installed.
    known : sequence of str
        Peers that the benchmark has a side for.
    owner : str
        Named in errors.

    Raises
    ------
    ParameterError
        If a name is no peer of any benchmark.
    """
    asked = list(known) if text is None else [name.strip() for name in text.split(",") if name.strip()]
    if asked == ["none"]:
        asked = []
    for name in asked:
        if name not in PEERS:
            need = f"hold names among {', '.join(PEERS)}, or be none"
            raise ParameterError(owner, "peers", name, need, "Put commas between several names.")
    here = [name for name in dict.fromkeys(asked) if name in known]
    found = {name: version for name in here if (version := _version(name)) is not None}
    return Peers(
        found,
        tuple(name for name in here if name not in found),
        tuple(name for name in dict.fromkeys(asked) if name not in known),
    )


def common_options(*known: str, rounds: int = 7) -> Callable[[Command], Command]:
    """Add the options that every benchmark has to a click command.

    The command is called with ``rounds``, ``path`` (of the JSON file, or None) and, where there are peers,
    ``peers``, a `Peers`.

    Parameters
    ----------
    *known : str
        Peers that the benchmark has a side for.
    rounds : int
        Default number of counted rounds.
    """

    def read(ctx: click.Context, option: click.Parameter, value: str | None) -> Peers:
        return choose_peers(value, known, ctx.command_path)

    def try_path(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
        if value is not None and not ctx.resilient_parsing:
            from ..report.document import require_writable

            require_writable(ctx.command_path, "json", value)
        return value

    json_option = click.option(
        "--json", "path", type=click.Path(path_type=Path), callback=try_path, help="Write all figures here."
    )
    options: list[Callable[[Command], Command]] = [
        click.option(
            "--rounds", type=click.IntRange(min=1), default=rounds, show_default=True, help="Counted rounds."
        ),
        json_option,
    ]
    names = ", ".join(known) or "this one has none"
    text = f"Peers with commas between, or none: {names}.  [default: all that are installed]"
    # Where there are none the names are read all the same, so that one command line suits all benchmarks.
    expose = bool(known)
    peers = click.option("--peers", metavar="NAME,...", callback=read, help=text, expose_value=expose)
    options.insert(0, peers)

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def network_options(scale: float, seconds: float) -> Callable[[Command], Command]:
    """Add what benchmarks of networks have to a click command.

    It is called with ``scale, seconds``, and ``threads`` and ``dtypes``, two tuples.
    """
    share = click.FloatRange(min=0.0, min_open=True)

    def counts(ctx: click.Context, option: click.Parameter, value: tuple[int, ...]) -> tuple[int, ...]:
        return value or (1,)

    def widths(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
        return value or ("float32", "float64")

    options: list[Callable[[Command], Command]] = [
        click.option("--scale", type=share, default=scale, show_default=True, help="Share of the neurons."),
        click.option("--seconds", type=share, default=seconds, show_default=True, help="Time to simulate."),
        click.option(
            "--threads", multiple=True, type=click.IntRange(min=1), callback=counts,
            help="Threads of every side; several times for several counts.  [default: 1]",
        ),
        click.option(
            "--dtype", "dtypes", multiple=True, type=click.Choice(("float32", "float64")), callback=widths,
            help="Width of our reals; peers have float64.  [default: both]",
        ),
    ]  # fmt: skip

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS, OpenMP and torch (where it is loaded already) to one thread each."""
    from threadpoolctl import threadpool_limits

    torch: Any = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    try:
        if torch:
            torch.set_num_threads(1)
        with threadpool_limits(limits=1):
            yield
    finally:
        if torch:
            torch.set_num_threads(before)


def peer_python(name: str) -> str | None:
    """Interpreter that has a peer: what SPIKELAB_PEER_PYTHON_<NAME> says, else this one if it has it."""
    named = os.environ.get(_variable(name))
    return named or (sys.executable if _is_installed(name) else None)


def _variable(name: str) -> str:
    return f"SPIKELAB_PEER_PYTHON_{name.upper()}"


def _version(name: str) -> str | None:
    """Version of a peer's first distribution, None where it is not installed."""
    distribution, named = PEERS[name][0], os.environ.get(_variable(name)) if name in _OUTSIDE else None
    if named is None:
        return metadata.version(distribution) if _is_installed(name) else None
    code = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    try:
        child = subprocess.run([named, "-c", code, distribution], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return child.stdout.strip() if child.returncode == 0 else None


def _is_installed(name: str) -> bool:
    return all(importlib.util.find_spec(_MODULES.get(one, one)) is not None for one in PEERS[name])
