"""The board of a city's tasks: a table of all, read once and then only what was saved since."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analysis.casework.campaign import of_campaign
from analysis.casework.identity import compare_findings
from analysis.casework.progress import agreed, burn_down, move_table, moved_since, renewed
from analysis.casework.task_table import slippage, tabulated, timing, what_slips
from analysis.casework.tasks import CAME_BACK, RELAPSED, Milestone, proposal_of, reviewed
from exports.recipes.casework.findings import find
from exports.recipes.casework.tasks import (
    KIND,
    Kept,
    kept,
    placed_today,
    recognised,
    save_task,
    usual_question,
)
from store.versioned import ConflictError, some_records, versions_since

if TYPE_CHECKING:
    from exports.recipes.casework.sites import ProposedSite
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from store.database import Store
    from store.versioned import Record


WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, eq=False)
class Board:
    """
    All tasks of a city.

    Attributes
    ----------
    position
        Of the log, up to which everything is in it.
    tasks
        `analysis.casework.task_table.TASK_COLUMNS` on the records, by the names of their findings.
    moves
        Every version of every task, as `analysis.casework.progress.move_table`.
    agreed
        What was first agreed of every task, as `analysis.casework.progress.agreed`.
    """

    position: int
    tasks: pd.DataFrame
    moves: pd.DataFrame
    agreed: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Shown:
    """
    What one reader sees of a board, and how it goes: read once, until something is saved.

    Attributes
    ----------
    every
        The tasks whose rows he sees, held to the assessment.
    tasks, times, slips
        Those of them that are asked for, with timing and slippage.
    week, days
        What moved of these in a week, and what was unfinished on each day.
    """

    every: pd.DataFrame
    tasks: pd.DataFrame
    times: pd.DataFrame
    slips: pd.DataFrame
    week: pd.DataFrame
    days: pd.DataFrame


EMPTY = Board(0, tabulated({}), move_table([]), agreed([]))


def read_board(store: Store, city: City, earlier: Board = EMPTY) -> Board:
    """Read all tasks, or what was saved since an earlier reading."""
    zone = ZoneInfo(city.time_zone)
    latest: dict[str, Record] = {}

    def pick(record: Record) -> tuple[str, dt.date, str, str, tuple[Milestone, ...]]:
        latest[record.id], body = record, record.body
        day = dt.datetime.fromisoformat(record.at).astimezone(zone).date()
        steps = tuple(Milestone(**each) for each in body["milestones"])
        return record.id, day, body["state"], body["deadline"], steps

    position, moves = versions_since(store, earlier.position, kind=KIND, place=city.id, pick=pick)
    if not moves:
        return replace(earlier, position=position)
    newer = tabulated({name: kept(record).task for name, record in latest.items()})
    tasks = _replaced(earlier.tasks, newer).sort_values("finding", kind="stable")
    first = _replaced(earlier.agreed, agreed(moves))
    return Board(position, tasks, renewed(earlier.moves, move_table(moves)), first)


def _replaced(table: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """Put rows in the place of those of the same name."""
    others = table[~table.index.isin(newer.index)]
    return pd.concat([others, newer]) if len(others) else newer


def finding_statuses(
    answers: IssueAnswers, tasks: pd.DataFrame, sites: tuple[ProposedSite, ...] = ()
) -> pd.Series[str]:
    """Tell of every task's finding whether it stands, is gone or cannot be judged."""
    earlier = placed_today(tasks, answers.city).set_index("finding").rename_axis("finding_id")
    found = recognised(find(answers, usual_question(answers.city), sites), earlier)
    statuses: pd.Series[str] = compare_findings(found, earlier)["status"]
    return statuses


def held(tasks: pd.DataFrame, statuses: pd.Series[str]) -> pd.DataFrame:
    """
    Put beside every task what today's assessment says of it.

    `tasks` gets the columns `status` of its finding and `proposal`, one of
    `analysis.casework.tasks.PROPOSALS` or empty; one that relapsed is shown so.
    """
    status = statuses.reindex(tasks["finding"]).to_numpy(dtype=object)
    states, state_names = pd.factorize(tasks["state"])
    codes, names = pd.factorize(status)
    said = [[proposal_of(state, name) for name in names] for state in state_names]
    proposal = np.array(said, dtype=object).reshape(len(state_names), len(names))[states, codes]
    back = proposal == CAME_BACK
    return tasks.assign(
        state=tasks["state"].mask(back, RELAPSED),
        progress=tasks["progress"].mask(back, 0),
        status=status,
        proposal=proposal,
    )


def opened_tasks(store: Store, tasks: pd.DataFrame) -> list[Kept]:
    """Read some tasks of a held table whole, in its order."""
    entries = []
    for record in some_records(store, tasks.index.tolist()):
        entry = kept(record)
        task, proposal = reviewed(entry.task, tasks["status"][record.id])
        entries.append(replace(entry, task=task, proposal=proposal))
    return entries


def keep_relapses(store: Store, tasks: pd.DataFrame) -> int:
    """Save what relapsed by itself, and count it; who saved such a task meanwhile goes first."""
    saved = 0
    for entry in opened_tasks(store, tasks[tasks["proposal"] == CAME_BACK]):
        if entry.task.state != entry.record.body["state"]:
            with suppress(ConflictError):
                save_task(store, entry, entry.task)
                saved += 1
    return saved


def chosen_tasks(
    tasks: pd.DataFrame,
    times: pd.DataFrame,
    city: City,
    *,
    stage: str,
    unit: str,
    leader: str,
    campaign: str = "",
) -> pd.Series[bool]:
    """
    Tell which tasks are asked for; empty text asks for all.

    `stage` is a state, `late`, `slips` (in any way), or `proposed`; `campaign` one of the city.
    """
    stages = {
        "late": times["late"],
        "slips": times["slipping"],
        "proposed": tasks["proposal"].ne(""),
    }
    chosen = stages.get(stage, tasks["state"].eq(stage)) if stage else times["late"].notna()
    for column, name in (("unit", unit), ("leader", leader)):
        if name:
            chosen &= tasks[column].eq(name)
    if campaign:
        chosen &= of_campaign(placed_today(tasks, city), city.campaigns[campaign])
    return chosen


def timed(
    board: Board, tasks: pd.DataFrame, *, today: dt.date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give timing, with whether a task is `slipping` in any way, and slippage of every task."""
    times = timing(tasks, today=today)
    slips = slippage(tasks, board.agreed, today=today)
    return times.assign(slipping=what_slips(times, slips)), slips


def shown_tasks(
    board: Board, every: pd.DataFrame, city: City, *, today: dt.date, **parts: str
) -> Shown:
    """Tell of the held tasks of a board that a reader sees, and asks for, how they go."""
    times, slips = timed(board, every, today=today)
    asked = chosen_tasks(every, times, city, **parts)
    tasks, chosen, slips = (each if asked.all() else each[asked] for each in (every, times, slips))
    moves = board.moves
    if len(tasks) < len(board.tasks):
        moves = moves[moves["task"].isin(tasks.index)]
    week = moved_since(moves, today - WEEK, until=today)
    return Shown(every, tasks, chosen, slips, week, burn_down(moves, until=today))


def opened_task(store: Store, tasks: pd.DataFrame, identifier: str) -> Kept | None:
    """Read the task of a record whole, if there is one."""
    return next(iter(opened_tasks(store, tasks[tasks.index == identifier])), None)
