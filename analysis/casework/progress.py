"""How the work goes: what was unfinished on each day, and what moved since one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.tasks import DONE, UNFINISHED, VERIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.casework.tasks import Task

MOVE_COLUMNS = ("task", "day", "state", "deadline")
DAY_COLUMNS = ("unfinished", "late", "to_verify", "verified")
MOST_DAYS = 60
"""Days that are looked at, so many at most, equally far apart."""


def moves_of(versions: Mapping[str, Sequence[tuple[dt.date, Task]]]) -> pd.DataFrame:
    """
    List every version of every task.

    Parameters
    ----------
    versions
        By task: the day on which each version was saved, and the task in it; first one first.

    Returns
    -------
    moves
        `MOVE_COLUMNS`, the versions of a task in their order; `deadline` as text, empty for none.
    """
    rows = [
        (name, day, task.state, task.deadline)
        for name, told in versions.items()
        for day, task in told
    ]
    return pd.DataFrame(rows, columns=list(MOVE_COLUMNS))


def state_on(moves: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """
    Tell how every task stood at the end of a day.

    Parameters
    ----------
    moves
        From `moves_of`.
    day
        Which.

    Returns
    -------
    state
        `state` and `deadline` by `task`; tasks made later are not in it.
    """
    until = moves[moves["day"] <= day]
    last = until.drop_duplicates("task", keep="last")
    return last.set_index("task")[["state", "deadline"]]


def burn_down(moves: pd.DataFrame, *, until: dt.date) -> pd.DataFrame:
    """
    Count what was unfinished on each day since the first task was made.

    Parameters
    ----------
    moves
        From `moves_of`.
    until
        The last day.

    Returns
    -------
    days
        `DAY_COLUMNS` by day, at most `MOST_DAYS` of them and the last one always: unfinished
        tasks, those of them late by the deadline that they had then, done but not verified, and
        verified ones. Tasks given up are in none.
    """
    if moves.empty:
        return pd.DataFrame(columns=list(DAY_COLUMNS))
    first = moves["day"].min()
    span = max((until - first).days, 0)
    step = max(-(-span // (MOST_DAYS - 1)), 1)
    days = [until - dt.timedelta(days=back) for back in range(0, span + 1, step)][::-1]
    rows = []
    for day in days:
        stood = state_on(moves, day)
        open_ = stood["state"].isin(UNFINISHED)
        late = open_ & (stood["deadline"] != "") & (stood["deadline"] < day.isoformat())
        counts = stood["state"].value_counts()
        rows.append((open_.sum(), late.sum(), counts.get(DONE, 0), counts.get(VERIFIED, 0)))
    index = pd.Index(days, name="day")
    return pd.DataFrame(rows, columns=list(DAY_COLUMNS), index=index).astype("int64")


def moved_since(moves: pd.DataFrame, day: dt.date, *, until: dt.date) -> pd.DataFrame:
    """
    Count the tasks that are in another state than at the end of a day.

    Parameters
    ----------
    moves
        From `moves_of`.
    day, until
        From the end of which day to the end of which.

    Returns
    -------
    moved
        `before`, `after` and `tasks`, most tasks first; `before` is empty for tasks made since.
    """
    before, after = state_on(moves, day)["state"], state_on(moves, until)["state"]
    pairs = pd.DataFrame({"before": before.reindex(after.index).fillna(""), "after": after})
    changed = pairs[pairs["before"] != pairs["after"]]
    counts = changed.value_counts(["before", "after"]).rename("tasks").reset_index()
    return counts.sort_values(["tasks", "before", "after"], ascending=[False, True, True])
