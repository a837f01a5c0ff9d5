"""How the work goes, by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.casework.progress import (
    MOST_DAYS,
    burn_down,
    move_table,
    moved_since,
    renewed,
)
from analysis.casework.tasks import STATES, UNFINISHED, Task


def first_of(pair):
    return pair[0]


def day(number):
    return dt.date(2026, 7, number)


def moves_of(versions):
    return move_table(
        [
            (name, when, task.state, task.deadline, task.milestones)
            for name, told in versions.items()
            for when, task in told
        ]
    )


def stood_on(moves, when):
    """The last version of every task by the end of a day."""
    return moves[moves["day"] <= pd.Timestamp(when)].groupby("task", observed=True).last()


MOVES = moves_of(
    {
        "a": [(day(1), Task("a", deadline="2026-07-03")), (day(4), Task("a", state="done"))],
        "b": [(day(2), Task("b")), (day(2), Task("b", state="in_hand")),
              (day(5), Task("b", state="verified"))],
        "c": [(day(5), Task("c", state="given_up", reason="r"))],
    }
)  # fmt: skip


def test_each_day_counts_what_was_unfinished_then():
    found = burn_down(MOVES, until=day(5))
    assert found.index.tolist() == [day(number) for number in range(1, 6)]
    assert found["unfinished"].tolist() == [1, 2, 2, 1, 0]
    assert found["late"].tolist() == [0, 0, 0, 0, 0]  # due on the 3rd, done on the 4th
    assert found["to_verify"].tolist() == [0, 0, 0, 1, 1]
    assert found["verified"].tolist() == [0, 0, 0, 0, 1]
    late = moves_of({"a": [(day(1), Task("a", deadline="2026-07-03"))]})
    assert burn_down(late, until=day(5))["late"].tolist() == [0, 0, 0, 1, 1]
    assert burn_down(moves_of({}), until=day(5)).empty


def test_what_moved_since_a_day_by_hand():
    moved = moved_since(MOVES, day(2), until=day(5))
    assert moved.to_numpy().tolist() == [
        ["", "given_up", 1], ["in_hand", "verified", 1], ["open", "done", 1],
    ]  # fmt: skip
    assert moved_since(MOVES, day(5), until=day(5)).empty


def test_a_long_time_is_looked_at_in_steps_and_the_last_day_always():
    moves = moves_of({"a": [(dt.date(2020, 1, 1), Task("a"))]})
    found = burn_down(moves, until=day(5))
    assert len(found) <= MOST_DAYS
    assert found.index[-1] == day(5)
    assert set(found["unfinished"]) == {1}


STEPS = st.tuples(st.integers(1, 28).map(day), st.sampled_from(STATES))
HISTORIES = st.lists(STEPS, min_size=1, max_size=5).map(lambda each: sorted(each, key=first_of))
VERSIONS = st.dictionaries(st.sampled_from("abcd"), HISTORIES, max_size=4)


@given(VERSIONS)
def test_the_last_day_is_how_tasks_stand_now(versions):
    told = {
        name: [(when, Task(name, state=state, reason="r")) for when, state in each]
        for name, each in versions.items()
    }
    moves = moves_of(told)
    now = pd.Series({name: each[-1][1] for name, each in versions.items()}, dtype=object)
    found = burn_down(moves, until=day(28))
    if versions:
        assert found["unfinished"].iloc[-1] == now.isin(UNFINISHED).sum()
        assert found["verified"].iloc[-1] == (now == "verified").sum()
    assert moved_since(moves, dt.date(2026, 6, 1), until=day(28))["tasks"].sum() == len(versions)


@settings(max_examples=12)
@given(VERSIONS, st.data())
def test_counting_by_spells_is_counting_day_by_day_and_renewing_is_reading_all(versions, data):
    told = {
        name: [(when, Task(name, state=state, deadline="2026-07-09", reason="r"))
               for when, state in each]
        for name, each in versions.items()
    }  # fmt: skip
    moves = moves_of(told)
    counted = burn_down(moves, until=day(28))
    for when, row in counted.iterrows():
        stood = stood_on(moves, when)
        open_ = stood["state"].isin(UNFINISHED)
        assert row["unfinished"] == open_.sum()
        assert row["late"] == (open_ & (stood["deadline"].astype(object) < when.isoformat())).sum()
        assert row["to_verify"] == stood["state"].eq("done").sum()
        before, after = (stood_on(moves, each)["state"].astype(str) for each in (when, day(28)))
        moved = after.ne(before.reindex(after.index).fillna("")).sum()
        assert moved_since(moves, when, until=day(28))["tasks"].sum() == moved
    if versions:
        changed = data.draw(st.sets(st.sampled_from(sorted(versions)), min_size=1))
        older = {name: each[:-1] if name in changed else each for name, each in told.items()}
        newer = moves_of({name: told[name] for name in changed})
        again = renewed(moves_of({name: each for name, each in older.items() if each}), newer)
        pd.testing.assert_frame_equal(burn_down(again, until=day(28)), counted)
        parts = ["task", "day"]
        pd.testing.assert_frame_equal(
            again.astype({"task": object, "state": object, "deadline": object}).sort_values(
                parts, kind="stable", ignore_index=True
            ),
            moves.astype({"task": object, "state": object, "deadline": object}).sort_values(
                parts, kind="stable", ignore_index=True
            ),
        )
