"""Streets from OpenStreetMap: ways are cut where they meet, and every way is accounted for."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely

from analysis.access.street_network import prepare_network, street_access, walking_distance
from analysis.model.errors import SourceError
from layers.formats.overpass import is_walkable
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities

STREETS = """
[[layers]]
kind = "streets"
file = "streets.json"
format = "overpass"
columns = { id = "id", name = "name", "name:en" = "name_en", from_node = "from_node", to_node = "to_node", walkable = "walkable" }
"""  # noqa: E501
PLACES = {  # a cross of two streets, and a square at its eastern end
    1: (116.40, 39.90), 2: (116.41, 39.90), 3: (116.42, 39.90), 4: (116.41, 39.91),
    5: (116.41, 39.89), 6: (116.43, 39.90), 7: (116.43, 39.91), 8: (116.42, 39.91),
}  # fmt: skip


def nodes(*ids):
    return [
        {"type": "node", "id": i, "lon": x, "lat": y}
        for i, (x, y) in PLACES.items()
        if not ids or i in ids
    ]


def way(number, passed, **tags):
    return {"type": "way", "id": number, "nodes": passed, "tags": {"highway": "footway", **tags}}


CROSS = [
    way(100, [1, 2, 3], highway="primary", name="长街", **{"name:en": "Long Street"}),
    way(101, [4, 2, 5], oneway="yes"),
    way(102, [3, 6, 7, 8, 3], highway="motorway"),
]


@pytest.fixture
def load(tmp_path):
    write_communities(tmp_path)

    def load(elements, recipe=STREETS, **reply):
        text = json.dumps({"version": 0.6, "elements": elements, **reply})
        (tmp_path / "streets.json").write_text(text, encoding="utf-8")
        (tmp_path / "streets.json.gz").write_bytes(gzip.compress(text.encode()))
        (tmp_path / "city.toml").write_text(HEAD + recipe, encoding="utf-8")
        return load_city(tmp_path, city_data=NOWHERE)

    return load


def account(city):
    report = next(report for report in city.reports if report.kind == "streets")
    assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    notes = {(note.outcome, note.rule): note.count for note in report.notes}
    return (report.rows_in, report.loaded, report.quarantined), notes


def refused(load, problem, *arguments, **reply):
    with pytest.raises(SourceError) as caught:
        load(*arguments, **reply)
    assert caught.value.problem == problem
    return caught.value


def test_ways_are_cut_where_they_meet_and_nowhere_else(load):
    city = load([*nodes(), *CROSS])
    streets = city.streets
    ends = streets[["from_node", "to_node"]].agg(tuple, axis=1)
    assert ends.to_dict() == {
        "100-1": ("1", "2"),
        "100-2": ("2", "3"),
        "101-1": ("4", "2"),
        "101-2": ("2", "5"),
        "102-1": ("3", "3"),
    }
    assert shapely.get_num_points(streets.geometry).tolist() == [2, 2, 2, 2, 5]
    assert streets["name"].tolist() == ["长街", "长街", "", "", ""]
    assert streets["name_en"].tolist() == ["Long Street", "Long Street", "", "", ""]
    assert streets["walkable"].tolist() == [True, True, True, True, False]
    assert account(city) == ((5, 5, 0), {})


def test_people_walk_against_a_one_way_street_but_not_on_a_motorway(load):
    streets = load([*nodes(), *CROSS]).streets
    network = prepare_network(streets)
    at = streets.geometry
    south, north = (shapely.get_point(at["101-2"], -1), shapely.get_point(at["101-1"], 0))
    corner = shapely.get_point(at["102-1"], 2)
    doors = street_access(network, [north.x], [north.y])
    homes = street_access(network, [south.x, corner.x], [south.y, corner.y])
    found = walking_distance(network, homes, doors)
    lengths = streets["length_m"]
    assert found[0] == pytest.approx(lengths["101-1"] + lengths["101-2"])
    assert np.isinf(found[1])


def test_no_line_is_drawn_over_a_node_that_is_not_there(load):
    """Of 1-2-9-3-6 the nodes 1-2 and 3-6 are known; of 1-9 and of 7-7 no two."""
    ways = [way(1, [1, 2, 9, 3, 6]), way(2, [1, 9]), way(3, [7, 7]), way(4, [])]
    city = load([*nodes(), *ways])
    assert city.streets.index.tolist() == ["1-1", "1-2"]
    assert city.streets["to_node"].tolist() == ["2", "6"]
    counts, notes = account(city)
    assert counts == (5, 2, 3)
    assert notes == {("quarantined", "geometry_missing"): 3, ("noted", "way_gap"): 3}
    assert city.quarantine["id"].tolist() == ["2-1", "3-1", "4-1"]
    assert city.quarantine["row"].tolist() == [10, 11, 12]
    assert set(city.quarantine["reason"]) == {"geometry_missing"}


@pytest.mark.parametrize("place", [{}, {"lon": None, "lat": 39.9}, {"lon": 116.4, "lat": 399}])
def test_a_node_without_a_place_on_earth_is_not_there(load, place):
    city = load([*nodes(1, 2), {"type": "node", "id": 3, **place}, way(1, [1, 2, 3])])
    assert city.streets["to_node"].tolist() == ["2"]
    assert account(city)[1] == {("noted", "way_gap"): 1}


def test_a_reply_that_broke_off_is_refused(load):
    error = refused(
        load, "reply_incomplete", [*nodes(), *CROSS], remark="runtime error: Query timed out"
    )
    assert "timed out" in str(error)


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ([], "layer_empty"),
        (nodes(), "layer_empty"),
        ([way(1, [1, 2])], "nothing_loaded"),
        ([*nodes(), way(1, ["1", "2"])], "file_broken"),
        ([*nodes(), way(1, [1, [2]])], "file_broken"),
        ([*nodes(), way(1, [1.5, 2.5])], "file_broken"),
        ([*nodes(), {"type": "node", "id": "x", "lon": 1, "lat": 1}, *CROSS], "file_broken"),
        ([*nodes(), {"type": "node", "id": 9, "lon": "x", "lat": 1}, *CROSS], "file_broken"),
    ],
)  # fmt: skip
def test_a_reply_without_streets_is_refused(load, elements, problem):
    refused(load, problem, elements)


def test_other_json_is_no_reply(load):
    refused(load, "format_mismatch", {"type": "FeatureCollection"})


def test_elements_of_no_kind_are_passed_by_and_a_doubtful_way_is_quarantined(load, tmp_path):
    elements = [None, 7, {"type": "relation", "id": 1}, {"type": []}, *nodes(), *CROSS]
    city = load(elements)
    assert account(city)[0] == (5, 5, 0)
    text = (tmp_path / "streets.json").read_text(encoding="utf-8")
    twice = text.replace('"id": 101,', '"id": 101, "id": 101,')
    (tmp_path / "streets.json").write_text(twice, encoding="utf-8")
    city = load_city(tmp_path, city_data=NOWHERE)
    counts, notes = account(city)
    assert counts == (3, 2, 1)
    assert notes == {("quarantined", "row_broken"): 1}
    assert city.quarantine["row"].tolist() == [14]


def test_a_packed_reply_gives_the_same_streets(load):
    plain = load([*nodes(), *CROSS]).streets
    packed = load([*nodes(), *CROSS], STREETS.replace("streets.json", "streets.json.gz")).streets
    pd.testing.assert_frame_equal(plain, packed)


def test_ways_that_are_no_streets_can_be_left_out(load):
    house = {"type": "way", "id": 200, "nodes": [1, 4], "tags": {"building": "yes"}}
    recipe = STREETS + 'where_not = { highway = [""] }\n'
    city = load([*nodes(), *CROSS, house], recipe)
    assert "200-1" not in city.streets.index
    report = next(report for report in city.reports if report.kind == "streets")
    assert (report.rows_in, report.not_selected) == (6, 1)


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "designated"}, True),
        ({"highway": "primary", "motorroad": "yes"}, False),
        ({"highway": "primary", "foot": "no"}, False),
        ({"highway": "secondary", "foot": "use_sidepath"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "service", "access": "customers"}, False),
        ({"highway": "path", "access": "unknown", "foot": "unknown"}, True),
        ({"highway": "construction"}, False),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"building": "yes", "foot": "yes"}, False),
        ({"highway": ["footway"]}, False),
        ({"highway": "footway", "access": {}}, False),
        ({}, False),
    ],
)
def test_who_may_walk_where(tags, walkable):
    assert is_walkable(tags) == walkable


def test_cutting_keeps_every_step_once(load):
    """On random ways the steps of all edges are the steps of all ways, and no edge runs on
    through a node where ways meet."""
    rng = np.random.default_rng(20210330)
    for _ in range(10):
        runs = [rng.integers(1, 9, size=rng.integers(2, 7)).tolist() for _ in range(6)]
        ways = [way(i, passed) for i, passed in enumerate(runs)]
        known = set(rng.choice(np.arange(1, 9), size=7, replace=False).tolist())
        streets = load([*nodes(*known), *ways, way(9, list(known)[:2])]).streets
        runs.append(list(known)[:2])
        steps = sum(a != b and {a, b} <= known for run in runs for a, b in pairwise(run))
        assert (shapely.get_num_points(streets.geometry) - 1).sum() == steps
        inner = shapely.get_num_points(streets.geometry) - 2
        passed = [a for run in runs for a, b in pairwise([*run, 0]) if a != b]
        assert inner.sum() <= sum(passed.count(node) == 1 for node in known)
