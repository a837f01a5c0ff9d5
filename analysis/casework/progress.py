"""How the work goes: what was unfinished on each day, and what moved since one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.casework.tasks import DONE, STATES, UNFINISHED, VERIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.casework.tasks import Milestone

    Move = tuple[str, dt.date, str, str, tuple[Milestone, ...]]

MOVE_COLUMNS = ("task", "day", "state", "deadline", "milestones")
DAY_COLUMNS = ("unfinished", "late", "to_verify", "verified")
MOST_DAYS = 60
"""Days that are looked at, so many at most, equally far apart."""
_NEVER = np.iinfo(np.int64).max


def move_table(moves: Sequence[Move]) -> pd.DataFrame:
    """
    List every version of every task.

    Parameters
    ----------
    moves
        Record, day on which the version was saved, and state, deadline and milestones in it;
        the versions of a task in their order.

    Returns
    -------
    moves
        `MOVE_COLUMNS` in that order: `task` and `state` as categories, `deadline` as text, empty
        for none, `day` as `datetime64[s]`.
    """
    table = pd.DataFrame(list(moves), columns=list(MOVE_COLUMNS))
    table["task"] = pd.Categorical(table["task"].astype(object))
    table["day"] = pd.to_datetime(table["day"]).astype("datetime64[s]")
    table["state"] = pd.Categorical(table["state"], categories=list(STATES))
    return table


def renewed(moves: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """
    Put newer versions of some tasks in the place of the older ones.

    Parameters
    ----------
    moves, newer
        From `move_table`; `newer` has every version of each task that is in it.

    Returns
    -------
    moves
        As from `move_table` of all.
    """
    if moves.empty:
        return newer
    names = moves["task"].cat.categories.union(newer["task"].cat.categories, sort=False)
    parts = [moves[~moves["task"].isin(newer["task"].cat.categories)], newer]
    same = [each.assign(task=each["task"].cat.set_categories(names)) for each in parts]
    return pd.concat(same, ignore_index=True)


def state_on(moves: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """
    Tell how every task stood at the end of a day.

    Parameters
    ----------
    moves
        From `move_table`.
    day
        Which.

    Returns
    -------
    state
        `state` and `deadline` by `task`; tasks made later are not in it.
    """
    until = moves[moves["day"] <= pd.Timestamp(day)]
    last = until.drop_duplicates("task", keep="last")
    return last.set_index("task")[["state", "deadline"]]


def burn_down(moves: pd.DataFrame, *, until: dt.date) -> pd.DataFrame:
    """
    Count what was unfinished on each day since the first task was made.

    Parameters
    ----------
    moves
        From `move_table`.
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
    start = _numbers(moves["day"])
    # A version holds from its day until the day of the next one of the same task.
    task = moves["task"].cat.codes.to_numpy()
    order = np.argsort(task, kind="stable")
    last = np.append(task[order][1:] != task[order][:-1], True)
    end = np.empty_like(start)
    end[order] = np.where(last, _NEVER, np.append(start[order][1:], _NEVER))
    final = int(np.datetime64(until, "D").astype(int))
    span = max(final - int(start.min()), 0)
    step = max(-(-span // (MOST_DAYS - 1)), 1)
    days = np.arange(final - span // step * step, final + 1, step)
    unfinished = moves["state"].isin(UNFINISHED).to_numpy()
    due = unfinished & moves["deadline"].ne("").to_numpy()
    late_from = np.maximum(start[due], _numbers(moves["deadline"][due]) + 1)
    counts = {
        "unfinished": _held(start[unfinished], end[unfinished], days),
        "late": _held(late_from, np.maximum(end[due], late_from), days),
        **{
            name: _held(start[chosen], end[chosen], days)
            for name, state in (("to_verify", DONE), ("verified", VERIFIED))
            for chosen in [moves["state"].eq(state).to_numpy()]
        },
    }
    index = pd.Index([dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in days])
    return pd.DataFrame(counts, index=index.rename("day")).astype("int64")


def _numbers(days: pd.Series) -> NDArray[np.int64]:
    """Days since 1970."""
    numbers: NDArray[np.int64] = pd.to_datetime(days).to_numpy("datetime64[D]").astype("int64")
    return numbers


def _held(
    start: NDArray[np.int64], end: NDArray[np.int64], days: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count spells from start to before end that hold each day."""
    begun = np.searchsorted(np.sort(start), days, side="right")
    ended = np.searchsorted(np.sort(end), days, side="right")
    held: NDArray[np.int64] = begun - ended
    return held


def moved_since(moves: pd.DataFrame, day: dt.date, *, until: dt.date) -> pd.DataFrame:
    """
    Count the tasks that are in another state than at the end of a day.

    Parameters
    ----------
    moves
        From `move_table`.
    day, until
        From the end of which day to the end of which.

    Returns
    -------
    moved
        `before`, `after` and `tasks`, most tasks first; `before` is empty for tasks made since.
    """
    before, after = (state_on(moves, each)["state"].astype(object) for each in (day, until))
    pairs = pd.DataFrame({"before": before.reindex(after.index).fillna(""), "after": after})
    changed = pairs[pairs["before"] != pairs["after"]]
    counts = changed.value_counts(["before", "after"]).rename("tasks").reset_index()
    return counts.sort_values(["tasks", "before", "after"], ascending=[False, True, True])
