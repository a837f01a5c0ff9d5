"""The page of campaigns says what the recipe says; every page of issues can be narrowed to one."""

from __future__ import annotations

import dataclasses
import html

import pytest

from analysis.model.question import Question
from exports.recipes.casework.campaigns import campaign_issues
from layers.knowledge.taxonomy import category_names
from tests.cities.test_truths import TRUTHS
from tests.views.shown import said
from views import cache
from views.controls.choice import Choice, offered_areas
from views.controls.city_question import question_of
from wording.campaigns import campaign_sentences
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
NAME = TRUTHS["campaign-worked"]["campaign"]
MARKET = TRUTHS["campaign-without-effect"]["campaign"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_the_recipe_says(visit, city, language):
    page = visit(page="campaigns", language=language, campaign=NAME)
    translate, campaign = Speaker(WORDS, language), city.campaigns[NAME]
    found = cache.answers().campaign_change(Question(), NAME)
    shown = html.unescape(said(page))
    for sentence in campaign_sentences(found, campaign, city, category_names(), translate):
        assert sentence in shown
    assert len(page.dataframe[0].value) == 4
    assert len(page.dataframe[-1].value) == len(campaign_issues(cache.answers(), campaign))


def test_an_address_with_a_campaign_asks_about_its_days(city):
    asked = question_of(Choice(campaign=NAME), city)
    assert (str(asked.selection.since), str(asked.selection.until)) == ("2025-06-01", "2025-07-31")
    assert asked.selection.campaign == asked.history.campaign == NAME
    assert asked.history.since is None
    chosen = question_of(Choice(campaign=NAME, since="2025-01-01"), city).selection
    assert str(chosen.since) == "2025-01-01"


@pytest.mark.parametrize(
    "query",
    [
        {"page": "hotspots"}, {"page": "clusters"}, {"page": "change"}, {"page": "silence"},
        {"page": "matrix"}, {"page": "units"}, {"page": "units", "part": "ranking"},
        {"page": "lookback"}, {"page": "priority"}, {"page": "findings"}, {"page": "inspections"},
        {"page": "change", "view": "weeks"}, {"page": "change", "view": "previous"},
        {"page": "hotspots", "layer": "density"},
    ],
    ids=lambda query: "-".join(query.values()),
)  # fmt: skip
def test_every_page_of_issues_opens_with_a_campaign(visit, query):
    visit(**query, campaign=MARKET, language="en", community="990106007")  # it is outside


def test_no_city_without_campaigns_is_offered_the_page(city):
    assert "campaigns" in offered_areas(city, "home")["rectification"]
    bare = dataclasses.replace(city, campaigns={})
    assert "campaigns" not in offered_areas(bare, "home")["rectification"]
