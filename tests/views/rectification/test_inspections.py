"""The page of rounds shows what the recipe says, and no city without rounds has it."""

from __future__ import annotations

import html

import pytest

from exports.recipes.casework.inspections import chosen_round, round_table
from tests.views.shown import said
from views import cache
from views.controls.choice import MOMENTS, Choice, offered_areas
from views.controls.city_question import question_of
from wording.catalogue import load_words
from wording.rounds import round_sentences
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_the_recipe_says(drawn, visit, city, language):
    page = visit(page="inspections", language=language, round="2026年省级暗访回访", near="100")
    translate = Speaker(WORDS, language)
    question = question_of(Choice(page="inspections", near=100), city)
    table = round_table(cache.answers(), question)
    shown = html.unescape(said(page))
    for sentence in round_sentences(table, "2026年省级暗访回访", question.follow_up, translate):
        assert sentence in shown
    assert len(page.dataframe[1].value) == len(table)
    assert chosen_round(table, "") in table.index


def test_before_and_after_are_all_findings_and_what_is_left(drawn):
    before, after = (drawn(page="inspections", moment=each) for each in MOMENTS)
    assert before.points is not None
    assert before.areas.classes != after.areas.classes


def test_no_city_without_rounds_is_offered_the_page(visit, city):
    assert "inspections" in offered_areas(city, "home")["rectification"]
    bare = city.__class__(**{**vars(city), "issues": city.issues.drop(columns="inspection")})
    assert "inspections" not in offered_areas(bare, "home")["rectification"]
