"""Counting cases: days in a zone, overdue, denominators, communities."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from analysis.issues.counts import Cases, cases_by_community, count_cases, overdue
from analysis.issues.location import locate_cases
from analysis.issues.selection import select_issues
from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.crs import local_crs
from analysis.model.errors import ColumnError, SettingsError
from analysis.model.question import Selection

ZONE = "Asia/Shanghai"


def frame(rows, zone=ZONE):
    """Build issues from dictionaries; what is not given is missing."""
    index = pd.Index([f"i{n}" for n in range(len(rows))], name="issue_id", dtype="str")
    issues = pd.DataFrame(rows, index=index, columns=list(ISSUE_COLUMNS))
    for column in TIME_COLUMNS:
        issues[column] = pd.to_datetime(issues[column], format="ISO8601").dt.tz_localize(zone)
    issues["status"] = issues["status"].fillna("open").astype("str")
    return issues.astype({"x": float, "y": float, "category": "str"})


def reported(*times, zone=ZONE, category="litter"):
    return frame([{"reported_at": time, "category": category} for time in times], zone)


@pytest.fixture
def pair():
    """Two squares of 1 km side by side; nobody lives in the second."""
    return gpd.GeoDataFrame(
        {"name": ["West", "East"], "parent": "Town", "population": [5000, 0]},
        geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        index=pd.Index(["w", "e"], name="community_id", dtype="str"),
        crs=local_crs((120.9, 30.9, 121.1, 31.1)),
    )


def test_both_days_of_a_period_are_in_it():
    issues = reported(
        "2026-01-31 23:59:59", "2026-02-01 00:00", "2026-02-28 23:59:59", "2026-03-01 00:00"
    )
    chosen = select_issues(issues, Selection(since=dt.date(2026, 2, 1), until=dt.date(2026, 2, 28)))
    assert list(chosen.index) == ["i1", "i2"]


def test_a_moment_means_its_day_in_the_zone_of_the_reports():
    issues = reported("2026-01-31 12:00", "2026-02-01 12:00")
    moment = pd.Timestamp("2026-01-31 16:30", tz="UTC")
    assert list(select_issues(issues, Selection(since=moment)).index) == ["i1"]
    assert list(select_issues(issues, Selection(until=moment - pd.Timedelta(hours=1))).index) == [
        "i0"
    ]


def test_a_day_of_23_hours_ends_at_midnight():
    zone = "America/New_York"
    issues = reported("2026-03-08 23:30", "2026-03-09 00:30", zone=zone)
    chosen = select_issues(issues, Selection(since=dt.date(2026, 3, 8), until=dt.date(2026, 3, 8)))
    assert list(chosen.index) == ["i0"]


def test_a_case_without_a_date_is_in_no_period_but_in_the_whole():
    issues = reported("2026-01-31", None)
    assert list(select_issues(issues, Selection(since=dt.date(2000, 1, 1))).index) == ["i0"]
    pd.testing.assert_frame_equal(select_issues(issues), issues)
    assert count_cases(issues, as_of=dt.date(2026, 2, 1)).undated == 1


def test_category_is_exact_and_leaves_out_the_nameless():
    issues = frame([{"category": "litter"}, {"category": "noise"}, {}])
    assert list(select_issues(issues, Selection(category="noise")).index) == ["i1"]


def test_unknown_category_names_the_near_one():
    with pytest.raises(SettingsError, match="no category 'liter'") as caught:
        select_issues(reported("2026-01-01"), Selection(category="liter"))
    assert caught.value.problem == "category_unknown"
    assert caught.value.facts == {"found": "liter", "allowed": "litter", "near": "litter"}


def test_refuses_a_period_that_ends_before_it_begins():
    period = Selection(since=dt.date(2026, 1, 2), until=dt.date(2026, 1, 1))
    with pytest.raises(SettingsError, match="ends on 2026-01-01") as caught:
        select_issues(reported("2026-01-01"), period)
    assert caught.value.problem == "period_reversed"


def test_refuses_times_without_a_zone():
    issues = reported("2026-01-01")
    issues["reported_at"] = issues["reported_at"].dt.tz_localize(None)
    with pytest.raises(ColumnError, match="zone"):
        select_issues(issues)


def test_counts_by_hand():
    issues = frame(
        [
            {"status": "open", "due_at": "2026-06-29 10:00", "x": 1, "y": 1},
            {"status": "open", "due_at": "2026-06-30 00:00", "x": 1, "y": 1},
            {"status": "open"},
            {"status": "closed", "due_at": "2026-06-01", "closed_at": "2026-06-01"},
            {"status": "closed", "due_at": "2026-06-01", "closed_at": "2026-06-01 00:01"},
            {"status": "closed", "due_at": "2026-06-01"},
            {"status": "closed", "closed_at": "2026-06-01"},
            {"status": "unknown", "due_at": "2026-06-01"},
        ]
    )
    cases = count_cases(issues, as_of=dt.date(2026, 6, 30))
    assert cases == Cases(
        total=8,
        open=3,
        closed=4,
        unknown_status=1,
        open_with_due=2,
        overdue=1,
        closed_with_due=2,
        closed_on_time=1,
        without_due=2,
        unlocated=6,
        undated=8,
    )
    assert cases.overdue_share == 0.5
    assert cases.on_time_share == 0.5


def test_no_share_without_a_denominator():
    cases = count_cases(frame([]), as_of=dt.date(2026, 6, 30))
    assert cases.total == 0
    assert cases.overdue_share is None
    assert cases.on_time_share is None


def test_overdue_is_a_moment_whatever_the_zone_it_is_told_in():
    issues = frame([{"due_at": "2026-06-30 08:00"}])
    assert not overdue(issues, as_of=pd.Timestamp("2026-06-30 00:00", tz="UTC")).any()
    assert overdue(issues, as_of=pd.Timestamp("2026-06-30 00:01", tz="UTC")).all()


def test_a_case_has_the_community_it_lies_in(pair):
    issues = frame([{"x": 1, "y": 1}, {"x": 1500, "y": 1}, {"x": -1, "y": 1}, {}])
    membership = locate_cases(issues, pair)
    assert membership.index.equals(issues.index)
    assert list(membership.dropna().items()) == [("i0", "w"), ("i1", "e")]


def test_no_case_at_all_has_no_community(pair):
    assert locate_cases(frame([{}, {}]), pair).isna().all()
    assert locate_cases(frame([]), pair).empty


def test_cases_by_community_by_hand(pair):
    issues = frame(
        [
            {"x": 1, "y": 1, "due_at": "2026-06-01"},
            {"x": 2, "y": 2, "status": "closed"},
            {"x": 1500, "y": 1},
            {"x": 5000, "y": 1},
        ]
    )
    membership = locate_cases(issues, pair)
    found = cases_by_community(issues, membership, pair, as_of=dt.date(2026, 6, 30))
    expected = pd.DataFrame(
        {
            "total": [2, 1],
            "open": pd.array([1, 1], dtype="Int64"),
            "overdue": pd.array([1, None], dtype="Int64"),  # an open case without due time
            "per_10k_people": [4.0, np.nan],
        },
        index=pair.index,
    )
    pd.testing.assert_frame_equal(found, expected)


def test_no_rate_without_people(pair):
    issues = frame([{"x": 1, "y": 1}])
    communities = pair.drop(columns="population")
    membership = locate_cases(issues, communities)
    found = cases_by_community(issues, membership, communities, as_of=dt.date(2026, 6, 30))
    assert list(found.columns) == ["total", "open", "overdue"]
    assert list(found["total"]) == [1, 0]


def test_membership_may_hold_more_issues_than_are_counted(pair):
    issues = frame([{"x": 1, "y": 1}, {"x": 2, "y": 1}])
    membership = locate_cases(issues, pair)
    found = cases_by_community(issues.iloc[:1], membership, pair, as_of=dt.date(2026, 6, 30))
    assert found["total"].sum() == 1
