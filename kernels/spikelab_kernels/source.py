"""The generated code of a model, to be read."""

from __future__ import annotations

from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.numpy_printer import print_numpy
from spikelab_kernels.ir.parse import parse_model
from spikelab_kernels.population_spec import PopulationSpec

__all__ = ["FORMS", "model_source"]

FORMS = ("numba", "numpy", "typed")


def model_source(model: Model, form: str, dtype: str) -> str:
    """Source of `model` as a Numba kernel module, as vector NumPy, or as typed operations."""
    if form == "numba":
        from spikelab_kernels.cpu.population_text import module_text

        return module_text(PopulationSpec(model, dtype))
    program = parse_model(model, dtype)
    return print_numpy(program) if form == "numpy" else program.text() + "\n"
