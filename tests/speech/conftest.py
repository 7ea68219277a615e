"""One fitted recogniser for all tests that only ask it."""

from __future__ import annotations

import pytest

from .words import recognizer, words


@pytest.fixture(scope="session")
def fitted():
    X, y = words()
    return recognizer().fit(X, y)
