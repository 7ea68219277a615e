"""NEST's neuron models by NEST's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..errors import ParameterError
from .adex import AdEx
from .base import Neuron
from .checks import is_distribution
from .conductance import ConductanceLIF
from .lif import LIF
from .simple import Izhikevich
from .threshold import EscapeLIF

__all__ = ["NEST_MODELS", "NestModel", "from_nest"]


@dataclass(frozen=True)
class NestModel:
    """How a model of NEST is written here.

    Attributes
    ----------
    record : type
        Neuron record.
    names : mapping of str to str
        NEST's parameters to fields.
    fixed : mapping of str to object
        Fields that make the record this model.
    start : mapping of str to float
        NEST's parameters that hold the state before the first step, with NEST's defaults, which do not follow
        the other parameters as those of a record do.
    """

    record: type[Neuron]
    names: Mapping[str, str]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    start: Mapping[str, float] = field(default_factory=dict)


_VOLTAGES = {"E_L": "v_rest_mv", "V_reset": "v_reset_mv", "V_th": "v_thresh_mv", "V_m": "v_init_mv"}
_CURRENT = {"C_m": "c_mem_pf", "t_ref": "tau_ref_ms", "I_e": "i_ext_pa"}
_SYNAPSES = {"tau_syn_ex": "tau_syn_exc_ms", "tau_syn_in": "tau_syn_inh_ms"}
_REVERSALS = {"g_L": "g_leak_ns", "E_ex": "e_exc_mv", "E_in": "e_inh_mv"}
_LIF = {"tau_m": "tau_mem_ms", **_CURRENT, **_VOLTAGES}
_AEIF = {
    "g_L": "g_leak_ns", "V_peak": "v_peak_mv", "Delta_T": "delta_t_mv", "a": "a_ns", "b": "b_pa",
    "tau_w": "tau_w_ms", "w": "w_init_pa", **_CURRENT, **_VOLTAGES, **_SYNAPSES,
}  # fmt: skip

NEST_MODELS: dict[str, NestModel] = {
    "iaf_psc_delta": NestModel(
        LIF, {**_LIF, "refractory_input": "refractory_input"}, {"synapse": "delta"}, {"V_m": -70.0}
    ),
    "iaf_psc_exp": NestModel(LIF, {**_LIF, **_SYNAPSES}, {"synapse": "exp"}, {"V_m": -70.0}),
    "iaf_psc_alpha": NestModel(LIF, {**_LIF, **_SYNAPSES}, {"synapse": "alpha"}, {"V_m": -70.0}),
    "iaf_cond_exp": NestModel(
        ConductanceLIF, {**_CURRENT, **_VOLTAGES, **_SYNAPSES, **_REVERSALS}, {}, {"V_m": -70.0}
    ),
    "aeif_cond_exp": NestModel(
        AdEx, {**_AEIF, **_REVERSALS}, {"synapse": "conductance"}, {"V_m": -70.6, "w": 0.0}
    ),
    "aeif_psc_exp": NestModel(AdEx, _AEIF, {"synapse": "current"}, {"V_m": -70.6, "w": 0.0}),
    "izhikevich": NestModel(
        Izhikevich,
        {
            "a": "a", "b": "b", "c": "c_mv", "d": "d", "V_th": "v_peak_mv", "I_e": "i_ext_pa",
            "V_m": "v_init_mv", "U_m": "u_init", "consistent_integration": "consistent_integration",
        },
        {},
        {"V_m": -65.0, "U_m": -13.0},
    ),
}  # fmt: skip
#: With ``delta > 0``, iaf_psc_exp fires by chance.
_ESCAPE = NestModel(
    EscapeLIF,
    {**_LIF, **_SYNAPSES, "rho": "rate_at_thresh_hz", "delta": "width_mv"},
    {"rate_at_thresh_hz": 0.01},
    {"V_m": -70.0},
)

_TRACE = "It belongs to plasticity or to NEST's own bookkeeping; leave it out."
_WITHOUT = {
    "V_min": "There is no lower bound of the potential here; leave it out.",
    "gsl_error_tol": "The method has no tolerance: docs/reference/neurons.md states its error.",
    **dict.fromkeys(("tau_minus", "tau_minus_triplet", "tau_Ca", "beta_Ca", "Ca", "frozen"), _TRACE),
}


def from_nest(model: str, params: Mapping[str, Any] | None = None) -> Neuron:
    """A neuron by the name and the parameters that NEST has for it.

    What is left out has NEST's default, the potential before the first step included: there ``V_m`` does not
    follow ``E_L``.

    Parameters
    ----------
    model : str
        ``iaf_psc_delta``, ``iaf_psc_exp`` (with ``delta > 0`` it fires by chance), ``iaf_psc_alpha``,
        ``iaf_cond_exp``, ``aeif_cond_exp``, ``aeif_psc_exp`` or ``izhikevich``.
    params : mapping of str to value, optional
        NEST's parameters in NEST's units. A value may be a number, an array [neuron] or a distribution.

    Returns
    -------
    Neuron
        A record of this library.

    Raises
    ------
    ParameterError
        If the model or a parameter is not known here, or a value does not fit.

    Examples
    --------
    >>> from_nest("iaf_psc_delta", {"tau_m": 20.0}).tau_mem_ms
    20.0
    """
    given = dict(params or {})
    if model not in NEST_MODELS:
        known = ", ".join(NEST_MODELS)
        remedy = _near(model, NEST_MODELS)
        if str(model).endswith("_synapse"):
            remedy = "Synapses that learn are made by spikelab.Plasticity.from_nest."
        raise ParameterError("from_nest", "model", model, f"be one of {known}", remedy)
    chosen = NEST_MODELS[model]
    if model == "iaf_psc_exp" and ("delta" in given or "rho" in given):
        if is_distribution(given.get("delta")) or np.any(np.asarray(given.get("delta", 0.0)) != 0.0):
            chosen = _ESCAPE
        else:  # as in NEST, which looks at rho only where delta > 0
            given = {name: value for name, value in given.items() if name not in ("delta", "rho")}
    for name, value in given.items():
        if name not in chosen.names:
            remedy = _WITHOUT.get(name) or _near(name, chosen.names)
            need = f"be a parameter of {model} that is known here: {', '.join(chosen.names)}"
            raise ParameterError("from_nest", name, value, need, remedy)
    values = {chosen.names[name]: value for name, value in {**chosen.start, **given}.items()}
    return chosen.record(**{**chosen.fixed, **values})


def _near(name: object, known: Mapping[str, Any]) -> str:
    near = get_close_matches(str(name), known, n=2)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
