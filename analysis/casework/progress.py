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
    others = ~moves["task"].isin(newer["task"].cat.categories).to_numpy()
    texts = {
        name: _joined(moves[name].array[others], newer[name].array)
        for name in ("task", "state", "deadline")
    }
    days = np.concatenate([moves["day"].to_numpy()[others], newer["day"].to_numpy()])
    return pd.DataFrame({**texts, "day": days}, columns=list(MOVE_COLUMNS))


def _joined(first: pd.Categorical, second: pd.Categorical) -> pd.Categorical:
    """Put values behind others, new categories behind the old ones, without comparing them all."""
    known = first.categories.get_indexer(second.categories)
    new = known < 0
    place: NDArray[np.int64] = np.where(new, len(first.categories) + new.cumsum() - 1, known)
    dtype = first.dtype
    if new.any():
        dtype = pd.CategoricalDtype([*first.categories, *second.categories[new]])
    codes = np.concatenate([first.codes, place[second.codes]])
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


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
    late_from = np.maximum(start, _after(moves["deadline"], final))
    held = _held(moves["state"], start, end, days)
    late = _held(moves["state"], late_from, np.maximum(end, late_from), days)
    counts = {
        "unfinished": held[list(UNFINISHED)].sum(axis=1),
        "late": late[list(UNFINISHED)].sum(axis=1),
        "to_verify": held[DONE],
        "verified": held[VERIFIED],
    }
    index = pd.Index([dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in days])
    return pd.DataFrame(counts).set_axis(index.rename("day")).astype("int64")


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


def _after(deadlines: pd.Series, last: int) -> NDArray[np.int64]:
    """Give the day after each deadline, each category read once; after the last day for none."""
    kinds = pd.Series(deadlines.cat.categories, dtype=object)
    ends = day_numbers(kinds).fillna(last).to_numpy().astype(np.int64) + 1
    after: NDArray[np.int64] = ends[deadlines.cat.codes.to_numpy()]
    return after


def _held(
    states: pd.Series, start: NDArray[np.int64], end: NDArray[np.int64], days: NDArray[np.int64]
) -> pd.DataFrame:
    """Count by state the spells from start to before end that hold each day."""
    begun, ended = (_until(states, each, days) for each in (start, end))
    return pd.DataFrame((begun - ended).T, columns=list(states.cat.categories))


def _until(
    states: pd.Series, moments: NDArray[np.int64], days: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count by state what lies on or before each day; a million moments are counted, not sorted."""
    span, number = int(days[-1] - days[0]) + 2, len(states.cat.categories)
    place = np.clip(moments, days[0], days[-1] + 1) - days[0]
    place = place + states.cat.codes.to_numpy().astype("int64") * span
    counts = np.bincount(place, minlength=number * span).reshape(number, span).cumsum(axis=1)
    found: NDArray[np.int64] = counts[:, days - days[0]]
    return found


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
    before, after = (_states_on(moves, each) for each in (day, until))
    changed = (after >= 0) & (before != after)
    names = np.array(["", *moves["state"].cat.categories], dtype=object)  # -1 is the first one
    pairs = pd.DataFrame(
        {"before": names[before[changed] + 1], "after": names[after[changed] + 1]}, dtype=object
    )
    counts = pairs.value_counts(["before", "after"]).rename("tasks").reset_index()
    return counts.sort_values(["tasks", "before", "after"], ascending=[False, True, True])


def _states_on(moves: pd.DataFrame, day: dt.date) -> NDArray[np.int64]:
    """Give the code of the state of every task at the end of a day; -1 if it was made later."""
    tasks, states = (moves[name].cat for name in ("task", "state"))
    found = np.full(len(tasks.categories), -1)
    until = (moves["day"] <= pd.Timestamp(day)).to_numpy()
    found[tasks.codes.to_numpy()[until]] = states.codes.to_numpy()[until]  # the last one stays
    return found
