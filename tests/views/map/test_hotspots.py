"""Hot spots and density clusters: the page shows the recipes."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.hotspots.clusters import find_clusters
from analysis.hotspots.recipe import find_hot_spots
from analysis.model.question import Selection
from tests.frames import issues_of
from tests.languages import SPOKEN
from tests.views.shown import query_of, said
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")


@pytest.mark.parametrize("category", [False, True])
def test_hot_spots_show_the_recipe(visit, city, category):
    chosen = city.issues["category"].value_counts().index[0] if category else ""
    found = find_hot_spots(
        issues_of(city),
        Selection(chosen or None, pd.Timestamp("2025-01-01"), pd.Timestamp("2026-06-30")),
        cell_size=300,
        residents=city.residents,
    )
    query = {"since": "2025-01-01", "cell": "300", "category": chosen}
    page = visit(page="hotspots", language="en", **query)
    places = found.places
    assert len(places) > 0
    assert f"**{len(places)}** hot place" in said(page)
    hits, total = ENGLISH.count(places["cases"].sum()), ENGLISH.count(found.hot_spots.cases)
    assert f"({hits} of {total})" in said(page)
    table = page.dataframe[0].value
    for name, column in (("cases", "cases"), ("open", "open"), ("overdue", "overdue")):
        shown = table[WORDS("en", f"hotspots.col_{name}")]
        assert shown.tolist() == places[column].head(len(table)).tolist()


def test_no_hot_place_is_said_and_is_no_empty_table(visit):
    page = visit(page="hotspots", language="en", category="公共厕所保洁或设施问题")
    assert WORDS("en", "hotspots.sentence_none", total="177") in said(page)
    assert not page.dataframe
    assert WORDS("en", "hotspots.table") not in said(page)


@pytest.mark.parametrize("language", SPOKEN)
def test_density_clusters_show_the_recipe(visit, city, language):
    found = find_clusters(
        issues_of(city),
        Selection(since=pd.Timestamp("2025-01-01"), until=pd.Timestamp("2026-06-30")),
        distance=100,
        least=5,
        streets=city.streets,
    )
    query = {"since": "2025-01-01", "within": "100", "crowd": "5"}
    page = visit(page="hotspots", layer="clusters", language=language, **query)  # as it was
    assert query_of(page)["page"] == "clusters"
    assert f"**{len(found.table)}**" in said(page)
    assert Speaker(WORDS, language).count(found.inside) in said(page)
    assert WORDS(language, "hotspots.clusters_meaning") in said(page)
    table = page.dataframe[0].value
    for name, column in (("cases", "cases"), ("sites", "sites"), ("open", "open")):
        shown = table[WORDS(language, f"hotspots.col_{name}")]
        assert shown.tolist() == found.table[column].head(len(table)).tolist() != []
    assert query.items() <= query_of(page).items()


def test_where_nothing_is_dense_the_page_says_what_may_help(visit):
    page = visit(page="clusters", language="en", within="25", crowd="100")
    assert "A wider radius or fewer cases may help." in said(page)
    assert not page.dataframe
