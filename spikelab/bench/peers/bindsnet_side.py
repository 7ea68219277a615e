"""BindsNET's ``DiehlAndCook2015`` on given input spikes; needs BindsNET 0.3, nothing of this library.

A task has

- ``case``: file with ``spikes`` [image, step, pixel], uint8, and ``weights`` [pixel, neuron], float64,
- ``nu``: rates of learning before and after a spike, ``theta_plus`` in mV, ``total`` of the weights,
- ``exact``: everything in float64, else BindsNET's own types,
- ``warm``: images shown first, untimed,
- ``out``: file that spikes, weights and thresholds after each image go to, or None.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from .protocol import MARK

__all__ = ["main"]


def main() -> None:
    """Read the task, show the images and print seconds of each that was timed."""
    task = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    torch = _torch(task["exact"])
    with np.load(task["case"]) as case:
        spikes, weights = torch.from_numpy(case["spikes"]), torch.from_numpy(case["weights"])
    net, value = _network(torch, weights, task)
    seconds, kept = [], []
    monitors = _monitors(net, spikes.shape[1]) if task["out"] else []
    for image in spikes:
        given = image.to(torch.get_default_dtype())
        started = time.perf_counter()
        net.run({"X": given}, time=len(image))
        if not monitors:
            net.reset_state_variables()
        seconds.append(time.perf_counter() - started)
        if monitors:
            fired = [monitor.get("s").reshape(len(image), -1).numpy() != 0 for monitor in monitors]
            kept.append([*fired, value.numpy().copy(), net.layers["Ae"].theta.numpy().copy()])
            net.reset_state_variables()
    if task["out"]:
        names = ("exc", "inh", "weights", "theta")
        found: dict[str, Any] = dict(zip(names, map(np.array, zip(*kept, strict=True)), strict=True))
        np.savez(task["out"], **found)
    answer = {"version": version("bindsnet"), "torch": torch.__version__, "seconds": seconds[task["warm"] :]}
    print(f"\n{MARK}{json.dumps(answer)}", flush=True)


def _torch(exact: bool) -> Any:
    """Torch, with what BindsNET's imports need, and all reals in float64 if need be."""
    torch: Any = import_module("torch")
    # torchvision built for another torch lacks its operators; BindsNET uses none of them
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        try:
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        except RuntimeError:
            break
    torch._spikelab_library = library  # definitions live as long as their library
    torch.set_num_threads(1)
    if exact:
        torch.set_default_dtype(torch.float64)
        torch.Tensor.float = lambda self, *_, **__: self.double()
    return torch


def _network(torch: Any, weights: Any, task: dict[str, Any]) -> tuple[Any, Any]:
    """The network, and the tensor of its weights that learn."""
    network = import_module("bindsnet.models").DiehlAndCook2015
    kind = torch.get_default_dtype()
    n_in, n = weights.shape
    net = network(
        n_inpt=n_in, n_neurons=n, nu=tuple(task["nu"]), theta_plus=task["theta_plus"], norm=task["total"],
        w_dtype=kind,
    )  # fmt: skip
    net.layers["Ae"].one_spike = False
    feature = net.connections["X", "Ae"].pipeline[0]
    feature.value.copy_(weights)
    feature.learning_rule.nu = torch.tensor(task["nu"], dtype=kind)
    return net, feature.value


def _monitors(net: Any, steps: int) -> list[Any]:
    monitor = import_module("bindsnet.network.monitors").Monitor
    monitors = [monitor(net.layers[name], ["s"], time=steps) for name in ("Ae", "Ai")]
    for name, one in zip(("Ae", "Ai"), monitors, strict=True):
        net.add_monitor(one, name)
    return monitors


if __name__ == "__main__":
    main()
