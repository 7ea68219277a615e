"""Settings of a job: estimator parameters by dotted keys, changed with ``--set key=value``."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from spikelab.errors import ParameterError

__all__ = ["apply_settings", "known_settings", "parse_settings"]

_WORDS = {"none": None, "true": True, "false": False}
_HIDDEN = {"random_state", "reservoir"}  # the seeds belong to the job; the record is set field by field


def known_settings(estimators: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting that can be changed, with its present value.

    Parameters
    ----------
    estimators : mapping of str to estimator
        Row key (``"esn"``) and the unfitted estimator behind it.

    Returns
    -------
    dict of str to object
        ``{"esn.reservoir.n": 300, ...}``, sorted by key.
    """
    known = {
        f"{key}.{name.replace('__', '.')}": value
        for key, estimator in estimators.items()
        for name, value in estimator.get_params(deep=True).items()
        if name not in _HIDDEN and not name.endswith("__seed")
    }
    return dict(sorted(known.items()))


def parse_settings(texts: Iterable[str], known: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Read ``key=value`` texts; a value is JSON, ``none``, ``true``, ``false`` or plain text.

    Raises
    ------
    ParameterError
        A text without ``=``, or a key that is not in `known`.
    """
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not key or not value:
            raise ParameterError(
                owner, "set", text, "read key=value", "For example: --set esn.reservoir.n=200"
            )
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise ParameterError(owner, "set", key, "name a known setting", f"{hint}{_listing(key, known)}")
        values[key] = _value(value)
    return values


def _listing(key: str, known: Iterable[str]) -> str:
    """The settings of the row that `key` begins with, or the rows that there are."""
    row = key.partition(".")[0] + "."
    names = [name.removeprefix(row) for name in known if name.startswith(row)]
    if names:
        return f"{row}* may be: {', '.join(names)}."
    rows = list(dict.fromkeys(name.partition(".")[0] for name in known))
    return f"Settings begin with {', '.join(f'{name}.' for name in rows)}"


def apply_settings(estimators: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Set parsed values on their estimators, which refuse what they cannot use."""
    for key, value in values.items():
        row, _, name = key.partition(".")
        estimators[row].set_params(**{name.replace(".", "__"): value})


def _value(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
