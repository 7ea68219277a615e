"""``spikelab doctor``: what is installed, what it runs on, and what is broken, each with its remedy."""

from __future__ import annotations

import importlib
import json
import os
import platform
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from spikelab.errors import ParameterError
from spikelab.report.environment import machine

__all__ = ["Check", "checks", "doctor"]

DISTRIBUTION = "spikelab-sim"
SHOWN_EXTRAS = ("torch", "compare", "interop")


@dataclass(frozen=True)
class Check:
    """One line of the doctor's table.

    Parameters
    ----------
    group, name, value : str
        Where the line stands, what was looked at, and what was found.
    ok : bool
        False if spikelab cannot work properly with what was found.
    remedy : str
        What to do, one sentence; empty where there is nothing to do.
    """

    group: str
    name: str
    value: str
    ok: bool = True
    remedy: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def doctor(as_json: bool) -> None:
    """Look at versions, threads, BLAS, CUDA, caches and data; exit with 1 if something is broken."""
    found = list(checks())
    broken = [check for check in found if not check.ok]
    if as_json:
        click.echo(json.dumps({"ok": not broken, "checks": [asdict(check) for check in found]}, indent=2))
    else:
        _show(found, broken)
    if broken:
        raise SystemExit(1)


def checks() -> Iterator[Check]:
    """Yield every check, those of one group together."""
    yield from _versions()
    yield from _owners()
    yield from _processors()
    yield from _cuda()
    yield from _cache()
    yield from _data()
    yield from _peers()


def _show(found: list[Check], broken: list[Check]) -> None:
    console = Console()
    table = Table(title="spikelab doctor", title_justify="left")
    for column in ("", "checked", "found"):
        table.add_column(column, overflow="fold")
    group = found[0].group
    for check in found:
        if check.group != group:
            table.add_section()
            group = check.group
        mark = "[green]ok[/]" if check.ok else "[bold red]broken[/]"
        note = f"\n[dim]{escape(check.remedy)}[/]" if check.ok and check.remedy else ""
        table.add_row(mark, escape(check.name), escape(check.value) + note)
    console.print(table)
    for check in broken:
        console.print(f"[bold red]{escape(check.name)}[/]: {escape(check.remedy)}", soft_wrap=True)
    console.print("Nothing is broken." if not broken else f"{len(broken)} broken.")


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _versions() -> Iterator[Check]:
    group = "versions"
    yield Check(group, "Python", f"{platform.python_version()} on {platform.platform()}")
    own = _installed(DISTRIBUTION)
    place = Path(__file__).parents[1]
    remedy = "" if own else "Install it: `pip install .` in a clone; a folder alone has no version."
    yield Check(group, DISTRIBUTION, f"{own or 'not installed'}, in {place}", own is not None, remedy)
    for name, extra in _requirements():
        version = _installed(name)
        if extra:
            remedy = "" if version else f'Only needed for the extra "{extra}".'
            yield Check(group, name, version or "not installed", True, remedy)
            continue
        remedy = "" if version else f"Install it again: `pip install {name}`; spikelab needs it."
        yield Check(group, name, version or "missing", version is not None, remedy)


def _requirements() -> Iterator[tuple[str, str]]:
    """Yield (distribution, extra) for what our own metadata asks for; the extra is "" for a plain install."""
    seen: set[str] = set()
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        name = re.match(r"[\w.-]+", line)
        marker = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        extra = marker.group(1) if marker else ""
        if name and name.group() not in seen and (not extra or extra in SHOWN_EXTRAS):
            seen.add(name.group())
            yield name.group(), extra


def _owners() -> Iterator[Check]:
    """Whether another distribution has written into the folder of the package.

    The name ``spikelab`` on the package index belongs to another project with an import package of the same
    name: where both are installed, the files of one overwrite those of the other.
    """
    owners = set(metadata.packages_distributions().get("spikelab", ()))
    if _installed("spikelab") is not None:
        owners.add("spikelab")
    foreign = sorted(owners - {DISTRIBUTION})
    both = " ".join([*foreign, DISTRIBUTION])
    remedy = f"Two distributions share the folder: `pip uninstall {both}`, then install {DISTRIBUTION} again."
    text = ", ".join([DISTRIBUTION, *foreign])
    yield Check("versions", "owners of the folder", text, not foreign, remedy if foreign else "")


def _processors() -> Iterator[Check]:
    group = "processor"
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Check(group, "processor", str(machine()["cpu"]))
    yield Check(group, "threads", f"{usable} usable of {os.cpu_count()}")
    try:
        importlib.import_module("scipy.linalg")
        threadpoolctl = importlib.import_module("threadpoolctl")
        libraries = [entry for entry in threadpoolctl.threadpool_info() if entry["user_api"] == "blas"]
    except ImportError as error:
        yield Check(group, "BLAS", str(error), False, "Install numpy, scipy and threadpoolctl again.")
        return
    texts = {
        f"{entry['internal_api']} {entry['version']}, {entry['num_threads']} threads" for entry in libraries
    }
    yield Check(group, "BLAS", "; ".join(sorted(texts)) or "not recognised")


def _cuda() -> Iterator[Check]:
    group = "CUDA"
    if _installed("torch") is None:
        yield Check(group, "CUDA", "no torch; everything runs on the CPU")
        return
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        yield Check(group, "CUDA", str(error), False, "torch does not load: install it again.")
        return
    if torch.version.cuda is None:
        yield Check(group, "CUDA", "torch is a CPU build")
    elif not torch.cuda.is_available():
        yield Check(group, "CUDA", f"torch for CUDA {torch.version.cuda}, but it sees no device")
    else:
        names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        yield Check(group, "CUDA", f"torch for CUDA {torch.version.cuda}: {', '.join(names)}")


def _cache() -> Iterator[Check]:
    from spikelab_kernels.cache import cache_folder, check_folder

    folder = cache_folder()
    try:
        check_folder(folder)
    except ParameterError as error:
        yield Check("cache", "compiled kernels", str(folder), False, str(error))
        return
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 2**20
    text = f"{folder}: {len(files)} files, {size:.1f} MiB"
    remedy = "Remove the folder to clear it; SPIKELAB_CACHE_DIR moves it."
    yield Check("cache", "compiled kernels", text, True, remedy)


def _data() -> Iterator[Check]:
    place = os.environ.get("SPIKELAB_DATA")
    if place is None:
        from spikelab.datasets import data_home

        yield Check("data", "SPIKELAB_DATA", f"not set; fetched data lie in {data_home()}")
        return
    exists = os.path.isdir(os.path.expanduser(place))
    remedy = "" if exists else "Let SPIKELAB_DATA name a folder that exists, or unset it."
    yield Check("data", "SPIKELAB_DATA", place if exists else f"{place}: no such folder", exists, remedy)


def _peers() -> Iterator[Check]:
    prefix = "SPIKELAB_PEER_PYTHON_"
    for variable in sorted(name for name in os.environ if name.startswith(prefix)):
        place = os.environ[variable]
        runs = os.access(place, os.X_OK)
        remedy = "" if runs else f"Let {variable} name the Python interpreter of that peer, or unset it."
        yield Check("peers", variable, place if runs else f"{place}: not a program", runs, remedy)
