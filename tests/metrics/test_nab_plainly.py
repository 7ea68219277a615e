"""The benchmark's score, point by point as it is published, beside the one of the library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab.metrics import NAB_PROFILES, nab_score


def sigmoid(position):
    return -1.0 if position > 3.0 else 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


def plainly(scores, windows, threshold, weights):
    total, count = 0.0, sum(map(len, windows))
    for score, spans in zip(scores, windows, strict=True):
        best = [-weights.false_negative] * len(spans)
        for i in range(min(int(0.15 * len(score)), 750), len(score)):
            if score[i] < threshold:
                continue
            behind = [k for k, (start, _) in enumerate(spans) if start <= i]
            if not behind:
                total -= weights.false_positive
                continue
            start, last = spans[behind[-1]][0], spans[behind[-1]][1] - 1
            if i <= last:
                place = -(last - i + 1) / (last - start + 1)
                worth = weights.true_positive * sigmoid(place) / sigmoid(-1.0)
                best[behind[-1]] = max(best[behind[-1]], worth)
            else:
                total += weights.false_positive * sigmoid((i - last) / max(last - start, 1))
        total += sum(best)
    silent, perfect = -weights.false_negative * count, weights.true_positive * count
    return 100.0 * (total - silent) / (perfect - silent)


def random_set(rng):
    scores, windows = [], []
    for _ in range(rng.integers(1, 4)):
        n = int(rng.integers(10, 60))
        edges = np.sort(rng.choice(n + 1, 2 * int(rng.integers(1, 4)), replace=False)).tolist()
        scores.append(rng.integers(0, 8, n).astype(float))
        windows.append(list(zip(edges[::2], edges[1::2], strict=True)))
    return scores, windows


@pytest.mark.parametrize("profile", NAB_PROFILES)
def test_the_score_is_that_of_the_definition(profile):
    rng, weights = np.random.default_rng(0), NAB_PROFILES[profile]
    for _ in range(40):
        scores, windows = random_set(rng)
        plain = [plainly(scores, windows, level, weights) for level in range(9)]
        for level, expected in enumerate(plain):
            got = nab_score(scores, windows, threshold=level, profile=profile).score
            assert got == pytest.approx(expected, abs=1e-9)
        assert nab_score(scores, windows, profile=profile).score == pytest.approx(max(plain), abs=1e-9)
