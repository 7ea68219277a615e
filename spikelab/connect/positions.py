"""Where neurons stand: on a grid or free, in two or three dimensions, with or without periodic ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch

from ..errors import ParameterError
from ..frozen import frozen_array
from ..units import real_array, require_finite, require_flag, require_integer, require_positive
from .distributions import Distribution
from .sampling import Indices

__all__ = ["FreePositions", "Grid", "Places", "Positions", "places_between"]

Values = npt.NDArray[np.float64]


class Places(NamedTuple):
    """Where both sides of a projection stand.

    Attributes
    ----------
    source, target : array [neuron, axis], float64
        Coordinates.
    period : array [axis], float64
        Length after which space repeats itself; infinite where it does not.
    """

    source: Values
    target: Values
    period: Values

    def distances(self, source: Indices, target: Indices) -> Values:
        """Return the distance along each edge, the shortest in periodic space: array [edge], float64."""
        out = np.empty(source.size)
        dispatch.backend("cpu").measure_distances(*self, source, target, out)
        return out


@dataclass(frozen=True)
class Grid:
    """Neurons at the centres of the cells of a regular grid (NEST: spatial.grid).

    Neuron 0 stands at the left and top. The last axis runs fastest, and the second runs downwards, as in
    NEST.

    Parameters
    ----------
    shape : tuple of int
        Cells along each axis; two or three axes. Their product is the number of neurons.
    extent : tuple of float, optional
        Lengths of the sides; 1 each by default.
    center : tuple of float, optional
        Middle; the origin by default.
    periodic : bool
        Whether opposite ends meet, so that there is no margin (NEST: edge_wrap).

    Examples
    --------
    >>> Grid((2, 2)).coordinates(4, key=0)
    array([[-0.25,  0.25],
           [-0.25, -0.25],
           [ 0.25,  0.25],
           [ 0.25, -0.25]])
    """

    shape: tuple[int, ...]
    extent: tuple[float, ...] | None = None
    center: tuple[float, ...] | None = None
    periodic: bool = False

    def __post_init__(self) -> None:
        shape = self.shape if isinstance(self.shape, Sequence) else ()
        if len(shape) not in (2, 3):
            raise ParameterError("Grid", "shape", self.shape, "have two or three numbers, as (20, 20)")
        whole = tuple(require_integer("Grid", f"shape[{i}]", n) for i, n in enumerate(shape))
        object.__setattr__(self, "shape", whole)
        _set_box(self, len(whole), (1.0,) * len(whole))

    @property
    def axes(self) -> int:
        """Dimensions of space."""
        return len(self.shape)

    def check_size(self, n: int) -> None:
        """Refuse another number of neurons."""
        if prod(self.shape) != n:
            raise ParameterError("Grid", "shape", self.shape, f"hold n={n} neurons, one in each cell")

    def coordinates(self, n: int, key: int) -> Values:
        """Return where each neuron stands: array [neuron, axis], float64."""
        assert self.extent is not None and self.center is not None
        sides = []
        for axis, cells in enumerate(self.shape):
            place = ((np.arange(cells) + 0.5) / cells - 0.5) * self.extent[axis]
            sides.append(self.center[axis] + (-place if axis == 1 else place))
        return np.stack([side.reshape(-1) for side in np.meshgrid(*sides, indexing="ij")], axis=-1)


@dataclass(frozen=True, eq=False)
class FreePositions:
    """Neurons anywhere (NEST: spatial.free).

    Parameters
    ----------
    values : array [neuron, axis] or distribution
        Coordinates, with two or three axes; or what each coordinate is drawn from.
    axes : int, optional
        Dimensions of space for a distribution: 2 (default) or 3.
    extent, center : tuple of float, optional
        Box in which all neurons stand; periodic positions need the extent.
    periodic : bool
        Whether opposite ends of the box meet (NEST: edge_wrap).
    """

    values: Any
    axes: int | None = None
    extent: tuple[float, ...] | None = None
    center: tuple[float, ...] | None = None
    periodic: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.values, Distribution) and not isinstance(self.values, type):
            axes = 2 if self.axes is None else self.axes
        else:
            array = real_array("FreePositions", "values", self.values, "Give an array or a distribution.")
            if array.ndim != 2:
                text = f"array of shape {array.shape}"
                raise ParameterError("FreePositions", "values", text, "have shape (neuron, axis)")
            require_finite("FreePositions", "values", array)
            object.__setattr__(self, "values", frozen_array(array))
            axes = array.shape[1]
        if axes not in (2, 3) or self.axes not in (None, axes):
            raise ParameterError("FreePositions", "axes", self.axes, "be 2 or 3, as the coordinates have")
        object.__setattr__(self, "axes", axes)
        _set_box(self, axes, None)
        if isinstance(self.values, np.ndarray):
            self._check_inside(self.values)

    def check_size(self, n: int) -> None:
        """Refuse another number of neurons."""
        if isinstance(self.values, np.ndarray) and self.values.shape[0] != n:
            text = f"array of shape {self.values.shape}"
            raise ParameterError("FreePositions", "values", text, f"have {n} rows, one for each neuron")

    def coordinates(self, n: int, key: int) -> Values:
        """Return where each neuron stands: array [neuron, axis], float64."""
        if isinstance(self.values, np.ndarray):
            return self.values
        drawn: Values = self.values.sample(n * int(self.axes or 2), key).reshape(n, -1)
        self._check_inside(drawn)
        return drawn

    def _check_inside(self, values: Values) -> None:
        if self.extent is None or self.center is None:
            return
        outside = np.argwhere(np.abs(values - self.center) > np.array(self.extent) / 2)
        if outside.size:
            neuron, axis = (int(i) for i in outside[0])
            raise ParameterError(
                "FreePositions",
                f"values[{neuron}, {axis}]",
                float(values[neuron, axis]),
                f"lie within extent={self.extent[axis]!r} around center={self.center[axis]!r}",
            )


Positions = Grid | FreePositions


def places_between(owner: str, ends: Sequence[tuple[str, int, Positions | None, int]]) -> Places:
    """Put both sides of a projection into one space.

    Parameters
    ----------
    owner : str
        Named in errors.
    ends : two tuples (name, n, positions, key)
        Source and target; ``key`` draws the coordinates.

    Raises
    ------
    ParameterError
        If a side has no positions, or the two spaces differ.
    """
    for name, _, positions, _ in ends:
        if positions is None:
            remedy = "Pass net.add(..., positions=spikelab.Grid((20, 20))) or spikelab.FreePositions(xy)."
            raise ParameterError(
                owner, "positions", None, f"be given for {name!r}, which depends on distance", remedy
            )
    (_, n_source, one, key_one), (_, n_target, two, key_two) = ends
    assert one is not None and two is not None
    boxes = [(end.axes, (end.extent, end.center) if end.periodic else None) for end in (one, two)]
    if boxes[0] != boxes[1]:
        raise ParameterError(
            owner,
            "positions",
            two,
            "have as many axes as the source, and the same period or none",
            "Positions that are periodic need the same extent and center on both sides.",
        )
    period = np.array(one.extent, np.float64) if one.periodic else np.full(int(one.axes or 2), inf)
    coordinates = (
        end.coordinates(n, key) for end, n, key in ((one, n_source, key_one), (two, n_target, key_two))
    )
    source, target = (np.ascontiguousarray(c, dtype=np.float64) for c in coordinates)
    return Places(source, target, period)


def _set_box(positions: Any, axes: int, extent: tuple[float, ...] | None) -> None:
    """Check and complete extent, center and periodic."""
    owner = type(positions).__name__
    require_flag(owner, "periodic", positions.periodic)
    for name, default in (("extent", extent), ("center", (0.0,) * axes)):
        given = getattr(positions, name)
        if given is not None:
            array = real_array(owner, name, given)
            if array.shape != (axes,):
                raise ParameterError(owner, name, given, f"have {axes} numbers, one for each axis")
            (require_positive if name == "extent" else require_finite)(owner, name, array)
            object.__setattr__(positions, name, tuple(array.tolist()))
        else:
            object.__setattr__(positions, name, default)
    if positions.periodic and positions.extent is None:
        raise ParameterError(owner, "extent", None, "be given where space is periodic")
