"""A result dictionary with the shape of the speech job's, made without running it."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikelab.report.document import summarise
from spikelab.report.energy import ENERGY_MODEL, energy_nj

SIZES = (31, 35, 88, 44, 29, 24, 40, 50, 29)


def row(
    key: str,
    name: str,
    kind: str,
    errors: list[int],
    *,
    macs: float = 0.0,
    acs: float = 0.0,
    note: str = "",
    twin: str = "",
) -> dict[str, Any]:
    """A row whose errors fall on speakers in proportion to their utterances."""
    rng = np.random.default_rng(7)
    confusion = np.diag(SIZES) * len(errors)
    for _ in range(sum(errors)):
        true = int(rng.choice(9, p=np.asarray(SIZES) / 370))
        confusion[true, true] -= 1
        confusion[true, (true + 1 + int(rng.integers(8))) % 9] += 1
    accuracy, wrong = summarise(1 - count / 370 for count in errors), summarise(errors)
    judged = {"accuracy": accuracy, "errors": wrong, "confusion": confusion.tolist()}
    return {
        "key": key,
        "name": name,
        "kind": kind,
        "note": note,
        "twin": twin,
        "seeds_used": list(range(len(errors))),
        "metrics": {
            "accuracy": accuracy,
            "errors": wrong,
            "fit_s": summarise(0.2 + 0.01 * i for i in range(len(errors))),
            "predict_s": summarise(0.15 for _ in errors),
            "synops_per_sample": summarise(macs + acs for _ in errors),
            "energy_nj_per_sample": summarise(energy_nj(acs, macs) for _ in errors),
        },
        "confusion": confusion.tolist(),
        "protocols": {"official": judged},
        "parameters": {"reservoir.n": 300, "pooling": "segments"},
    }


def pair(rows: list[dict[str, Any]], first: str, second: str, items_std: float = 3.0) -> dict[str, Any]:
    """The difference of two rows, as if their errors had that standard error over the utterances."""
    errors = {row["key"]: row["metrics"]["errors"]["mean"] for row in rows}
    more = errors[second] - errors[first]
    return {
        "protocol": "official",
        "first": first,
        "second": second,
        "errors": summarise([more]),
        "items_std": items_std,
        "clear": abs(more) > 2 * items_std,
        "only_first": 0.0,
        "only_second": max(0.0, more),
        "folds": {},
    }


def speech_result(**changes: Any) -> dict[str, Any]:
    """The result; keyword arguments replace top-level entries."""
    rng = np.random.default_rng(3)
    time = np.arange(18)
    result: dict[str, Any] = {
        "format": 1,
        "job": "speech",
        "kind": "speakers",
        "dataset": {
            "name": "Japanese Vowels",
            "licence": "CC BY 4.0",
            "source": "Kudo, Toyama, Shimbo 1999",
            "features": 12,
            "frames": [7, 29],
            "classes": [str(i) for i in range(1, 10)],
        },
        "split": {"train": 270, "test": 370, "text": "as published"},
        "protocols": [
            {
                "key": "official",
                "title": "official split",
                "text": "as published",
                "folds": [""],
                "train": 270,
                "test": 370,
            }
        ],
        "saved_model": None,
        "rows": [
            row("esn", "ESN", "model", [7, 9, 6, 8, 7], macs=52_000),
            row("esn_ensemble", "ESN ensemble of 5", "model", [5, 6, 5, 6, 4], macs=260_000),
            row("lsm", "LSM", "model", [14, 17, 12, 15, 16], acs=91_000, macs=12_000),
            row("memoryless", "ESN without memory", "control", [13, 15, 12, 14, 13], macs=12_000, twin="esn"),
            row("pooled_input", "Pooled input, linear readout", "floor", [16], macs=432),
            row("chance", "Chance", "floor", [329, 331, 325, 330, 328]),
        ],
        "illustration": {
            "utterance": {
                "index": 40,
                "label": "2",
                "frames": 18,
                "values": rng.normal(size=(18, 12)).cumsum(0),
            },
            "states": {
                "name": "ESN",
                "n": 300,
                "units": list(range(0, 300, 25)),
                "values": np.tanh(
                    np.sin(time[:, None] / 3 + np.arange(12)) + 0.1 * rng.normal(size=(18, 12))
                ),
            },
            "raster": {
                "name": "LSM",
                "n": 400,
                "time_ms": np.sort(rng.uniform(0, 180, 1500)),
                "neuron": rng.integers(0, 400, 1500),
                "span_ms": [0.0, 180.0],
                "first_inhibitory": 320,
            },
            "answer": {
                "name": "ESN",
                "classes": [str(i) for i in range(1, 10)],
                "sums": [0.1, 0.8, 0.05, -0.1, 0.2, 0.0, 0.03, -0.02, 0.1],
                "answer": "2",
                "right": "2",
            },
            "ridge_paths": {
                key: {
                    "name": name,
                    "label": "GCV score",
                    "alpha": np.logspace(-8, 3, 23),
                    "score": 0.05 + 0.002 * (np.arange(23) - 12.0) ** 2,
                    "chosen": 1e-2,
                }
                for key, name in (("esn", "ESN"), ("lsm", "LSM"))
            },
        },
        "energy_model": ENERGY_MODEL,
        "versions": {"python": "3.11.7", "numpy": "2.3.0", "spikelab": "0.1.0"},
        "machine": {
            "platform": "Linux",
            "cpu": "a processor <x>",
            "cores": 2,
            "load_1_5_15_min": [0.5, 0.4, 0.3],
        },
        "seeds": [0, 1, 2, 3, 4],
        "quick": False,
        "interrupted": False,
        "wall_s": 12.3,
        "started": "2026-01-02T03:04:05+00:00",
        "command": "spikelab run speech --output out",
    }
    result["pairs"] = [
        *(pair(result["rows"], key, "pooled_input") for key in ("esn", "esn_ensemble", "lsm", "memoryless")),
        pair(result["rows"], "esn", "memoryless"),
    ]
    return {**result, **changes}
