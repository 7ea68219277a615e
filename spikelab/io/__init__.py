"""Files: checkpoints of a simulation, recordings, fitted models."""

from .checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from .models import load_model, save_model
from .recorded import iterate_recording, open_recording
from .recording import RecordingError

__all__ = [
    "CheckpointError", "RecordingError", "iterate_recording", "load_model", "open_recording",
    "read_checkpoint", "save_model", "write_checkpoint",
]  # fmt: skip
