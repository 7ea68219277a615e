"""Data sets that come with spikelab, and series made by formulas."""

from .generators import lorenz63, mackey_glass, narma10
from .sequences import SequenceDataset, load_japanese_vowels
from .ts_format import DataFileError, parse_ts

__all__ = [
    "DataFileError",
    "SequenceDataset",
    "load_japanese_vowels",
    "lorenz63",
    "mackey_glass",
    "narma10",
    "parse_ts",
]
