"""The three tasks of ``spikelab run forecast``: what is learnt, what is asked, how answers are judged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..datasets import lorenz63, mackey_glass, narma10
from ..metrics import forecast_nrmse, nrmse, valid_steps

__all__ = [
    "LYAPUNOV_EXPONENT",
    "TASKS",
    "VALID_THRESHOLD",
    "Answer",
    "LastValue",
    "Lorenz63",
    "MackeyGlass",
    "MeanTarget",
    "Narma10",
    "Task",
]

Floats = npt.NDArray[np.float64]

#: Largest Lyapunov exponent of Lorenz's system with its usual parameters, 1 / unit of time.
LYAPUNOV_EXPONENT = 0.906
#: A forecast holds while its error is below this share of the spread of the series.
VALID_THRESHOLD = 0.4


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model made of one task.

    Attributes
    ----------
    score : float
        The figure of the task.
    true, forecast : array [step]
        A stretch to look at: the first feature, from the first start.
    error_by_step : array [step] or None
        Error of each step ahead over all starts, relative to the spread of the series.
    steps : int
        Predicted steps.
    """

    score: float
    true: Floats
    forecast: Floats
    error_by_step: Floats | None
    steps: int


@dataclass(frozen=True)
class Task(ABC):
    """One task; ``train`` steps are learnt."""

    train: int

    key: ClassVar[str]
    title: ClassVar[str]
    figure: ClassVar[str]
    lower_is_better: ClassVar[bool]

    @abstractmethod
    def draw(self, seed: int) -> object:
        """Make the series of `seed`, and keep it for `fit` and `test`."""

    @abstractmethod
    def fit(self, model: Any, seed: int) -> Any:
        """Fit `model` to the training part that `seed` draws."""

    @abstractmethod
    def test(self, model: Any, seed: int) -> Answer:
        """Ask the fitted `model` about the part behind it."""

    def products_per_step(self, model: Any) -> float:
        """Multiplications that a fitted model takes for one step."""
        return float(model.synops_per_sample_)


@dataclass(frozen=True)
class Narma10(Task):
    """Follow a nonlinear moving average of order ten, given its input alone.

    ``test`` steps behind the training part are predicted; the error is relative to the standard deviation of
    the target there.
    """

    train: int = 4000
    tested: int = 4000

    key: ClassVar[str] = "narma10"
    title: ClassVar[str] = "NARMA10"
    figure: ClassVar[str] = "NRMSE"
    lower_is_better: ClassVar[bool] = True

    def draw(self, seed: int) -> tuple[Floats, Floats]:
        """Input and target, [time, 1]; the target of a step needs the inputs up to that step."""
        u, y = _narma10(self.train + self.tested + 1, seed)
        return u[:-1], y[1:]

    def fit(self, model: Any, seed: int) -> Any:
        u, y = self.draw(seed)
        return model.fit([u[: self.train]], [y[: self.train]])

    def test(self, model: Any, seed: int) -> Answer:
        u, y = self.draw(seed)
        predicted = model.predict([u])[0][self.train :]
        true = y[self.train :]
        shown = slice(0, 100)
        return Answer(nrmse(true, predicted), true[shown, 0], predicted[shown, 0], None, len(true))

    def products_per_step(self, model: Any) -> float:
        return float(model.synops_per_sample_) / self.train  # a sample of a regressor is a series


@dataclass(frozen=True)
class _FreeRun(Task):
    """Learn to predict one step, then run on one's own predictions from many starts.

    ``starts`` lie ``gap`` steps apart behind the training part. The model sees the ``known`` steps before
    each start, then forecasts ``ahead`` steps.
    """

    known: int
    starts: int
    gap: int
    ahead: int

    @abstractmethod
    def draw(self, seed: int) -> Floats:
        """The whole series [time, feature]."""

    def fit(self, model: Any, seed: int) -> Any:
        return model.fit(self.draw(seed)[: self.train])

    def test(self, model: Any, seed: int) -> Answer:
        x = self.draw(seed)
        first = self.train + self.known + self.gap * np.arange(self.starts)
        forecast = np.array(model.forecast([x[s - self.known : s] for s in first], self.ahead))
        true = np.array([x[s : s + self.ahead] for s in first])
        std = x[: self.train].std(axis=0)
        error = forecast_nrmse(true, forecast, std)
        score = self.score(true, forecast, std, error)
        return Answer(score, true[0, :, 0], forecast[0, :, 0], error, self.starts * self.ahead)

    @abstractmethod
    def score(self, true: Floats, forecast: Floats, std: Floats, error: Floats) -> float:
        """The figure of the task."""

    @property
    def length(self) -> int:
        """Steps that the task needs of its series."""
        return self.train + self.known + self.gap * self.starts + self.ahead


@dataclass(frozen=True)
class MackeyGlass(_FreeRun):
    """Forecast the Mackey-Glass series with delay 17; the figure is the error 84 steps ahead.

    References
    ----------
    H. Jaeger, H. Haas, "Harnessing nonlinearity", Science 304 (2004): 3000 steps to learn from, NRMSE84.
    """

    train: int = 3000
    known: int = 500
    starts: int = 100
    gap: int = 84
    ahead: int = 400

    key: ClassVar[str] = "mackey-glass"
    title: ClassVar[str] = "Mackey-Glass 17"
    figure: ClassVar[str] = "NRMSE after 84 steps"
    lower_is_better: ClassVar[bool] = True

    def draw(self, seed: int) -> Floats:
        return _mackey_glass(self.length, seed)

    def score(self, true: Floats, forecast: Floats, std: Floats, error: Floats) -> float:
        return float(error[83])


@dataclass(frozen=True)
class Lorenz63(_FreeRun):
    """Forecast Lorenz's three variables; the figure is how long the forecast holds.

    The valid time is counted in Lyapunov times: in one of them two neighbouring states move apart by a
    factor e. It is the mean over all starts.
    """

    train: int = 5000
    known: int = 200
    starts: int = 50
    gap: int = 110
    ahead: int = 1400
    dt: float = 0.02

    key: ClassVar[str] = "lorenz63"
    title: ClassVar[str] = "Lorenz 63"
    figure: ClassVar[str] = "valid time, Lyapunov times"
    lower_is_better: ClassVar[bool] = False

    @property
    def lyapunov_times_per_step(self) -> float:
        """Lyapunov times that pass in a step."""
        return self.dt * LYAPUNOV_EXPONENT

    def draw(self, seed: int) -> Floats:
        return _lorenz63(self.length, self.dt, seed)

    def score(self, true: Floats, forecast: Floats, std: Floats, error: Floats) -> float:
        held = valid_steps(true, forecast, std, VALID_THRESHOLD)
        return float(held.mean()) * self.lyapunov_times_per_step


TASKS: dict[str, Task] = {task.key: task for task in (Narma10(), MackeyGlass(), Lorenz63())}


class LastValue:
    """Forecast that nothing changes."""

    synops_per_sample_ = 0.0

    def fit(self, x: Floats) -> LastValue:
        """There is nothing to learn."""
        return self

    def forecast(self, x: list[Floats], steps: int) -> Floats:
        """Repeat the last row of each series: array [series, step, feature]."""
        return np.array([np.broadcast_to(one[-1], (steps, one.shape[1])) for one in x])


class MeanTarget:
    """Predict the mean of the training targets."""

    synops_per_sample_ = 0.0

    def fit(self, X: list[Floats], y: list[Floats]) -> MeanTarget:
        """Take the mean."""
        self._mean = np.concatenate(y).mean(axis=0)
        return self

    def predict(self, X: list[Floats]) -> list[Floats]:
        """Repeat it for each step."""
        return [np.broadcast_to(self._mean, (len(one), self._mean.size)) for one in X]


# Rows of a job ask for the series of the same seeds again and again.
@lru_cache(maxsize=8)
def _narma10(n: int, seed: int) -> tuple[Floats, Floats]:
    return narma10(n, seed=seed)


@lru_cache(maxsize=8)
def _mackey_glass(n: int, seed: int) -> Floats:
    return mackey_glass(n, seed=seed)


@lru_cache(maxsize=8)
def _lorenz63(n: int, dt: float, seed: int) -> Floats:
    return lorenz63(n, dt=dt, seed=seed)
