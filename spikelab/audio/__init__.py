"""From sound to features: what an ear's filters tell of a recording, frame by frame."""

from .banks import filter_bank
from .front_end import AuditoryFrontEnd

__all__ = ["AuditoryFrontEnd", "filter_bank"]
