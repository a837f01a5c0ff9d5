"""Hot places: what stands in a row, which come first, what a trend is."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from analysis.hotspots.cells import hot_spots
from analysis.hotspots.places import CLEARLY, PLACE_CASES, PLACE_COLUMNS, WALK_M, hottest_places
from analysis.issues.issue_set import issue_set
from analysis.issues.selection import period_of
from analysis.model.question import Selection
from tests.analysis.hotspots.toy import AS_OF, SIDE, area, issues_at, scattered


def test_a_place_by_hand():
    # one cell with 60 cases in a town of one case a cell: 9 cells are hot, 68 cases in them
    middle = np.arange(50, SIDE, 100.0)
    xy = [(x, y) for x in middle for y in middle] + [(550, 550)] * 60
    town = area(box(0, 0, 500, SIDE), box(500, 0, SIDE, SIDE))
    category = ["noise"] * 400 + ["litter"] * 40 + ["noise"] * 20
    status = ["closed"] * 400 + ["open"] * 60
    issues = issues_at(xy, category=category, status=status)
    issues.loc[issues.index[-5:], "due_at"] = pd.Timestamp("2026-07-01", tz="Asia/Shanghai")
    issues["unit"] = [""] * 400 + ["B"] * 40 + ["A"] * 20
    days = ["2026-01-05"] * 400 + ["2026-01-02"] * 20 + ["2026-01-09"] * 39 + [None]
    issues["reported_at"] = pd.to_datetime(days).tz_localize("Asia/Shanghai").as_unit("us")
    lines = [LineString([(0, y), (SIDE, y)]) for y in (480, 410, 700)]
    streets = gpd.GeoDataFrame({"name": ["", "Near", "Far"]}, geometry=lines, crs=town.crs)
    places = hottest_places(
        hot_spots(issues, town, cell_size=100),
        issue_set(issues, town, as_of=AS_OF),
        streets=streets,
        period=period_of(issues, Selection(until=pd.Timestamp("2026-01-11"))),
    )
    assert list(places.columns) == list(PLACE_COLUMNS)
    place = places.iloc[0].to_dict()
    z_max, q_min = place.pop("z_max"), place.pop("q_min")
    assert z_max > 5
    assert q_min < 1e-5
    assert place == {
        "rank": 1,
        "street": "Near",
        "community": "C1",
        "community_id": "c1",
        "parent": "Town",
        "cases": 69,
        "cases_share": 69 / 460,
        "expected": pytest.approx(460 * 9 / 400),
        "open": 60,
        "overdue": 55,
        "top_category": "litter",
        "top_category_cases": 40,
        "second_category": "noise",
        "second_category_cases": 29,
        "third_category": pytest.approx(np.nan, nan_ok=True),
        "third_category_cases": 0,
        "units": "B (40); A (20)",
        "first_half": 29,
        "second_half": 39,
        "trend": "level",
        "cells": 9,
        "area_m2": 90_000.0,
        "cases_per_km2": pytest.approx(69 / 0.09),
        "x": pytest.approx(550),
        "y": pytest.approx(550),
    }


def test_places_come_with_most_cases_first_and_touch_at_corners(town):
    # the neighbourhoods of cells 14_14 and 17_17 touch at one corner
    spots = [[(350, 350)] * 220, [(1_450, 1_450)] * 250, [(1_750, 1_750)] * 250]
    issues = issues_at(np.vstack([scattered(), *spots]))
    result = hot_spots(issues, town, cell_size=100)
    places = hottest_places(result, issue_set(issues, town, as_of=AS_OF))
    assert list(places["rank"]) == [1, 2]
    assert list(places["cells"]) == [18, 9]
    assert list(places["community_id"]) == ["c1", "c0"]
    assert set(places["trend"]) == {"unknown"}
    assert set(places["street"]) == {""}


def test_a_hot_street_is_cut_to_what_a_crew_can_walk(town):
    """Cases along a street of 1,800 m, densest at its western end."""
    rng = np.random.default_rng(4)
    along = 100 + 1_800 * rng.beta(1, 1.6, 3_000)
    issues = issues_at(np.vstack([scattered(), np.column_stack([along, np.full(3_000, 1_050.0)])]))
    result = hot_spots(issues, town, cell_size=100)
    located = issue_set(issues, town, as_of=AS_OF)
    places = hottest_places(result, located)
    hot = result.cells[(result.cells["q"] <= 0.05) & (result.cells["z"] > 0)]
    assert np.ptp(hot["x"]) > 2 * WALK_M
    assert len(places) >= 2
    assert places["cells"].max() * 100 <= np.pi * (WALK_M + 100) ** 2 / 100
    assert places["cells"].sum() <= len(hot)
    assert places["cases"].sum() <= hot["count"].sum()
    assert (places["cases"] >= CLEARLY * places["expected"]).all()
    for at in places.index:
        centre = result.cells.loc[at, ["x", "y"]].astype(float)
        assert np.hypot(*(places.loc[at, ["x", "y"]].astype(float) - centre)) <= WALK_M


def test_a_place_with_few_cases_or_hardly_more_than_expected_is_none(town):
    issues = issues_at(np.vstack([scattered(), [(550, 550)] * 30]))
    result = hot_spots(issues, town, cell_size=100)
    located = issue_set(issues, town, as_of=AS_OF)
    around = (result.cells[["x", "y"]] - 550).abs().max(axis=1) <= 100
    made = result.cells.assign(q=np.where(around, 0.0, 1.0), z=1.0)
    assert len(hottest_places(dataclasses.replace(result, cells=made), located)) == 0
    alone = result.cells.assign(q=np.where(result.cells.index == "g5_5", 0.0, 1.0), z=1.0)
    assert len(hottest_places(dataclasses.replace(result, cells=alone), located)) == 1
    few = (result.cells["count"] > 0) & (result.cells["count"] < PLACE_CASES)
    lonely = result.cells.index == few.index[few][0]
    small = result.cells.assign(q=np.where(lonely, 0.0, 1.0), z=1.0)
    assert hottest_places(dataclasses.replace(result, cells=small), located).empty


@pytest.mark.parametrize(
    ("first", "second", "trend"),
    [(0, 5, "level"), (0, 6, "rising"), (6, 0, "falling"), (40, 60, "level"), (39, 61, "rising")],
)
def test_a_trend_is_one_that_chance_does_not_explain(town, first, second, trend):
    # two-sided p of 0 of 5 is 2/32, of 0 of 6 2/64, of 40 of 100 0.0569, of 39 of 100 0.0352
    count = first + second
    undated = PLACE_CASES
    issues = issues_at([*scattered(cases=800), *[(550, 550)] * (undated + count)])
    days = [None] * (800 + undated) + ["2026-01-02"] * first + ["2026-01-09"] * second
    issues["reported_at"] = pd.to_datetime(days).tz_localize("Asia/Shanghai").as_unit("us")
    result = hot_spots(issues, town, cell_size=100)
    hot = result.cells.assign(q=np.where(result.cells.index == "g5_5", 0.0, 1.0), z=1.0)
    start, end = pd.to_datetime(["2026-01-01", "2026-01-11"]).tz_localize("Asia/Shanghai")
    places = hottest_places(
        dataclasses.replace(result, cells=hot),
        issue_set(issues, town, as_of=AS_OF),
        period=(start, end),
    )
    assert list(places[["first_half", "second_half", "trend"]].iloc[0]) == [first, second, trend]


def test_nothing_hot_gives_no_place(town):
    issues = issues_at(scattered(seed=3))
    result = hot_spots(issues, town, cell_size=100)
    assert (result.cells["level"] == "none").all()
    places = hottest_places(result, issue_set(issues, town, as_of=AS_OF))
    assert places.empty
    assert list(places.columns) == list(PLACE_COLUMNS)


def test_refuses_other_issues_than_those_counted(town, planted):
    result = hot_spots(planted, town, cell_size=100)
    with pytest.raises(ValueError, match="must be those that"):
        hottest_places(result, issue_set(planted.iloc[1:], town, as_of=AS_OF))
