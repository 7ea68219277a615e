"""Keys of random streams and the way from milliseconds to steps."""

import itertools
import warnings

import numpy as np
import pytest

from spikelab.errors import ParameterError
from spikelab.seeding import object_key, sub_key
from spikelab.units import (
    require_finite,
    require_integer,
    require_non_negative,
    require_positive,
    require_probability,
    steps_from_ms,
)

KEY_OF_A_NAME = 3440168481501720685
KEY_OF_A_TUPLE = 7654648704207083247
KEY_OF_A_ROUND = 16620556948378071732


def test_keys_are_64_bit_and_never_change():
    # Stored numbers: a changed key would change every network that anyone has built.
    assert object_key(0, "exc", "noise") == KEY_OF_A_NAME
    assert object_key(7, ("exc", "inh", 0), "edges") == KEY_OF_A_TUPLE
    assert sub_key(KEY_OF_A_NAME, "redraw", 3) == KEY_OF_A_ROUND
    assert all(0 <= object_key(s, "x", "y") < 2**64 for s in range(100))


def test_what_differs_in_any_part_has_another_key():
    # A tuple of one name is that name, so it is not among these.
    names = ["a", "b", "ab", "", "a1", ("a", "b"), ("a", "b", 0), ("a", "b", 1), ("a", "b", "1")]
    keys = [
        object_key(s, n, p)
        for s, n, p in itertools.product((0, 1, 10, 2**70), names, ("edges", "weight", ""))
    ]
    assert len(set(keys)) == len(keys)
    assert object_key(0, "ab", "c") != object_key(0, "a", "bc")
    assert sub_key(1, "x", 0) != sub_key(1, "x", 1) != sub_key(2, "x", 1)


@pytest.mark.parametrize("seed", [-1, 1.5, True, None])
def test_a_seed_is_a_non_negative_integer(seed):
    with pytest.raises(ParameterError, match="seed must be an integer >= 0"):
        object_key(seed, "a", "b")


def test_scalar_on_the_grid_is_exact_and_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for k in range(1, 3000):
            assert steps_from_ms(k * 0.1, 0.1, "o", "p") == k
            assert steps_from_ms(round(k * 0.1, 1), 0.1, "o", "p") == k
        assert steps_from_ms(0.0, 0.1, "o", "p") == 0


def test_scalar_off_the_grid_warns_with_what_it_becomes():
    text = r"connect\(delay_ms=0.17\): 0.17 ms is not a multiple of dt_ms=0.1; rounded to 0.2 ms \(2 steps\)"
    with pytest.warns(UserWarning, match=text):
        assert steps_from_ms(0.17, 0.1, "Network.connect", "delay_ms") == 2


def test_arrays_are_rounded_silently():
    steps = steps_from_ms(np.array([0.0, 0.17, 0.5, 1.26]), 0.1, "o", "p")
    assert steps.dtype == np.int64
    assert steps.tolist() == [0, 2, 5, 13]


def test_times_that_cannot_be_steps_are_refused():
    with pytest.raises(ParameterError, match=r"o\(p=-0.1\): p must be >= 0 ms"):
        steps_from_ms(-0.1, 0.1, "o", "p")
    with pytest.raises(ParameterError, match=r"p\[1\] must be finite"):
        steps_from_ms(np.array([0.1, np.nan]), 0.1, "o", "p")
    with pytest.raises(ParameterError, match="dt_ms must be > 0 ms"):
        steps_from_ms(1.0, 0.0, "o", "p")


def test_checks_name_the_first_bad_index():
    with pytest.raises(ParameterError, match=r"LIF\(tau\[1, 2\]=inf\): tau\[1, 2\] must be finite"):
        require_finite("LIF", "tau", np.array([[1, 2, 3], [4, 5, np.inf]]))
    with pytest.raises(
        ParameterError, match=r"LIF\(tau_mem_ms=-1.0\): tau_mem_ms must be > 0 ms. Near 20.0."
    ):
        require_positive("LIF", "tau_mem_ms", -1.0, "ms", "Near 20.0.")
    with pytest.raises(ParameterError, match=r"x\[1\] must be >= 0"):
        require_non_negative("o", "x", np.array([0.0, -2.0]))
    with pytest.raises(ParameterError, match=r"o\(p=1.5\): p must lie in \[0, 1\]"):
        require_probability("o", "p", 1.5)
    with pytest.raises(ParameterError, match="x must hold real numbers"):
        require_finite("o", "x", [[1.0], [1.0, 2.0]])
    with pytest.raises(ParameterError, match="x must be a real number"):
        require_positive("o", "x", "3")
    assert require_integer("o", "n", np.int32(3)) == 3
