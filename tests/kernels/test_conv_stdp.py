"""Filters that learn: winners and weights worked by hand, other rules in the same kernel, chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikelab.plasticity import STDP, LatencySTDP, TripletSTDP
from spikelab_kernels.conv_spec import ConvRule
from spikelab_kernels.dispatch import Backend

SILENT = 255
SCALE = 2.0**10


def learn(
    backend: Backend, record: Any, latency: Any, weight: Any, threshold: float, winners: int = 1,
    radius: int = 0, coincident: int = 1, n_steps: int = 6,
) -> tuple[Any, Any]:  # fmt: skip
    form, values = ConvRule(record.rule), record.prepare(1.0)
    new, wins = weight.copy(), np.zeros(weight.shape[3], np.int64)
    traces = [form.trace_table(side, values, n_steps) for side in ("pre", "post")]
    given: Any = (SCALE, int(np.ceil(threshold * SCALE)), n_steps, winners, radius)
    backend.conv_stdp_kernel(form)(
        latency, new, *given, form.typed_constants(values), *traces, coincident, wins
    )
    return new, wins


def line(*steps: int) -> Any:
    return np.array(steps, np.uint8).reshape(1, 1, 1, -1)


def filters(*maps: Any) -> Any:
    return np.array(maps, np.float64).T.reshape(1, 1, len(maps[0]), len(maps)).copy()


RULE = LatencySTDP(a_plus=0.1, a_minus=0.2)


def test_sources_that_fired_before_or_with_the_winner_grow_and_all_others_shrink(backend: Backend) -> None:
    # 0.5 + 0.6 reach 1 in step 2; the third comes later, the fourth never.
    new, wins = learn(backend, RULE, line(0, 2, 3, SILENT), filters([0.5, 0.6, 0.7, 0.8]), 1.0)
    wanted = [0.5 + 0.1 * 0.25, 0.6 + 0.1 * 0.24, 0.7 - 0.2 * 0.21, 0.8 - 0.2 * 0.16]
    assert new.ravel() == pytest.approx(wanted, abs=1e-15)
    assert wins.tolist() == [1]


def test_nothing_is_learned_below_the_threshold(backend: Backend) -> None:
    weight = filters([0.5, 0.4])
    new, wins = learn(backend, RULE, line(0, 1), weight, 1.0)
    assert np.array_equal(new, weight)
    assert wins.tolist() == [0]


def test_the_first_to_fire_learns_and_of_one_step_the_highest(backend: Backend) -> None:
    weight = filters([0.2, 0.9], [0.5, 0.8], [0.6, 0.1])
    assert learn(backend, RULE, line(0, 1), weight, 0.5)[1].tolist() == [0, 0, 1]
    # Map 1 and map 2 are equal: the lower one wins.
    assert learn(backend, RULE, line(0, 1), filters([0.2, 0.9], [0.6, 0.8], [0.6, 0.1]), 0.5)[1][1] == 1
    # Both inputs at once: 1.1, 1.3 and 0.7.
    assert learn(backend, RULE, line(0, 0), weight, 0.5)[1].tolist() == [0, 1, 0]


def test_a_map_wins_once_and_keeps_others_away(backend: Backend) -> None:
    # Two maps of one weight; seven places that fire one after the other. At each, map 0 is the higher one.
    weight, latency = filters([0.9], [0.8]), line(0, 1, 2, 3, 4, 5, SILENT)
    assert learn(backend, RULE, latency, weight, 0.5, winners=5)[1].tolist() == [1, 0]
    # A map without a rival at its place may win as well, but not near the winner.
    two = np.zeros((2, 1, 1, 2))
    two[0, 0, 0, 0], two[1, 0, 0, 1] = 0.9, 0.8
    two += 0.01
    image = np.full((1, 2, 1, 7), SILENT, np.uint8)
    image[0, 0, 0, 0], image[0, 1, 0, 1] = 0, 1
    assert learn(backend, RULE, image, two, 0.5, winners=5, radius=1)[1].tolist() == [1, 0]
    assert learn(backend, RULE, image, two, 0.5, winners=5, radius=0)[1].tolist() == [1, 1]
    assert learn(backend, RULE, image, two, 0.5, winners=1, radius=0)[1].tolist() == [1, 0]


def test_weights_change_after_the_image_and_are_rounded_at_delivery_only(backend: Backend) -> None:
    tiny = LatencySTDP(a_plus=1e-6, a_minus=1e-6)
    weight = filters([0.3])
    images = np.zeros((50, 1, 1, 1), np.uint8)
    new, _ = learn(backend, tiny, images, weight, 0.25)
    # Steps far below a quantum of 2**-10 add up.
    assert 0.9 < (new[0, 0, 0, 0] - 0.3) / (50 * 1e-6 * 0.21) < 1.1


def test_pair_rules_see_how_long_ago(backend: Backend) -> None:
    pair = STDP(w_max=1.0, a_plus=0.1, a_minus=0.05, tau_plus_ms=20.0, tau_minus_ms=30.0)
    new, _ = learn(backend, pair, line(0, 2, 3, SILENT), filters([0.5, 0.6, 0.3, 0.4]), 1.0, coincident=0)
    # Before by two steps; with it, which does not count; after by one step; never.
    wanted = [0.5 + 0.1 * np.exp(-2 / 20), 0.6, 0.3 - 0.05 * np.exp(-1 / 30), 0.4]
    assert new.ravel() == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(("coincident", "change"), [(0, 0.0), (1, 0.1), (2, 0.1 - 0.05)])
def test_spikes_of_one_step(backend: Backend, coincident: int, change: float) -> None:
    pair = STDP(w_max=1.0, a_plus=0.1, a_minus=0.05)
    new, _ = learn(backend, pair, line(3), filters([0.5]), 0.5, coincident=coincident)
    assert new.item() == pytest.approx(0.5 + change, abs=1e-12)


def test_weights_stay_between_their_bounds(backend: Backend) -> None:
    wild = STDP(w_min=0.25, w_max=0.75, a_plus=9.0, a_minus=9.0)
    new, _ = learn(backend, wild, line(0, 1, 2), filters([0.5, 0.5, 0.5]), 1.0, coincident=1)
    assert new.ravel().tolist() == [0.75, 0.75, 0.25]


def random_images() -> tuple[Any, Any]:
    rng = np.random.default_rng(4)
    latency = rng.integers(0, 6, (12, 2, 9, 8)).astype(np.uint8)
    latency[rng.random(latency.shape) < 0.6] = SILENT
    return latency, rng.uniform(0.4, 0.9, (2, 3, 3, 5))


RULES = [RULE, STDP(w_max=1.0), TripletSTDP(w_max=1.0)]


@pytest.mark.parametrize("record", RULES, ids=lambda record: type(record).__name__)
@pytest.mark.parametrize("coincident", [0, 1, 2])
def test_rules_are_the_same_in_both_backends(
    backend: Backend, reference: Backend, record: Any, coincident: int
) -> None:
    latency, weight = random_images()
    new, wins = learn(backend, record, latency, weight, 3.0, 3, 1, coincident)
    wanted, wanted_wins = learn(reference, record, latency, weight, 3.0, 3, 1, coincident)
    assert wins.sum() > 12
    assert not np.array_equal(new, weight)
    assert np.array_equal(new, wanted)
    assert np.array_equal(wins, wanted_wins)


def test_images_may_come_in_parts(backend: Backend) -> None:
    latency, weight = random_images()
    whole, _ = learn(backend, RULE, latency, weight, 3.0, 3, 1)
    part, _ = learn(backend, RULE, latency[:5], weight, 3.0, 3, 1)
    part, _ = learn(backend, RULE, latency[5:], part, 3.0, 3, 1)
    assert np.array_equal(whole, part)
