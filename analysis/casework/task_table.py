"""Tasks as a table: what is late, what slips, who has how much, without looking at one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.casework.progress import DAY_S, day_numbers
from analysis.casework.tasks import GIVEN_UP, STATES, UNFINISHED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from analysis.casework.tasks import Task

TASK_COLUMNS = (
    "finding", "state", "unit", "leader", "team", "deadline", "progress", "next_day", "next_step",
    "kind", "subject", "community_id", "community", "parent", "lon", "lat",
)  # fmt: skip
"""
A task in a row: texts, the progress in percent, day and text of the first milestone that is not
reached, and of its finding the facts that tasks are grouped, placed and found again by.
"""
OF_FINDING = TASK_COLUMNS[-7:]
TIMING_COLUMNS = ("unfinished", "late", "slips", "days_left", "next_day", "next_step")
SLIP_COLUMNS = ("made", "moves", "moved_days", "steps_moved", "expected", "behind")
GROUPS = ("unit", "leader", "community", "kind", "deadline")
DUE_WITHIN = (7, 30)
"""Days: ends of the groups of tasks by what is left to their deadline."""
OVERDUE, LATER, NO_DEADLINE, FINISHED = "overdue", "later", "none", "finished"
DUE = (OVERDUE, *(f"within_{days}" for days in DUE_WITHIN), LATER, NO_DEADLINE, FINISHED)
"""Groups of tasks by deadline."""
LOAD_COLUMNS = (
    "tasks", *STATES, "late", "slips", "moved", "moved_days", "behind", "progress",
)  # fmt: skip
BEHIND = 20
"""Percent by which progress may trail the time that has passed before a task is called behind."""


def tabulated(tasks: Mapping[str, Task]) -> pd.DataFrame:
    """
    Write tasks as a table.

    Parameters
    ----------
    tasks
        By record.

    Returns
    -------
    table
        `TASK_COLUMNS` on the records, `task_id`; `lon` and `lat` in degrees, missing where the
        finding has no place.
    """
    rows = []
    for task in tasks.values():
        ahead = next((step for step in task.milestones if not step.reached), None)
        facts = [task.facts.get(name) for name in OF_FINDING]
        texts = ["" if fact is None else str(fact) for fact in facts[:-2]]
        places = [np.nan if fact is None else float(fact) for fact in facts[-2:]]
        own = (task.finding, task.state, task.unit, task.leader, task.team, task.deadline)
        step = ("", "") if ahead is None else (ahead.day, ahead.text)
        rows.append((*own, task.progress, *step, *texts, *places))
    index = pd.Index(list(tasks), name="task_id", dtype="str")
    table = pd.DataFrame(rows, columns=list(TASK_COLUMNS), index=index)
    return table.astype({"progress": "int64", "lon": float, "lat": float})


def timing(table: pd.DataFrame, *, today: dt.date) -> pd.DataFrame:
    """
    Tell which tasks are late, which slip, and what comes next.

    Parameters
    ----------
    table
        From `tabulated`.
    today
        The day that is looked at.

    Returns
    -------
    timing
        `TIMING_COLUMNS` on the index of `table`: `late` if unfinished after its deadline;
        `slips` if not late, and the day of a milestone that is not reached has passed;
        `days_left` to the deadline, negative when late, missing without one or when finished;
        day and text of the first milestone that is not reached, empty when finished.
    """
    unfinished = table["state"].isin(UNFINISHED)
    day = today.isoformat()
    late = unfinished & table["deadline"].ne("") & table["deadline"].lt(day)
    missed = unfinished & table["next_day"].ne("") & table["next_day"].lt(day)
    left = day_numbers(table["deadline"]) - np.datetime64(today, "D").astype(int)
    return pd.DataFrame(
        {
            "unfinished": unfinished,
            "late": late,
            "slips": missed & ~late,
            "days_left": left.where(unfinished),
            "next_day": table["next_day"].where(unfinished, ""),
            "next_step": table["next_step"].where(unfinished, ""),
        },
        columns=list(TIMING_COLUMNS),
    )


def slippage(table: pd.DataFrame, agreed: pd.DataFrame, *, today: dt.date) -> pd.DataFrame:
    """
    Tell how far tasks have slipped from what was first agreed.

    Parameters
    ----------
    table
        From `tabulated`.
    agreed
        From `analysis.casework.progress.agreed`, of these tasks at least.
    today
        The day that is looked at.

    Returns
    -------
    slippage
        `SLIP_COLUMNS` on the index of `table`: the day it was `made`; how many times its
        deadline was moved to a later day, and by how many days it now lies behind the first
        one stated (negative if earlier, 0 without one); milestones that now have a later day
        than at first, told by their text; the progress in percent that would be `expected`
        today if work went evenly from making to deadline, missing without a deadline, when
        finished or where the deadline is not after the making; and whether progress is
        `BEHIND` percent or more below that. Work that comes in one piece at the end looks
        behind until then.
    """
    own = agreed.reindex(table.index)
    due, first = day_numbers(table["deadline"]), day_numbers(own["first_due"])
    start = own["made"].astype("int64") / DAY_S
    passed = np.datetime64(today, "D").astype(int) - start
    expected = (passed / (due - start)).clip(0, 1).where(due > start) * 100
    expected = expected.where(table["state"].isin(UNFINISHED))
    return pd.DataFrame(
        {
            "made": own["made"],
            "moves": own["moves"],
            "moved_days": (due - first).fillna(0).astype("int64"),
            "steps_moved": own["steps_moved"],
            "expected": expected,
            "behind": expected - table["progress"] >= BEHIND,
        },
        columns=list(SLIP_COLUMNS),
    )


def what_slips(times: pd.DataFrame, slips: pd.DataFrame) -> pd.Series[bool]:
    """
    Tell which unfinished tasks slip in any way.

    Parameters
    ----------
    times, slips
        From `timing` and `slippage`, of the same tasks.

    Returns
    -------
    slipping
        On their index: late, a milestone missed or moved, the deadline moved, or behind.
    """
    moved = (slips["moved_days"] > 0) | (slips["steps_moved"] > 0)
    return times["unfinished"] & (times["late"] | times["slips"] | moved | slips["behind"])


def due_group(table: pd.DataFrame, times: pd.DataFrame) -> pd.Series:
    """
    Group tasks by what is left to their deadline.

    Parameters
    ----------
    table, times
        From `tabulated` and `timing`.

    Returns
    -------
    group
        One of `DUE` each, on the same index.
    """
    left = times["days_left"]
    ends = [left < 0, *(left <= days for days in DUE_WITHIN), left.notna()]
    names = np.select(ends, DUE[: len(ends)], NO_DEADLINE)
    groups = np.where(times["unfinished"], names, FINISHED)
    return pd.Series(groups, index=table.index, dtype=object)


def load_by(
    table: pd.DataFrame, group: str, *, times: pd.DataFrame, slips: pd.DataFrame
) -> pd.DataFrame:
    """
    Count the tasks of every unit, leader, community, kind of finding, or deadline.

    Parameters
    ----------
    table
        From `tabulated`.
    group
        One of `GROUPS`.
    times, slips
        From `timing` and `slippage`, of the same tasks.

    Returns
    -------
    load
        `LOAD_COLUMNS` by group, those with most late tasks first, then most unfinished (by
        deadline: as in `DUE`): tasks by state, late and slipping ones, unfinished ones whose
        deadline was moved later and by how many days together, those behind, and the mean
        progress in percent of those not given up, missing where all are. Tasks without a unit
        or the like stand under an empty name.
    """
    by_due = group == "deadline"
    keys = (due_group(table, times) if by_due else table[group]).astype(object)
    moved = times["unfinished"] & (slips["moved_days"] > 0)
    facts = pd.DataFrame(
        {
            "tasks": 1,
            **{state: table["state"].eq(state).astype("int64") for state in STATES},
            "late": times["late"].astype("int64"),
            "slips": times["slips"].astype("int64"),
            "moved": moved.astype("int64"),
            "moved_days": slips["moved_days"].where(moved, 0),
            "behind": (times["unfinished"] & slips["behind"]).astype("int64"),
        },
        index=table.index,
    )
    kept = table["progress"].astype(float).where(table["state"].ne(GIVEN_UP))
    load = facts.groupby(keys.rename(group)).sum()
    load["progress"] = kept.groupby(keys).mean()
    if by_due:
        return load.reindex([each for each in DUE if each in load.index])[list(LOAD_COLUMNS)]
    load["unfinished"] = load[list(UNFINISHED)].sum(axis=1)
    order = load.sort_values(["late", "unfinished"], ascending=False, kind="stable")
    return order[list(LOAD_COLUMNS)]
