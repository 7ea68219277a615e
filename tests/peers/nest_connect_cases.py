"""Rules of connection as NEST and as spikelab know them."""

from __future__ import annotations

from typing import Any

import spikelab as sl

TOTAL = {"rule": "fixed_total_number", "N": 6000}
IN, OUT = ({"rule": f"fixed_{side}degree", f"{side}degree": 30} for side in ("in", "out"))
NO_MULTAPSES, NO_AUTAPSES = {"allow_multapses": False}, {"allow_autapses": False}
SYMMETRIC = {
    "rule": "symmetric_pairwise_bernoulli",
    "p": 0.1,
    "allow_autapses": False,
    "make_symmetric": True,
}
#: Name: the rule of NEST, ours, whether a population is connected to itself.
RULES: dict[str, tuple[dict[str, Any], Any, bool]] = {
    "all_to_all": ({"rule": "all_to_all", **NO_AUTAPSES}, sl.AllToAll(allow_autapses=False), True),
    "one_to_one": ({"rule": "one_to_one"}, sl.OneToOne(), True),
    "indegree": (IN, sl.FixedIndegree(30), False),
    "indegree_plain": (IN | NO_MULTAPSES | NO_AUTAPSES, sl.FixedIndegree(30, False, False), True),
    "outdegree": (OUT, sl.FixedOutdegree(30), False),
    "outdegree_plain": (OUT | NO_MULTAPSES | NO_AUTAPSES, sl.FixedOutdegree(30, False, False), True),
    "total": (TOTAL, sl.FixedTotalNumber(6000), False),
    "total_others": (TOTAL | NO_AUTAPSES, sl.FixedTotalNumber(6000, allow_autapses=False), True),
    "bernoulli": ({"rule": "pairwise_bernoulli", "p": 0.1}, sl.FixedProbability(0.1), False),
    "symmetric": (SYMMETRIC, sl.SymmetricProbability(0.1), True),
    "poisson": ({"rule": "pairwise_poisson", "pairwise_avg_num_conns": 0.4}, sl.PairwisePoisson(0.4), False),
}
#: Name: law of NEST with its arguments, ours.
LAWS: dict[str, tuple[list[Any], Any]] = {
    "uniform": (["uniform", [0.5, 2.0]], sl.Uniform(0.5, 2.0)),
    "normal": (["normal", [1.5, 0.75, 0.1]], sl.Normal(1.5, 0.75, low=0.1)),
    "lognormal": (["lognormal", [0.3, 0.4]], sl.LogNormal(0.3, 0.4)),
    "exponential": (["exponential", [1.5]], sl.Exponential(1.5)),
}
FLAT = {"shape": [20, 15], "extent": [2.0, 1.5], "center": [1.0, -0.5]}
DEEP = {"shape": [6, 5, 10], "extent": [1.2, 1.0, 2.0]}
DISC, BALL = {"circular": {"radius": 0.33}}, {"spherical": {"radius": 0.45}}
#: Name: grid, whether periodic, the probability of NEST, ours, mask, radius.
SPACES: dict[str, tuple[dict[str, Any], bool, Any, Any, Any, float | None]] = {
    "disc": (FLAT, False, 1.0, 1.0, DISC, 0.33),
    "disc_periodic": (FLAT, True, 1.0, 1.0, DISC, 0.33),
    "ball": (DEEP, False, 1.0, 1.0, BALL, 0.45),
    "ball_periodic": (DEEP, True, 1.0, 1.0, BALL, 0.45),
    "gaussian": (FLAT, True, ["gaussian", [0.8, 0.2]], sl.GaussianOfDistance(0.8, 0.2), DISC, 0.33),
    "gaussian_far": (FLAT, False, ["gaussian", [0.8, 0.3]], sl.GaussianOfDistance(0.8, 0.3), None, None),
    "exponential": (FLAT, True, ["falling", [0.9, 0.25]], sl.ExponentialOfDistance(0.9, 0.25), None, None),
    "linear": (DEEP, True, ["linear", [0.6, -0.8]], sl.LinearOfDistance(0.6, -0.8), BALL, 0.45),
}
NEAR = {"p": ["gaussian", [0.8, 0.2]], "mask": DISC}
NEARER = {"probability": sl.GaussianOfDistance(0.8, 0.2), "radius": 0.33}
#: Name: the rule of NEST, ours; among the neurons of the flat periodic grid.
NEAREST: dict[str, tuple[dict[str, Any], Any]] = {
    "in": (IN | NEAR, sl.SpatialIndegree(30, **NEARER)),
    "in_plain": (
        {"rule": "fixed_indegree", "indegree": 9} | NO_MULTAPSES | NO_AUTAPSES | NEAR,
        sl.SpatialIndegree(9, allow_autapses=False, allow_multapses=False, **NEARER),
    ),
    "out": (OUT | NO_AUTAPSES | NEAR, sl.SpatialOutdegree(30, allow_autapses=False, **NEARER)),
    "out_plain": (
        {"rule": "fixed_outdegree", "outdegree": 9} | NO_MULTAPSES | NEAR,
        sl.SpatialOutdegree(9, allow_multapses=False, **NEARER),
    ),
}
N_SOURCE, N_TARGET, N_PLACES = 200, 150, 300


def nest_cases() -> dict[str, Any]:
    """All cases as ``stored/make_nest_connect.py`` reads them."""
    cases: dict[str, Any] = {}
    for name, (rule, _, same) in RULES.items():
        cases[name] = {"rule": rule, "same": same, "n_source": N_SOURCE}
        cases[name]["n_target"] = N_SOURCE if same else N_TARGET
    # Within one population NEST asks each pair in both orders, and may connect it twice; between two it asks
    # once, as our rule does within one.
    cases["symmetric"]["same"] = False
    for name, (law, _) in LAWS.items():
        synapse = {"weight": law, "delay": law if name in ("uniform", "normal") else 1.0}
        rule = {"rule": "fixed_indegree", "indegree": 20}
        cases[name] = {
            "rule": rule,
            "same": False,
            "synapse": synapse,
            "n_source": N_SOURCE,
            "n_target": N_TARGET,
        }
    rules = {name: rule for name, (rule, _) in NEAREST.items()}
    grids = dict.fromkeys(rules, FLAT | {"edge_wrap": True})
    for name, (grid, periodic, p, _, mask, _) in SPACES.items():
        rules[name] = {"rule": "pairwise_bernoulli", "p": p} | ({} if mask is None else {"mask": mask})
        grids[name] = grid | {"edge_wrap": periodic}
    for name, rule in rules.items():
        cases[f"space_{name}"] = {
            "rule": rule, "same": True, "n_source": N_PLACES, "n_target": N_PLACES, "grid": grids[name],
        }  # fmt: skip
    return cases
