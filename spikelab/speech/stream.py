"""Recognising a stream: utterances are cut out of it, and each is recognised as it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ..storable import storable
from .segmenter import Cut, Segmenter, SegmenterSettings

if TYPE_CHECKING:
    from .recognizer import SpeechRecognizer

__all__ = ["RecognizerStream", "Utterance"]


@dataclass(frozen=True, eq=False)
class Utterance:
    """One utterance of a stream, recognised.

    Attributes
    ----------
    label : object
        Of the recogniser's classes; None where the recogniser refused the utterance.
    probabilities : array [class], float64
        In the order of the recogniser's `classes_`; empty where it refused.
    start_s, stop_s : float, s
        From the start of the stream.
    complete : bool
        False where the utterance was cut for its length or by the end of the stream.
    reason : str
        Why it was refused; empty otherwise.
    """

    label: Any
    probabilities: npt.NDArray[np.float64]
    start_s: float
    stop_s: float
    complete: bool
    reason: str = ""


@storable
class RecognizerStream:
    """Sound in, utterances out; made by `SpeechRecognizer.stream`.

    Memory is bounded by the longest utterance, however long the stream. `spikelab.save_model` writes a stream
    as it stands; the loaded one goes on with the same results.

    Parameters
    ----------
    recognizer : SpeechRecognizer
        Fitted.
    rate_hz : int, Hz
        Samples a second.
    settings : SegmenterSettings, optional
        What begins and ends an utterance.

    Notes
    -----
    An utterance is answered as the recogniser answers that cut of samples: see `Segmenter`.

    Examples
    --------
    >>> import numpy as np
    >>> from spikelab import AuditoryFrontEnd, PooledInputClassifier, SpeechRecognizer
    >>> t = np.arange(4000) / 8000
    >>> low, high = np.sin(2 * np.pi * 300 * t), np.sin(2 * np.pi * 2000 * t)
    >>> model = SpeechRecognizer(AuditoryFrontEnd(), PooledInputClassifier())
    >>> model = model.fit([low, high], ["low", "high"])
    >>> pause = np.zeros(4000)
    >>> stream = model.stream()
    >>> [one.label for one in stream.push(np.concatenate([pause, high, pause, low, pause]))]
    ['high', 'low']
    """

    def __init__(
        self, recognizer: SpeechRecognizer, rate_hz: int, settings: SegmenterSettings | None = None
    ) -> None:
        self.recognizer = recognizer
        self.segmenter = Segmenter(rate_hz, settings)

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return self.segmenter.rate_hz

    @property
    def position_s(self) -> float:
        """Seconds of sound pushed so far."""
        return self.segmenter.position / self.rate_hz

    def warm_up(self) -> None:
        """Recognise a second of noise, so that what compiles or loads at first use does so now.

        Nothing of the stream changes; without it the first utterance takes longer than the others.
        """
        noise = np.random.default_rng(0).normal(0.0, 0.1, self.rate_hz).astype(np.float32)
        self._recognised(Cut(noise, 0, noise.size, True))

    def push(self, samples: Any) -> list[Utterance]:
        """Take the next samples.

        Parameters
        ----------
        samples : array [time], or float
            Any number of samples; a single one may be a plain float.

        Returns
        -------
        list of Utterance
            Those that have ended.

        Raises
        ------
        ParameterError
            If the samples are not finite; nothing of them was taken then.
        """
        return [self._recognised(cut) for cut in self.segmenter.push(samples)]

    def flush(self) -> list[Utterance]:
        """End the stream: recognise the utterance that is going on, if any, and start anew."""
        return [self._recognised(cut) for cut in self.segmenter.flush()]

    def _recognised(self, cut: Cut) -> Utterance:
        start_s, stop_s = cut.start / self.rate_hz, cut.stop / self.rate_hz
        try:
            probabilities = self.recognizer.predict_proba([(cut.samples, self.rate_hz)])[0]
        except ParameterError as error:  # too short for the front end or the classifier: a stream goes on
            return Utterance(None, np.zeros(0), start_s, stop_s, cut.complete, str(error))
        label = self.recognizer.classes_[probabilities.argmax()].item()
        return Utterance(label, probabilities, start_s, stop_s, cut.complete)
