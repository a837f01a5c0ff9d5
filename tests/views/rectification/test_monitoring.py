"""The page of monitoring shows what the recipe says, and no city without the layer has it."""

from __future__ import annotations

import html

import pytest

from exports.recipes.casework.monitoring import found_of
from tests.views.shown import said
from views import cache
from views.controls.choice import offered_areas
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_what_the_recipe_says(visit, language):
    page = visit(page="monitoring", language=language, series="air/pm25", every="month")
    translate = Speaker(WORDS, language)
    found = found_of(cache.answers(), "air/pm25", "month", translate)
    shown = html.unescape(said(page))
    for sentence in found.said:
        assert sentence in shown
    assert translate("monitoring.made_only") in shown
    assert translate("monitoring.nearest_note") in shown
    _chart, periods, areas, nearest = (each.value for each in page.dataframe)
    assert periods[translate("monitoring.col_period")].tolist() == ["2026-06", "2026-05", "2026-04"]
    assert areas[translate("monitoring.col_n")].tolist() == found.rows["n"].tolist()
    told = nearest[translate("monitoring.col_distance")].tolist()
    assert told == found.nearest["distance_m"].round(0).tolist()


def test_stations_are_drawn_by_what_they_found(drawn, city):
    spec = drawn(page="monitoring")
    assert spec.points is not None
    assert len(spec.points.kinds) == len(spec.legend.rows) == 2  # one beyond its limit, others not


def test_no_city_without_the_layer_is_offered_the_page(city):
    assert "monitoring" in offered_areas(city, "home")["rectification"]
    bare = city.__class__(**{**vars(city), "readings": None})
    assert "monitoring" not in offered_areas(bare, "home")["rectification"]


def test_an_address_that_names_nothing_measured_shows_the_first(visit):
    page = visit(page="monitoring", language="en", series="<script>", every="week")
    assert "Turbidity" in said(page)
