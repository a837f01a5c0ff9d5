"""Change, alerts and under-reporting: the pages show the recipe."""

from __future__ import annotations

from analysis.trends.emerging import EDITION
from tests.views.shown import said
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")


def test_the_page_of_change_shows_the_recipe_s_patterns(visit, demo_trends):
    page = visit(page="change", language="en")
    table, places = page.dataframe[0].value, demo_trends.emerging.places
    assert table[WORDS("en", "change.col_pattern")].tolist() == [
        WORDS("en", f"change.{name}") for name in places["pattern"]
    ]
    assert table[WORDS("en", "change.col_last")].tolist() == places["cases_last"].tolist()
    assert EDITION in said(page)


def test_alerts_and_predictions_are_those_of_the_recipe(visit, demo_trends):
    table = visit(page="change", language="en", view="weeks").dataframe[0].value
    called = demo_trends.alerts[demo_trends.alerts["alert"] != "within"]
    assert table[WORDS("en", "change.col_week")].tolist() == called["week"].tolist()
    table = visit(page="change", language="en", view="prediction").dataframe[0].value
    shown = table[WORDS("en", "change.col_hits")].tolist()
    assert shown == [ENGLISH.share(rate) for rate in demo_trends.prediction["hit_rate"]]


def test_a_period_too_short_for_change_is_refused_with_the_reason(visit):
    page = visit(page="change", language="en", since="2026-01-01")
    assert "There are only 6 whole months" in said(page)
    assert WORDS("en", "hint.steps_too_few") in said(page)


def test_the_silent_community_leads_its_page(visit, demo_trends):
    page = visit(page="silence", language="zh")
    table = demo_trends.under_reporting.table
    first = table["p"].idxmin()
    shown = page.dataframe[0].value
    assert (
        shown[WORDS("zh", "hotspots.col_place")].iloc[0].split(" · ")[0]
        == (table.loc[first, "community"])
    )
    assert table.loc[first, "community"] in said(page)
    assert WORDS("zh", "hotspots.no_report") in said(page)
