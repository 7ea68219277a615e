"""Encoders: rates within five sigma, hand cases, chunks that continue, both backends bit-equal."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikelab_kernels.layout import words_for
from spikelab_kernels.philox import step_words

KEY = np.uint64(0xFEDCBA9876543210)
BATCH = 3
SAMPLES = np.array([4, 0, 1000], np.uint32)
SPLITS = [[(0, BATCH)], [(0, 1), (1, 1), (1, BATCH)]]


def ints(*values):
    """Kernels take typed scalars."""
    return tuple(np.int64(v) for v in values)


def poisoned(steps, channels):
    return np.full((steps, BATCH, words_for(channels)), 2**64 - 1, np.uint64)


def dense(backend, bits, channels):
    out = np.full((*bits.shape[:2], channels), 9, np.uint8)
    backend.bits_to_dense(bits, out)
    tail = np.full((*bits.shape[:2], bits.shape[2] * 64), 9, np.uint8)
    backend.bits_to_dense(bits, tail)
    assert not tail[..., channels:].any(), "unused bits of the last word must be zero"
    return out


class Case:
    """An encoder on one input, callable for any part of the run."""

    def __init__(self, kind, n=67, hold=4, frames=10, real=np.float32):
        rng = np.random.default_rng(n)
        self.kind, self.n, self.hold, self.steps = kind, n, hold, hold * frames - 1
        self.channels = 2 * n if kind == "delta" else n
        self.x = rng.random((frames, BATCH, n)).astype(real)
        self.x[..., ::5] = 0.0
        if kind == "delta":
            self.x = np.cumsum(self.x - real(0.4), axis=0, dtype=real)
        self.level = np.full((BATCH, n), np.nan, real)

    def run(self, backend, start, stop, split):
        bits = poisoned(stop - start, self.channels)
        for lo, hi in split:
            rows = ints(lo, hi)
            if self.kind == "poisson":
                backend.encode_poisson(
                    self.x, np.float64(0.3), np.int64(self.hold), KEY, SAMPLES,
                    np.int64(500 + start), np.int64(start), bits, *rows,
                )  # fmt: skip
            elif self.kind == "latency":
                backend.encode_latency(self.x, np.float64(0.1), *ints(self.hold, start), bits, *rows)
            else:
                backend.encode_delta(
                    self.x, np.float64(0.1), *ints(self.hold, start), self.level, bits, *rows
                )
        return bits


@pytest.mark.parametrize("kind", ["poisson", "latency", "delta"])
@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize(("n", "hold"), [(63, 1), (67, 4), (130, 7)])
def test_parts_and_splits_equal_the_whole_reference(backend, reference, kind, real, split, n, hold):
    whole = Case(kind, n, hold, real=real)
    expected = whole.run(reference, 0, whole.steps, SPLITS[0])
    case = Case(kind, n, hold, real=real)
    parts = [case.run(backend, *part, split) for part in ((0, 5), (5, 6), (6, case.steps))]
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    assert case.level.tobytes() == whole.level.tobytes()
    assert backend.count_bits(expected) > 0


@pytest.mark.parametrize("kind", ["poisson", "latency", "delta"])
def test_rows_outside_the_range_are_left_alone(backend, kind):
    case = Case(kind)
    bits = case.run(backend, 0, case.steps, [(1, 2)])
    assert (bits[:, [0, 2]] == 2**64 - 1).all()
    assert not (bits[:, 1] == 2**64 - 1).any()
    if kind == "delta":
        assert np.isnan(case.level[[0, 2]]).all()
        assert np.isfinite(case.level[1]).all()


def test_poisson_rates_are_the_intensities(backend):
    x = np.tile(np.array([0.0, -1.0, 0.1, 0.5, 1.0, 3.0]), (1, BATCH, 500)).astype(np.float32)
    steps, p = 200, 0.4
    bits = poisoned(steps, x.shape[2])
    backend.encode_poisson(
        x, np.float64(p), np.int64(steps), KEY, SAMPLES, *ints(0, 0), bits, *ints(0, BATCH)
    )
    counts = dense(backend, bits, x.shape[2]).reshape(steps, BATCH, 500, 6).sum(axis=(0, 1, 2))
    trials = steps * BATCH * 500
    for count, q in zip(counts, (0.0, 0.0, 0.04, 0.2, 0.4, 1.0), strict=True):
        assert abs(count - q * trials) <= 5 * math.sqrt(trials * q * (1 - q))


def test_poisson_spikes_are_independent_between_neighbours_and_steps(backend):
    steps, n = 400, 64
    bits = poisoned(steps, n)
    x = np.full((1, BATCH, n), 0.5)
    backend.encode_poisson(
        x, np.float64(1.0), np.int64(steps), KEY, SAMPLES, *ints(0, 0), bits, *ints(0, BATCH)
    )
    spikes = dense(backend, bits, n) - 0.5
    for product in (
        spikes[1:] * spikes[:-1],
        spikes[..., 1:] * spikes[..., :-1],
        spikes[:, 1:] * spikes[:, :-1],
    ):
        assert abs(product.mean()) < 5 * 0.25 / math.sqrt(product.size)


def test_poisson_noise_belongs_to_the_sample_and_not_to_the_row(backend):
    case = Case("poisson")
    case.x[:] = case.x[:, :1]
    first = case.run(backend, 0, 20, SPLITS[0])
    order = [2, 0, 1]
    bits = poisoned(20, case.n)
    backend.encode_poisson(
        case.x,
        np.float64(0.3),
        np.int64(case.hold),
        KEY,
        SAMPLES[order],
        *ints(500, 0),
        bits,
        *ints(0, BATCH),
    )
    np.testing.assert_array_equal(bits, first[:, order])
    assert (first[:, 0] != first[:, 1]).any()


def test_latency_by_hand(backend):
    x = np.array([1.0, 0.5, 0.0, 0.2, 0.19, 2.0, np.nan], np.float32)[None, None].repeat(BATCH, axis=1)
    bits = poisoned(10, 7)
    backend.encode_latency(np.concatenate([x, x]), np.float64(0.2), *ints(5, 0), bits, *ints(0, BATCH))
    spikes = dense(backend, bits, 7)
    assert spikes[:, 0].argmax(axis=0)[[0, 1, 5]].tolist() == [0, 2, 0]
    # float32(0.2) is above the float64 0.2 that is the threshold: it speaks, on the phase of 0.8 * 4 + 0.5.
    assert spikes[:, 0, 3].tolist() == [0, 0, 0, 1, 0] * 2
    assert spikes[:5].sum(axis=0)[0].tolist() == [1, 1, 0, 1, 0, 1, 0]


def test_latency_gives_one_spike_a_frame_and_larger_is_not_later(backend):
    x = np.sort(np.random.default_rng(0).random((4, BATCH, 100)))[..., ::-1].copy()
    bits = poisoned(4 * 9, 100)
    backend.encode_latency(x, np.float64(0.0), *ints(9, 0), bits, *ints(0, BATCH))
    spikes = dense(backend, bits, 100).reshape(4, 9, BATCH, 100)
    assert (spikes.sum(axis=1) == 1).all()
    assert (np.diff(spikes.argmax(axis=1), axis=-1) >= 0).all()


def test_delta_by_hand(backend):
    x = np.array([1.0, 1.25, 1.26, 0.5, 0.5, 0.5])[:, None, None].repeat(BATCH, axis=1)
    level, bits = np.full((BATCH, 1), np.nan), poisoned(6, 2)
    backend.encode_delta(x, np.float64(0.25), *ints(1, 0), level, bits, *ints(0, BATCH))
    on, off = dense(backend, bits, 2)[:, 0].T
    assert on.tolist() == [0, 1, 0, 0, 0, 0]
    assert off.tolist() == [0, 0, 0, 1, 1, 1]
    assert level.tolist() == [[0.5]] * BATCH


def test_delta_can_start_from_a_level(backend):
    x = np.full((1, BATCH, 3), 0.3, np.float32)
    level, bits = np.zeros((BATCH, 3), np.float32), poisoned(5, 6)
    backend.encode_delta(x, np.float64(0.125), *ints(5, 0), level, bits, *ints(0, BATCH))
    assert dense(backend, bits, 6)[:, 0, :3].sum(axis=0).tolist() == [2, 2, 2]
    assert (level == 0.25).all()


def test_delta_decodes_to_the_signal_within_one_threshold(backend):
    time = np.arange(600)
    x = np.sin(time / 40)[:, None, None] * np.ones((1, BATCH, 65))
    level, bits = np.zeros((BATCH, 65)), poisoned(600, 130)
    backend.encode_delta(x, np.float64(0.0625), *ints(1, 0), level, bits, *ints(0, BATCH))
    spikes = dense(backend, bits, 130).astype(np.float64)
    decoded = 0.0625 * np.cumsum(spikes[..., :65] - spikes[..., 65:], axis=0)
    assert np.abs(decoded - x).max() < 0.0625


@pytest.mark.parametrize(("above", "spike"), [(-1.0, 0), (0.0, 0), (0.5, 1), (1.0, 1)])
def test_poisson_threshold_is_the_product_rounded_up(backend, above, spike):
    words = step_words(int(KEY), 65, 3, SAMPLES).astype(np.float64)
    bits = poisoned(1, 65)
    backend.encode_poisson(
        (words + above)[None] / 2.0**32,
        np.float64(1.0),
        *ints(1),
        KEY,
        SAMPLES,
        *ints(3, 0),
        bits,
        *ints(0, BATCH),
    )
    assert (dense(backend, bits, 65) == spike).all()
