"""Estimators on sequences, by the conventions of scikit-learn."""

from .conv_classifier import ConvSTDPClassifier
from .conv_layer import ConvLayer
from .conv_stdp import ConvSTDP
from .echo_state import ESNClassifier
from .encoded_input import EncodedInputClassifier
from .forecaster import ESNForecaster
from .liquid import LSMClassifier
from .pooled_input import PooledInputClassifier
from .regressor import ESNRegressor
from .stdp import STDPClassifier
from .tapped_delays import TappedDelayForecaster, TappedDelayRegressor

__all__ = [
    "ConvLayer",
    "ConvSTDP",
    "ConvSTDPClassifier",
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "EncodedInputClassifier",
    "LSMClassifier",
    "PooledInputClassifier",
    "STDPClassifier",
    "TappedDelayForecaster",
    "TappedDelayRegressor",
]
