"""Lists that come back: every changed cell is found, nothing else, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.casework.returned import (
    FILLED,
    LISTS,
    Row,
    cell_of,
    read_back,
    row_mark,
    steps_of,
    taken,
)
from analysis.casework.tasks import DONE, IN_HAND, STATES, Milestone, Task
from analysis.model.errors import SettingsError

STATE_WORDS = {**{each: each for each in STATES}, "办理中": IN_HAND, "in hand": IN_HAND}
FIRST = Task(
    "f", unit="a", leader="Li", deadline="2026-08-01", progress=10, note="x",
    milestones=(Milestone("2026-07-01", "plan", reached=True), Milestone("2026-07-20", "go")),
)  # fmt: skip


def rows_of(task, version="1", **changed):
    return [
        Row(name, 3, "t", version, {part: changed.get(part, cell_of(task, part)) for part in parts})
        for name, parts in LISTS.items()
    ]


def found(rows, versions):
    changes, aside = read_back(rows, {"t": versions}, states=STATE_WORDS)
    told = {each.part: (each.before, each.now, each.wanted, each.is_conflict) for each in changes}
    return told, [each.reason for each in aside]


def test_a_list_that_nobody_filled_in_changes_nothing():
    assert found(rows_of(FIRST), [FIRST]) == ({}, [])


def test_cells_mean_the_same_however_a_spreadsheet_writes_them():
    same = {"deadline": "2026/8/1", "progress": "10.0", "state": "Open", "note": " x ",
            "milestones": "2026年7月20日 go\n√2026-7-1 plan\n"}  # fmt: skip
    words = {**STATE_WORDS, "open": "open"}
    changes, aside = read_back(rows_of(FIRST, **same), {"t": [FIRST]}, states=words)
    assert (changes, aside) == ([], [])
    wide = {"deadline": "２０２６年８月１日", "progress": "１０％",
            "milestones": "2026-07-20\u3000go\n√２０２６-7-1 plan"}  # fmt: skip
    assert read_back(rows_of(FIRST, **wide), {"t": [FIRST]}, states=words) == ([], [])


def test_every_changed_cell_is_told_with_what_it_was():
    changes, aside = found(
        rows_of(FIRST, state="办理中", progress="60%", leader="", milestones="√ 2026-07-20 go"),
        [FIRST],
    )
    assert aside == []
    assert changes == {
        "state": ("open", "open", IN_HAND, False),
        "progress": ("10", "10", "60", False),
        "leader": ("Li", "Li", "", False),
        "milestones": (cell_of(FIRST, "milestones"), cell_of(FIRST, "milestones"),
                       "√ 2026-07-20 go", False),
    }  # fmt: skip
    task = taken(FIRST, read_back(rows_of(FIRST, state="办理中", progress="60%", leader=""),
                                  {"t": [FIRST]}, states=STATE_WORDS)[0])  # fmt: skip
    assert (task.state, task.progress, task.leader, task.note) == (IN_HAND, 60, "", "x")


def test_what_somebody_changed_meanwhile_is_a_conflict_only_in_the_same_part():
    latest = replace(FIRST, leader="Wu", team="B", progress=60)
    changes, _ = found(rows_of(FIRST, leader="He", progress="60", note="y"), [FIRST, latest])
    assert changes == {"leader": ("Li", "Wu", "He", True), "note": ("x", "x", "y", False)}


def test_rows_that_cannot_be_held_to_anything_are_set_aside():
    rows = [
        Row("tasks", 3, "other", "1", {"note": "y"}),
        Row("tasks", 4, "t", "9", {"note": "y"}),
        Row("tasks", 5, "t", "x", {"note": "y"}),
        Row("tasks", 6, "t", "1", {"note": "y"}),
        Row("tasks", 7, "t", "1", {"note": "z"}),
        Row("tasks", 8, "t", "1", {"note": "y"}),
        Row("tasks", 9, "t", "1", {"note": "z"}, matches=False),
        Row("tasks", 10, "t", "1", {"note": "y"}, added=("remarks",)),
    ]
    changes, aside = found(rows, [FIRST])
    assert changes == {"note": ("x", "x", "y", False)}
    assert aside == ["unknown_task", "no_version", "no_version", "twice", "mismatch", "added"]


def test_a_mark_is_of_the_task_and_what_its_row_tells_whatever_spreadsheets_do_to_blanks():
    mark = row_mark("t", "东湖社区 · 街道", "Litter")
    assert mark == row_mark("t", " 东湖社区·街道\n", "Ｌitter ")
    others = row_mark("u", "东湖社区 · 街道", "Litter"), row_mark("t", "Litter", "东湖社区 · 街道")
    assert mark not in {*others, row_mark("t", "东湖社区 · 街道", "Litte"), row_mark("t", "", "")}


@pytest.mark.parametrize(
    "cells",
    [{"progress": "half"}, {"progress": "130"}, {"progress": "0.4"}, {"deadline": "soon"},
     {"state": "verified"}, {"state": "finished"}, {"state": "given_up"}, {"unit": "x" * 101},
     {"milestones": "tomorrow go"}, {"reason": "no plot"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(cells):
    changes, _ = read_back(rows_of(FIRST, **cells), {"t": [FIRST]}, states=STATE_WORDS)
    assert changes
    with pytest.raises(SettingsError):
        taken(FIRST, changes)


def test_given_up_takes_its_reason_from_the_same_row():
    changes, _ = read_back(
        rows_of(FIRST, state="given_up", reason="no plot"), {"t": [FIRST]}, states=STATE_WORDS
    )
    assert (taken(FIRST, changes).state, taken(FIRST, changes).reason) == ("given_up", "no plot")


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=12)


@given(
    note=TEXT.map(str.strip), leader=TEXT.map(str.strip), progress=st.integers(0, 100),
    state=st.sampled_from(["open", IN_HAND, DONE]),
)  # fmt: skip
def test_what_is_filled_in_is_what_is_taken(note, leader, progress, state):
    cells = {"note": note, "leader": leader, "progress": str(progress), "state": state}
    changes, aside = read_back(rows_of(FIRST, **cells), {"t": [FIRST]}, states=STATE_WORDS)
    assert aside == []
    task = taken(FIRST, changes)
    assert (task.note, task.leader, task.state) == (note, leader, state)
    kept = {part: cell_of(FIRST, part) for part in FILLED}
    for part in ("unit", "team", "deadline", "milestones"):
        assert cell_of(task, part) == kept[part]
    assert steps_of(cell_of(task, "milestones")) == task.milestones
