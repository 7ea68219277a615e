"""Leave out arguments that a generated function does not need: handing on thirty arrays takes longer than a
small cell's work."""

from __future__ import annotations

import re

__all__ = ["prune_arguments"]


def prune_arguments(text: str, names: list[str], kept: tuple[str, ...]) -> str:
    """Give each function of a module, and each call of it, only those of `names` that it reads.

    Parameters
    ----------
    text : str
        The module. Functions and calls that take all of `names` have them in order as the last arguments.
    names : list of str
        Arguments in question.
    kept : tuple of str
        Functions that take all of them in any case.
    """
    together = ", ".join(names)
    functions = re.split(r"^(?=def )", text, flags=re.M)
    bodies = {_name(one): one for one in functions[1:]}
    needs = {
        name: set(names) if name in kept else _read(body, names, together) for name, body in bodies.items()
    }
    calls = {name: [_callee(body, at) for at in _places(body, together)] for name, body in bodies.items()}
    while True:  # what a function calls needs reaches it in as many rounds as calls stand inside each other
        before = {name: len(found) for name, found in needs.items()}
        for name, found in needs.items():
            found.update(*(needs[callee] for callee in calls[name]))
        if before == {name: len(found) for name, found in needs.items()}:
            break
    result = functions[:1]
    for one in functions[1:]:
        parts, at = [], 0
        for place in _places(one, together):
            needed = needs[_callee(one, place)]
            parts += [one[at:place], ", ".join(name for name in names if name in needed)]
            at = place + len(together)
        result.append("".join([*parts, one[at:]]))
    return "".join(result)


def _name(function: str) -> str:
    return function[4 : function.index("(")]


def _places(text: str, together: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(together), text)]


def _read(function: str, names: list[str], together: str) -> set[str]:
    words = set(re.findall(r"\w+", function.replace(together, "")))
    return {name for name in names if name in words}


def _callee(text: str, place: int) -> str:
    """Name before the parenthesis that is open at `place`."""
    depth = 0
    while depth >= 0:
        place -= 1
        depth += {")": 1, "(": -1}.get(text[place], 0)
    match = re.search(r"(\w+)$", text[:place])
    assert match is not None
    return match[1]
