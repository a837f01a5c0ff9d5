"""How the work goes: what was unfinished on each day, and what moved since one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.casework.tasks import DONE, STATES, UNFINISHED, VERIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.casework.tasks import Milestone

    Move = tuple[str, dt.date, str, str, tuple[Milestone, ...]]

MOVE_COLUMNS = ("task", "day", "state", "deadline")
AGREED_COLUMNS = ("made", "first_due", "moves", "steps_moved")
DAY_COLUMNS = ("unfinished", "late", "to_verify", "verified")
MOST_DAYS = 60
"""Days that are looked at, so many at most, equally far apart."""
DAY_S = 86_400
_NEVER = np.iinfo(np.int64).max


def move_table(moves: Sequence[Move]) -> pd.DataFrame:
    """
    List every version of every task.

    Parameters
    ----------
    moves
        Record, day on which the version was saved, and state, deadline and milestones in it,
        which are for `agreed` alone; the versions of a task in their order.

    Returns
    -------
    moves
        `MOVE_COLUMNS` in that order, texts as categories: `deadline` is empty for none, `day`
        is `datetime64[s]`.
    """
    table = pd.DataFrame([move[:4] for move in moves], columns=list(MOVE_COLUMNS))
    table["task"] = pd.Categorical(table["task"].astype(object))
    table["day"] = pd.to_datetime(table["day"]).astype("datetime64[s]")
    table["state"] = pd.Categorical(table["state"], categories=list(STATES))
    table["deadline"] = pd.Categorical(table["deadline"].astype(object))
    return table


def agreed(moves: Sequence[Move]) -> pd.DataFrame:
    """
    Tell what was first agreed of every task, and how often it was put off.

    Parameters
    ----------
    moves
        As in `move_table`.

    Returns
    -------
    agreed
        `AGREED_COLUMNS` by task: the day it was made; the first deadline stated, as text, empty
        for none; how many times the deadline was moved to a later day; and milestones that
        now have a later day than at first, told by their text.
    """
    rows: dict[str, list[Any]] = {}
    steps: dict[str, dict[str, str]] = {}
    before: dict[str, str] = {}
    for name, day, _, deadline, milestones in moves:
        row = rows.setdefault(name, [day, "", 0, 0])
        if deadline:
            row[1] = row[1] or deadline
            row[2] += before.get(name, deadline) < deadline
            before[name] = deadline
        first = steps.setdefault(name, {})
        for step in milestones:
            first.setdefault(step.text, step.day)
        row[3] = sum(step.day > first[step.text] for step in milestones)
    index = pd.Index(list(rows), name="task_id", dtype="str")
    table = pd.DataFrame(list(rows.values()), columns=list(AGREED_COLUMNS), index=index)
    table["made"] = pd.to_datetime(table["made"]).astype("datetime64[s]")
    return table.astype({"first_due": object, "moves": "int64", "steps_moved": "int64"})


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
    parts = [moves[~moves["task"].isin(newer["task"].cat.categories)], newer]
    for column in ("task", "deadline"):
        first, second = (each[column].cat.categories for each in parts)
        if not second.isin(first).all():
            first = first.union(second, sort=False)
        parts = [each.assign(**{column: each[column].cat.set_categories(first)}) for each in parts]
    return pd.concat(parts, ignore_index=True)


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
    ends = day_numbers(moves["deadline"][due]).to_numpy("int64")
    late_from = np.maximum(start[due], ends + 1)
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


def day_numbers(texts: pd.Series[str]) -> pd.Series[float]:
    """
    Count the days since 1970.

    Parameters
    ----------
    texts
        Days as `YYYY-MM-DD`; there are far fewer than rows, and each is read once.

    Returns
    -------
    days
        On the same index; missing where the text is empty.
    """
    codes, days = pd.factorize(texts.astype("category"))
    known = pd.to_datetime(pd.Series(np.asarray(days, dtype=object)).replace("", None))
    numbers = known.astype("datetime64[s]").astype("int64") / DAY_S
    return pd.Series(numbers.where(known.notna()).to_numpy()[codes], index=texts.index)


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
