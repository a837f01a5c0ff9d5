"""The page of readiness shows what the recipe says, and no city without a title has it."""

from __future__ import annotations

import dataclasses
import html

import pytest

from exports.papers.readiness import readiness_facts
from exports.recipes.casework.readiness import readiness
from tests.languages import SPOKEN
from tests.views.shown import said
from views import cache
from views.controls.choice import offered_areas
from wording.catalogue import load_words
from wording.readiness import (
    BLOCKING,
    WORDED,
    readiness_sentences,
    worded_clauses,
    worded_works,
)
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", SPOKEN)
def test_the_page_says_what_the_recipe_says(visit, city, language):
    page = visit(page="readiness", language=language)
    translate, found = Speaker(WORDS, language), readiness(cache.answers())
    shown = html.unescape(said(page))
    for sentence in readiness_sentences(found, city.title, city, translate):
        assert sentence in shown
    assert [each.value for each in page.metric] == [
        fact.value for fact in readiness_facts(found, translate)
    ]
    works, blocks, _, every = (each.value for each in page.dataframe)
    assert works.to_numpy().tolist() == worded_works(found.works, translate).to_numpy().tolist()
    for rows, table, columns in (
        (blocks, found.blocks, BLOCKING),
        (every, found.clauses, WORDED),
    ):
        worded = worded_clauses(table, city.title, translate)[list(columns)]
        assert rows.to_numpy().tolist() == worded.to_numpy().tolist()


def test_no_city_without_a_title_is_offered_the_page(city):
    assert "readiness" in offered_areas(city, "home")["rectification"]
    bare = dataclasses.replace(city, title=None)
    assert "readiness" not in offered_areas(bare, "home")["rectification"]


def test_a_city_of_nothing_but_a_title_is_offered_what_its_clauses_ask_for(city):
    alone = dataclasses.replace(city, kinds={}, issues=None)
    offered = set(offered_areas(alone, "home")["rectification"])
    assert {"findings", "tasks", "readiness"} <= offered
    bare = offered_areas(dataclasses.replace(alone, title=None), "home")
    assert not {"findings", "tasks", "readiness"} & set(bare.get("rectification", ()))
