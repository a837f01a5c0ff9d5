"""The page of surveys shows what the recipe says, and no city without a survey has it."""

from __future__ import annotations

import dataclasses
import html

import pytest

from exports.recipes.casework.survey import rate_table, rows_of
from tests.languages import SPOKEN
from tests.views.shown import said
from views import cache
from views.controls.choice import offered_areas
from wording.catalogue import load_words
from wording.speaker import Speaker
from wording.survey import survey_sentences

WORDS = load_words()


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("topic", ["satisfaction", "awareness"])
def test_the_page_says_what_the_recipe_says(visit, city, language, topic):
    page = visit(page="survey", language=language, topic=topic)
    translate = Speaker(WORDS, language)
    table = rate_table(cache.answers())
    shown = html.unescape(said(page))
    for sentence in survey_sentences(table, topic, city, translate):
        assert sentence in shown
    rows = rows_of(table, topic)
    listed = page.dataframe[-1].value
    assert listed[translate("survey.n")].tolist() == rows["n"].tolist()
    assert WORDS(language, "survey.made_only") in shown


def test_the_map_tells_verdicts_where_there_is_a_threshold_and_rates_elsewhere(drawn, city):
    judged, rated = (drawn(page="survey", topic=each) for each in ("satisfaction", "awareness"))
    asked = [code for code in judged.areas.classes if code != "3"]
    assert len(judged.areas.classes) == len(city.communities)
    assert (len(asked), asked.count("0")) == (15, 1)
    assert set(rated.areas.classes) <= set("45")  # 60-95 %, of their sub-district


def test_no_city_without_a_survey_is_offered_the_page(city):
    assert "survey" in offered_areas(city, "home")["rectification"]
    bare = dataclasses.replace(city, survey=None)
    assert "survey" not in offered_areas(bare, "home")["rectification"]
