"""Tasks by command: listed, made of findings by a filter, lists out and read back."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from analysis.casework.findings import FINDING_KINDS
from analysis.casework.tasks import STATES, Task, checked
from analysis.issues.moments import in_zone
from analysis.issues.working_time import Deadline, due_times
from analysis.model.errors import SettingsError
from exports.formats.csv import csv_bytes
from exports.provenance import RECORD, with_record
from exports.recipes.casework.findings import find, seen_findings
from exports.recipes.casework.sites import proposed_sites
from exports.recipes.casework.task_board import (
    chosen_tasks,
    finding_statuses,
    held,
    opened_tasks,
    read_board,
    timed,
)
from exports.recipes.casework.task_lists import (
    change_table,
    lists_workbook,
    read_lists,
    study_lists,
    take_lists,
)
from exports.recipes.casework.tasks import make_tasks, named_as_tasks, usual_question
from exports.recipes.report import check_communities
from layers.campaigns import find_campaign
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.taxonomy import category_names
from layers.toml_entry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from analysis.casework.returned import Row
    from exports.recipes.casework.findings import Rows
    from exports.recipes.casework.sites import ProposedSite
    from exports.recipes.casework.task_lists import Returned
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from store.database import Store
    from wording.speaker import Speaker

COMMAND = "tasks"
WORKBOOK = "task_lists.xlsx"
TASK_FILES = ("tasks.csv", WORKBOOK, RECORD)
"""Beside them one workbook for each leader or unit, where that is asked for."""
MOST_DAYS = 3_650
"""Working days from today that a deadline may lie ahead."""
STAGES = (*STATES, "late", "slips", "proposed")
_UNSAFE = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Asked:
    """
    Which tasks are asked for; empty text asks for all.

    Attributes
    ----------
    stage, unit, leader, campaign
        As in `exports.recipes.casework.task_board.chosen_tasks`.
    """

    stage: str = ""
    unit: str = ""
    leader: str = ""
    campaign: str = ""


def today_in(city: City) -> dt.date:
    """Give the day it is where the city is."""
    return dt.datetime.now(ZoneInfo(city.time_zone)).date()


def deadline_after(city: City, days: int, *, today: dt.date) -> str:
    """Give the day so many working days from today end, by the city's calendar."""
    if not 0 < days <= MOST_DAYS:
        msg = f"--within: {days} is not from 1 to {MOST_DAYS}."
        hint = "State a number of working days."
        raise SettingsError(
            msg, problem="task_within", hint=hint, found=days, allowed=f"1–{MOST_DAYS}"
        )
    start = pd.Series([in_zone(today, city.time_zone)])
    due = due_times(start, Deadline(days, "working_day"), city.calendar).iloc[0]
    if pd.isna(due):
        msg = (
            f"--within: no working calendar of {city.id} reaches {days} working days from {today}."
        )
        hint = "Name a calendar in city.toml, renew its years, or state a day as the deadline."
        raise SettingsError(
            msg, problem="task_calendar", hint=hint, city=city.id, found=days, day=str(today)
        )
    return f"{due:%Y-%m-%d}"


def chosen_findings(
    answers: IssueAnswers,
    sites: tuple[ProposedSite, ...] = (),
    *,
    kinds: Sequence[str],
    communities: Sequence[str],
    unit: str,
    seen: Rows,
) -> pd.DataFrame:
    """Give the findings that tasks are to be made of; without a filter there are all."""
    city = answers.city
    for each in kinds:
        if each not in FINDING_KINDS:
            raise unknown(
                each, FINDING_KINDS, entry="--kind", what="kind", problem="finding_unknown"
            )
    check_communities(communities, city)
    table = seen_findings(find(answers, usual_question(city), sites).table, seen)
    chosen = table["kind"].isin(kinds or FINDING_KINDS)
    if communities:
        chosen &= table["community_id"].isin(communities)
    if unit:
        chosen &= table["unit"].eq(unit)
    return table[chosen]


def check_action(action: str, *, file: Path | None, out: Path | None) -> None:
    """Refuse a command without the file or folder that it needs, or with one it has no use for."""
    wanted = {"read": "FILE", "lists": "--out"}.get(action, "")
    given = [name for name, value in (("FILE", file), ("--out", out)) if value is not None]
    if given != [wanted] * bool(wanted):
        told = " ".join(given) or "-"
        msg = f"tasks {action}: needs {wanted or 'no FILE and no --out'}; given: {told}."
        hint = "read FILE reads a workbook back; lists --out DIR writes the lists."
        raise SettingsError(
            msg, problem="task_action", hint=hint, action=action, wanted=wanted or "-", found=told
        )


def duty_of(  # noqa: PLR0917 - as the command
    city: City, unit: str, leader: str, team: str, deadline: dt.datetime | None, within: int
) -> Task:
    """Say who is to do tasks and until when: a day, or so many working days from today."""
    day = f"{deadline:%Y-%m-%d}" if deadline else ""
    if within and not day:
        day = deadline_after(city, within, today=today_in(city))
    return checked(Task("", unit=unit, leader=leader, team=team, deadline=day))


def made_sentence(
    store: Store,
    answers: IssueAnswers,
    chosen: tuple[Sequence[str], Sequence[str], str],
    duty: Task,
    translate: Speaker,
    *,
    by: str,
    seen: Rows,
) -> str:
    """Make tasks of the findings of some kinds, communities and a unit, and say how many."""
    kinds, communities, unit = chosen
    sites = proposed_sites(store, answers.city)
    found = chosen_findings(
        answers, sites, kinds=kinds, communities=communities, unit=unit, seen=seen
    )
    named = named_as_tasks(store, answers.city, found)
    made = make_tasks(store, answers.city, named, duty, by=by)
    already = translate.count(len(found) - len(made))
    return translate("task.made", n=translate.count(len(made)), already=already)


def task_table(
    store: Store,
    answers: IssueAnswers,
    asked: Asked,
    *,
    seen: Rows,
    day: dt.date | None = None,
) -> pd.DataFrame:
    """
    List the tasks asked for, with timing and slippage, as the data dictionary has them.

    What is late is late on `day`; by default today.
    """
    if asked.stage and asked.stage not in STAGES:
        raise unknown(
            asked.stage, STAGES, entry="--state", what="state", problem="task_stage_unknown"
        )
    asked = replace(asked, campaign=_campaign(asked, answers.city))
    today, board = day or today_in(answers.city), read_board(store, answers.city)
    sites = proposed_sites(store, answers.city)
    tasks = seen(held(board.tasks, finding_statuses(answers, board.tasks, sites)))
    times, slips = timed(board, tasks, today=today)
    chosen = chosen_tasks(tasks, times, answers.city, **asdict(asked))
    whole = tasks.join(times[["late", "slipping", "days_left"]]).join(
        slips[["made", "moves", "moved_days", "steps_moved", "behind"]]
    )
    return whole[chosen].reset_index().rename(columns={"finding": "finding_id"})


def _campaign(asked: Asked, city: City) -> str:
    """Give the identifier of the campaign that is asked for by any of its names."""
    if not asked.campaign:
        return ""
    return find_campaign(city.campaigns, asked.campaign, entry="--campaign").id


def list_files(
    store: Store,
    answers: IssueAnswers,
    asked: Asked,
    translate: Speaker,
    *,
    each: str,
    seen: Rows,
    created: dt.datetime | None = None,
) -> dict[str, bytes]:
    """Write the table and the three lists, and a workbook for `each` `leader` or `unit`."""
    table, today = task_table(store, answers, asked, seen=seen), today_in(answers.city)
    categories, campaign = category_names(), _campaign(asked, answers.city)
    columns = load_dictionary().tables["tasks"].columns

    def workbook(rows: pd.DataFrame) -> bytes:
        entries = opened_tasks(store, rows.set_index("task_id"))
        return lists_workbook(
            entries, answers, translate, categories=categories, day=today, campaign=campaign
        )

    files = {"tasks.csv": csv_bytes(table, columns), WORKBOOK: workbook(table)}
    if each:
        for number, (name, rows) in enumerate(table.groupby(each), start=1):
            safe = _UNSAFE.sub("_", str(name) or translate("task.nobody"))[:40]
            files[f"task_lists-{number:02d}-{safe}.xlsx"] = workbook(rows)
    parameters = {**asdict(asked), "campaign": campaign, "each": each, "day": today.isoformat()}
    return with_record(
        files,
        answers.city,
        command=COMMAND,
        parameters=parameters,
        created=created or dt.datetime.now(dt.UTC),
    )


@dataclass(frozen=True)
class Taking:
    """What is done with a workbook that came back: saved, over conflicts too, and by whom."""

    seen: Rows
    take: bool = False
    over_conflicts: bool = False
    by: str = ""


def read_sentences(
    store: Store, city: City, file: Path | None, translate: Speaker, taking: Taking
) -> list[str]:
    """Say every change of a workbook that came back and every row set aside; save if told to."""
    if file is None:
        return []
    rows = read_lists(file, translate.words, entry="FILE")
    own = taking.seen(read_board(store, city).tasks).index
    returned = study_lists(store, city, rows, translate.words, own=own)
    conflicts = sum(each.is_conflict for each in returned.changes)
    n, clashes = translate.count(len(returned.changes)), translate.count(conflicts)
    counted = translate("task.list_changes", n=n, conflicts=clashes)
    said = [counted if returned.changes else translate("task.list_nothing")]
    said += [
        translate("task.list_line", **dict(zip(_PARTS, row, strict=True)))
        for row in change_table(returned.changes, translate).itertuples(index=False, name=None)
    ]
    for each in returned.aside:
        why = translate(f"task.aside_{each.reason}", found=each.found)
        said.append(_refused(each.row, why, translate))
    if taking.take:
        said += _take(store, returned, translate, taking)
    return said


_PARTS = ("list", "row", "part", "before", "now", "wanted", "mark")
"""Columns of `exports.recipes.casework.task_lists.change_table`."""


def _take(store: Store, returned: Returned, translate: Speaker, taking: Taking) -> Iterator[str]:
    """Save what came back; say what was saved, and what was refused with its reason."""
    saved, refused = take_lists(store, returned, over_conflicts=taking.over_conflicts, by=taking.by)
    # a task that is refused for one of its cells is told once for each of its rows
    yield from dict.fromkeys(
        _refused(change.row, translate.error(why), translate) for change, why in refused
    )
    yield translate("task.list_taken", n=translate.count(len(saved)))


def _refused(row: Row, why: str, translate: Speaker) -> str:
    name = translate(f"task.list_{row.name}")
    return translate("task.list_aside_line", list=name, row=row.number, why=why)
