"""Then and now: the page shows the recipe."""

from __future__ import annotations

from analysis.coverage.editions import compare
from layers.knowledge.standards import load_standards
from tests.views.shown import query_of, said
from views.controls.choice import (
    rules_of,
)
from wording.catalogue import load_words
from wording.speaker import Speaker

ENGLISH = Speaker(load_words(), "en")

STANDARDS = load_standards()


def test_then_and_now_shows_the_recipe(visit, city, preparation):
    standard = STANDARDS["intl-400m"]
    then = city.earlier["2024-06-30"]
    found = compare(preparation, then, standard)
    rule = next(iter(rules_of(standard, "toilet")))
    rows = found.change[found.change["rule"] == rule]
    query = {"page": "compare", "language": "en", "standard": "intl-400m", "kind": "toilet"}
    page = visit(**query)
    counts = found.counts("toilet")
    assert f"**{counts['opened']}** opened, **{counts['closed']}** closed" in said(page)
    assert f"**{ENGLISH.count(rows['people_gained'].sum())}** residents came within" in said(page)
    assert f"no longer meeting it: **{(rows['crossed'] == 'down').sum()}**" in said(page)
    assert page.dataframe[0].value["Change"].iloc[0] == "no longer meets"
    changed = visit(panel="details", **query).dataframe[0].value["Outcome"].value_counts().to_dict()
    assert changed == {name: counts[name] for name in ("opened", "closed", "moved")}
    assert query_of(page)["edition"] == "2024-06-30"


def test_rows_that_are_told_twice_are_not_missing_from_the_comparison(visit, city):
    """The page names as many lost rows as the sentence above every page: 7 of 205, and 9 kept."""
    (report,) = [each for each in city.reports if each.id == "toilet"]
    assert report.quarantined == 9  # two of them say what an earlier row says
    page = said(visit(page="compare", language="en", kind="toilet"))
    assert "Public toilets 7 of 205" in page
    assert "(7 now, 7 then)" in page
    assert "Distance: walking." in page
    straight = visit(page="compare", language="en", kind="toilet", measure="straight")
    assert "Distance: straight line." in said(straight)


def test_then_and_now_needs_an_earlier_edition(visit):
    page = visit("bare", page="compare", language="en")
    assert "no earlier edition" in said(page)
    assert not page.dataframe
