"""Areas of land: water taken out, residential land and built-up area as denominators."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from analysis.access.land import Land, cut_to_land, within, without
from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.coverage.gaps import gap_polygons
from analysis.coverage.robustness import judge_robustness
from analysis.coverage.zones import compare_zones
from analysis.geometry.disc_cover import prepare_disc_cover
from analysis.model.errors import FrameError
from exports.tables.facilities import community_table
from layers.knowledge.standards import load_standards
from tests.analysis.coverage.test_assessment import rule, standard
from tests.conftest import CITY_DATA
from tests.frames import CRS, points, polygons, residents

WEST, EAST = box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)
TOWN = {
    "communities": polygons([WEST, EAST], parents=["P", "P"]),
    "facilities": points([(500, 500)]),
    "residents": None,
    "kinds": ["toilet"],
}


def layer(*shapes):
    names = [f"l{place}" for place in range(len(shapes))]
    frame = gpd.GeoDataFrame({"name": names}, geometry=list(shapes), index=names, crs=CRS)
    return frame.rename_axis("land_id")


def judged(*rules, land, **changes):
    result = assess(prepare(**{**TOWN, **changes}, land=land), standard(*rules))
    return result, result.coverage.set_index(["rule", "community_id"])


def test_water_leaves_every_area_and_the_row_says_so():
    """A lake over the southern half of the west, drawn twice; the east is all sea."""
    lake, sea = box(-10, -10, 1000, 500), box(900, 0, 1000, 500)
    ask = rule("a", figure="area_covered_share", minimum=0.01)
    result, rows = judged(ask, land=Land(water=layer(lake, sea, EAST)))
    west, east = rows.loc["a", "c0"], rows.loc["a", "c1"]
    assert west["area_m2"] == pytest.approx(500_000)
    assert west["area_covered_m2"] == pytest.approx(math.pi * 100**2 / 2, rel=1e-6)
    assert west["density_per_km2"] == pytest.approx(2)
    assert west["area_basis"] == "without_water"
    assert (east["area_m2"], east["area_covered_m2"]) == (0, 0)
    assert (east["verdict"], east["reason"]) == ("cannot_judge", "no_such_land_here")
    assert (west["denominators"], east["denominators"]) == ("area", "")
    assert result.summary["area_m2"].iloc[0] == pytest.approx(500_000)


def test_residential_land_is_a_denominator_of_its_own():
    homes = layer(box(400, 400, 600, 500), box(500, 400, 600, 500))
    ask = rule("a", figure="residential_covered_share", minimum=0.7)
    result, rows = judged(ask, land=Land(residential=homes))
    west, east = rows.loc["a", "c0"], rows.loc["a", "c1"]
    assert west["residential_m2"] == pytest.approx(20_000)
    assert west["residential_covered_m2"] == pytest.approx(math.pi * 100**2 / 2, rel=1e-6)
    assert west["value"] == pytest.approx(math.pi / 4, rel=1e-6)
    assert (west["verdict"], west["denominators"]) == ("meets", "area; residential")
    assert (east["residential_m2"], east["reason"]) == (0, "no_such_land_here")
    assert np.isnan(east["residential_covered_share"])
    assert result.summary["residential_covered_share"].iloc[0] == pytest.approx(math.pi / 4)


def test_without_the_layer_a_rule_on_residential_land_cannot_be_judged():
    ask = rule("a", figure="residential_covered_share", minimum=0.7)
    _, rows = judged(ask, land=None)
    assert set(rows["reason"]) == {"no_residential_layer"}
    assert (
        rows[["residential_m2", "residential_covered_share", "built_up_m2"]].isna().all(axis=None)
    )
    assert set(rows["area_basis"]) == {"whole"}


def test_what_residential_land_lacks_is_counted_in_its_square_metres():
    homes, closed = layer(box(400, 400, 600, 500)), points([(900, 900)], status="closed")
    ask = rule("a", figure="residential_covered_share", minimum=0.99)
    _, rows = judged(ask, land=Land(residential=homes))
    lacking = 0.99 * 20_000 - math.pi * 100**2 / 2
    assert rows.loc[("a", "c0"), "shortfall"] == pytest.approx(lacking, rel=1e-6)
    opened = points([(400, 450), (600, 450)], status="closed").rename(lambda name: f"x{name}")
    _, rows = judged(
        ask,
        land=Land(residential=homes),
        facilities=pd.concat([TOWN["facilities"], opened]),
    )
    assert rows.loc[("a", "c0"), "gap_type"] == "weak"
    assert rows.loc[("a", "c0"), "value_if_open"] > 0.99
    _, rows = judged(ask, land=Land(residential=homes), facilities=closed)
    assert rows.loc[("a", "c0"), "gap_type"] == "missing"


def test_densities_are_over_the_built_up_area_where_the_rule_means_it():
    built = Land(built_up=layer(box(0, 0, 250, 1000)))
    clipped = rule("a", figure="density_per_km2", minimum=3, radius=None, land="built_up")
    whole = rule("b", figure="density_per_km2", minimum=3, radius=None)
    result, rows = judged(clipped, whole, land=built)
    assert rows.loc[("a", "c0"), "density_per_km2"] == pytest.approx(4)
    assert rows.loc[("b", "c0"), "density_per_km2"] == pytest.approx(1)
    assert rows["density_basis"].tolist() == ["built_up", "built_up", "area", "area"]
    assert rows.loc[("a", "c1"), "reason"] == "no_such_land_here"
    assert rows.loc[("b", "c0"), "shortfall"] == 2
    whole_city = result.summary[result.summary["level"] == "city"].set_index("rule")
    assert whole_city.loc["a", "density_per_km2"] == pytest.approx(4)
    _, without_layer = judged(clipped, land=None)
    assert without_layer.loc[("a", "c0"), "density_per_km2"] == pytest.approx(1)
    assert without_layer.loc[("a", "c0"), "density_basis"] == "area"


BUILT = Land(
    residential=layer(box(400, 400, 600, 500)), built_up=layer(box(400, 0, 500, 1000), EAST)
)


def test_shares_of_land_are_of_the_built_up_area_where_the_rule_means_it():
    """Half of the disc lies in the strip that is built up, half of that on homes."""
    clip = {"radius": 100, "land": "built_up", "minimum": 0.8}
    area, homes = (f"{each}_covered_share" for each in ("area", "residential"))
    rules = [rule("a", figure=area, **clip), rule("r", figure=homes, **clip)]
    whole = rule("w", figure=homes, minimum=0.8)
    result, rows = judged(*rules, whole, land=BUILT)
    west = rows.xs("c0", level="community_id")
    assert west["area_basis"].tolist() == ["built_up", "built_up", "whole"]
    assert west["area_m2"].tolist() == pytest.approx([100_000, 100_000, 1_000_000])
    assert west["residential_m2"].tolist() == pytest.approx([10_000, 10_000, 20_000])
    disc = math.pi * 100**2
    assert west.loc["a", "value"] == pytest.approx(disc / 2 / 100_000, rel=1e-6)
    assert west.loc["r", "value"] == pytest.approx(disc / 4 / 10_000, rel=1e-6)
    assert west.loc["w", "value"] == pytest.approx(disc / 2 / 20_000, rel=1e-6)
    assert west.loc["r", "shortfall"] == pytest.approx(0.8 * 10_000 - disc / 4, abs=0.01)
    assert rows.loc[("r", "c1"), "reason"] == "no_such_land_here"
    assert rows.loc[("a", "c1"), "area_m2"] == pytest.approx(1_000_000)
    total = result.summary[result.summary["level"] == "city"].set_index("rule")
    assert total.loc["a", area] == pytest.approx(disc / 2 / 1_100_000, rel=1e-6)
    assert total.loc["r", homes] == pytest.approx(disc / 4 / 10_000, rel=1e-6)


def test_band_zone_and_what_opening_would_give_are_of_the_same_land():
    homes = rule("r", figure="residential_covered_share", radius=100, land="built_up", minimum=0.99)
    closed = points([(400, 450)], status="closed").rename(lambda name: f"x{name}")
    town = {**TOWN, "facilities": pd.concat([TOWN["facilities"], closed])}
    ready = prepare(**town, land=BUILT)
    result = assess(ready, standard(homes))
    value = result.coverage["value"].iloc[0]
    assert result.coverage["gap_type"].iloc[0] == "weak"
    band = judge_robustness(ready, result, position_error=0.0).communities.iloc[0]
    assert band["value_position_less"] == pytest.approx(value)
    zones = layer(WEST).rename_axis("zone_id")
    zone = compare_zones(ready, zones, standard(homes)).set_index("part")
    assert zone.loc["inside", "value"] == pytest.approx(value)
    assert zone.loc["inside", "residential_m2"] == pytest.approx(10_000)


def test_without_the_layer_shares_are_of_the_whole_land():
    clipped = rule("a", figure="area_covered_share", land="built_up")
    _, rows = judged(clipped, land=None)
    assert rows["area_basis"].tolist() == ["whole", "whole"]
    assert rows["area_m2"].tolist() == pytest.approx([1_000_000, 1_000_000])


def test_the_communities_of_the_map_layer_keep_their_whole_land():
    clip = rule("a", figure="area_covered_share", land="built_up")
    for rules, area in (((clip, rule("b")), 1_000_000), ((clip,), 100_000)):
        result, _ = judged(*rules, land=BUILT)
        table = community_table(TOWN["communities"], result)
        assert table["area_m2"].iloc[0] == pytest.approx(area)


def test_people_without_places_are_spread_over_residential_land():
    communities = TOWN["communities"].assign(population=[1000.0, 400.0])
    homes = Land(residential=layer(box(400, 400, 600, 500)))
    _, rows = judged(rule("a"), land=homes, communities=communities)
    assert rows.loc[("a", "c0"), "population_covered"] == pytest.approx(250 * math.pi, rel=1e-6)
    assert rows.loc[("a", "c1"), "population_covered"] == 0
    assert set(rows["population_basis"]) == {"residential"}
    idle = points([(1500, 500)], status="closed").rename(lambda name: f"x{name}")
    both = pd.concat([TOWN["facilities"], idle])
    _, rows = judged(rule("a", minimum=0.02), land=homes, communities=communities, facilities=both)
    share = math.pi * 100**2 / 1e6
    assert rows.loc[("a", "c1"), "value_if_open"] == pytest.approx(share, rel=1e-6)


def test_residents_stay_where_they_are_whatever_the_land():
    people = residents([(500, 550, 30), (500, 700, 10)])
    flooded = Land(water=layer(WEST), residential=layer(box(0, 0, 10, 10)))
    _, rows = judged(rule("a"), land=flooded, residents=people)
    assert rows.loc[("a", "c0"), "population_covered_share"] == pytest.approx(0.75)
    assert rows.loc[("a", "c0"), "denominators"] == "people"


def test_a_land_layer_in_another_system_is_refused():
    with pytest.raises(FrameError, match="communities in"):
        prepare(**TOWN, land=Land(water=layer(WEST).to_crs(32650)))


corner = st.tuples(st.integers(-3, 12), st.integers(-3, 12), st.integers(1, 9), st.integers(1, 9))
rectangles = st.lists(corner, min_size=1, max_size=5)


@given(found=rectangles)
def test_what_lies_within_and_what_does_not_make_the_whole(found):
    """Against overlays of the one union that the module never makes."""
    communities = polygons([box(0, 0, 5, 10), box(5, 0, 10, 10), box(30, 0, 31, 1)])
    cover = layer(*(box(x, y, x + w, y + h) for x, y, w, h in found))
    union = shapely.union_all(cover.geometry)
    inside, rest = within(communities, cover).area, without(communities, cover).area
    index = communities.index
    exact = communities.intersection(union).area
    np.testing.assert_allclose(inside.reindex(index, fill_value=0), exact, atol=1e-9)
    np.testing.assert_allclose(
        inside.reindex(index, fill_value=0) + rest.reindex(index, fill_value=0), communities.area
    )


def test_gaps_and_covered_land_make_the_land():
    lake = box(300, -10, 700, 480)
    ready = prepare(**TOWN, land=Land(water=layer(lake)))
    gaps = gap_polygons(
        ready.community_land.dry,
        ready.supply["toilet"].facilities,
        service_radius=300,
        cover=ready.supply["toilet"].cover,
    )
    covered = ready.supply["toilet"].cover.covered_area(300).sum()
    together = gaps.frame.area.sum() + gaps.sliver_area_m2 + covered
    assert together == pytest.approx(ready.area_m2.sum(), rel=1e-6)
    assert not gaps.frame.intersects(lake.buffer(-1)).any()


@pytest.mark.real_city("zurich")
def test_quarters_of_zurich_without_their_lake_are_the_quarters_drawn_without_it():
    """
    The city publishes its quarters with and without the lake, and the lake by itself.

    The editions differ: shores by metres, and a few borders between quarters moved. So the
    city is compared as a whole, and those quarters by the lake whose borders stayed.
    """
    folder = CITY_DATA / "zurich"
    lake = gpd.read_file(folder / "lake.gpkg").to_crs(2056)
    bins = gpd.read_file(folder / "waste_bins.gpkg").to_crs(2056)
    whole = gpd.read_file(folder / "boundaries_statistische_quartiere_topo.json")
    whole = whole.set_crs(4326, allow_override=True).to_crs(2056)
    whole.index = whole["Quartiernummer"].astype(int)
    drawn = gpd.read_file(folder / "boundaries_statistische_quartiere_withoutlake.geojson")
    drawn = drawn.to_crs(2056).set_index(drawn["QNr"].astype(int)).reindex(whole.index)
    assert lake.area.sum() > 3 * lake.union_all().area
    dry = without(whole, lake)
    moved = dry.symmetric_difference(drawn.reindex(dry.index)).area / drawn.area
    lakeside = (whole.area - dry.area > 10_000) & (moved < 0.04)
    assert moved.median() < 0.01
    assert lakeside.sum() >= 3
    for radius in (50, 150):
        shares = [_shares(each, bins, radius) for each in (dry, drawn, whole)]
        cut, exact, with_lake = (both["share"] for both in shares)
        assert (np.abs(cut - exact) <= 2 * moved + 1e-6).all()
        assert (exact - with_lake)[lakeside].min() > 0.01
        total_cut, total_exact, _ = (each["covered"].sum() / each["area"].sum() for each in shares)
        assert total_cut == pytest.approx(total_exact, abs=0.001)
    assert dry.area.sum() == pytest.approx(drawn.area.sum(), rel=0.001)


def _shares(parts, facilities, radius):
    covered = prepare_disc_cover(parts, facilities).covered_area(radius)
    return pd.DataFrame({"covered": covered, "area": parts.area, "share": covered / parts.area})


def test_land_of_the_demo_city_is_where_it_should_be(city, preparation):
    community_land = cut_to_land(city.communities, city.land)
    assert 0.96 < community_land.area_m2.sum() / city.communities.area.sum() < 0.98
    assert (community_land.residential_m2 < community_land.built_up_m2).all()
    assert (community_land.built_up_m2 <= community_land.area_m2 + 1e-6).all()
    homes = shapely.union_all(city.land.residential.geometry)
    shapely.prepare(homes)
    near = shapely.dwithin(homes, shapely.points(city.residents[["x", "y"]].to_numpy()), 60)
    assert city.residents["population"][near].sum() > 0.95 * city.residents["population"].sum()
    rows = assess(preparation, load_standards()["cn-toilet-density"]).coverage
    rows = rows[rows["rule"] == "toilet-density"]
    assert set(rows["density_basis"]) == {"built_up"}
    expected = rows["facilities_inside"].astype(float) / rows["built_up_m2"] * 1e6
    np.testing.assert_allclose(rows["value"], expected)
