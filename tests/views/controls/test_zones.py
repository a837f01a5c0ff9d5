"""A zone is compared with the city, and narrows the tables."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from analysis.access.prepared_city import with_shortest_paths
from analysis.coverage.figures import STRAIGHT
from analysis.coverage.zones import communities_in, compare_zones
from analysis.model.question import BY_RULE
from layers.knowledge.standards import load_standards
from tests.views.shown import query_of, said
from tests.views.towns import RECIPE, write_town
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()


@pytest.mark.parametrize("share", ["people", "area"])
def test_a_zone_is_compared_with_the_city_and_narrows_the_tables(
    visit, city, preparation, ways, share
):
    standard = STANDARDS["cn-life-circle"]
    zone = city.zones.loc[["old-town"]]
    ready = with_shortest_paths(preparation, ways)
    straight = {"measure": "straight"} if share == "area" else {}
    measures = (STRAIGHT,) if straight else BY_RULE
    rows = compare_zones(ready, zone, standard, measures=measures)
    figure = {"people": "population_covered_share", "area": "area_covered_share"}[share]
    parts = rows[rows["rule"] == "toilet-5min"].set_index("part")[figure]
    members = communities_in(preparation.community_land.dry, zone)
    query = {"standard": "cn-life-circle", "kind": "toilet", "zone": "old-town", **straight}
    page = visit(page="coverage", language="en", share=share, **query)
    inside, city_share = ENGLISH.share(parts["inside"]), ENGLISH.share(parts["city"])
    assert f"**{inside}**, in the city {city_share}" in said(page)
    assert len(page.dataframe[0].value) == len(members) < len(city.communities)
    page = visit(page="scorecard", language="en", **query)
    table, chart, matrix = (each.value for each in page.dataframe)
    assert len(table) == len(standard.rules)
    inside = rows[rows["part"] == "inside"]["value"]
    assert table[WORDS("en", "zones.col_inside")].tolist() == inside.map(ENGLISH.share).tolist()
    assert len(matrix) == len(members)
    assert len(chart) == len(members) * len(standard.rules)
    page = visit("bare", page="scorecard", language="en", zone="old-town")
    assert "zone" not in query_of(page)


def test_a_zone_that_touches_no_community_says_that_nothing_can_be_compared(
    towns, visit, tmp_path, monkeypatch
):
    town = write_town(tmp_path / "far", "id,lon,lat\nt1,121.005,31.005\n")
    zone = gpd.GeoDataFrame(
        {"id": ["z"], "name": ["Far"]}, geometry=[shapely.box(121.03, 31, 121.04, 31.01)], crs=4326
    )
    zone.to_file(town / "zones.geojson")
    layer = '[[layers]]\nkind = "zone"\nfile = "zones.geojson"\nsource = "a test"\n'
    layer += 'columns = { id = "id", name = "name" }\n'
    (town / "city.toml").write_text(RECIPE + layer, "utf-8")
    monkeypatch.setitem(towns, "far", town)
    query = {"standard": "cn-toilet-300", "rule": "toilet-500-area", "zone": "z", "share": "area"}
    page = visit("far", page="coverage", language="en", **query)
    assert WORDS("en", "zones.empty", zone="Far") in said(page)
    assert WORDS("en", "app.no_rows") in said(page)
    assert len(page.dataframe) == 0
    page = visit("far", page="scorecard", language="en", **query)
    assert set(page.dataframe[0].value[WORDS("en", "zones.col_inside")]) == {"—"}
