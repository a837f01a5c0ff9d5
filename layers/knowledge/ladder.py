"""Reads the levels of warning: `data/taxonomy/ladder.toml`, or a file of the city's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from analysis.model.ladder import LADDER_INDICATORS, Ladder, Step
from layers.languages import LANGUAGES, in_every_language
from layers.toml_entry import Entry, read_toml

if TYPE_CHECKING:
    from pathlib import Path

LADDER_KEYS = ("least_cases", "level")
STEP_KEYS = ("name", "months", *LADDER_INDICATORS)
MONTHS, CASES = (2, 12), (1, 10_000)
"""Least and most months of a level, as one bad month is chance; and cases of a month."""


def load_ladder(path: Path) -> Ladder:
    """Read levels and thresholds, from the least level on."""
    table = read_toml(path.read_bytes(), entry=path.name)
    entry, steps = Entry(table, path.name, LADDER_KEYS), list[Step]()
    least = table.get("least_cases")
    if not _is_whole(least, *CASES):
        raise entry.wrong(key="least_cases", allowed="a whole number from 1 to 10000")
    levels = entry.mapping("level")
    for key in levels:
        own = Entry(levels, path.name, levels).mapping(key)
        each = Entry(own, f"{path.name}, {key}", STEP_KEYS)
        months = own.get("months")
        if not _is_whole(months, steps[-1].months if steps else MONTHS[0], MONTHS[1]):
            raise each.wrong(
                key="months",
                allowed="a whole number from 2 to 12, and no less than at the level before",
            )
        above = {name: _share(each, name) for name in LADDER_INDICATORS if name in own}
        steps.append(Step(key, _named(each), months, above))
    if not any(step.above for step in steps):
        raise entry.wrong(key="level", allowed="levels with a threshold each, such as late = 0.2")
    return Ladder(tuple(steps), least)


def _named(entry: Entry) -> dict[str, str]:
    names = in_every_language(entry.text_mapping("name"))
    if not all(names.get(language) for language in LANGUAGES):
        raise entry.wrong(key="name", allowed='a name in each language, { zh = "…", en = "…" }')
    return names


def _is_whole(found: object, least: int, most: int) -> TypeGuard[int]:
    return isinstance(found, int) and not isinstance(found, bool) and least <= found <= most


def _share(entry: Entry, key: str) -> float:
    found = entry.table[key]
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1:
        raise entry.wrong(key=key, allowed="a share from 0 to below 1")
    return float(found)
