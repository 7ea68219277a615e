"""Values as JSON and arrays, and back: records, objects and networks. Nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from ..errors import ParameterError
from ..storable import STORABLE
from .checkpoint import CheckpointError

__all__ = ["Arrays", "Form", "add_form", "add_records", "damaged", "pack", "unpack"]

Arrays = dict[str, np.ndarray]
Models = Mapping[str, Any]

# An array of text gives each the room of the longest, so that a small file could ask for all the memory.
_MOST_TEXT = 1 << 26

_RECORDS: dict[str, type[Any]] = {}


@dataclass(frozen=True)
class Form:
    """How values of one type are written and read.

    Attributes
    ----------
    kind : type
    pack : callable
        ``(value, arrays)`` to JSON values; arrays are added to the dict.
    unpack : callable
        ``(JSON values, arrays, models)`` to the value.
    """

    kind: type[Any]
    pack: Callable[[Any, Arrays], Any]
    unpack: Callable[[Any, Arrays, Models], Any]


_FORMS: dict[str, Form] = {}


def add_form(name: str, form: Form) -> None:
    """Teach `pack` and `unpack` a type that neither is a record nor has plain attributes."""
    _FORMS[name] = form


def add_records(kinds: Mapping[str, type[Any]]) -> None:
    """Let records be made again by their names."""
    _RECORDS.update(kinds)


def pack(value: Any, arrays: Arrays) -> Any:
    """Describe `value` by what JSON can hold; arrays go into `arrays` under names of their own.

    Raises
    ------
    ParameterError
        If a part of it is of a type that a file cannot describe.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        case np.generic():
            return pack(value.item(), arrays)
        case np.ndarray() if value.dtype.kind == "U" or _holds_text(value):
            texts = value.ravel().tolist()
            if not _fits(texts):
                need = f"hold at most {_MOST_TEXT:,} characters, all as long as the longest"
                raise ParameterError(
                    "save", "text", f"array of shape {value.shape}", need, "Use short names."
                )
            return {"strings": texts, "shape": list(value.shape)}
        case np.ndarray():
            name = f"recipe/{len(arrays)}"
            arrays[name] = value
            return {"array": name}
        case list():
            return [pack(item, arrays) for item in value]
        case tuple():
            return {"tuple": [pack(item, arrays) for item in value]}
        case dict():
            return {"dict": [[pack(key, arrays), pack(item, arrays)] for key, item in value.items()]}
    for name, form in _FORMS.items():
        if isinstance(value, form.kind):
            return {"form": name, "content": form.pack(value, arrays)}
    kind = type(value).__name__
    known = _RECORDS.get(kind) or STORABLE.get(kind)
    if known is type(value) and is_dataclass(value):
        return {
            "record": kind,
            "fields": {f.name: pack(getattr(value, f.name), arrays) for f in fields(value)},
        }
    if known is type(value):
        return {"object": kind, "attributes": {k: pack(v, arrays) for k, v in vars(value).items()}}
    need = "consist of records of spikelab and plain values"
    raise ParameterError("save", "net", value, need, "Save the arrays that you need with write_checkpoint.")


def unpack(value: Any, arrays: Arrays, models: Models) -> Any:
    """Make what `pack` described; `models` holds the user's own neuron models.

    Raises
    ------
    CheckpointError
        If the description is not of this version, or names a class that files may not make.
    """
    match value:
        case list():
            return [unpack(item, arrays, models) for item in value]
        case {"float": str(text)}:
            return float(text)
        case {"strings": list(texts), "shape": list(shape)}:
            if not all(isinstance(text, str) for text in texts) or not _fits(texts):
                raise damaged(f"an array of {len(texts)} texts")
            return np.array(texts, dtype=str).reshape(shape)
        case {"array": str(name)}:
            return arrays[name]
        case {"tuple": list(items)}:
            return tuple(unpack(item, arrays, models) for item in items)
        case {"dict": list(items)}:
            return {unpack(key, arrays, models): unpack(item, arrays, models) for key, item in items}
        case {"form": str(name), "content": content}:
            if name not in _FORMS:
                raise damaged(f"a value of the form {name!r}")
            return _FORMS[name].unpack(content, arrays, models)
        case {"record": str(name), "fields": dict(values)}:
            made = {key: unpack(part, arrays, models) for key, part in values.items()}
            return _record(_RECORDS.get(name) or STORABLE.get(name), name, made)
        case {"object": str(name), "attributes": dict(values)}:
            made = {key: unpack(part, arrays, models) for key, part in values.items()}
            return _object(STORABLE.get(name), name, made)
        case dict():
            raise damaged(value)
    return value


def damaged(what: object) -> CheckpointError:
    """The error for a description that this version cannot read."""
    return CheckpointError("load", "path", what, "hold a recipe of this version", "Save it again.")


def _record(kind: type[Any] | None, name: str, values: dict[str, Any]) -> Any:
    if kind is None or not is_dataclass(kind):
        raise damaged(f"a record {name!r}")
    given = {f.name for f in fields(kind) if f.init}
    record = kind(**{key: value for key, value in values.items() if key in given})
    for f in fields(kind):
        if not f.init and f.name in values:
            object.__setattr__(record, f.name, values[f.name])
    if not set(values) <= {f.name for f in fields(kind)}:
        raise damaged(f"a record {name!r} with {', '.join(sorted(values))}")
    return _checked(record)


def _object(kind: type[Any] | None, name: str, values: dict[str, Any]) -> Any:
    # An attribute that hides a method would change what the class does.
    if kind is None or any(not key.isidentifier() or callable(getattr(kind, key, None)) for key in values):
        raise damaged(f"an object {name!r} with {', '.join(sorted(values))}")
    made: Any = object.__new__(kind)
    made.__dict__.update(values)
    return _checked(made)


def _checked(made: Any) -> Any:
    if hasattr(type(made), "_check_stored"):
        made._check_stored()
    return made


def _holds_text(value: np.ndarray) -> bool:
    return value.dtype == object and all(isinstance(item, str) for item in value.flat)


def _fits(texts: list[str]) -> bool:
    return len(texts) * max(map(len, texts), default=0) <= _MOST_TEXT
