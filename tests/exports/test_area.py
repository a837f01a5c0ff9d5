"""An area drawn by hand has the figures of the communities it holds, on page, and in its files."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analysis.geometry.drawn_area import DrawnArea, read_area
from analysis.issues.counts import count_cases
from analysis.issues.selection import select_issues
from analysis.model.question import Question, Selection
from exports.recipes.area import AREA_FILES, area_cases, area_figures, area_files
from exports.recipes.coverage import assessed
from exports.recipes.issue_answers import IssueAnswers
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker

QUESTION = Question(standard="cn-life-circle", measures=("straight",))


@pytest.fixture(scope="module")
def answers(city):
    return IssueAnswers(city)


@pytest.fixture(scope="module")
def whole(city):
    """A circle around the whole city."""
    west, south, east, north = city.communities.to_crs(4326).total_bounds
    return DrawnArea(((round((west + east) / 2, 5), round((south + north) / 2, 5)),), 40_000.0)


def test_around_the_whole_city_stand_the_citys_own_figures(answers, whole, city):
    rows = area_figures(answers, QUESTION, whole)
    inside = rows[rows["part"] == "inside"].set_index("rule")
    summary = assessed(answers, QUESTION).summary
    whole_city = summary[summary["level"] == "city"].set_index("rule")
    for column in ("population", "population_covered", "area_m2", "area_covered_m2"):
        np.testing.assert_allclose(
            inside[column].astype(float), whole_city[column].astype(float), rtol=1e-6
        )
    less = inside["less_city"].astype(float).dropna()
    assert len(less)
    np.testing.assert_allclose(less, 0, atol=1e-9)
    cases = area_cases(answers, QUESTION, whole)
    placed = city.issues[city.issues["x"].notna()]
    counted = count_cases(placed, as_of=city.as_of)
    assert cases["cases"].sum() == counted.total
    assert cases["open"].sum() == counted.open
    assert cases["overdue"].sum() == counted.overdue
    assert cases["cases"].is_monotonic_decreasing


def test_two_halves_make_the_whole(answers, city):
    """Cases and residents of two areas that share a border make those of both together."""
    west, south, east, north = (
        round(float(v), 2) for v in city.communities.to_crs(4326).total_bounds
    )
    middle, period = round((west + east) / 2, 2), Selection(until=pd.Timestamp("2026-03-31"))
    south, north, west, east = south - 0.1, north + 0.1, west - 0.1, east + 0.1
    asked = Question(standard="cn-life-circle", measures=("straight",), selection=period)

    def counted(left, right):
        area = read_area(f"{left:.2f},{south:.2f};{right:.2f},{south:.2f};"
                         f"{right:.2f},{north:.2f};{left:.2f},{north:.2f}")  # fmt: skip
        rows = area_figures(answers, asked, area)
        inside = rows[rows["part"] == "inside"].iloc[0]
        cases = area_cases(answers, asked, area)["cases"].sum()
        return np.array([inside["population"], inside["area_m2"], cases], dtype=float)

    halves = counted(west, middle) + counted(middle, east)
    np.testing.assert_allclose(halves, counted(west, east), rtol=1e-6)
    assert halves[2] == select_issues(city.issues, period)["x"].notna().sum()


def test_the_files_say_what_the_page_says_and_record_what_was_asked(answers, whole):
    files = area_files(answers, QUESTION, whole, speaker("en"), created=NOON)
    assert tuple(files) == AREA_FILES
    rows = read_csv(files["zones.csv"], TABLES["zones"].columns)
    assert list(rows.columns) == [column.id for column in TABLES["zones"].columns]
    figures = area_figures(answers, QUESTION, whole)
    np.testing.assert_allclose(rows["population"], figures["population"].astype(float), rtol=1e-6)
    assert set(rows["zone_id"]) == {whole.text()}
    cases = read_csv(files["area_cases.csv"], TABLES["area_cases"].columns)
    assert cases["cases"].tolist() == area_cases(answers, QUESTION, whole)["cases"].tolist()
    record = json.loads(files["run.json"])
    assert record["command"] == "area"
    assert record["parameters"]["area"] == whole.text()
    assert record["parameters"]["measure"]["toilet-5min"] == ["straight"]
    (feature,) = json.loads(files["area.geojson"])["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert len(feature["geometry"]["coordinates"][0]) == 129
