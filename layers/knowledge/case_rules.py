"""What a city's recipe says of categories, deadlines, working time and measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.knowledge.ladder import load_ladder
from layers.knowledge.taxonomy import (
    FOLDER,
    check_needed,
    find_file,
    load_actions,
    load_calendar,
    load_deadlines,
    load_taxonomy,
)
from layers.knowledge.titles import load_title

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analysis.issues.working_time import Calendar, Deadline
    from analysis.model.ladder import Ladder
    from analysis.model.taxonomy import Action, Taxonomy
    from analysis.model.title import Title
    from layers.recipe.schema import Recipe

LADDER = "ladder"
"""File of the levels of warning, where a city names none of its own."""


@dataclass(frozen=True)
class CaseRules:
    """
    Rules for the cases of one city.

    Attributes
    ----------
    taxonomy, deadlines, calendar, actions
        As far as the recipe names them.
    ladder
        The one it names, else that of all cities.
    title
        The one it names.
    data
        Bytes of all their files.
    """

    taxonomy: Taxonomy
    deadlines: Mapping[str, Deadline]
    calendar: Calendar | None
    actions: Mapping[str, Action]
    ladder: Ladder
    title: Title | None
    data: bytes


def load_case_rules(recipe: Recipe, folder: Path) -> CaseRules:
    """Read the files that the recipe names, the city's own before those that all share."""
    natives = tuple(find_file(name, folder=folder) for name in recipe.taxonomy)
    deadlines = [find_file(name, folder=folder) for name in (recipe.deadlines,) if name]
    calendars = [find_file(name, folder=folder) for name in (recipe.calendar,) if name]
    actions = [find_file(name, folder=folder) for name in (recipe.actions,) if name]
    ladder = find_file(recipe.ladder or LADDER, folder=folder)
    shared = (FOLDER / "levels.toml", FOLDER / "categories.toml")
    paths = (*shared, *natives, *deadlines, *calendars, *actions, ladder)
    title, clauses = load_title(recipe.title, folder=folder) if recipe.title else (None, b"")
    rules = CaseRules(
        taxonomy=load_taxonomy(natives),
        deadlines=load_deadlines(deadlines[0]) if deadlines else {},
        calendar=load_calendar(calendars[0]) if calendars else None,
        actions=load_actions(actions[0]) if actions else {},
        ladder=load_ladder(ladder),
        title=title,
        data=b"".join((*(path.read_bytes() for path in paths), clauses)),
    )
    check_needed(rules.calendar, rules.deadlines)
    return rules
