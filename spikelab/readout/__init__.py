"""Readouts: from states to features of a series, and from features to targets."""

from .gram import Gram
from .model_space import ModelSpace
from .pooling import POOLINGS, pool_inputs, segment_bounds, segment_means
from .ridge import Ridge, RidgeWarning
from .row_products import RowProducts
from .sequences import as_labels, as_sequences, as_series, as_targets, check_dtype, subsequences
from .spectrum import RidgePath, Spectrum
from .votes import VOTES, LabelVote

__all__ = [
    "POOLINGS",
    "VOTES",
    "Gram",
    "LabelVote",
    "ModelSpace",
    "Ridge",
    "RidgePath",
    "RidgeWarning",
    "RowProducts",
    "Spectrum",
    "as_labels",
    "as_sequences",
    "as_series",
    "as_targets",
    "check_dtype",
    "pool_inputs",
    "segment_bounds",
    "segment_means",
    "subsequences",
]
