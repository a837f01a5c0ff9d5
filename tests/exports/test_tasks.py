"""Tasks are made of findings once, kept with every version, and held to the assessment."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.casework.tasks import (
    CAME_BACK,
    DONE,
    OPEN,
    RELAPSED,
    TO_DONE,
    UNKNOWN,
    VERIFIED,
    Task,
    moved,
)
from exports.recipes.findings import find
from exports.recipes.tasks import (
    history_of,
    hold_to_findings,
    keep_relapses,
    make_tasks,
    named_as_tasks,
    read_tasks,
    save_task,
    usual_question,
)
from store.address import file_address
from store.database import opened
from store.verification import verify
from store.versioned import ConflictError, history
from tests.exports.toy import toy_answers


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
    held = {each.task.finding: each for each in hold_to_findings(answers, read_tasks(store, city))}
    assert {name: each.proposal for name, each in held.items()} == {
        gaps.index[0]: CAME_BACK,
        gaps.index[1]: "",
        gone.index[0]: TO_DONE,
        "coverage:nowhere:toy/r": UNKNOWN,
    }
    assert held[gone.index[0]].task.state == OPEN
    assert keep_relapses(store, list(held.values())) == 1
    again = {each.task.finding: each for each in read_tasks(store, city)}
    assert again[gaps.index[0]].task.state == RELAPSED
    states = history_of(history(store, first.record.id)).query("part == 'state'")["after"]
    assert states.tolist() == [OPEN, DONE, VERIFIED, RELAPSED]
    assert keep_relapses(store, hold_to_findings(answers, read_tasks(store, city))) == 0


def test_a_layer_that_is_missing_closes_nothing(store, city, found):
    make_tasks(store, city, found, Task(""))
    bare = toy_answers(dataclasses.replace(city, issues=None))
    held = hold_to_findings(bare, read_tasks(store, city))
    kinds = np.array([each.task.facts["kind"] for each in held])
    proposals = np.array([each.proposal for each in held])
    assert set(proposals[kinds != "coverage"]) == {UNKNOWN}
    assert set(proposals[kinds == "coverage"]) == {""}
