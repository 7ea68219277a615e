"""Pictures to labels: filters that learn by STDP, and a ridge readout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..encode.dog import DoG
from ..storable import storable
from .conv_layer import ConvLayer
from .conv_stdp import ConvSTDP
from .picture_readout import PictureReadout

__all__ = ["ConvSTDPClassifier"]


@storable
class ConvSTDPClassifier(PictureReadout, ConvSTDP):
    """`ConvSTDP` and a ridge regression on its features; labels are used by the readout only.

    Parameters
    ----------
    layers, front, readout, threads, random_state, progress
        As in `ConvSTDP`.
    ridge : float, "gcv" or "holdout"
        Penalty of the readout.

    Attributes
    ----------
    classes_ : array [class]
    readout_ : Ridge

    Examples
    --------
    >>> import numpy as np
    >>> pictures = np.zeros((40, 12, 12), np.uint8)
    >>> pictures[::2, 4:8, :] = 255
    >>> pictures[1::2, :, 4:8] = 255
    >>> layer = ConvLayer(maps=4, kernel=5, threshold=4.0, samples=200)
    >>> model = ConvSTDPClassifier([layer], random_state=0)
    >>> model.fit(pictures, ["lying", "standing"] * 20).score(pictures, ["lying", "standing"] * 20)
    1.0
    """

    def __init__(
        self,
        layers: Sequence[ConvLayer] | None = None,
        *,
        front: DoG | None = None,
        readout: str = "last",
        ridge: float | Literal["gcv", "holdout"] = "gcv",
        threads: int = 1,
        random_state: int | None = None,
        progress: bool = False,
    ):
        super().__init__(
            layers,
            front=front,
            readout=readout,
            threads=threads,
            random_state=random_state,
            progress=progress,
        )
        self.ridge = ridge
