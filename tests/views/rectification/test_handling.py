"""Case handling: the page of units shows the recipe."""

from __future__ import annotations

import pandas as pd
import pytest

from maps.handling import MOST_POINTS, single_reports
from tests.languages import SPOKEN
from tests.views.shown import said, single_points
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()


@pytest.mark.parametrize("language", SPOKEN)
def test_every_report_checked_shows_the_recipe(visit, city, year, language):
    page = visit(page="units", language=language)
    checks, translate = year.checks, Speaker(WORDS, language)
    assert f"**{translate.count(len(checks.unchecked))}**" in said(page)
    assert f"**{translate.count(checks.received)}**" in said(page)
    ages, sources, units, cases = (frame.value for frame in page.dataframe)
    name = WORDS(language, "units.show_unchecked")
    assert ages[name].sum() == sources[name].sum() == units[name].sum() == len(checks.unchecked)
    assert cases.iloc[:, 0].tolist() == checks.unchecked.index[: len(cases)].tolist()
    assert not cases.astype(str).isin(set(city.issues["text"])).to_numpy().any()


def test_rates_show_numerator_and_denominator(visit, year):
    page = visit(page="units", part="rates", language="en")
    table = page.dataframe[0].value
    rows = year.kpis.query("level == 'city'")
    for name, column in (("hits", "numerator"), ("denominator", "denominator")):
        assert table[WORDS("en", f"units.col_{name}")].tolist() == rows[column].tolist()
    half = year.closing.loc[0, "median_days"]
    assert f"**{half:.1f}** days" in said(page)


def test_ranks_say_why_and_the_small_unit_is_not_ranked(visit):
    page = visit(page="units", part="ranking", language="zh")
    _, units, _, communities = (frame.value for frame in page.dataframe)  # charts have their own
    name, verdict, why = (WORDS("zh", f"units.col_{key}") for key in ("name", "verdict", "reason"))
    small = units[units[name] == "市园林绿化队"].iloc[0]
    assert small[verdict] == "—"
    order = ["差于预期", "好于预期", "分不出", "—"]
    places = units[verdict].map(order.index).tolist()
    assert places == sorted(places), "units stand in groups, the worse first"
    assert "不足 10 件" in small[why]
    assert len(communities) == 57  # the quiet one has no case to rank by
    assert page.get("download_button")


def test_single_reports_stand_on_the_map_where_they_are_few(drawn, city, year):
    waiting = year.checks.unchecked
    rare = waiting["category"].value_counts().index[-1]
    found = waiting[(waiting["category"] == rare) & waiting["x"].notna()]
    spec = drawn(page="units", category=rare)
    assert len(single_points(spec)) == len(found) > 0
    assert drawn(page="units", category=rare, show="overdue").points is None
    assert len(waiting) > MOST_POINTS
    assert drawn(page="units").points is None


def test_at_most_two_thousand_reports_are_drawn_one_by_one(year):
    reports = pd.concat([year.checks.unchecked.dropna(subset="x")] * 2).head(MOST_POINTS + 1)
    for count_, shown in ((MOST_POINTS, MOST_POINTS), (MOST_POINTS + 1, 0)):
        assert len(single_reports(reports.head(count_), "unchecked")) == shown
