"""Gram accumulation: the products, by any blocks, in float64 whatever comes in."""

from __future__ import annotations

import itertools

import numpy as np
import pytest


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("blocks", [[0, 2500], [0, 1, 1, 63, 1100, 2500]])
@pytest.mark.parametrize(("features", "targets"), [(1, 1), (63, 3)])
def test_blocks_add_up_to_the_products(backend, dtype, blocks, features, targets):
    rng = np.random.default_rng(features)
    x = rng.standard_normal((2500, features)).astype(dtype)
    y = rng.standard_normal((2500, targets)).astype(dtype)
    gram, xty = np.eye(features), np.ones((features, targets))
    for lo, hi in itertools.pairwise(blocks):
        backend.gram_accumulate(x[lo:hi], y[lo:hi], gram, xty)
    exact, wanted = x.astype(np.longdouble), y.astype(np.longdouble)
    np.testing.assert_allclose(
        gram, np.eye(features) + (exact.T @ exact).astype(float), rtol=1e-12, atol=1e-11
    )
    np.testing.assert_allclose(xty, 1 + (exact.T @ wanted).astype(float), rtol=1e-12, atol=1e-11)
    assert (gram == gram.T).all()


def test_float32_products_are_formed_in_float64(backend):
    x = np.full((1, 1), 1 + 2**-20, np.float32)
    gram, xty = np.zeros((1, 1)), np.zeros((1, 1))
    backend.gram_accumulate(x, x, gram, xty)
    assert gram[0, 0] == xty[0, 0] == (1 + 2**-20) ** 2
