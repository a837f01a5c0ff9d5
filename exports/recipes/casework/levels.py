"""Coverage, cases and tasks added up on every level above communities, and their files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.by_area import load_by_area
from analysis.model.errors import SettingsError
from analysis.model.levels import areas_at, in_order, levels_of
from exports.provenance import RECORD, with_record
from exports.recipes.casework.sites import proposed_sites
from exports.recipes.casework.task_board import (
    chosen_tasks,
    finding_statuses,
    held,
    read_board,
    timed,
)
from exports.recipes.casework.task_commands import today_in
from exports.recipes.coverage import asked, assessed
from exports.recipes.hotspots import csv_files
from store.address import is_named
from store.database import opened

if TYPE_CHECKING:
    from analysis.model.question import Question
    from exports.recipes.casework.findings import Rows
    from exports.recipes.casework.task_board import Board
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from store.database import Store
    from wording.speaker import Speaker

COMMAND = "levels"
MEMBERS, CASES, TASKS = "level_members", "level_cases", "level_tasks"
LEVEL_FILES = (f"{MEMBERS}.csv", "summary.csv", f"{CASES}.csv", f"{TASKS}.csv", RECORD)
"""Without facilities, issues or a store their file is left out."""


def levels_in(city: City) -> tuple[str, ...]:
    """Give the levels of a city; refuse one without any."""
    levels = levels_of(city.communities)
    if not levels:
        msg = f"{city.id}: no community names an area above it."
        hint = "Fill `parent` (and `parent_2` …) of the layer of communities in city.toml."
        raise SettingsError(msg, problem="no_levels", hint=hint, city=city.id)
    return levels


def task_load(
    board: Board, tasks: pd.DataFrame, city: City, *, today: dt.date, campaign: str = ""
) -> pd.DataFrame:
    """Count the held tasks of a board that somebody sees, of a campaign or all, on every level."""
    times, slips = timed(board, tasks, today=today)
    chosen = chosen_tasks(tasks, times, city, stage="", unit="", leader="", campaign=campaign)
    return load_by_area(tasks[chosen], city.communities, times=times[chosen], slips=slips[chosen])


def kept_load(answers: IssueAnswers, question: Question, *, seen: Rows) -> pd.DataFrame | None:
    """Count the tasks of the store on every level; none where no store is named."""
    if not is_named():
        return None
    with opened() as store:
        return stored_load(store, answers, question.selection.campaign, seen=seen)


def stored_load(
    store: Store, answers: IssueAnswers, campaign: str, *, seen: Rows, day: dt.date | None = None
) -> pd.DataFrame:
    """Count the tasks of a store on every level; what is late is late on `day`, else today."""
    city = answers.city
    board, sites = read_board(store, city), proposed_sites(store, city)
    tasks = seen(held(board.tasks, finding_statuses(answers, board.tasks, sites)))
    return task_load(board, tasks, city, today=day or today_in(city), campaign=campaign)


def level_members(city: City) -> pd.DataFrame:
    """List of every community the area that it adds to, on each level."""
    communities = city.communities
    parts = [
        pd.DataFrame(
            {
                "level": level,
                "name": areas_at(communities, level).to_numpy(),
                "community_id": communities.index,
                "community": communities["name"].to_numpy(),
            }
        )
        for level in levels_in(city)
    ]
    return pd.concat(parts, ignore_index=True)


def area_names(city: City, level: str, *tables: pd.DataFrame) -> list[str]:
    """List what one level is added up for: the city (without a name), areas, what is in none."""
    told = (name for each in tables for name in each.loc[each["level"] == level, "name"])
    return ["", *in_order([*areas_at(city.communities, level), *told])]


def level_files(
    answers: IssueAnswers,
    question: Question,
    tasks: pd.DataFrame | None,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Make the tables of every level: members, coverage, cases, and tasks where there are any."""
    city, selection = answers.city, question.selection
    tables = {MEMBERS: level_members(city)}
    parameters: dict[str, object] = {"language": translate.language}
    assessment = assessed(answers, question) if city.kinds else None
    if assessment is not None:
        tables["summary"] = assessment.summary
        parameters |= asked(answers, question, assessment)
    if city.issues is not None:
        tables[CASES] = answers.by_area(question)
        parameters |= {
            "category": selection.category,
            "since": str(selection.since or ""),
            "until": str(selection.until or ""),
            "campaign": selection.campaign or None,
        }
    if tasks is not None:
        tables[TASKS] = tasks
    return with_record(
        csv_files(tables),
        city,
        command=COMMAND,
        parameters=parameters,
        created=created or dt.datetime.now(dt.UTC),
        standard=None if assessment is None else assessment.standard,
    )
