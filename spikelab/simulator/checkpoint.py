"""Save a simulator to one file and go on from it with the same spikes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..build import Built, build
from ..io.checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from ..io.packing import Arrays, Form
from ..io.recipe import network_from_recipe, network_to_recipe

if TYPE_CHECKING:
    from .simulator import Simulator

__all__ = ["load_simulator", "save_simulator", "simulator_form"]

_KIND = "simulator"


def save_simulator(sim: Simulator, path: str | os.PathLike[str]) -> None:
    """Write recipe, weights, constants of the step and the whole state; see `Simulator.save`."""
    meta, arrays = _describe(sim)
    write_checkpoint(path, arrays, {"kind": _KIND, **meta})


def _describe(sim: Simulator) -> tuple[dict[str, Any], Arrays]:
    recipe, arrays = network_to_recipe(sim.net)
    names = [list(name) for name in sim._weights]
    arrays |= {f"weights/{i}": values for i, values in enumerate(sim._weights.values())}
    arrays |= {f"engine/{name}": values for name, values in sim._engine.snapshot().items()}
    # the propagators themselves: a version that computes them otherwise still goes on with the same spikes
    for i, block in enumerate(sim._built.blocks):
        arrays |= {f"constants/{i}/{name}": np.asarray(value) for name, value in block.constants.items()}
    arrays |= {f"quanta/{i}": quanta for i, quanta in enumerate(sim._built.quanta)}
    meta = {
        "recipe": recipe,
        "weights": names,
        "dt_ms": sim.dt_ms,
        "dtype": sim.dtype,
        "batch": sim.batch,
    }
    return meta, arrays


def load_simulator(
    cls: type[Simulator],
    path: str | os.PathLike[str],
    models: Mapping[str, Any],
    threads: int | None,
    device: str,
) -> Simulator:
    """Make a simulator that goes on where the file was written; see `Simulator.load`."""
    arrays, meta = read_checkpoint(path)
    if meta.get("kind") != _KIND:
        need = "be a saved simulator"
        raise CheckpointError(
            "Simulator.load", "path", str(path), need, "Pass a file written by Simulator.save."
        )
    return _make(cls, meta, arrays, models, threads, device)


def _make(
    cls: type[Simulator],
    meta: Mapping[str, Any],
    arrays: Arrays,
    models: Mapping[str, Any],
    threads: int | None = None,
    device: str = "cpu",
) -> Simulator:
    net = network_from_recipe(meta["recipe"], arrays, models)
    weights = {tuple(name): arrays[f"weights/{i}"] for i, name in enumerate(meta["weights"])}
    sim = cls(net, meta["dt_ms"], meta["batch"], device, meta["dtype"], weights, threads)
    prefix = "engine/"
    try:
        sim._set(_as_saved(sim, arrays))
        sim._engine.restore(
            {name.removeprefix(prefix): v for name, v in arrays.items() if name.startswith(prefix)}
        )
    except KeyError as error:
        need = f"fit the saved network, which lacks {error}"
        raise CheckpointError(
            "Simulator.load", "models", list(models), need, "Pass the models it was saved with."
        ) from None
    return sim


def simulator_form(cls: type[Simulator]) -> Form:
    """How a model file holds a simulator: its arrays stand under a prefix of their own."""

    def pack(sim: Simulator, arrays: Arrays) -> dict[str, Any]:
        meta, own = _describe(sim)
        prefix = f"simulator/{len(arrays)}/"
        arrays.update({prefix + name: array for name, array in own.items()})
        return {**meta, "prefix": prefix}

    def unpack(meta: Mapping[str, Any], arrays: Arrays, models: Mapping[str, Any]) -> Simulator:
        prefix = meta["prefix"]
        own = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
        return _make(cls, meta, own, models)

    return Form(cls, pack, unpack)


def _as_saved(sim: Simulator, arrays: Mapping[str, np.ndarray]) -> Built:
    """What `sim` is built of, with the constants and quanta of the file."""
    built = sim._built
    quanta = [arrays[f"quanta/{i}"] for i in range(len(built.blocks))]
    if any(not np.array_equal(own, saved) for own, saved in zip(built.quanta, quanta, strict=True)):
        built = build(built.net, built.dt_ms, built.dtype, sim._weights, quanta, sim._parts(built.net))
    blocks = [
        replace(
            block, constants={name: _constant(arrays[f"constants/{i}/{name}"]) for name in block.constants}
        )
        for i, block in enumerate(built.blocks)
    ]
    return replace(built, blocks=blocks)


def _constant(value: np.ndarray) -> Any:
    return value.item() if value.ndim == 0 else value
