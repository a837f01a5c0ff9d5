"""The page of levels shows what the recipes say; a level is chosen where there are two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.casework.tasks import Task
from exports.recipes.casework.findings import find
from exports.recipes.casework.tasks import make_tasks, usual_question
from store.address import file_address
from store.database import opened
from tests.views.shown import said
from views import cache
from views.controls.choice import Choice, offered_areas, task_groups
from views.controls.city_question import question_of
from wording.catalogue import load_words
from wording.levels import parent_title
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_what_the_recipes_say(visit, city, language):
    page = visit(page="levels", language=language, level="parent_2")
    table = page.dataframe[0].value
    assert len(table) == 4  # the city, two districts, cases in no community
    cases = cache.answers().by_area(question_of(Choice(page="levels"), city))
    own = cases[cases["level"].isin(["city", "parent_2"])]
    assert table[WORDS(language, "level.col_cases")].tolist() == own["cases"].tolist()
    people = table[WORDS(language, "level.col_people")]
    assert people[0] == people[1:].sum() == 511_942
    assert WORDS(language, "level.not_kept") in said(page)
    assert WORDS(language, "level.outside") == table.iloc[-1, 0]


def test_tasks_stand_beside_where_they_are_kept(visit, city, monkeypatch, tmp_path):
    monkeypatch.setenv("STORE", str(tmp_path))
    with opened(file_address(tmp_path)) as store:
        found = find(cache.answers(), usual_question(city)).table
        made = make_tasks(store, city, found[found["kind"] == "coverage"], Task(""))
    table = visit(page="levels", language="en").dataframe[0].value
    tasks = table[WORDS("en", "level.col_unfinished")]
    assert tasks[0] == tasks[1:].sum() == len(made)
    page = visit(page="tasks", language="en", grouped="parent_2")
    assert not page.error
    charts = [each.value for each in page.dataframe]
    areas = {str(each) for table in charts for each in table.iloc[:, 0]}
    assert {"Jiangbei District", "Jiangnan District"} <= areas


def test_a_level_is_chosen_only_where_there_are_two(city):
    one = replace(city, communities=city.communities.assign(parent_2=""))
    none = replace(city, communities=city.communities.assign(parent="", parent_2=""))
    assert "levels" in offered_areas(one, "home")["lists"]
    assert "levels" not in offered_areas(none, "home")["lists"]
    assert task_groups(city)[-2:] == ("parent", "parent_2")
    assert "parent" not in task_groups(one)


def test_a_level_called_community_does_not_take_the_heading_of_communities(city):
    speaker = Speaker(WORDS, "en")
    cells = replace(city, levels=({"zh": "社区", "zh-Hant": "社區", "en": "Community"},))
    assert parent_title(city, speaker) == "Sub-district"
    assert parent_title(cells, speaker) != WORDS("en", "coverage.col_name")


@pytest.mark.parametrize("town", ["bare", "great"])
def test_other_towns_open_it_too(visit, town):
    page = visit(town, page="levels", language="en", level="parent_6")
    assert not page.error
