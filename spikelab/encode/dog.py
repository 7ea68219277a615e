"""On- and off-cells of the retina: pictures become one spike a cell, the earlier the higher the contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch
from spikelab_kernels import math as own_math

from ..errors import ParameterError
from ..frozen import Recipe
from ..units import require_integer, require_positive, require_probability, require_scalar

__all__ = ["SILENT", "DoG", "as_pictures"]

#: Latency of what does not fire.
SILENT = 255

Latencies = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class DoG(Recipe):
    """Difference of Gaussians and rank order coding: the front end of `ConvSTDP`.

    Parameters
    ----------
    size : int, pixels
        Side of the filter; odd.
    sigma_centre, sigma_surround : float, pixels
        Widths of the two Gaussians.
    threshold : float
        Cells whose contrast is not above this share of the pixels' range stay silent.
    n_steps : int
        Steps of a picture, at most 255.

    Raises
    ------
    ParameterError
        If a value cannot be used.

    Notes
    -----
    The filter has a mean of zero, and its positive part a sum of one: the edge between black and white has a
    contrast of at most 1. On-cells see the filtered picture, off-cells its negative. The cells that fire are
    ranked by their contrast and spread evenly over the steps, so that every step has as many spikes as any
    other, and a dim picture the same code as a bright one above the threshold.

    References
    ----------
    S. R. Kheradpisheh, M. Ganjtabesh, S. J. Thorpe, T. Masquelier, "STDP-based spiking deep convolutional
    neural networks for object recognition", Neural Networks 99 (2018), section 2.1.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.zeros((1, 9, 9), np.uint8)
    >>> picture[0, 4, 4] = 255
    >>> latency = DoG().latencies(picture)
    >>> latency.shape, int(latency[0, 0, 4, 4])
    ((1, 2, 9, 9), 0)
    """

    size: int = 7
    sigma_centre: float = 1.0
    sigma_surround: float = 2.0
    threshold: float = 0.06
    n_steps: int = 15

    def __post_init__(self) -> None:
        owner = "DoG"
        require_integer(owner, "size", self.size, 3)
        if self.size % 2 == 0:
            raise ParameterError(owner, "size", self.size, "be odd", "The filter has a middle pixel.")
        for name in ("sigma_centre", "sigma_surround", "threshold"):
            object.__setattr__(self, name, require_scalar(owner, name, getattr(self, name)))
        require_positive(owner, "sigma_centre", self.sigma_centre, "pixels")
        if not self.sigma_surround > self.sigma_centre:
            need = f"be larger than sigma_centre={self.sigma_centre!r}"
            raise ParameterError(owner, "sigma_surround", self.sigma_surround, need)
        require_probability(owner, "threshold", self.threshold)
        require_integer(owner, "n_steps", self.n_steps, 2, high=255)

    @property
    def taps(self) -> npt.NDArray[np.float64]:
        """The filter: array [y, x], float64."""
        place = np.arange(self.size) - self.size // 2
        square = np.square(place)[:, None] + np.square(place)
        # Not NumPy's exponential: the ranks of nearly equal contrasts must not depend on a machine's library.
        centre, surround = (
            own_math.exp_f64(square / (-2.0 * sigma**2)) for sigma in (self.sigma_centre, self.sigma_surround)
        )
        taps = centre / centre.sum() - surround / surround.sum()
        return np.asarray(taps / taps[taps > 0].sum())

    def latencies(self, X: Any, backend: str = "cpu") -> Latencies:
        """Return the steps in which cells fire.

        Parameters
        ----------
        X : array [sample, y, x]
            Pictures: whole numbers from 0 to 255, or real ones from 0 to 1.
        backend : str
            Kernels, "cpu" or "reference".

        Returns
        -------
        array [sample, 2, y, x], uint8
            On-cells, then off-cells; 255 where a cell stays silent.

        Raises
        ------
        ParameterError
            If `X` has another rank, or a pixel is negative, NaN, or above its range.
        """
        return self.encode(as_pictures("DoG.latencies", X), backend)

    def encode(self, pictures: npt.NDArray[Any], backend: str = "cpu") -> Latencies:
        """Return what `latencies` does, for what `as_pictures` returned."""
        # Bytes are brought to the range of real pictures first, so that both give the same ranks.
        real = (pictures / 255.0).astype(np.float32) if pictures.dtype == np.uint8 else pictures
        latency = np.empty((len(real), 2, *real.shape[1:]), np.uint8)
        kernel = dispatch.backend(backend).encode_contrast
        kernel(real, self.taps, self.threshold, self.n_steps, latency, 0, len(real))
        return latency


def as_pictures(owner: str, X: Any, shape: tuple[int, int] | None = None) -> npt.NDArray[Any]:
    """Check pictures: array [sample, y, x], uint8 of whole numbers, float32 of real ones; C-contiguous.

    Raises
    ------
    ParameterError
        With the index of what is wrong.
    """
    try:
        raw = np.asarray(X)
    except ValueError:
        raise ParameterError(owner, "X", X, "be a regular array [sample, y, x]") from None
    if raw.dtype.kind not in "biuf" or np.ma.is_masked(X):
        raise ParameterError(owner, "X", X, "hold real numbers, none of them masked")
    given = f"array of shape {raw.shape}"
    if raw.ndim != 3 or 0 in raw.shape:
        side = round(raw.shape[1] ** 0.5) if raw.ndim == 2 else 0
        square = raw.ndim == 2 and side * side == raw.shape[1] > 1
        remedy = f"Flat pictures: pass X.reshape(-1, {side}, {side})." if square else ""
        remedy = "For one picture pass X[None]." if raw.ndim == 2 and not square else remedy
        raise ParameterError(owner, "X", given, "have shape (samples, y, x)", remedy)
    if shape is not None and raw.shape[1:] != shape:
        raise ParameterError(owner, "X", given, f"hold pictures of {shape[0]} x {shape[1]} pixels, as in fit")
    whole = raw.dtype.kind != "f"
    most = 255 if whole else 1
    with np.errstate(invalid="ignore"):
        good = (raw >= 0) & (raw <= most)
    if not good.all():
        place = np.unravel_index(int(np.argmin(good)), raw.shape)
        need = f"lie between 0 and {most}, as {'whole' if whole else 'real'} numbers do"
        remedy = "Divide by the largest value of a pixel." if raw[place] > most else ""
        index = ", ".join(str(int(i)) for i in place)
        raise ParameterError(owner, f"X[{index}]", raw[place].item(), need, remedy)
    return np.ascontiguousarray(raw, dtype=np.uint8 if whole else np.float32)
