"""Data sets of labelled sequences."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .bundled import bundled_text
from .ts_format import parse_ts

__all__ = ["SequenceDataset", "load_japanese_vowels"]

_VOWELS_SHA256 = {
    "JapaneseVowels_TRAIN.ts": "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
    "JapaneseVowels_TEST.ts": "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462",
}


@dataclass(frozen=True, eq=False)
class SequenceDataset:
    """Labelled series, split into training and test.

    Attributes
    ----------
    X_train, X_test : list of array [time, feature], float64
    y_train, y_test : array [series], int64
    classes : array [class], int64
        Sorted labels.
    name, licence, source : str
        For captions and attribution.
    split : str
        How training and test were divided.
    """

    X_train: list[npt.NDArray[np.float64]] = field(repr=False)
    y_train: npt.NDArray[np.int64] = field(repr=False)
    X_test: list[npt.NDArray[np.float64]] = field(repr=False)
    y_test: npt.NDArray[np.int64] = field(repr=False)
    classes: npt.NDArray[np.int64]
    name: str
    licence: str
    source: str
    split: str


def load_japanese_vowels() -> SequenceDataset:
    """Load Japanese Vowels: which of nine speakers says /ae/.

    Returns
    -------
    SequenceDataset
        270 training and 370 test utterances of 7 to 29 frames, 12 LPC cepstrum coefficients each.

    Raises
    ------
    DataFileError
        If the bundled files are damaged.

    References
    ----------
    M. Kudo, J. Toyama, M. Shimbo, "Multidimensional curve classification using passing-through regions",
    Pattern Recognition Letters 20 (1999), 1103-1111. CC BY 4.0.

    Examples
    --------
    >>> data = load_japanese_vowels()
    >>> len(data.X_train), len(data.X_test), data.X_train[0].shape
    (270, 370, (20, 12))
    """
    X_train, y_train = _labelled("JapaneseVowels_TRAIN.ts")
    X_test, y_test = _labelled("JapaneseVowels_TEST.ts")
    return SequenceDataset(
        X_train=X_train,
        y_train=y_train,
        X_test=X_test,
        y_test=y_test,
        classes=np.unique(y_train),
        name="Japanese Vowels",
        licence="CC BY 4.0",
        source="Kudo, Toyama & Shimbo (1999), UCI Machine Learning Repository, data set 128",
        split="the archive's own: 30 training utterances of each of 9 speakers, 24 to 88 test utterances",
    )


def _labelled(file: str) -> tuple[list[npt.NDArray[np.float64]], npt.NDArray[np.int64]]:
    series, labels = parse_ts(bundled_text(file, _VOWELS_SHA256[file]), file)
    return series, np.array([int(label) for label in labels], dtype=np.int64)
