"""Tasks on pages: made of findings, filled in, kept; refused where there is no place for them."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from analysis.casework.findings import FINDING_KINDS, PROPOSED_SITE
from analysis.casework.tasks import Task
from exports.recipes.casework.findings import counted, find
from exports.recipes.casework.tasks import make_tasks, read_tasks, save_task, usual_question
from store.address import file_address
from store.database import opened
from tests.views.shown import said
from views import cache
from views.controls.choice import LANGUAGES
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_are_counted_by_kind_as_the_recipe_finds_them(visit, city, language):
    page = visit(page="findings", language=language)
    counts = counted(find(cache.answers(), usual_question(city)))
    translate = Speaker(WORDS, language)
    label = WORDS(language, "finding.kind")
    told = " ".join(next(each for each in page.selectbox if each.label == label).options)
    assert set(FINDING_KINDS) - set(counts) == {PROPOSED_SITE}  # nothing is saved
    assert translate("finding.kind_proposed_site") not in told
    for count in counts.values():
        assert translate.count(count) in told
    assert translate("task.no_store") in said(page)
    narrowed = visit(page="findings", language=language, finding="hot_place")
    assert len(narrowed.dataframe[0].value) == counts["hot_place"] > 0


def test_tasks_are_made_on_the_page_and_filled_in(visit, city, monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    page = visit(page="findings", language="en", finding="hot_place")
    next(each for each in page.text_input if each.label == "Leader").input("Li")
    next(each for each in page.button if "all" in each.label).click().run()
    assert not page.exception
    with opened(file_address(tmp_path)) as store:
        made = read_tasks(store, city)
        assert {each.task.leader for each in made} == {"Li"}
        page = visit(page="tasks", language="en", task=made[0].record.id)
        assert len(page.dataframe[0].value) == len(made) > 0
        page.slider[0].set_value(40)
        next(each for each in page.button if each.label == "Save").click().run()
        assert not page.exception
        assert WORDS("en", "task.saved", version=2) in "".join(each.value for each in page.success)
        assert [each.task.progress for each in read_tasks(store, city)] == [
            40 if each.record.id == made[0].record.id else 0 for each in made
        ]
    narrowed = visit(page="tasks", language="en", leader="nobody of this name")
    assert WORDS("en", "task.none_here") in said(narrowed)
    assert {each.value for each in narrowed.metric} == {"0"}


def test_the_figures_count_the_rows_of_the_table(visit, city, monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    found = find(cache.answers(), usual_question(city)).table.head(5)
    with opened(file_address(tmp_path)) as store:
        make_tasks(store, city, found.head(3), Task("", leader="Li", deadline="2020-01-01"))
        make_tasks(store, city, found.tail(2), Task("", leader="Wang", deadline="2020-01-01"))
        for leader, count in {"": "5", "Li": "3", "Wang": "2"}.items():
            page = visit(page="tasks", language="en", leader=leader)
            figures = {each.label: each.value for each in page.metric}
            for name in ("unfinished", "late_n"):
                assert figures[WORDS("en", f"task.{name}")] == count
            assert len(page.dataframe[0].value) == int(count)


def test_who_saves_second_sees_both_values_and_loses_nothing(visit, city, monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    found = find(cache.answers(), usual_question(city)).table.head(2)
    with opened(file_address(tmp_path)) as store:
        make_tasks(store, city, found, Task("", leader="Li", deadline="2020-01-01"))
        (entry, _) = read_tasks(store, city)
        page = visit(page="tasks", language="en", task=entry.record.id)
        assert WORDS("en", "task.own_page") not in said(page)
        save_task(store, entry, replace(entry.task, team="theirs", progress=30), by="Wang")
        field(page, "Team").input("mine")
        next(each for each in page.button if each.label == "Save").click().run()
        assert not page.exception
        told = html.unescape(" ".join(each.value for each in page.warning))
        assert "Version 2 was saved while you wrote" in told
        assert "team: Yours mine → Theirs theirs" in told
        assert "progress: Yours 0 → Theirs 30" in told
        assert field(page, "Team").value == "theirs"
        field(page, "Team").input("ours")
        next(each for each in page.button if each.label == "Save").click().run()
        assert [each.task.team for each in read_tasks(store, city)] == ["ours", ""]
        newest = read_tasks(store, city)[0]
        save_task(store, newest, replace(newest.task, team="again"))
        page.run()
        assert WORDS("en", "task.newer", version=4) in " ".join(x.value for x in page.warning)
        assert field(page, "Team").value == "ours"
        next(each for each in page.button if each.label == "Show the newest").click().run()
        assert field(page, "Team").value == "again"
    own = visit(page="tasks", language="en", grouped="leader", stage="slips")
    assert "leader=Li" in said(own)
    assert WORDS("en", "task.slipping_none") not in said(own)


def field(page, label):
    return next(each for each in page.text_input if each.label == label)


def test_beyond_loopback_nothing_is_kept(visit, monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    monkeypatch.setattr("views.controls.permits.on_loopback", lambda: False)
    page = visit(page="findings", language="en", finding="hot_place")
    assert WORDS("en", "task.not_here") in said(page)
    assert not [each for each in page.button if each.label.startswith("Make")]
