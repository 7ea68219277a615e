"""What every test shares: a cache of its own, and visible reasons for what cannot run here."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def pytest_configure(config: pytest.Config) -> None:
    # Compiled kernels survive from run to run, but never mix with those of the user.
    cache = getattr(config, "cache", None)  # absent under -p no:cacheprovider
    if "SPIKELAB_CACHE_DIR" not in os.environ and cache is not None:
        folder = cache.mkdir("spikelab")
        folder.chmod(0o700)
        os.environ["SPIKELAB_CACHE_DIR"] = str(folder)
    os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    # Doctests are looked for in every module, but helpers and scripts beside the tests may need a peer.
    is_helper = collection_path.suffix == ".py" and not collection_path.name.startswith(("test_", "conftest"))
    return True if is_helper else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("peers"):
        for name in mark.args:
            if _peer_python(name) is None:
                pytest.skip(f"peer {name}: {_peer_variable(name)} is not set")
    if item.get_closest_marker("gpu") is not None and not _has_gpu():
        pytest.skip("needs a CUDA device and a torch that sees it")
    if item.get_closest_marker("slow") is not None and not item.config.getoption("--slow"):
        pytest.skip("slow: run with --slow")


@pytest.fixture(scope="session")
def peer_python() -> Callable[[str], str]:
    """Path of the interpreter that runs a peer: ``peer_python("nest")``; skips where there is none."""

    def find(name: str) -> str:
        path = _peer_python(name)
        if path is None:
            pytest.skip(f"peer {name}: {_peer_variable(name)} is not set")
        return path

    return find


@pytest.fixture(scope="session")
def data_home() -> Path:
    """The folder of the data sets, as SPIKELAB_DATA names it; skips where it is not set."""
    named = os.environ.get("SPIKELAB_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("the data sets are not here: SPIKELAB_DATA names no folder")
    return Path(named)


@pytest.fixture(scope="session")
def dataset_folder(data_home: Path) -> Callable[[str], Path]:
    """The folder of one data set, ``dataset_folder("nab")``; skips where it is not among them."""

    def find(name: str) -> Path:
        if not (data_home / name).is_dir():
            pytest.skip(f"the data set {name} is not here: {data_home} has no such folder")
        return data_home / name

    return find


def _peer_variable(name: str) -> str:
    return f"SPIKELAB_PEER_PYTHON_{name.upper()}"


def _peer_python(name: str) -> str | None:
    """The interpreter named in the environment, else this one if it has the peer itself."""
    path = os.environ.get(_peer_variable(name))
    if path:
        return path
    return sys.executable if importlib.util.find_spec(name) is not None else None


def _has_gpu() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())
