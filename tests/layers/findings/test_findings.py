"""Layers that contradict each other or good sense are told with numbers, and nothing is moved."""

from __future__ import annotations

from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from layers.findings import communities as findings
from layers.findings.communities import crowded, overlapping
from layers.findings.facilities import near_twice, out_of_proportion, outside
from layers.findings.shifts import shifts_at, suspected_shift
from layers.languages import LANGUAGES
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities
from wording.catalogue import load_words

WUHAN = CRS.from_proj4("+proj=laea +lat_0=30.6 +lon_0=114.3 +datum=WGS84 +units=m")
NEW_YORK = CRS.from_proj4("+proj=laea +lat_0=40.7 +lon_0=-73.9 +datum=WGS84 +units=m")


def squares(*corners, side=1000, **columns):
    shapes = [shapely.box(x, y, x + side, y + side) for x, y in corners]
    names = {"name": [f"N{i}" for i in range(len(shapes))]} | columns
    index = pd.Index([f"c{i}" for i in range(len(shapes))], name="community_id")
    return gpd.GeoDataFrame(names, index=index, geometry=shapes, crs=WUHAN)


def test_neighbours_and_slivers_are_no_overlap():
    assert list(overlapping(squares((0, 0), (1000, 0), (2000, 0.05)))) == []
    assert list(overlapping(squares((0, 0), (999.95, 0)))) == []


def test_overlaps_are_measured_and_the_widest_is_named():
    (found,) = overlapping(squares((0, 0), (990, 0), (1890, 0)))
    assert (found.rule, list(found.rows)) == ("communities_overlap", ["c0", "c1", "c2"])
    assert found.facts == {"pairs": 2, "area_m2": 110_000, "first": "N1", "second": "N2"}


def test_one_shape_under_two_identifiers():
    (found,) = overlapping(squares((0, 0), (0, 0), (5000, 0)))
    assert (found.rule, list(found.rows)) == ("communities_same_shape", ["c0", "c1"])
    assert found.facts["area_m2"] == 1_000_000


def tiles(shapes):
    index = pd.Index([f"c{i}" for i in range(len(shapes))], name="community_id")
    return gpd.GeoDataFrame({"name": index}, index=index, geometry=[*shapes], crs=WUHAN)


@st.composite
def patches(draw):
    """A board of squares put together to shapes, with gaps, and others laid on top of it."""
    owners = draw(st.lists(st.integers(0, 5), min_size=16, max_size=16))
    square = [shapely.box(x, y, x + 20, y + 20) for x in range(0, 80, 20) for y in range(0, 80, 20)]
    cells = {owner: [square[i] for i in range(16) if owners[i] == owner] for owner in set(owners)}
    board = [shapely.union_all(parts) for owner, parts in cells.items() if owner]  # 0 is a lake
    laid = [
        shapely.affinity.translate(draw(st.sampled_from([*board, *square])), *offset)
        for offset in draw(
            st.lists(st.tuples(*[st.sampled_from([0, 0, 5, 20, 0.05, 200])] * 2), max_size=2)
        )
    ]
    return tiles([*board, *laid])


@settings(max_examples=50)
@given(communities=patches())
def test_edges_prove_no_more_than_each_pair_of_shapes(communities):
    with patch.object(findings, "_MOST_EDGES", 1):
        at_once = [*overlapping(communities)]
    with patch.object(findings, "_share_no_land", return_value=False):
        in_pairs = [*overlapping(communities)]
    assert [(each.rule, [*each.rows], each.facts) for each in at_once] == [
        (each.rule, [*each.rows], each.facts) for each in in_pairs
    ]


def test_a_tiling_with_a_lake_is_proved_by_its_edges(monkeypatch):
    monkeypatch.setattr(shapely, "coverage_invalid_edges", None)
    board = [shapely.box(x, y, x + 1, y + 1) for x in range(61) for y in range(61)]
    several = shapely.union_all([board.pop(500), board.pop(502)])
    del board[1500]
    assert [*overlapping(tiles([*board, several]))] == []


@pytest.mark.parametrize(
    ("people", "rules"),
    [
        ([1000] * 5, []),
        ([1000] * 4 + [300_001], ["population_dense"]),
        ([3.2, 4.1, 5.0, 2.2, 6.0], ["population_thousands"]),
        ([np.nan] * 5, []),
    ],
)
def test_people_that_cannot_be(people, rules):
    corners = [(2000 * i, 0) for i in range(5)]
    assert [found.rule for found in crowded(squares(*corners, population=people))] == rules


def facilities(rows):
    names, x, y = zip(*rows, strict=True)
    index = pd.Index([f"f{i}" for i in range(len(rows))], name="facility_id")
    return gpd.GeoDataFrame({"name": names}, index=index, geometry=shapely.points(x, y), crs=WUHAN)


def test_like_names_a_few_metres_apart():
    rows = [
        ("中山公园东侧公厕", 0, 0),
        ("中山公園東側公廁", 3, 4),
        ("中山公园一号公厕", 500, 0),
        ("中山公园二号公厕", 504, 0),
        ("", 900, 0),
        ("", 901, 0),
        ("市场", 2000, 0),
        ("市场", 2016, 0),
    ]
    (found,) = near_twice(facilities(rows))
    assert list(found.rows) == ["f0", "f1"]
    assert found.facts["apart_m"] == 5.0


def test_sizes_out_of_proportion():
    sizes = facilities([(f"t{i}", i * 100.0, 0.0) for i in range(30)]).assign(stalls=8.0)
    assert list(out_of_proportion(sizes, ["stalls"])) == []
    sizes.loc["f3", "stalls"] = 401.0
    (found,) = out_of_proportion(sizes, ["stalls"])
    assert (list(found.rows), dict(found.facts)) == (
        ["f3"],
        {"column": "stalls", "found": 401.0, "median": 8.0},
    )


def test_a_layer_that_does_not_meet_the_communities():
    places = pd.DataFrame({"x": [500.0] * 90 + [5000.0] * 10, "y": 500.0})
    (found,) = outside(places, squares((0, 0)))
    assert (len(found.rows), found.facts) == (10, {"share": 0.1, "total": 100})
    assert list(outside(places.head(92), squares((0, 0)))) == []


@pytest.fixture(scope="module")
def town():
    """Streets of an irregular grid, and 200 places 8 m beside them."""
    chance = np.random.default_rng(4)
    at = np.cumsum(chance.uniform(120, 260, 24))
    lines = [shapely.LineString([(x, 0), (x, at[-1])]) for x in at]
    lines += [shapely.LineString([(0, y), (at[-1], y)]) for y in at]
    along = chance.uniform(500, at[-1] - 500, 200)
    places = np.column_stack([along, chance.choice(at, 200) + chance.choice([-8, 8], 200)])
    places[::2] = places[::2, ::-1]
    return gpd.GeoSeries(lines, crs=WUHAN), places


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_an_undeclared_shift_is_found_with_distance_and_direction(town, system):
    streets, places = town
    vector = shifts_at(np.median(places, axis=0), WUHAN)[system]
    found = suspected_shift(places + vector, streets)
    assert found.system == system
    assert found.distance_m == pytest.approx(np.hypot(*vector), rel=0.01)
    east, north = np.sin(np.radians(found.bearing)), np.cos(np.radians(found.bearing))
    assert np.dot([east, north], vector) == pytest.approx(np.hypot(*vector), rel=1e-3)
    assert found.apart_shifted_m < 12 < found.apart_m


def test_a_layer_in_its_place_moved_otherwise_or_elsewhere_is_not_suspected(town):
    streets, places = town
    assert suspected_shift(places, streets) is None
    assert suspected_shift(places + 300.0, streets) is None
    chance = np.random.default_rng(5).uniform(500, 4000, (400, 2))
    assert suspected_shift(chance, streets) is None
    assert suspected_shift(places[:20], streets) is None
    assert shifts_at(np.zeros(2), NEW_YORK) == {}


def test_notes_stand_in_the_account_and_are_said_in_both_languages(tmp_path):
    one, other = shapely.box(116.3, 39.85, 116.4, 39.95), shapely.box(116.39, 39.85, 116.5, 39.95)
    write_communities(tmp_path, [one, other], id=["1", "2"], name=["甲社区", "乙社区"])
    columns = '{ n = "name", lon = "lon", lat = "lat" }'
    layer = f'\n[[layers]]\nkind = "toilet"\nfile = "t.csv"\ncolumns = {columns}\n'
    (tmp_path / "city.toml").write_text(HEAD + layer, "utf-8")
    rows = "n,lon,lat\n东门公厕,116.35,39.9\n東門公廁,116.35001,39.9\n"
    (tmp_path / "t.csv").write_text(rows, "utf-8")
    city = load_city(tmp_path, city_data=NOWHERE)
    words = load_words()
    notes = {note.rule: note for report in city.reports for note in report.notes}
    assert notes["communities_overlap"].count == 2
    assert notes["facilities_near_twice"].first == ("toilet-1", "toilet-2")
    assert city.reports[-1].loaded == 2
    for language in LANGUAGES:
        for rule in ("communities_overlap", "facilities_near_twice"):
            facts = notes[rule].facts
            assert facts["first"] in words(language, f"note.{rule}", **facts)
