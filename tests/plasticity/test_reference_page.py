"""The table of rules in docs/reference/plasticity.md says what the records say."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import spikelab as sl
from spikelab import plasticity

PAGE = (Path(__file__).parents[2] / "docs/reference/plasticity.md").read_text(encoding="utf-8")


def rows():
    """(record, columns) of each row of the table."""
    table = PAGE.split("| record |")[1].split("\n\n")[0]
    for line in table.splitlines()[2:]:
        records, *columns = (cell.strip() for cell in line.strip("|").split("|"))
        for text in re.findall(r"`([^`]+)`", records):
            made = text if "(" in text else f"{text}()"
            yield eval(made.replace("(", "(w_max=1.0, ", 1), vars(plasticity)), columns


def test_the_table_has_the_traits():
    assert len(list(rows())) > 15
    for rule, (_, local, pseudo, lock, numbers, nest) in rows():
        traits = rule.traits
        assert local == ("yes" if traits.local else "no"), rule
        assert pseudo == ("yes" if traits.uses_pseudo_derivative else "no"), rule
        assert (lock, numbers) == (str(traits.update_lock), str(traits.state_per_synapse)), rule
        if nest:
            assert rule.to_nest()[0] == nest.strip("`")


def test_the_page_names_every_rule():
    kinds = [getattr(plasticity, name) for name in plasticity.__all__]
    rules = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, sl.Plasticity)]
    concrete = {kind.__name__ for kind in rules if not inspect.isabstract(kind)} - {"CustomSynapse"}
    assert {name for name in concrete if f"`{name}" not in PAGE} == set()
