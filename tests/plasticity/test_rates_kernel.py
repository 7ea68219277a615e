"""The kernel of rules between rate units, over both backends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import spikelab as sl
from spikelab.language import where
from spikelab_kernels import dispatch
from spikelab_kernels.ir.declare import Rule
from spikelab_kernels.ir.types import Type
from spikelab_kernels.models.rate_rules import HEBB, OJA
from spikelab_kernels.rate_spec import RateSpec

WIDE = {"w_min": -1e3, "w_max": 1e3}


@pytest.fixture(params=["reference", "cpu"])
def backend(request):
    return dispatch.backend(request.param)


def dense(n_source, n_target):
    return np.arange(n_source + 1, dtype=np.uint64) * np.uint64(n_target), np.empty(0, np.uint32)


def rows(n_source, n_target, seed, share=0.4):
    there = np.random.default_rng(seed).random((n_source, n_target)) < share
    there[0] = False  # a source without edges
    source, target = np.nonzero(there)
    ptr = np.zeros(n_source + 1, np.uint64)
    ptr[1:] = np.cumsum(np.bincount(source, minlength=n_source))
    return ptr, target.astype(np.uint32), source


def both(x, y, dtype):
    return {"rate": np.array(x, dtype)}, {"rate": np.array(y, dtype)}


def keeps(s, p, pre, post, third):  # two states, of which one changes; a signal; a choice
    seen = s.seen + pre.rate
    return s.next(seen=seen, w=where(seen > post.rate, s.w + third.reward * s.gain, s.w - p.eta))


def test_two_synapses_by_hand(backend):
    ptr, neuron = dense(1, 2)
    run = backend.rate_plasticity_kernel(RateSpec(HEBB, "float64", True))
    w = np.array([0.5, 0.5])
    pre, post = both([[2.0]], [[3.0, -1.0]], "float64")
    run({"w": w}, ptr, neuron, pre, post, {}, {"learning_rate": 0.1, "w_min": 0.4, "w_max": 1.0}, 0, 1)
    assert w.tolist() == [1.0, 0.4]  # 0.5 + 0.6 and 0.5 - 0.2, put back between the bounds


def test_a_batch_changes_by_the_mean(backend):
    ptr, neuron = dense(1, 1)
    run = backend.rate_plasticity_kernel(RateSpec(OJA, "float64", True))
    w = np.array([0.5])
    pre, post = both([[1.0], [2.0]], [[1.0], [3.0]], "float64")
    run({"w": w}, ptr, neuron, pre, post, {}, {"learning_rate": 0.1, **WIDE}, 0, 1)
    # 1 (1 - 0.5) = 0.5 and 3 (2 - 1.5) = 1.5, both from the weight before
    assert w[0] == pytest.approx(0.5 + 0.1 * (0.5 + 1.5) / 2, rel=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(5, 63), (63, 5), (7, 130)])
@pytest.mark.parametrize("batch", [1, 3])
def test_backends_forms_and_splits_agree_to_the_bit(dtype, shape, batch):
    rule = Rule(
        "keeps", {"eta": Type.REAL}, on_step=keeps, state={"seen": "", "gain": ""}, third=("reward",),
        pre_values=("rate",), post_values=("rate",),
    )  # fmt: skip
    rng = np.random.default_rng(1)
    pre, post = both(rng.normal(size=(batch, shape[0])), rng.normal(size=(batch, shape[1])), dtype)
    third, constants = {"reward": 0.7}, {"eta": 0.3, "w_min": -1.2, "w_max": 0.9}
    whole = {name: rng.normal(size=shape).astype(dtype) for name in ("w", "seen", "gain")}
    whole["w"] = np.clip(whole["w"], -1.2, 0.9)

    def changed(name, is_dense, cuts):
        ptr, neuron, *source = dense(*shape) if is_dense else rows(*shape, seed=2)
        state = {k: v.reshape(-1).copy() if is_dense else v[source[0], neuron]
                 for k, v in whole.items()}  # fmt: skip
        run = dispatch.backend(name).rate_plasticity_kernel(RateSpec(rule, dtype, is_dense))
        for lo, hi in cuts:
            run(state, ptr, neuron, pre, post, third, constants, lo, hi)
        return [state[k] if is_dense else (state[k], source[0], neuron) for k in ("w", "seen", "gain")]

    oracle = changed("reference", True, [(0, shape[0])])
    for name in ("reference", "cpu"):
        for a, b in zip(changed(name, True, [(2, shape[0]), (0, 2)]), oracle, strict=True):
            np.testing.assert_array_equal(a, b)
        for (a, source, neuron), b in zip(changed(name, False, [(0, 3), (3, shape[0])]), oracle, strict=True):
            np.testing.assert_array_equal(a, b.reshape(shape)[source, neuron])
    assert np.any(oracle[0] == np.array(-1.2, dtype)) and np.any(oracle[0] == np.array(0.9, dtype))
    np.testing.assert_array_equal(oracle[2], whole["gain"].reshape(-1))


def test_every_rule_is_the_same_on_both_backends():
    rng = np.random.default_rng(5)
    ptr, neuron = dense(40, 30)
    rules = [sl.Hebb(), sl.AntiHebb(), sl.Oja(), sl.BCM(), sl.SoftHebb(), sl.SoftHebb(norm_power=0.0)]
    for record in rules:
        names = [*record.rule.post_values, *record.rule.post]
        pre = {"rate": rng.normal(size=(2, 40))}
        post = {name: rng.random((2, 30)) for name in names}
        w = rng.normal(scale=0.3, size=1200)
        found = []
        for name in ("reference", "cpu"):
            state = {"w": w.copy()}
            spec = RateSpec(record.rule, "float64", True)
            constants = replace(record, learning_rate=0.1).prepare(1.0)
            run = dispatch.backend(name).rate_plasticity_kernel(spec)
            run(state, ptr, neuron, pre, post, {}, constants, 0, 40)
            found.append(state["w"])
        np.testing.assert_array_equal(*found)
        assert not np.array_equal(found[0], w)
