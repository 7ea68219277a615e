"""NEST's plastic synapses by NEST's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ..errors import ParameterError
from ..units import require_scalar
from .base import Plasticity
from .stdp import STDP
from .traces import InhibitorySTDP
from .triplet import TripletSTDP

__all__ = ["NEST_SYNAPSES", "NestSynapse", "synapse_from_nest", "synapse_to_nest"]

Numbers = dict[str, float]


@dataclass(frozen=True)
class NestSynapse:
    """How a plastic synapse of NEST is written here.

    Attributes
    ----------
    record : type
        Record of the rule.
    defaults : mapping of str to float
        NEST's parameters with NEST's defaults; those of the target neuron that the rule reads included.
    read, write : callable
        NEST's values to fields of the record, and back.
    fixed : mapping of str to str
        Fields that make the record this model.
    """

    record: type[Plasticity]
    defaults: Mapping[str, float]
    read: Callable[[Numbers], Numbers]
    write: Callable[[Any], Numbers]
    fixed: Mapping[str, str] = field(default_factory=dict)


_WINDOW = {"tau_plus": "tau_plus_ms", "tau_minus": "tau_minus_ms"}
_POWERS = {**_WINDOW, "mu_plus": "mu_plus", "mu_minus": "mu_minus"}
_TRIPLET = {
    **_WINDOW, "Aplus": "a2_plus", "Aplus_triplet": "a3_plus", "Aminus": "a2_minus",
    "Aminus_triplet": "a3_minus", "tau_plus_triplet": "tau_pre_triplet_ms",
    "tau_minus_triplet": "tau_post_triplet_ms",
}  # fmt: skip
_PAIR = {
    "tau_plus": 20.0, "tau_minus": 20.0, "lambda": 0.01, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0,
    "Wmax": 100.0,
}  # fmt: skip


def _pair(nest: Numbers) -> Numbers:
    # NEST's amplitudes are shares of Wmax, as here
    amplitudes = {"a_plus": nest["lambda"], "a_minus": nest["alpha"] * nest["lambda"]}
    return {**{name: nest[key] for key, name in _POWERS.items()}, **amplitudes}


def _pair_back(rule: STDP) -> Numbers:
    if rule.a_plus == 0.0:
        need = "be > 0, since NEST has a_minus as a multiple of it"
        raise ParameterError("STDP.to_nest", "a_plus", rule.a_plus, need)
    values = {key: getattr(rule, name) for key, name in _POWERS.items()}
    return {**values, "lambda": rule.a_plus, "alpha": rule.a_minus / rule.a_plus}


def _triplet(nest: Numbers) -> Numbers:
    return {name: nest[key] for key, name in _TRIPLET.items()}


def _triplet_back(rule: TripletSTDP) -> Numbers:
    return {key: getattr(rule, name) for key, name in _TRIPLET.items()}


def _inhibitory(nest: Numbers) -> Numbers:
    if nest["tau_minus"] != nest["tau"]:
        need = f"equal tau={nest['tau']!r}: both traces have one time constant"
        raise ParameterError("from_nest", "tau_minus", nest["tau_minus"], need)
    rate = nest["alpha"] / (2.0 * nest["tau"]) * 1000.0
    return {"eta": nest["eta"], "tau_ms": nest["tau"], "rate_hz": rate}


def _inhibitory_back(rule: InhibitorySTDP) -> Numbers:
    alpha = rule.prepare(1.0)["alpha"]
    return {"eta": rule.eta, "tau": rule.tau_ms, "tau_minus": rule.tau_ms, "alpha": alpha}


_PAIRINGS = {
    "stdp_synapse": "all_to_all",
    "stdp_nn_symm_synapse": "symmetric",
    "stdp_nn_pre_centered_synapse": "presynaptic",
    "stdp_nn_restr_synapse": "restricted",
}

NEST_SYNAPSES: dict[str, NestSynapse] = {
    **{
        model: NestSynapse(STDP, _PAIR, _pair, _pair_back, {"pairing": pairing})
        for model, pairing in _PAIRINGS.items()
    },
    "stdp_triplet_synapse": NestSynapse(
        TripletSTDP,
        {
            "tau_plus": 16.8, "tau_minus": 20.0, "tau_plus_triplet": 101.0, "tau_minus_triplet": 110.0,
            "Aplus": 5e-10, "Aplus_triplet": 0.0062, "Aminus": 0.007, "Aminus_triplet": 0.00023,
            "Wmax": 100.0,
        },
        _triplet,
        _triplet_back,
        {"pairing": "all_to_all"},
    ),
    "vogels_sprekeler_synapse": NestSynapse(
        InhibitorySTDP,
        {"tau": 20.0, "tau_minus": 20.0, "eta": 0.001, "alpha": 0.12, "Wmax": 1.0},
        _inhibitory,
        _inhibitory_back,
    ),
}  # fmt: skip

_WITHOUT = {
    **dict.fromkeys(("weight", "delay", "receptor_type"), "Give it to Network.connect."),
    **dict.fromkeys(("Kplus", "Kplus_triplet"), "All traces start at 0 here; leave it out."),
}


def synapse_from_nest(model: str, params: Mapping[str, Any] | None = None) -> Plasticity:
    """The rule by the name and the parameters that NEST has for it.

    Parameters
    ----------
    model : str
        ``stdp_synapse``, ``stdp_nn_symm_synapse``, ``stdp_nn_pre_centered_synapse``,
        ``stdp_nn_restr_synapse``, ``stdp_triplet_synapse`` or ``vogels_sprekeler_synapse``.
    params : mapping of str to float, optional
        NEST's parameters in NEST's units, among them ``tau_minus`` and ``tau_minus_triplet``, which NEST
        keeps in the target neuron. What is left out has NEST's default. For synapses of negative weights
        ``Wmax`` is negative, and the record has its magnitude.

    Raises
    ------
    ParameterError
        If the model or a parameter is not known here, or a value does not fit.
    """
    if model not in NEST_SYNAPSES:
        known = ", ".join(NEST_SYNAPSES)
        raise ParameterError("from_nest", "model", model, f"be one of {known}", _near(model, NEST_SYNAPSES))
    chosen, given = NEST_SYNAPSES[model], dict(params or {})
    for name, value in given.items():
        if name not in chosen.defaults:
            need = f"be a parameter of {model} that is known here: {', '.join(chosen.defaults)}"
            raise ParameterError(
                "from_nest", name, value, need, _WITHOUT.get(name) or _near(name, chosen.defaults)
            )
        given[name] = require_scalar("from_nest", name, value)
    # Vogels' rule reads the target's trace, whose time constant has to follow that of the synapse
    follow = {"tau_minus": given["tau"]} if "tau" in given else {}
    values = {**chosen.defaults, **follow, **given}
    fields: dict[str, Any] = {**chosen.read(values), **chosen.fixed, "w_max": abs(values["Wmax"])}
    return chosen.record(**fields)


def synapse_to_nest(rule: Plasticity) -> tuple[str, Numbers]:
    """NEST's model and parameters of a rule: the reverse of :func:`synapse_from_nest`.

    Raises
    ------
    ParameterError
        If NEST has no such rule.
    """
    owner = f"{type(rule).__name__}.to_nest"
    for name, need in (("w_min", 0.0), ("delay_kind", "dendritic"), ("coincident", "ignore")):
        if getattr(rule, name) != need:
            raise ParameterError(owner, name, getattr(rule, name), f"be {need!r} as in NEST")
    for model, form in NEST_SYNAPSES.items():
        if type(rule) is form.record and all(getattr(rule, k) == v for k, v in form.fixed.items()):
            return model, {**form.write(rule), "Wmax": rule.w_max}
    known = ", ".join(NEST_SYNAPSES)
    raise ParameterError(owner, "rule", rule, f"be one that NEST has: {known}")


def _near(name: object, known: Mapping[str, Any]) -> str:
    near = get_close_matches(str(name), known, n=2)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
