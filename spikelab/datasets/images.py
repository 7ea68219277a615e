"""MNIST and Fashion-MNIST."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import DataFileError
from .opening import open_dataset, read_checked
from .records import ImageDataset
from .registry import DatasetEntry

__all__ = ["load_fashion_mnist", "load_mnist", "parse_idx"]

_CLOTHES = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"
)  # fmt: skip


def load_mnist(folder: str | os.PathLike[str] | None = None, *, download: bool = False) -> ImageDataset:
    """Load MNIST: handwritten digits.

    Parameters
    ----------
    folder : path, optional
        Holds the four ``*-ubyte.gz`` files; ``mnist`` in `data_home` by default.
    download : bool
        Fetch what is missing first.

    Returns
    -------
    ImageDataset
        60,000 training and 10,000 test pictures of 28 x 28.

    Raises
    ------
    MissingDataError
        If a file is not there; the message says how to get it.
    DataFileError
        If a file is altered or truncated.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998), section III.
    """
    return _load("mnist", folder, download, tuple(str(digit) for digit in range(10)))


def load_fashion_mnist(
    folder: str | os.PathLike[str] | None = None, *, download: bool = False
) -> ImageDataset:
    """Load Fashion-MNIST: pictures of clothes.

    Parameters
    ----------
    folder : path, optional
        Holds the four ``*-ubyte.gz`` files; ``fashion_mnist`` in `data_home` by default. Debian's package
        dataset-fashion-mnist puts them into ``/usr/share/datasets/fashion-mnist``.
    download : bool
        Fetch what is missing first.

    Returns
    -------
    ImageDataset
        60,000 training and 10,000 test pictures of 28 x 28.

    Raises
    ------
    MissingDataError
        If a file is not there; the message says how to get it.
    DataFileError
        If a file is altered or truncated.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
    algorithms", arXiv:1708.07747 (2017).
    """
    return _load("fashion_mnist", folder, download, _CLOTHES)


def _load(
    name: str, folder: str | os.PathLike[str] | None, download: bool, class_names: tuple[str, ...]
) -> ImageDataset:
    entry, place = open_dataset(name, folder, download)
    X_train, y_train = _part(entry, place, "train")
    X_test, y_test = _part(entry, place, "t10k")
    return ImageDataset(
        X_train=X_train,
        y_train=y_train,
        X_test=X_test,
        y_test=y_test,
        classes=np.arange(10),
        class_names=class_names,
        name=entry.title,
        licence=entry.licence,
        source=entry.source,
        split="the data set's own: 60,000 training and 10,000 test pictures",
    )


def _part(entry: DatasetEntry, place: Path, part: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    arrays = []
    for name in (f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"):
        content = read_checked(entry, place, name)
        arrays.append(parse_idx(gzip.decompress(content), name))
    return arrays[0], arrays[1].astype(np.int64)


def parse_idx(content: bytes, name: str) -> npt.NDArray[np.uint8]:
    """Parse an idx file of unsigned bytes.

    Parameters
    ----------
    content : bytes
        Unpacked: two zeros, the type 8, the number of axes, their lengths, the values.
    name : str
        Named in errors.

    Raises
    ------
    DataFileError
        If the content is of another form or length.
    """
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataFileError(f"{name}: is not an idx file of unsigned bytes.")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DataFileError(f"{name}: is truncated within its header.")
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    values = np.frombuffer(content, np.uint8, offset=start)
    if values.size != np.prod(shape, dtype=np.int64):
        raise DataFileError(f"{name}: has {values.size:,} values, but its header promises the shape {shape}.")
    return values.reshape(shape)
