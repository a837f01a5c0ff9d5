"""Tasks are made of findings once, kept with every version, and held to the assessment."""

from __future__ import annotations

import dataclasses
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from analysis.casework.identity import STANDS, STATUSES
from analysis.casework.tasks import (
    CAME_BACK,
    DONE,
    MOVES,
    OPEN,
    RELAPSED,
    STATES,
    TO_DONE,
    UNFINISHED,
    UNKNOWN,
    VERIFIED,
    Task,
    as_values,
    moved,
)
from analysis.model.errors import SettingsError
from exports.recipes.casework.findings import find
from exports.recipes.casework.task_board import (
    finding_statuses,
    held,
    keep_relapses,
    opened_tasks,
    read_board,
)
from exports.recipes.casework.task_commands import Asked, task_table
from exports.recipes.casework.tasks import (
    history_of,
    kept,
    make_tasks,
    name_of,
    named_as_tasks,
    read_tasks,
    save_task,
    usual_question,
)
from store.address import file_address
from store.database import open_store, opened
from store.verification import verify
from store.versioned import ConflictError, all_records, create_all, history
from tests.exports.toy import toy_answers
from wording.catalogue import load_words
from wording.speaker import Speaker


@pytest.fixture
def store(tmp_path):
    with opened(file_address(tmp_path)) as store:
        yield store


@pytest.fixture(scope="module")
def answers(city):
    return toy_answers(city)


@pytest.fixture(scope="module")
def found(answers):
    return find(answers, usual_question(answers.city)).table


def test_one_task_of_a_finding_whoever_asks_again(store, city, found):
    duty = Task("", leader="Li", deadline="2026-09-01")
    made = make_tasks(store, city, found, duty, by="Wang")
    assert len(made) == len(found) > 3
    assert make_tasks(store, city, named_as_tasks(store, city, found), duty) == []
    tasks = {each.task.finding: each.task for each in read_tasks(store, city)}
    assert set(tasks) == set(found.index)
    for name, row in found.iterrows():
        assert tasks[name].facts["kind"] == row["kind"]
        assert (tasks[name].state, tasks[name].leader) == (OPEN, "Li")
        assert tasks[name].unit == row["unit"][:100]
        if pd.notna(row["threshold"]):
            assert tasks[name].facts["threshold"] == pytest.approx(row["threshold"])
    assert verify(store).findings == ()
    other = dataclasses.replace(city, id="other")
    assert read_tasks(store, other) == []


def test_a_place_that_moved_is_no_second_task(store, city, found):
    places = found[found["kind"].isin(["repeat_point"])].head(1)
    make_tasks(store, city, places, Task(""))
    again = places.assign(x=places["x"] + 20).set_axis(["repeat_point:@垃圾:999_999"], axis=0)
    named = named_as_tasks(store, city, again.rename_axis("finding_id"))
    assert named.index.tolist() == places.index.tolist()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_state_that_cannot_be_is_answered_with_the_words_of_the_lists(language):
    translate = Speaker(load_words(), language)
    with pytest.raises(SettingsError) as refused:
        moved(Task("f"), "DROP TABLE")
    said = translate.error(refused.value)
    for state in (OPEN, *MOVES[OPEN]):
        assert translate(f"task.state_{state}") in said
    assert "in_hand" not in said


def test_two_who_save_lose_nothing(store, city, found):
    make_tasks(store, city, found.head(1), Task(""))
    seen = read_tasks(store, city)[0]
    save_task(store, seen, replace(seen.task, leader="Li", progress=50), by="a")
    with pytest.raises(ConflictError) as caught:
        save_task(store, seen, replace(seen.task, leader="Wu"), by="b")
    told = {each.key: (each.mine, each.theirs) for each in caught.value.differences}
    assert told == {"leader": ("Wu", "Li"), "progress": (0, 50), "by": ("b", "a")}
    assert read_tasks(store, city)[0].task.leader == "Li"
    rows = history_of(history(store, seen.record.id))
    changed = rows[rows["version"] == 2].set_index("part")
    assert changed["after"].to_dict() == {"leader": "Li", "progress": 50}
    assert set(changed["by"]) == {"a"}


def test_a_store_without_tasks_has_an_empty_table(store, answers):
    assert held_tasks(store, answers).empty
    assert task_table(store, answers, Asked(), seen=lambda rows: rows).empty


def held_tasks(store, answers):
    """Tasks of the city, held to the assessment, by their findings."""
    board = read_board(store, answers.city)
    tasks = held(board.tasks, finding_statuses(answers, board.tasks))
    return tasks.reset_index().set_index("finding")


def test_the_assessment_proposes_and_what_was_verified_relapses_with_its_history(
    store, city, answers, found
):
    gaps = found[found["kind"] == "coverage"]
    met = find(answers, usual_question(city)).judged["coverage"].difference(found.index)
    gone = gaps.head(1).set_axis(met[:1], axis=0)
    judged = pd.concat([gaps.head(2), gone.rename_axis("finding_id")])
    unknown = gaps.head(1).set_axis(["coverage:nowhere:toy/r"], axis=0)
    make_tasks(store, city, pd.concat([judged, unknown.rename_axis("finding_id")]), Task(""))
    by_name = {each.task.finding: each for each in read_tasks(store, city)}
    first = by_name[gaps.index[0]]
    done = save_task(store, first, moved(first.task, DONE))
    save_task(store, done, moved(done.task, VERIFIED), by="Li")
    tasks = held_tasks(store, answers)
    assert tasks["proposal"].to_dict() == {
        gaps.index[0]: CAME_BACK,
        gaps.index[1]: "",
        gone.index[0]: TO_DONE,
        "coverage:nowhere:toy/r": UNKNOWN,
    }
    assert tasks["state"][[gaps.index[0], gone.index[0]]].tolist() == [RELAPSED, OPEN]
    by_record = tasks.reset_index().set_index("task_id")
    assert [each.task.state for each in opened_tasks(store, by_record)] == [*by_record["state"]]
    assert keep_relapses(store, by_record) == 1
    again = {each.task.finding: each for each in read_tasks(store, city)}
    assert again[gaps.index[0]].task.state == RELAPSED
    states = history_of(history(store, first.record.id)).query("part == 'state'")["after"]
    assert states.tolist() == [OPEN, DONE, VERIFIED, RELAPSED]
    assert keep_relapses(store, held_tasks(store, answers).set_index("task_id")) == 0


def test_a_layer_that_is_missing_closes_nothing(store, city, found):
    make_tasks(store, city, found, Task(""))
    tasks = held_tasks(store, toy_answers(dataclasses.replace(city, issues=None)))
    of_gaps = tasks["kind"].eq("coverage")
    assert set(tasks["proposal"][~of_gaps]) == {UNKNOWN}
    assert set(tasks["proposal"][of_gaps]) == {""}


def test_a_board_read_on_is_the_board_read_anew(store, city, found):
    """What was saved since is read alone; the whole is the same, and nothing else is touched."""
    make_tasks(store, city, found.head(3), Task("", deadline="2026-09-01"))
    board = read_board(store, city)
    for step in range(3):
        entry = read_tasks(store, city)[step]
        save_task(store, entry, replace(entry.task, progress=10 * step + 10, unit=f"u{step}"))
        if step == 1:
            make_tasks(store, city, found.iloc[3:5], Task(""))
        before = board.tasks.copy(), board.moves.copy()
        newer, whole = read_board(store, city, board), read_board(store, city)
        assert newer.position == whole.position > board.position
        pd.testing.assert_frame_equal(newer.tasks, whole.tasks)
        plain = {"task": object, "deadline": object}
        same = [each.moves.astype(plain).sort_values(["task"], kind="stable")
                for each in (newer, whole)]  # fmt: skip
        pd.testing.assert_frame_equal(*(each.reset_index(drop=True) for each in same))
        pd.testing.assert_frame_equal(board.tasks, before[0])
        board = newer
    assert read_board(store, city, board).tasks is board.tasks


class TwoEditors(RuleBasedStateMachine):
    """Two people with a task before them, who save in any order while assessments are made."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(file_address(Path(self.folder.name)))
        self.city = SimpleNamespace(id="toy", time_zone="UTC")
        body = {**as_values(Task("f")), "by": ""}
        (record,) = create_all(self.store, kind="task", place="toy", bodies={name_of("f"): body})
        self.seen = {"a": kept(record), "b": kept(record)}
        self.saved = [self.seen["a"].task]

    @rule(who=st.sampled_from("ab"))
    def look(self, who):
        (self.seen[who],) = read_tasks(self.store, self.city)
        assert self.seen[who].task == self.saved[-1]

    @rule(who=st.sampled_from("ab"), state=st.sampled_from(STATES), progress=st.integers(0, 99))
    def save(self, who, state, progress):
        seen = self.seen[who]
        try:
            wanted = replace(moved(seen.task, state, reason="why"), team=who)
        except SettingsError:
            assert state not in MOVES[seen.task.state]
            return
        if wanted.state in UNFINISHED:
            wanted = replace(wanted, progress=progress)
        try:
            self.seen[who] = save_task(self.store, seen, wanted, by=who)
        except ConflictError as error:
            assert seen.record.version < len(self.saved)
            theirs = kept(error.theirs).task
            assert theirs == self.saved[-1]
            parts = {each.key for each in error.differences} - {"by"}
            assert parts == {part for part, mine in as_values(wanted).items()
                             if mine != as_values(theirs)[part]}  # fmt: skip
        else:
            assert seen.record.version == len(self.saved)
            self.saved.append(wanted)

    @rule(status=st.sampled_from(STATUSES))
    def assess(self, status):
        board = read_board(self.store, self.city)
        tasks = held(board.tasks, pd.Series({"f": status}))
        if keep_relapses(self.store, tasks):
            assert (self.saved[-1].state, status) == (VERIFIED, STANDS)
            self.saved.append(replace(self.saved[-1], state=RELAPSED, progress=0))

    @invariant()
    def nothing_is_lost(self):
        (record,) = all_records(self.store, kind="task", place="toy")
        assert [kept(each).task for each in history(self.store, record.id)] == self.saved

    def teardown(self):
        assert verify(self.store).findings == ()
        self.store.close()
        self.folder.cleanup()


TestTwoEditors = TwoEditors.TestCase
TestTwoEditors.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
