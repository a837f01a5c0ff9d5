"""Cities as their publishers wrote them: every row is accounted for, and the figures are known."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse.csgraph import connected_components

from analysis.access.opening_hours import read_hours
from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.street_network import prepare_network
from analysis.access.supply_filter import SupplyFilter, apply_filter
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.handling.matrix import wide_matrix
from analysis.handling.recipe import assess_handling
from analysis.handling.verification import AGE_BANDS
from analysis.issues.location import locate_cases
from analysis.model.contracts import (
    SUPPLY_STATUS,
    check_communities,
    check_facilities,
    check_issues,
    check_residents,
)
from analysis.model.question import Selection
from analysis.trends.recipe import find_trends
from layers.knowledge.standards import load_standards
from layers.knowledge.taxonomy import load_names, load_taxonomy
from layers.load import default_city_data
from layers.recipe.schema import LAND_KINDS, ZONE
from tests.frames import issues_of

DATA = Path(__file__).resolve().parents[2] / "data"
UNREAD = {
    "Concession Operating Hours": 61,
    "7am - dusk": 8,
    "7:30am - dusk": 8,
    "Bathrooms are open from 7 a.m.-7 p.m., with a one-hour closure for cleaning from 12 noon-1 p.m.": 5,  # noqa: E501
    "Open by permit": 2,
    "6am - dusk": 1,
    "Closed during school hours": 1,
    "8am - dusk": 1,
    "Park Hours": 1,
    "Everyday 11:30 am-7:30 pm, except Mondays, Thanksgiving, Christmas, and New Year's; closed four times a year, each time for four consecutive days, for installation of new exhibits": 1,  # noqa: E501
}  # fmt: skip


def counts(city):
    for report in city.reports:
        assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    return {
        report.id: (
            report.rows_in,
            report.not_selected,
            report.loaded,
            report.repaired,
            report.quarantined,
        )
        for report in city.reports
    }


def found(city, layer):
    report = next(report for report in city.reports if report.id == layer)
    return {(note.outcome, note.rule): note.count for note in report.notes}


def check(city):
    check_communities(city.communities)
    check_facilities(city.facilities)
    if city.residents is not None:
        check_residents(city.residents)
    check_issues(city.issues)
    assert city.scale_error < 0.001
    assert len(city.quarantine) == sum(report.quarantined for report in city.reports)


@pytest.mark.real_city("nyc")
def test_new_york(cities, loading_seconds):
    city = cities("nyc")
    check(city)
    assert counts(city) == {
        "communities": (262, 0, 262, 0, 0),
        "residents": (855_552, 0, 855_552, 0, 0),
        "toilet": (1047, 0, 1043, 0, 4),
        "market": (138, 0, 137, 0, 1),
        "fitness": (5914, 5752, 162, 0, 0),
        "issues": (6895, 0, 6895, 12, 0),
        "issues-2": (3200, 0, 3200, 1, 0),
        "issues-3": (500, 0, 500, 0, 0),
        "streets": (165_782, 0, 165_782, 0, 0),
    }
    assert found(city, "toilet") == {
        ("quarantined", "row_twice"): 4,
        ("noted", "characters_hidden"): 1,
        ("noted", "place_shared"): 10,
        ("noted", "facilities_near_twice"): 4,
    }
    assert found(city, "market") == {("quarantined", "coordinates_outside"): 1}
    assert city.quarantine.query("layer == 'market'")["detail"].tolist() == [
        "-0.000079703981596, 40.678562"
    ]
    assert city.residents["population"].sum() == pytest.approx(8_804_190)
    assert city.as_of == pd.Timestamp("2025-07-12", tz="America/New_York")
    assert loading_seconds["nyc"] < 20


@pytest.mark.real_city("nyc")
def test_closed_restrooms_of_new_york_are_no_supply(cities):
    city = cities("nyc")
    toilets = city.facilities[city.facilities["kind"] == "toilet"]
    assert toilets["status"].value_counts().to_dict() == {"open": 928, "closed": 115}
    assert toilets["accessible"].sum() == 605


@pytest.mark.real_city("nyc")
def test_feet_become_metres(cities):
    """New York City has some 780 km² of land; feet taken for metres make 8,400."""
    city = cities("nyc")
    assert city.communities.area.sum() / 1e6 == pytest.approx(783, abs=10)
    assert city.communities["parent"].value_counts().to_dict() == {
        "Queens": 83,
        "Brooklyn": 69,
        "Bronx": 49,
        "Manhattan": 38,
        "Staten Island": 23,
    }


@pytest.mark.real_city("nyc")
def test_people_by_lot_agree_with_the_publisher_s_own_neighbourhoods(cities):
    """Greenpoint has 39,227 people in the publisher's own table by neighbourhood."""
    city = cities("nyc")
    greenpoint = city.communities.geometry["BK0101"]
    inside = shapely.contains_xy(greenpoint, city.residents["x"], city.residents["y"])
    assert city.residents["population"][inside].sum() == pytest.approx(39_227, rel=0.02)


@pytest.mark.real_city("nyc")
def test_new_yorks_streets_are_those_of_the_file(cities):
    """Counted a second time, way by way, from the file itself."""
    city = cities("nyc")
    file = default_city_data() / "nyc" / "derived_osm_walk_merged_20210330.json.gz"
    elements = json.loads(gzip.decompress(file.read_bytes()))["elements"]
    ways = [each for each in elements if each["type"] == "way"]
    passed = Counter(node for way in ways for node in way["nodes"])
    inner = sum(passed[node] > 1 for way in ways for node in way["nodes"][1:-1])
    streets = city.streets
    assert len(streets) == len(ways) + inner == 165_782
    assert streets.index.str.rsplit("-", n=1).str[0].nunique() == len(ways) == 75_190
    assert (shapely.get_num_points(streets.geometry) - 1).sum() == passed.total() - len(ways)
    assert streets["walkable"].sum() == 164_835
    nodes = pd.concat([streets["from_node"], streets["to_node"]])
    assert set(nodes) <= {str(each["id"]) for each in elements if each["type"] == "node"}


@pytest.mark.real_city("nyc")
def test_where_new_york_has_no_streets_walking_cannot_be_judged(cities):
    city = cities("nyc")
    ready = prepare(city.communities, city.facilities, city.residents, kinds=["toilet"])
    ready = with_shortest_paths(
        ready,
        prepare_walking_network(city.communities, ready.demand, city.streets),
    )
    standard = load_standards()["intl-400m"]
    rows = assess(ready, standard, measures=("network",)).coverage
    rows = rows[rows["kind"] == "toilet"].set_index("community_id")
    without = rows["population_without_streets"] >= rows["population"] * (1 - 1e-9)
    nowhere = rows[without & (rows["population"] > 0)]
    assert len(nowhere) == 41
    assert nowhere["mean_distance_m"].isna().all()
    perhaps = nowhere["population_not_judged"] > 0
    assert set(nowhere[perhaps]["reason"]) == {"too_many_without_streets"}
    assert nowhere[perhaps]["population_covered_share"].isna().all()
    assert set(nowhere[~perhaps]["verdict"]) == {"fails"}
    assert rows.loc["MN0101", "verdict"] != "cannot_judge"
    assert rows.loc["MN0101", "detour_ratio"] > 1


@pytest.mark.real_city("taipei")
def test_taipeis_segments_meet_at_their_ends(cities):
    """The file has 4,312 different ends, and all but 28 of them hang together."""
    streets = cities("taipei").streets
    assert len({*streets["from_node"], *streets["to_node"]}) == 4312
    network = prepare_network(streets)
    parts, which = connected_components(network.graph, directed=False)
    assert network.graph.shape[0] == 4312
    assert (parts, np.bincount(which).max()) == (8, 4284)


@pytest.mark.real_city("taipei")
def test_taipei(cities, loading_seconds):
    city = cities("taipei")
    check(city)
    assert counts(city) == {
        "communities": (456, 0, 456, 1, 0),
        "residents": (11_490, 0, 11_490, 0, 0),
        "toilet": (1549, 0, 1549, 0, 0),
        "toilet-2": (334, 0, 328, 0, 6),
        "fitness": (946, 124, 790, 0, 32),
        "issues": (14_220, 0, 11_515, 2, 2705),
        "streets": (9451, 0, 9451, 0, 0),
    }
    assert found(city, "toilet-2") == {
        ("quarantined", "coordinates_disagree"): 6,
        ("noted", "coordinates_differ"): 5,
        ("noted", "place_shared"): 22,
    }
    assert found(city, "fitness") == {
        ("quarantined", "match_ambiguous"): 17,
        ("quarantined", "match_missing"): 15,
        ("noted", "rows_grouped"): 790,
    }
    assert city.facilities["equipment"].sum() == 790
    assert found(city, "residents")[("noted", "match_default")] == 11_490 - 10_860
    assert city.residents["population"].sum() == 2_689_272
    titled = ("green_estate", "green_campus", "green_workplace")
    assert set(city.absent) == {"market", "disease_control", *titled, *LAND_KINDS, ZONE}
    assert loading_seconds["taipei"] < 5


@pytest.mark.real_city("taipei")
def test_taipei_s_texts_and_dates_are_read_as_meant(cities):
    city = cities("taipei")
    assert city.communities["parent"].nunique() == 12
    assert "大安區" in set(city.communities["parent"])
    issues = city.issues
    assert issues["x"].isna().all()
    assert set(issues["category"]) == {
        "住宅竊盜",
        "機車竊盜",
        "汽車竊盜",
        "自行車竊盜",
        "強盜",
        "搶奪",
        "",
    }
    assert issues["reported_at"].iloc[1] == pd.Timestamp("2015-01-01", tz="Asia/Taipei")
    assert issues["reported_at"].isna().sum() == 2
    assert issues["reported_at"].max() < pd.Timestamp("2026-06-22", tz="Asia/Taipei")


@pytest.mark.real_city("taipei")
def test_taipei_s_places_lie_where_they_should(cities):
    city = cities("taipei")
    toilets = city.facilities[city.facilities["kind"] == "toilet"]
    hull = city.communities.union_all().buffer(200)
    assert toilets.within(hull).mean() > 0.99
    stated = 268.582894291  # km², sum of the column AREA of the publisher's file
    assert city.communities.area.sum() / 1e6 == pytest.approx(stated, rel=1e-6)


@pytest.mark.real_city("zurich")
def test_zurich(cities, loading_seconds):
    city = cities("zurich")
    check(city)
    assert counts(city) == {
        "communities": (34, 0, 34, 0, 0),
        "issues": (62_245, 0, 62_245, 0, 0),
    }
    assert city.crs.to_epsg() == 2056
    assert city.communities["population"].sum() == 398_575
    assert city.issues["x"].between(2_676_000, 2_690_000).all()
    assert loading_seconds["zurich"] < 5


def change_of(city, cell_size=None, months=3, **chosen):
    return find_trends(
        issues_of(city),
        Selection(**chosen),
        cell_size=cell_size,
        months=months,
        residents=city.residents,
        facilities=city.facilities,
    )


@pytest.mark.real_city("nyc")
def test_samples_of_new_york_are_too_short_for_change(cities):
    city = cities("nyc")
    change = change_of(city, since=pd.Timestamp("2025-01-01"))
    assert change.refused["emerging"].problem == "steps_too_few"
    assert change.refused["emerging"].facts == {"found": 6, "least": 10}
    assert change.emerging is None
    assert change.prediction is None
    assert change.refused["silence"].problem == "silence_sample"


@pytest.mark.real_city("zurich")
def test_ten_years_of_zurich(cities):
    city = cities("zurich")
    change = change_of(city, since=pd.Timestamp("2016-01-01"))
    assert not change.refused
    cube = change.emerging.cube
    assert (len(cube.steps), cube.unseen, cube.steps[-1]) == (119, (), "2025-11")
    assert (
        len(cube.cases) + cube.unlocated + cube.outside + cube.off_grid
        == (city.issues["reported_at"] < pd.Timestamp("2025-12-01", tz="Europe/Zurich")).sum()
    )
    first = change.emerging.places.iloc[0]
    assert (first["pattern"], first["community"]) == ("intensifying", "Langstrasse")
    assert (change.prediction["pai"] > 2).all()


@pytest.mark.parametrize(
    "name",
    [
        "demo",
        pytest.param("nyc", marks=pytest.mark.real_city("nyc")),
        pytest.param("taipei", marks=pytest.mark.real_city("taipei")),
        pytest.param("zurich", marks=pytest.mark.real_city("zurich")),
    ],
)
def test_every_category_has_a_name_in_both_languages(cities, name):
    named = {*load_names(), *load_taxonomy().known}
    assert set(cities(name).issues["category"]) - {""} - named == set()


@pytest.mark.real_city("nyc")
def test_new_yorks_opening_hours_are_read_or_counted(cities):
    city = cities("nyc")
    raw = pd.read_csv(
        default_city_data() / "nyc" / "toilets_public_restrooms_20241203.csv", dtype=str
    )["Hours of Operation"].fillna("")
    read = raw.map(lambda text: read_hours(text) is not None)
    assert (len(raw), read.sum(), (~read).sum(), (raw == "").sum()) == (1047, 910, 137, 48)
    placeholder = raw == "8am-4pm, Open later seasonally"
    assert placeholder.sum() == 674
    assert raw[~read & (raw != "")].value_counts().to_dict() == UNREAD

    answers = apply_filter(city.facilities, city.kinds, SupplyFilter(at=(2, 22 * 60)))
    serving = city.facilities["status"].isin(SUPPLY_STATUS)
    found = answers.fits[serving].groupby(city.facilities["kind"]).agg(["sum", "count", "size"])
    assert found.loc["toilet"].tolist() == [13, 226, 928]
    assert found.loc["market"].tolist() == [0, 130, 137]
    assert dict(answers.unread) == {"toilet": 71, "market": 7}


@pytest.mark.real_city("taipei")
def test_taipei_has_accessible_seats_but_no_hours(cities):
    city = cities("taipei")
    toilets = city.facilities[city.facilities["kind"] == "toilet"]
    found = apply_filter(city.facilities, city.kinds, SupplyFilter(only=("accessible",))).fits[
        toilets.index
    ]
    assert (found.sum(), found.isna().sum(), len(found)) == (695, 0, 1877)
    night = apply_filter(city.facilities, city.kinds, SupplyFilter(at=(2, 22 * 60)))
    assert night.fits[toilets.index].isna().all()
    assert night.unread["toilet"] == len(toilets)


@pytest.mark.parametrize(
    ("name", "received", "reasons"),
    [
        pytest.param(
            "nyc", 10_595, {"no_check_known", "no_handling_known", ""},
            marks=pytest.mark.real_city("nyc"),
        ),
        pytest.param(
            "zurich", 62_245, {"no_check_known", "no_due_time"},
            marks=pytest.mark.real_city("zurich"),
        ),
    ],
)  # fmt: skip
def test_handling_of_real_cities_says_what_they_lack(cities, name, received, reasons):
    city = cities(name)
    found = assess_handling(
        issues_of(city),
        taxonomy=city.taxonomy,
        area_m2=city.communities.area,
        calendar=city.calendar,
    )
    assert found.checks.received == received
    assert not found.checks.judged
    assert set(found.kpis.query("level == 'city'")["reason"]) == reasons
    assert found.closing.loc[0, ["cases", "left_out"]].sum() == received
    inside = locate_cases(city.issues, city.communities).notna().sum()
    assert wide_matrix(found.matrix, level="ten", value="cases").to_numpy().sum() == inside
    assert found.checks.ages.index.tolist() == list(AGE_BANDS)
