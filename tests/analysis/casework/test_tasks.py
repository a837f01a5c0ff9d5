"""Tasks: where they may move, what an assessment proposes, what is late."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from analysis.casework.identity import GONE, NEW, NOT_JUDGED, STANDS, STATUSES
from analysis.casework.tasks import (
    CAME_BACK,
    DONE,
    GIVEN_UP,
    IN_HAND,
    MOVES,
    OPEN,
    RELAPSED,
    STATES,
    STILL_THERE,
    TO_DONE,
    TO_VERIFIED,
    UNFINISHED,
    UNKNOWN,
    VERIFIED,
    Milestone,
    Task,
    as_values,
    checked,
    from_values,
    moved,
    reviewed,
)
from analysis.model.errors import SettingsError

TODAY = dt.date(2026, 7, 10)


def test_a_task_is_the_same_after_it_was_written():
    task = Task(
        "coverage:c0:s/r", {"kind": "coverage", "value": 0.5, "threshold": None}, unit="环卫所",
        leader="Li", team="A", deadline="2026-08-01", note="两处\n路口",
        milestones=(Milestone("2026-07-01", "a", reached=True), Milestone("2026-07-20", "b")),
        links=("https://example.org/x?y=1",),
    )  # fmt: skip
    assert from_values(json.loads(json.dumps(as_values(task)))) == task


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("unit", "x" * 101), ("leader", "a\u202eb"), ("note", "x" * 4001), ("deadline", "2026-2-1"),
        ("deadline", "1999-12-31"), ("deadline", "20260801"), ("deadline", "soon"),
        ("state", "finished"), ("progress", 101), ("progress", -1), ("progress", 50.5),
        ("progress", True), ("links", ("javascript:alert(1)",)), ("links", ("https://a b",)),
        ("milestones", (Milestone("2026-13-01", "x"),)), ("links", ("https://a.b",) * 51),
        ("state", GIVEN_UP),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(part, value):
    with pytest.raises(SettingsError) as caught:
        checked(replace(Task("f"), **{part: value}))
    known = {"text", "day", "state", "progress", "parts", "link", "reason"}
    assert caught.value.problem in {f"task_{each}" for each in known}
    assert caught.value.hint


def test_people_move_a_task_and_only_where_it_may_go():
    task = moved(replace(Task("f"), progress=40), IN_HAND)
    assert (task.state, task.progress) == (IN_HAND, 40)
    done = moved(task, DONE)
    assert (done.state, done.progress) == (DONE, 100)
    assert moved(done, IN_HAND).progress == 0
    assert moved(done, VERIFIED).state == VERIFIED
    with pytest.raises(SettingsError, match="verified"):
        moved(task, VERIFIED)
    with pytest.raises(SettingsError):
        moved(moved(done, VERIFIED), RELAPSED)
    with pytest.raises(SettingsError):
        moved(task, GIVEN_UP)
    given = moved(task, GIVEN_UP, reason="no plot")
    assert moved(given, OPEN).reason == ""


def test_an_assessment_proposes_and_only_a_verified_task_changes():
    states = {state: Task("f", state=state, progress=30, reason="r") for state in STATES}
    told = {(state, status): reviewed(task, status) for state, task in states.items()
            for status in STATUSES}  # fmt: skip
    for (state, status), (task, proposal) in told.items():
        if (state, status) == (VERIFIED, STANDS):
            assert (task.state, task.progress, proposal) == (RELAPSED, 0, CAME_BACK)
        else:
            assert task == states[state]
        if status == NOT_JUDGED:
            assert proposal == UNKNOWN
    gone = {state: told[state, GONE][1] for state in STATES}
    assert gone == {OPEN: TO_DONE, IN_HAND: TO_DONE, RELAPSED: TO_DONE, DONE: TO_VERIFIED,
                    VERIFIED: "", GIVEN_UP: ""}  # fmt: skip
    assert {state: told[state, STANDS][1] for state in STATES if told[state, STANDS][1]} == {
        DONE: STILL_THERE, VERIFIED: CAME_BACK,
    }  # fmt: skip
    assert told[VERIFIED, NEW][0].state == VERIFIED


class OneTask(RuleBasedStateMachine):
    """Any order of moves and assessments."""

    def __init__(self):
        super().__init__()
        self.task = Task("f")
        self.verified_by_person = False

    @rule(state=st.sampled_from(STATES), reason=st.sampled_from(["", "why"]))
    def move(self, state, reason):
        before = self.task
        try:
            self.task = moved(before, state, reason=reason)
        except SettingsError:
            assert state not in (before.state, *MOVES[before.state]) or not reason
            return
        assert state == before.state or state in MOVES[before.state]
        self.verified_by_person = self.task.state == VERIFIED

    @rule(status=st.sampled_from(STATUSES))
    def assess(self, status):
        before = self.task
        self.task, proposal = reviewed(before, status)
        if self.task.state != before.state:
            assert (before.state, self.task.state, proposal) == (VERIFIED, RELAPSED, CAME_BACK)
            self.verified_by_person = False

    @precondition(lambda self: self.task.state == VERIFIED)
    @invariant()
    def nothing_is_closed_by_the_program(self):
        assert self.verified_by_person

    @invariant()
    def it_can_always_be_kept(self):
        assert from_values(as_values(self.task)) == self.task
        assert (self.task.state in UNFINISHED) <= (self.task.state not in {DONE, VERIFIED})


TestOneTask = OneTask.TestCase
