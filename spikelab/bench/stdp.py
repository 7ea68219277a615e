"""``spikelab bench stdp``: what learning costs, in a large sparse network and in one that sees images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .document import write_document
from .options import Peers, common_options, network_options
from .stdp_brunel import measure_brunel

__all__ = ["command"]


@click.command(
    help="Time networks that learn by STDP beside static ones, NEST and BindsNET (where installed)."
)
@click.option("--brunel", "brunel", is_flag=True, help="Brunel's network only.")
@click.option("--images", "images", is_flag=True, help="The network of Diehl and Cook only.")
@network_options(scale=1.0, seconds=1.0)
@common_options("nest", "bindsnet", rounds=3)
def command(
    brunel: bool,
    images: bool,
    scale: float,
    seconds: float,
    threads: tuple[int, ...],
    dtypes: tuple[str, ...],
    rounds: int,
    path: Path | None,
    peers: Peers,
) -> None:
    """Run the parts that are asked for, both by default."""
    parts: dict[str, Any] = {}
    if brunel or not images:
        parts["brunel"] = measure_brunel(scale, seconds, rounds, peers, threads=threads, dtypes=dtypes)
    if images or not brunel:
        from .stdp_images import measure_images

        parts["images"] = measure_images(rounds, peers)
    if path is not None:
        setting = {"scale": scale, "seconds": seconds, "rounds": rounds}
        rows = parts.pop("brunel", [])
        write_document(path, "stdp", setting, rows, **parts, peers=peers.as_dict())
