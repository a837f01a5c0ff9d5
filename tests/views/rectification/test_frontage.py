"""The page of frontage duty shows what the recipe says, and no city without the layer has it."""

from __future__ import annotations

import html

import pytest

from exports.recipes.casework.frontage import duty_table, sentences
from tests.views.shown import said
from views import cache
from views.controls.choice import Choice, offered_areas
from views.controls.city_question import question_of
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_the_recipe_says(visit, city, language):
    page = visit(page="frontage", language=language, near="100", front="unit")
    translate = Speaker(WORDS, language)
    question = question_of(Choice(page="frontage", near=100), city)
    shown = html.unescape(said(page))
    for sentence in sentences(cache.answers(), question, translate):
        assert sentence in shown
    assert translate("round.made_only") in shown
    units = duty_table(cache.answers(), question, "unit")
    table = page.dataframe[0].value
    assert table[translate("frontage.by_unit")].tolist() == units.index.tolist()
    told = table[translate("frontage.col_never")].tolist()
    assert told == units["never_checked"].tolist()


def test_lines_and_shops_are_drawn_by_their_state(drawn, city):
    spec = drawn(page="frontage")
    lines = city.frontages.geometry.geom_type.ne("Point").sum()
    assert len(spec.cells.classes) == lines
    assert spec.points is not None
    assert len(set(spec.cells.classes)) == len(spec.legend.rows) == 3


def test_no_city_without_the_layer_is_offered_the_page(city):
    assert "frontage" in offered_areas(city, "home")["rectification"]
    bare = city.__class__(**{**vars(city), "frontages": None})
    assert "frontage" not in offered_areas(bare, "home")["rectification"]
