"""Encoder and drive records: frozen, validated, with the numbers that the kernels need."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import spikelab as sl
from spikelab.errors import ParameterError

RECORDS = [
    sl.PoissonEncoder(max_rate_hz=50),
    sl.LatencyEncoder(),
    sl.DeltaEncoder(threshold=1),
    sl.SpikeInput(),
    sl.PoissonDrive(rate_hz=10, weight=-1),
]


@pytest.mark.parametrize("record", RECORDS)
def test_records_are_frozen_and_compare_by_content(record):
    assert record == dataclasses.replace(record)
    if type(record).__hash__ is not None:  # a drive may hold arrays
        assert hash(record) == hash(dataclasses.replace(record))
    for field in dataclasses.fields(record):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, field.name, 1.0)


def test_integers_and_floats_make_equal_records():
    assert sl.PoissonEncoder(max_rate_hz=50) == sl.PoissonEncoder(max_rate_hz=50.0)
    assert isinstance(sl.PoissonDrive(rate_hz=np.int64(10), weight=1).rate_hz, float)


@pytest.mark.parametrize(
    ("encoder", "channels"), [(r, c) for r, c in zip(RECORDS, (7, 7, 14, 7), strict=False)]
)
def test_channels(encoder, channels):
    assert encoder.n_out(7) == channels


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sl.PoissonEncoder(max_rate_hz=0.0), r"PoissonEncoder\(max_rate_hz=0.0\): .* must be > 0 Hz"),
        (lambda: sl.PoissonEncoder(max_rate_hz=math.nan), "max_rate_hz must be finite"),
        (lambda: sl.PoissonEncoder(max_rate_hz=[1.0, 2.0]), "max_rate_hz must be a single number"),
        (lambda: sl.PoissonEncoder(max_rate_hz="fast"), "max_rate_hz must be a real number"),
        (lambda: sl.LatencyEncoder(silent_below=1.5), r"silent_below must lie in \[0, 1\]"),
        (lambda: sl.LatencyEncoder(silent_below=True), "silent_below must be a single number"),
        (lambda: sl.DeltaEncoder(threshold=-1.0), "threshold must be > 0. A tenth of the input's range"),
        (lambda: sl.DeltaEncoder(threshold=math.inf), "threshold must be finite"),
        (lambda: sl.DeltaEncoder(start_level=math.nan), "start_level must be finite"),
        (lambda: sl.PoissonDrive(rate_hz=-1.0, weight=1.0), "rate_hz must be >= 0 Hz. Give inhibition"),
        (lambda: sl.PoissonDrive(rate_hz=1.0, weight=math.inf), "weight must be finite"),
        (lambda: sl.PoissonEncoder(max_rate_hz=2000.0).step_probability(1.0), "<= 1000 Hz with dt_ms=1"),
        (lambda: sl.PoissonDrive(rate_hz=1e9, weight=1.0).mean_per_step(0.1), "must be <= 1e\\+08 Hz"),
    ],
)  # fmt: skip
def test_bad_values_are_answered_with_the_remedy(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_the_numbers_for_the_kernels():
    assert sl.PoissonEncoder(max_rate_hz=1000.0).step_probability(1.0) == 1.0
    assert math.isnan(sl.DeltaEncoder().initial_level)
    assert sl.DeltaEncoder(start_level=2).initial_level == 2.0
