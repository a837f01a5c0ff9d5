"""Tasks as a table: what is late and slips, and who has how much, by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.casework.progress import agreed
from analysis.casework.task_table import (
    BEHIND,
    DUE,
    GROUPS,
    TASK_COLUMNS,
    load_by,
    slippage,
    tabulated,
    timing,
    what_slips,
)
from analysis.casework.tasks import DONE, GIVEN_UP, IN_HAND, STATES, Milestone, Task

TODAY = dt.date(2026, 7, 10)


def table_of(tasks):
    return tabulated({task.finding: task for task in tasks})


def agreed_of(*versions):
    """Versions of tasks: day and task."""
    rows = [(task.finding, day, task.state, task.deadline, task.milestones)
            for day, task in versions]  # fmt: skip
    return agreed(rows)


def load_of(tasks, group):
    table = table_of(tasks)
    moves = agreed_of(*((TODAY, task) for task in tasks))
    slips = slippage(table, moves, today=TODAY)
    return load_by(table, group, times=timing(table, today=TODAY), slips=slips)


def test_late_and_slipping_by_hand():
    step = (Milestone("2026-07-01", "a", reached=True), Milestone("2026-07-09", "b"))
    tasks = [
        Task("a", deadline="2026-07-09"),
        Task("b", deadline="2026-07-10", milestones=step),
        Task("c", deadline="2026-07-09", state=DONE, milestones=step),
        Task("d", milestones=(Milestone("2026-07-10", "today"),)),
    ]
    found = timing(table_of(tasks), today=TODAY)
    assert found["late"].tolist() == [True, False, False, False]
    assert found["slips"].tolist() == [False, True, False, False]
    np.testing.assert_array_equal(found["days_left"], [-1, 0, np.nan, np.nan])
    assert found["next_step"].tolist() == ["", "b", "", "today"]
    load = load_of(tasks, "deadline")
    assert load["tasks"].to_dict() == {"overdue": 1, "within_7": 1, "none": 1, "finished": 1}
    assert set(load.index) < set(DUE)


def test_what_slips_by_hand():
    def on(day):
        return dt.date(2026, 6, 30) + dt.timedelta(days=day)

    first = Task("a", deadline="2026-07-20", milestones=(Milestone("2026-07-05", "plan"),))
    later = Task("a", deadline="2026-07-25", progress=60,
                 milestones=(Milestone("2026-07-15", "plan"),))  # fmt: skip
    back = Task("a", deadline="2026-07-23", progress=60, milestones=later.milestones)
    slow = Task("b", deadline="2026-07-20", progress=29)
    even = Task("c", deadline="2026-07-20", progress=31)
    done = Task("d", state=DONE, deadline="2026-07-20", progress=100)
    moves = agreed_of((on(0), Task("a")), (on(1), first), (on(2), later), (on(3), back),
                     (on(0), slow), (on(0), even), (on(0), done))  # fmt: skip
    table = table_of([back, slow, even, done])
    found = slippage(table, moves, today=TODAY)
    assert found["moves"].tolist() == [1, 0, 0, 0]
    assert found["moved_days"].tolist() == [3, 0, 0, 0]
    assert found["steps_moved"].tolist() == [1, 0, 0, 0]
    assert found["expected"].iloc[1] == pytest.approx(50)  # 10 of 20 days
    assert BEHIND == 20
    assert found["behind"].tolist() == [False, True, False, False]
    assert np.isnan(found["expected"].iloc[3])
    times = timing(table, today=TODAY)
    assert what_slips(times, found).tolist() == [True, True, False, False]
    load = load_by(table, "unit", times=times, slips=found)
    assert load[["moved", "moved_days", "behind"]].to_numpy().tolist() == [[1, 3, 1]]


def test_the_load_of_a_unit_by_hand():
    tasks = [
        Task("a", unit="x", deadline="2026-07-09", progress=20),
        Task("b", unit="x", state=DONE, progress=100),
        Task("c", unit="x", state=GIVEN_UP, progress=10, reason="r"),
        Task("d", unit="", state=IN_HAND, progress=50, facts={"community": "C"}),
    ]
    load = load_of(tasks, "unit")
    assert load.index.tolist() == ["x", ""]
    assert load.loc["x", ["tasks", "open", "done", "given_up", "late", "progress"]].tolist() == [
        3, 1, 1, 1, 1, 60,
    ]  # fmt: skip
    assert load_of(tasks, "community")["tasks"].to_dict() == {"": 3, "C": 1}
    for group in GROUPS:
        assert load_of([], group).empty
    assert tuple(table_of([]).columns) == TASK_COLUMNS


@settings(max_examples=15)
@given(st.lists(st.sampled_from(STATES), max_size=6), st.sampled_from(GROUPS))
def test_every_task_is_counted_once(states, group):
    tasks = [Task(str(row), state=state, reason="r", unit=state[:2]) for row, state in
             enumerate(states)]  # fmt: skip
    load = load_of(tasks, group)
    assert load["tasks"].sum() == len(tasks)
    assert load[list(STATES)].to_numpy().sum() == len(tasks)
