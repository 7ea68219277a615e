"""The backends that every kernel test runs over."""

from __future__ import annotations

import pytest

from spikelab_kernels import dispatch


@pytest.fixture(params=["reference", "cpu"])
def backend(request: pytest.FixtureRequest) -> dispatch.Backend:
    """Each backend in turn."""
    return dispatch.backend(request.param)


@pytest.fixture
def reference() -> dispatch.Backend:
    """The oracle."""
    return dispatch.backend("reference")
