"""The arms of the comparison, one entry each: how it is made, its settings, and what tuning may choose."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..errors import ParameterError
from ..learn import DRTP, AugmentedDFA, DeepRule, FeedbackAlignment, SignSymmetric
from ..plasticity.base import Traits
from .backprop import train_backprop
from .learners import FrozenLayers, chance, frozen_ridge, linear, train_rule
from .task import Task
from .trial import Plan, Record

__all__ = ["ARMS", "Arm", "choose_arms"]

_RATES = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3)
_G = ("clipped", "bell", "cos", "one")


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One way to get from samples to answers.

    Attributes
    ----------
    key, name : str
    group : {"floor", "backprop", "rule"}
    kind : {"none", "spiking", "rate"}
        Of its network.
    trial : callable
        Called with task, plan, seed and settings; returns a `Record`.
    settings : mapping
        Chosen by trials on the validation part of digits.
    space : mapping of str to sequence
        What tuning may choose from.
    traits : Traits, optional
    seeded : bool
        Whether anything in it is random.
    needs : str
        A package that must be installed, or nothing.
    note : str
    """

    key: str
    name: str
    group: str
    kind: str
    trial: Callable[[Task, Plan, int, Mapping[str, Any]], Record] = field(repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    space: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    traits: Traits | None = field(default=None, repr=False)
    seeded: bool = True
    needs: str = ""
    note: str = field(default="", repr=False)

    @property
    def missing(self) -> str:
        """Why it cannot run here, or nothing."""
        if self.needs and importlib.util.find_spec(self.needs) is None:
            return f"{self.needs} is not installed; the extra 'compare' brings it"
        return ""


def _rule(
    key: str, name: str, rule: type[DeepRule], kind: str, note: str = "", /, lr: float = 2e-3, **options: Any
) -> Arm:
    """An arm of a rule; `options` are its settings, each given as (chosen value, values to choose from)."""
    settings = {"learning_rate": lr, **{name: chosen for name, (chosen, _) in options.items()}}
    space = {"learning_rate": _RATES, **{name: values for name, (_, values) in options.items()}}
    return Arm(
        key=f"{key}_{kind}",
        name=f"{name}, {'spikes' if kind == 'spiking' else 'values'}",
        group="floor" if rule is FrozenLayers else "rule",
        kind=kind,
        trial=partial(train_rule, rule=rule, kind=kind),
        settings=settings,
        space=space,
        traits=rule.traits,
        note=note,
    )


def _frozen_ridge(kind: str) -> Arm:
    return Arm(
        key=f"frozen_ridge_{kind}",
        name=f"Frozen layers, ridge, {'spikes' if kind == 'spiking' else 'values'}",
        group="floor",
        kind=kind,
        trial=partial(frozen_ridge, kind=kind),
        note="Hidden layers as they were drawn; the readout is fitted by ridge regression.",
    )


def _backprop(key: str, name: str, kind: str, traits: Traits, note: str, **settings: Any) -> Arm:
    slopes = {"slope": (5.0, 25.0)} if "slope" in settings else {}
    return Arm(
        key=key, name=name, group="backprop", kind=kind, trial=partial(train_backprop, kind=kind),
        settings=settings, space={"learning_rate": _RATES, **slopes}, traits=traits, needs="torch", note=note,
    )  # fmt: skip


_FROZEN = "Hidden layers as they were drawn; the readout learns by the delta rule."

#: All arms, in the order of running. A new rule is one more line here.
ARMS: tuple[Arm, ...] = (
    Arm(
        key="chance", name="Chance", group="floor", kind="none", trial=chance, seeded=False,
        note="The most frequent class of the training part.",
    ),
    Arm(
        key="linear", name="Logistic regression, raw input", group="floor", kind="none", trial=linear,
        settings={"C": 1.0}, space={"C": (0.1, 0.3, 1.0, 3.0, 10.0)}, seeded=False, note="No hidden layer.",
    ),
    _rule("frozen", "Frozen layers, delta rule", FrozenLayers, "spiking", _FROZEN),
    _frozen_ridge("spiking"),
    _rule("frozen", "Frozen layers, delta rule", FrozenLayers, "rate", _FROZEN),
    _frozen_ridge("rate"),
    _backprop(
        "bptt", "Backprop through time, spikes", "spiking",
        Traits(local=False, uses_pseudo_derivative=True, weight_transport=True, update_lock="2L"),
        "Through all steps, with a fast sigmoid's derivative for that of a spike; torch.",
        learning_rate=2e-3, slope=25.0,
    ),
    _backprop(
        "backprop", "Backprop, values", "rate",
        Traits(local=False, weight_transport=True, update_lock="2L"),
        "The rate twin; torch.", learning_rate=2e-3,
    ),
    _rule("adfa", "Augmented DFA", AugmentedDFA, "spiking", g=("clipped", _G)),
    _rule("adfa", "DFA", AugmentedDFA, "rate"),
    _rule("drtp", "DRTP", DRTP, "spiking", g=("clipped", _G)),
    _rule("drtp", "DRTP", DRTP, "rate"),
    _rule("fa", "Feedback alignment", FeedbackAlignment, "spiking", g=("clipped", _G)),
    _rule("fa", "Feedback alignment", FeedbackAlignment, "rate"),
    _rule("sign", "Sign-symmetric feedback", SignSymmetric, "spiking", g=("clipped", _G)),
    _rule("sign", "Sign-symmetric feedback", SignSymmetric, "rate"),
)  # fmt: skip


def choose_arms(names: str, arms: Sequence[Arm] = ARMS) -> list[Arm]:
    """The arms that a comma-separated list names; ``"all"`` for all.

    Raises
    ------
    ParameterError
        If an arm is not known.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = [arm.key for arm in arms]
    for name in wanted:
        if name not in ("all", *known):
            raise ParameterError("compare", "arms", name, "be 'all' or of " + ", ".join(known))
    if not wanted:
        raise ParameterError("compare", "arms", names, "name an arm", "'all' runs every one.")
    return [arm for arm in arms if "all" in wanted or arm.key in wanted]
