"""Files: checkpoints of a simulation."""

from .checkpoint import CheckpointError, read_checkpoint, write_checkpoint

__all__ = ["CheckpointError", "read_checkpoint", "write_checkpoint"]
