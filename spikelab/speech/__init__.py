"""Recognising utterances: recordings in, labels out; whole, or as a stream that is cut into utterances."""

from .recognizer import SpeechRecognizer
from .segmenter import Cut, Segmenter, SegmenterSettings
from .stream import RecognizerStream, Utterance

__all__ = ["Cut", "RecognizerStream", "Segmenter", "SegmenterSettings", "SpeechRecognizer", "Utterance"]
