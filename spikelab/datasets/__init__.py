"""Data sets that come with spikelab."""

from .sequences import SequenceDataset, load_japanese_vowels
from .ts_format import DataFileError, parse_ts

__all__ = ["DataFileError", "SequenceDataset", "load_japanese_vowels", "parse_ts"]
