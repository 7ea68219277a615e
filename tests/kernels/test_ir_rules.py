"""Functions of rules of synapses: what they may read and return, and where an error points."""

from __future__ import annotations

import pytest

from spikelab_kernels.ir.declare import Rule, Trace
from spikelab_kernels.ir.errors import ModelError
from spikelab_kernels.ir.parse_rule import parse_rule
from spikelab_kernels.ir.types import Type


def rule(**functions):
    return Rule(
        "a_rule",
        {"rate": Type.REAL},
        state={"c": "rate"},
        pre={"x": Trace("rate")},
        post_values=("v_mv",),
        third=("reward",),
        static={"signed": True},
        **functions,
    )


def good_step(s, p, pre, post, third):
    gain = third.reward * pre.spike
    return s.next(w=s.w + p.rate * gain * post.v_mv, c=where(p.signed, -s.c, s.c))  # noqa: F821


def test_programs_of_the_functions_that_there_are():
    programs = parse_rule(rule(on_step=good_step), "float32")
    assert programs.on_pre is None and programs.on_post is None
    assert list(programs.on_step.next_state) == ["w", "c"]
    assert programs.read("pre") == ["spike"] and programs.read("post") == ["v_mv"]
    assert programs.read("third") == ["reward"] and programs.read("constant") == ["rate"]


def spike_in_event(s, p, pre, post):
    return s.next(w=pre.spike)


def third_in_event(s, p, pre, post):
    return s.next(w=third.reward)  # noqa: F821


def unknown_trace(s, p, pre, post):
    return s.next(w=s.w + post.x)


def unknown_state(s, p, pre, post):
    return s.next(w=s.w, e=0.0)


def with_spike(s, p, pre, post):
    return s.next(w=s.w), True


def draws(s, p, pre, post):
    return s.next(w=rng.uniform())  # noqa: F821


def no_post(s, p, pre):
    return s.next(w=s.w)


def a_bool(s, p, pre, post):
    return s.next(w=s.w > 0.0)


@pytest.mark.parametrize(
    ("function", "message", "at"),
    [
        (spike_in_event, r"pre.spike is not declared. Declared: x\.", "pre.spike"),
        (third_in_event, "a dot is only used with the arguments", "third.reward"),
        (unknown_trace, r"post.x is not declared. Declared: v_mv\.", "post.x"),
        (unknown_state, r"'e' is not a declared state. Declared: w, c\.", "0.0"),
        (with_spike, r"return s.next\(w=value, ...\)", "return"),
        (draws, "a rule of synapses draws no random numbers", "rng.uniform"),
        (no_post, r"on_pre has the arguments \(s, p, pre, post\)", "def"),
        (a_bool, "state w is real, not bool", "s.w > 0.0"),
    ],
)
def test_errors_point_at_the_place(function, message, at):
    with pytest.raises(ModelError, match=message) as caught:
        parse_rule(rule(on_pre=function), "float64")
    assert caught.value.text[caught.value.offset - 1 :].startswith(at)
    assert caught.value.filename == __file__
