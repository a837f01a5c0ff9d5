"""Zones against sums by hand, against zones that are whole communities, and the demo city's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.land import Land
from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.coverage.zones import PARTS, SUMS, ZONE_COLUMNS, communities_in, compare_zones
from layers.knowledge.standards import load_standards
from tests.analysis.access.test_land import layer
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

SQUARES = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]


def zones(*shapes):
    return layer(*shapes).rename_axis("zone_id")


def compared(zone, *rules, shops=((500, 500),), homes=((500, 550, 30), (1500, 500, 10)), **more):
    homes = None if homes is None else residents(list(homes))
    communities = more.pop("communities", polygons(SQUARES))
    ready = prepare(communities, points(list(shops)), homes, kinds=["toilet"], **more)
    table = compare_zones(ready, zones(zone), standard(*rules))
    assert tuple(table.columns) == ZONE_COLUMNS
    assert table["part"].tolist() == [*PARTS] * len(rules)
    return table.set_index(["rule", "part"])


def test_a_zone_by_hand():
    """The zone is the eastern half of the west and reaches south beyond the city."""
    rows = compared(box(500, -500, 1000, 1000), rule("a"))
    inside, rest, city = (rows.loc["a", part] for part in PARTS)
    assert (inside["population"], rest["population"], city["population"]) == (30, 10, 40)
    assert inside["population_covered_share"] == 1
    assert rest["population_covered_share"] == 0
    assert inside["less_city"] == pytest.approx(0.25)
    assert inside["area_m2"] == pytest.approx(500_000)
    assert inside["area_covered_m2"] == pytest.approx(math.pi * 100**2 / 2, rel=1e-6)
    assert inside["facilities_inside"] == 1
    assert inside["density_per_km2"] == pytest.approx(2)
    assert rest["density_per_km2"] == pytest.approx(0)
    assert inside["per_10k_people"] == pytest.approx(1 / 30 * 1e4)


def test_people_without_places_are_spread_over_the_land_of_the_zone():
    communities = polygons(SQUARES, population=[1000.0, 200.0])
    half = box(0, 0, 500, 1000)
    rows = compared(half, rule("a"), homes=None, communities=communities)
    assert rows.loc[("a", "inside"), "population"] == pytest.approx(500)
    share = math.pi * 100**2 / 2 / 500_000
    assert rows.loc[("a", "inside"), "value"] == pytest.approx(share, rel=1e-6)
    homes = Land(residential=layer(box(400, 400, 600, 500)))
    rows = compared(half, rule("a"), homes=None, communities=communities, land=homes)
    assert rows.loc[("a", "inside"), "population"] == pytest.approx(500)
    assert rows.loc[("a", "inside"), "value"] == pytest.approx(math.pi / 4, rel=1e-6)


def test_what_is_unknown_is_not_compared():
    rows = compared(box(0, 0, 500, 500), rule("a", kind="market"), rule("b"), homes=None)
    assert rows["value"].isna().all()
    rows = compared(box(9000, 0, 9500, 500), rule("a"))
    inside = rows.loc["a", "inside"]
    assert (inside["population"], inside["area_m2"], inside["facilities_inside"]) == (0, 0, 0)
    assert np.isnan(inside["value"])


sides = st.integers(0, 20).map(lambda n: n * 100)


@settings(max_examples=25)
@given(
    corners=st.tuples(sides, sides, sides, sides).filter(lambda c: c[0] != c[2] and c[1] != c[3]),
    shops=st.lists(st.tuples(sides, sides), max_size=6),
    homes=st.lists(st.tuples(sides, sides, st.integers(1, 9)), min_size=1, max_size=12),
)
def test_inside_and_rest_make_the_city_and_the_city_is_the_summary(corners, shops, homes):
    zone = box(
        min(corners[0], corners[2]), min(corners[1], corners[3]),
        max(corners[0], corners[2]), max(corners[1], corners[3]),
    )  # fmt: skip
    land = Land(water=layer(box(0, 0, 300, 900)), residential=layer(box(200, 200, 1300, 700)))
    figures = ("population_covered_share", "area_covered_share", "residential_covered_share")
    rules = [rule(name, figure=name, radius=250) for name in figures]
    rules.append(rule("d", figure="density_per_km2", radius=None))
    rows = compared(zone, *rules, shops=shops, homes=homes, land=land)
    known = [name for name in SUMS if name in ZONE_COLUMNS]
    for name in (each.id for each in rules):
        inside, rest, city = (rows.loc[name, part][known].astype(float) for part in PARTS)
        np.testing.assert_allclose(inside + rest, city, atol=1e-6)
    ready = prepare(polygons(SQUARES), points(shops), residents(homes), kinds=["toilet"], land=land)
    summary = assess(ready, standard(*rules)).summary.set_index("rule")
    columns = [*known, "population_covered_share", "density_per_km2", "per_10k_people", *figures]
    for name in (each.id for each in rules):
        found, expected = (table[columns].astype(float) for table in (
            rows.loc[name, "city"], summary.loc[name]))  # fmt: skip
        np.testing.assert_allclose(found, expected, equal_nan=True)


def test_a_zone_of_whole_communities_has_their_figures(city, preparation):
    chosen = load_standards()["cn-life-circle"]
    old = city.communities["parent"] == "老城街道"
    zone = zones(city.communities[old].union_all())
    rows = compare_zones(preparation, zone, chosen)
    inside = rows[rows["part"] == "inside"].set_index("rule")
    summary = assess(preparation, chosen).summary
    parent = summary[summary["name"] == "老城街道"].set_index("rule")
    for name in ("population_covered_share", "area_covered_share", "residential_covered_share",
                 "density_per_km2", "per_10k_people"):  # fmt: skip
        np.testing.assert_allclose(inside[name], parent[name].astype(float), rtol=1e-3)
    assert set(communities_in(city.communities, zone)) == set(city.communities.index[old])


@pytest.mark.parametrize("zone", ["old-town", "fringe"])
def test_the_demo_city_s_zones_are_served_less_well(city, preparation, zone):
    chosen = load_standards()["cn-life-circle"]
    rows = compare_zones(preparation, city.zones.loc[[zone]], chosen)
    inside = rows[rows["part"] == "inside"].set_index("rule")["less_city"]
    assert (inside[["toilet-5min", "market-10min", "fitness-5min"]] < -0.02).all()
