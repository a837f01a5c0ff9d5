"""What a city's recipe says of categories, deadlines, working time and measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.knowledge.ladder import load_ladder
from layers.knowledge.monitoring import load_monitoring_rules
from layers.knowledge.standards import load_standards
from layers.knowledge.survey import load_survey_rules
from layers.knowledge.taxonomy import (
    FOLDER,
    check_needed,
    find_file,
    load_actions,
    load_calendar,
    load_deadlines,
    load_taxonomy,
)
from layers.knowledge.titles import check_rules, load_title

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analysis.issues.working_time import Calendar, Deadline
    from analysis.model.ladder import Ladder
    from analysis.model.monitoring import MonitoringRules
    from analysis.model.survey import SurveyRules
    from analysis.model.taxonomy import Action, Taxonomy
    from analysis.model.title import Title
    from layers.recipe.schema import Recipe

LADDER, SURVEY, MONITORING = "ladder", "survey", "monitoring"
"""Files of the levels of warning and of what surveys and readings are judged by, by default."""


@dataclass(frozen=True)
class CaseRules:
    """
    Rules for the cases of one city.

    Attributes
    ----------
    taxonomy, deadlines, calendar, actions
        As far as the recipe names them.
    ladder, survey_rules, monitoring_rules
        Those it names, else those of all cities.
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
    survey_rules: SurveyRules
    monitoring_rules: MonitoringRules
    data: bytes


@dataclass(frozen=True)
class CaseFiles:
    """
    Files of the rules for the cases of one city, the city's own before those that all share.

    Attributes
    ----------
    natives, deadlines, calendars, actions
        Those that the recipe names: any number, and one of the others at most.
    ladder, survey, monitoring
        Those it names, else those of all cities.
    """

    natives: tuple[Path, ...]
    deadlines: tuple[Path, ...]
    calendars: tuple[Path, ...]
    actions: tuple[Path, ...]
    ladder: Path
    survey: Path
    monitoring: Path

    def paths(self) -> tuple[Path, ...]:
        """List them, after those of every city."""
        shared = (FOLDER / "levels.toml", FOLDER / "categories.toml")
        named = (*self.natives, *self.deadlines, *self.calendars, *self.actions)
        return (*shared, *named, self.ladder, self.survey, self.monitoring)


def find_case_files(recipe: Recipe, folder: Path) -> CaseFiles:
    """Find the files that the recipe names."""

    def found(*names: str) -> tuple[Path, ...]:
        return tuple(find_file(name, folder=folder) for name in names if name)

    return CaseFiles(
        natives=found(*recipe.taxonomy),
        deadlines=found(recipe.deadlines),
        calendars=found(recipe.calendar),
        actions=found(recipe.actions),
        ladder=find_file(recipe.ladder or LADDER, folder=folder),
        survey=find_file(recipe.survey or SURVEY, folder=folder),
        monitoring=find_file(recipe.monitoring or MONITORING, folder=folder),
    )


def load_case_rules(recipe: Recipe, folder: Path) -> CaseRules:
    """Read the files that the recipe names."""
    files = find_case_files(recipe, folder)
    title, clauses = load_title(recipe.title, folder=folder) if recipe.title else (None, b"")
    if title is not None:
        check_rules(title.standard, load_standards(city=folder))
    rules = CaseRules(
        taxonomy=load_taxonomy(files.natives),
        deadlines=load_deadlines(files.deadlines[0]) if files.deadlines else {},
        calendar=load_calendar(files.calendars[0]) if files.calendars else None,
        actions=load_actions(files.actions[0]) if files.actions else {},
        ladder=load_ladder(files.ladder),
        survey_rules=load_survey_rules(files.survey),
        monitoring_rules=load_monitoring_rules(files.monitoring),
        title=title,
        data=b"".join((*(path.read_bytes() for path in files.paths()), clauses)),
    )
    check_needed(rules.calendar, rules.deadlines)
    return rules
