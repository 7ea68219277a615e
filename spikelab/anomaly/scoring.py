"""From residuals to anomaly scores, causally: every detector and every floor ends in this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from spikelab_kernels import dispatch

from ..errors import ParameterError
from ..frozen import Recipe
from ..storable import require_array, require_stored, storable
from ..units import real_array, require_choice, require_integer, require_non_negative, require_scalar
from .points import Floats, deviation

__all__ = ["ScoreState", "Scoring"]

_KINDS = ("standardised", "gaussian_tail", "rank_tail")
_COMBINE = ("rms", "mean", "max")
# A robust spread of zero or nearly so, as of a channel that is mostly still, would make every move an alarm.
_LEAST_SHARE = 0.1


@storable
@dataclass(eq=False)
class ScoreState:
    """What scoring remembers between points; made by `Scoring.calibrate`, advanced in place by `run`.

    Attributes
    ----------
    centre, scale : array [channel], float64
        Median and spread of the residuals of the training part.
    long, short, smooth : array [window], float64
        Values in the windows, as rings.
    ordered : array [window], float64
        The long window in ascending order ("rank_tail" only).
    counts : array [3, 2], int64
        Values in each window, and the place of the next.
    sums : array [3, 3], float64
        Running sums of each window.
    last : array [1], float64
        The last score.
    """

    centre: Floats
    scale: Floats
    long: Floats
    ordered: Floats
    short: Floats
    smooth: Floats
    counts: npt.NDArray[np.int64]
    sums: Floats
    last: Floats

    def _check_stored(self) -> None:
        require_array(self.centre, "centre", np.float64, None)
        require_array(self.scale, "scale", np.float64, self.centre.size)
        require_array(self.counts, "counts", np.int64, 3, 2)
        require_array(self.sums, "sums", np.float64, 3, 3)
        require_array(self.last, "last", np.float64, 1)
        require_array(self.ordered, "ordered", np.float64, None)
        for name, (held, place) in zip(("long", "short", "smooth"), self.counts.tolist(), strict=True):
            window = getattr(self, name)
            require_array(window, name, np.float64, None)
            require_stored(0 <= held <= window.size and 0 <= place < window.size, name)

    def copy(self) -> ScoreState:
        """Return a state that goes its own way."""
        return ScoreState(**{name: value.copy() for name, value in vars(self).items()})


@storable
@dataclass(frozen=True)
class Scoring(Recipe):
    """Turn residuals [time, channel] into scores [time], higher where more anomalous, with no look ahead.

    The strength of a point is the root mean square (or mean, or largest) over its channels of
    ``|residual - centre| / scale``, centre and scale being median and robust spread of the training part.

    Parameters
    ----------
    kind : {"gaussian_tail", "rank_tail", "standardised"}
        "standardised": the score is the strength.
        "gaussian_tail": the score is ``-log10 Q((m - M) / S)`` with m the mean strength over the last `short`
        points, M and S mean and standard deviation over the last `long` points, and Q the tail of the normal
        distribution: 3 means one in a thousand, if strengths were normal.
        "rank_tail": the score is ``-log10 p`` with p the chance of m among its last `long` values: by its
        rank, and within and beyond their upper fiftieth by a power law fitted to that tail. It assumes no
        distribution, so that scores of different series can be compared.
    long, short : int
        Points of the two windows (not "standardised").
    smooth : int
        The score is averaged over so many last points; 1 for none.
    combine : {"rms", "mean", "max"}
        How channels are put together.
    floor : float
        Least S ("gaussian_tail"), in units of the training spread, so that a quiet stretch does not make
        whispers loud.

    Notes
    -----
    A residual farther than 1e100 spreads from the centre counts as so far: what follows it is still scored.
    A missing residual (NaN) leaves its channel out; where all channels are missing no window moves and the
    last score stands. Before the first residual the score is 0. Scores of a series do not depend on how it
    is cut into calls, to the bit.

    References
    ----------
    S. Ahmad, A. Lavin, S. Purdy, Z. Agha, "Unsupervised real-time anomaly detection for streaming data",
    Neurocomputing 262 (2017), doi 10.1016/j.neucom.2017.04.070; section 4.2, equations 4 to 7.
    A. Siffer, P.-A. Fouque, A. Termier, C. Largouët, "Anomaly detection in streams with extreme value
    theory", KDD 2017, for the tail above the 98 % quantile; its index is B. Hill's estimate, "A simple
    general approach to inference about the tail of a distribution", Annals of Statistics 3 (1975).

    Examples
    --------
    >>> import numpy as np
    >>> scoring = Scoring(kind="standardised")
    >>> state = scoring.calibrate(np.array([[-1.0], [0.0], [1.0]]))
    >>> scoring.run(np.array([[0.0], [1.4826]]), state)
    array([0., 1.])
    """

    kind: Literal["gaussian_tail", "rank_tail", "standardised"] = "gaussian_tail"
    long: int = field(default=2000, kw_only=True)
    short: int = field(default=10, kw_only=True)
    smooth: int = field(default=1, kw_only=True)
    combine: Literal["rms", "mean", "max"] = field(default="rms", kw_only=True)
    floor: float = field(default=0.01, kw_only=True)

    def __post_init__(self) -> None:
        require_choice("Scoring", "kind", self.kind, _KINDS)
        require_choice("Scoring", "combine", self.combine, _COMBINE)
        for name in ("long", "short", "smooth"):
            require_integer("Scoring", name, getattr(self, name), high=2**24)
        if self.kind != "standardised" and self.short >= self.long:
            need = f"be below long={self.long}"
            raise ParameterError("Scoring", "short", self.short, need, "10 against 2000 is a start.")
        require_scalar("Scoring", "floor", self.floor)
        require_non_negative("Scoring", "floor", self.floor)

    def calibrate(self, residual: npt.ArrayLike) -> ScoreState:
        """Take centre and spread of the residuals of a normal part, and fill the windows with it.

        Parameters
        ----------
        residual : array [time, channel]
            NaN where missing. Best of a part that the predictor was not fitted to.

        Returns
        -------
        ScoreState
            Stands behind the last of these points, with the last score 0.

        Raises
        ------
        ParameterError
            If a channel has no value at all, or one is infinite or so large that its square is.
        """
        array = _residuals("Scoring.calibrate", residual)
        empty = np.isnan(array).all(axis=0)
        if empty.any():
            channel = int(np.argmax(empty))
            raise ParameterError(
                "Scoring.calibrate", f"residual[:, {channel}]", "no value", "have values to learn from",
                "Give a longer normal part, or leave the channel out.",
            )  # fmt: skip
        least = _LEAST_SHARE * deviation("Scoring.calibrate", "residual", array)
        centre = np.nanmedian(array, axis=0)
        spread = np.maximum(1.4826 * np.nanmedian(np.abs(array - centre), axis=0), least)
        long, short = (1, 1) if self.kind == "standardised" else (self.long, self.short)
        state = ScoreState(
            centre=centre,
            scale=np.where(spread > 0, spread, 1.0),
            long=np.zeros(long),
            ordered=np.zeros(long if self.kind == "rank_tail" else 1),
            short=np.zeros(short),
            smooth=np.zeros(self.smooth),
            counts=np.zeros((3, 2), np.int64),
            sums=np.zeros((3, 3)),
            last=np.zeros(1),
        )
        self.run(array, state)
        state.last[0] = 0.0
        return state

    def run(self, residual: npt.ArrayLike, state: ScoreState) -> Floats:
        """Return the scores of the next points.

        Parameters
        ----------
        residual : array [time, channel]
            NaN where missing.
        state : ScoreState
            Replaced by the state behind the last point; pass ``state.copy()`` to keep it.

        Returns
        -------
        array [time], float64
            Higher is more anomalous.
        """
        array = _residuals("Scoring.run", residual, state.centre.size)
        scores = np.empty(array.shape[0])
        self.advance(array, state, scores)
        return scores

    def advance(self, residual: Floats, state: ScoreState, scores: Floats, backend: str = "cpu") -> None:
        """Write the scores of checked residuals into `scores`; `run` without its checks."""
        dispatch.backend(backend).score_run(
            residual, state.centre, state.scale, _COMBINE.index(self.combine), _KINDS.index(self.kind),
            float(self.floor), state.long, state.ordered, state.short, state.smooth, state.counts, state.sums,
            state.last, scores,
        )  # fmt: skip


def _residuals(owner: str, residual: Any, channels: int | None = None) -> Floats:
    array = np.ascontiguousarray(real_array(owner, "residual", residual))
    if array.ndim != 2 or (channels is not None and array.shape[1] != channels):
        need = "have shape (time, channel)" if channels is None else f"have shape (time, {channels})"
        remedy = "For one channel pass residual[:, None]." if array.ndim == 1 else ""
        raise ParameterError(owner, "residual", f"array of shape {array.shape}", need, remedy)
    if np.isinf(array).any():
        t, c = np.argwhere(np.isinf(array))[0]
        raise ParameterError(owner, f"residual[{t}, {c}]", float(array[t, c]), "be finite or NaN")
    return array
