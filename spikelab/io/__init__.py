"""Files: checkpoints of a simulation, fitted models."""

from .checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from .models import load_model, save_model

__all__ = ["CheckpointError", "load_model", "read_checkpoint", "save_model", "write_checkpoint"]
