"""Connect populations in NEST by every rule: ``python make_nest_connect.py CASES.json OUT.npz``.

For each case: out-degrees, in-degrees, how many pairs have 0, 1, 2, ... edges; weights and delays; or, in
space, the positions and how many edges each pair has.
"""

import json
import sys

import nest
import numpy as np

LAWS = {
    "uniform": lambda low, high: nest.random.uniform(low, high),
    "normal": lambda mean, std, low: nest.math.redraw(nest.random.normal(mean, std), low, 1e6),
    "lognormal": lambda mean, std: nest.random.lognormal(mean, std),
    "exponential": lambda mean: nest.random.exponential(mean),
    "gaussian": lambda peak, std: peak * nest.spatial_distributions.gaussian(nest.spatial.distance, std=std),
    "falling": lambda peak, beta: (
        peak * nest.spatial_distributions.exponential(nest.spatial.distance, beta=beta)
    ),
    "linear": lambda start, slope: start + slope * nest.spatial.distance,
}


def value(given):
    """A number, or what [name, arguments] stands for."""
    return LAWS[given[0]](*given[1]) if isinstance(given, list) else given


def population(case, n):
    if "grid" not in case:
        return nest.Create("iaf_psc_delta", n)
    return nest.Create("iaf_psc_delta", positions=nest.spatial.grid(**case["grid"]))


def run(case, seed):
    nest.ResetKernel()
    nest.set(rng_seed=seed, resolution=0.001)
    one = population(case, case["n_source"])
    two = one if case["same"] else population(case, case["n_target"])
    rule = {key: value(given) for key, given in case["rule"].items()}
    synapse = {key: value(given) for key, given in case.get("synapse", {}).items()}
    nest.Connect(one, two, rule, {"synapse_model": "static_synapse", **synapse})
    edges = nest.GetConnections(one, two)
    found = edges.get(["source", "target", "weight", "delay"])
    source, target = (
        np.array(found["source"]) - one[0].global_id,
        np.array(found["target"]) - two[0].global_id,
    )
    pairs = np.bincount(source * case["n_target"] + target, minlength=case["n_source"] * case["n_target"])
    out = {
        "out": np.bincount(source, minlength=case["n_source"]).astype(np.uint16),
        "in": np.bincount(target, minlength=case["n_target"]).astype(np.uint16),
        "pairs": np.bincount(pairs),
        "selfs": np.count_nonzero(source == target),
    }
    if "synapse" in case:
        out |= {key: np.array(found[key])[:2000].astype(np.float32) for key in ("weight", "delay")}
    if "grid" in case:
        out["place"] = np.array(nest.GetPosition(one))
        out["edges"] = pairs.astype(np.uint8)
    return out


if __name__ == "__main__":
    nest.set_verbosity("M_ERROR")
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    results = {"version": nest.__version__}
    for seed, (name, case) in enumerate(cases.items(), start=1):
        results |= {f"{name}/{key}": array for key, array in run(case, seed).items()}
    np.savez_compressed(sys.argv[2], **results)
