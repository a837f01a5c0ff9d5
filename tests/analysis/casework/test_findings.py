"""What is found, under which name, with which figure, threshold and remedy."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely

from analysis.casework.findings import (
    FINDING_COLUMNS,
    FINDING_KINDS,
    coverage_findings,
    gather_findings,
    hot_place_findings,
    overdue_findings,
    recurrence_findings,
    repeat_findings,
    site_findings,
    unchecked_findings,
)
from analysis.handling.recurrence import follow_closings, repeat_points
from analysis.handling.verification import find_unchecked
from tests.frames import issues, polygons

AS_OF = dt.date(2026, 7, 1)
LATER = ("2026-07-02", "2026-06-01", "2026-06-01")


def named(frame):
    """Put every row into the one community there is."""
    return frame.assign(community_id="c0", community="C0", parent="")


def coverage(**columns):
    """Make rows of a coverage table: what is not given is as of a rule on people that fails."""
    length = max(len(values) for values in columns.values())
    usual = {
        "community_id": [f"c{place}" for place in range(length)],
        "community": "", "parent": "", "standard": "s", "rule": "r", "verdict": "fails",
        "figure": "population_covered_share", "value": 0.4, "minimum": 0.9, "gap_type": "missing",
        "shortfall": 50.0, "shortfall_unit": "people", "facilities_to_add": np.nan,
        "facilities_idle": 0.0, "measure": "network",
    }  # fmt: skip
    return pd.DataFrame({**usual, **columns})


def town(count):
    return polygons([shapely.box(10 * each, 0, 10 * each + 10, 10) for each in range(count)])


def test_each_community_that_fails_is_found_with_the_least_that_helps():
    rows = coverage(
        verdict=["fails", "fails", "fails", "fails", "meets", "cannot_judge"],
        gap_type=["missing", "weak", "missing", "short", "none", "cannot_judge"],
        facilities_to_add=[2, 3, None, None, 0, None],
        facilities_idle=[1, 2, 0, 0, 0, 0],
        shortfall=[50, 60, 70.5, 4, 0, None],
        shortfall_unit=["people", "people", "m2", "capacity", "people", "people"],
    )
    found = coverage_findings(rows, town(6))
    table = found.table
    assert table.index.tolist() == [f"coverage:c{place}:s/r" for place in range(4)]
    remedies = table[["remedy", "quantity", "quantity_unit"]].to_numpy().tolist()
    assert remedies == [
        ["add", 2, "facilities"],
        ["open_idle", 2, "facilities"],
        ["bring", 70.5, "m2"],
        ["add", 4, "capacity"],
    ]
    assert table["threshold"].tolist() == [0.9] * 4
    assert set(table["measure"]) == {"network"}
    assert table["evidence_row"].tolist()[0] == "c0; r"
    assert shapely.contains_xy(town(6).geometry.to_numpy()[:4], table["x"], table["y"]).all()
    assert found.judged["coverage"].tolist() == [*table.index, "coverage:c4:s/r"]


def test_a_name_tells_apart_what_colons_would_join():
    rows = coverage(community_id=["a:b", "a"], rule=["r", "b:r"], standard=["s", "s"])
    places = town(2).set_axis(["a:b", "a"])
    assert coverage_findings(rows, places).table.index.is_unique


def test_a_hot_place_is_measured_by_what_makes_one():
    places = pd.DataFrame(
        {
            "cases": [40, 12, 11], "expected": [20.0, 2.0, np.nan],
            "area_m2": [250_000.0, 9e4, 9e4],
            "top_category": ["litter", None, "x"], "units": ["a (3)", None, ""],
            "community_id": ["c0", None, "c0"], "community": ["C0", None, "C0"], "parent": "",
            "x": 1.0, "y": 2.0,
        },
        index=["1_2", "3_4", "5_6"],
    )  # fmt: skip
    table = hot_place_findings(places).table
    assert table.index.tolist() == ["hot_place:1_2", "hot_place:3_4", "hot_place:5_6"]
    assert table["threshold"].tolist() == [30, 10, 10]
    assert table["quantity"].tolist() == pytest.approx([0.25, 0.09, 0.09])
    assert table.loc["hot_place:3_4", ["subject", "unit", "community_id"]].tolist() == [""] * 3


def test_only_the_last_month_has_repeat_points_and_a_square_names_them():
    cases = issues(
        x=[10.0, 11.0, 12.0, -30.0, -31.0, 10.0, 11.0],
        y=[0.0] * 7,
        category=["litter"] * 7,
        unit=["a"] * 7,
        reported_at=["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05",
                     "2026-05-01", "2026-05-02"],
    )  # fmt: skip
    repeats = named(repeat_points(cases, distance_m=20, least=2))
    assert len(repeats) == 3
    table = repeat_findings(repeats, least=2, side_m=20).table
    assert table.index.tolist() == ["repeat_point:litter:0_0", "repeat_point:litter:-2_0"]
    assert table["value"].tolist() == [3, 2]
    assert table["since"].tolist() == ["2026-06-01"] * 2
    assert repeat_findings(repeats.head(0), least=2, side_m=20).table.empty


def test_what_came_back_is_found_until_the_new_case_is_closed():
    cases = issues(
        x=[0.0] * 6, y=[0.0, 0.0, 500.0, 500.0, 900.0, 900.0], category=["litter"] * 6,
        status=["closed", "open", "closed", "closed", "closed", "unknown"],
        reported_at=["2026-05-01", "2026-05-08"] * 3,
        closed_at=["2026-05-03", None, "2026-05-03", "2026-05-20", "2026-05-03", None],
    )  # fmt: skip
    closings = named(follow_closings(cases, as_of=AS_OF, distance_m=50, days=30))
    found = recurrence_findings(closings, cases, days=30)
    assert found.table.index.tolist() == ["recurrence:i0", "recurrence:i4"]
    assert found.table["value"].tolist() == [5, 5]
    assert found.table["threshold"].tolist() == [30, 30]
    assert found.table["since"].tolist() == ["2026-05-08"] * 2
    assert set(found.judged["recurrence"]) == {f"recurrence:i{each}" for each in (0, 2, 3, 4)}


def test_late_cases_say_by_how_much_and_unknown_ones_are_not_judged():
    cases = named(
        issues(
            status=["open", "open", "closed", "unknown", "open"],
            due_at=["2026-06-28 12:00", *(f"{day} 00:00" for day in LATER), None],
        )
    )
    found = overdue_findings(cases, as_of=AS_OF)
    assert found.table["value"].to_dict() == {"overdue:i0": 2.5}
    assert found.judged["overdue"].tolist() == ["overdue:i0", "overdue:i1", "overdue:i2"]


def test_nobody_looked_at_these():
    cases = issues(
        reported_at=["2026-06-29", "2026-06-01"], verified_at=[None, "2026-06-02"], unit=["a", "b"]
    )
    checks = find_unchecked(cases, as_of=AS_OF)
    found = unchecked_findings(named(checks.unchecked), cases.index)
    assert found.table.index.tolist() == ["unchecked:i0"]
    assert found.table["value"].tolist() == [2]
    assert found.table["threshold"].isna().all()
    assert found.judged["unchecked"].tolist() == ["unchecked:i0", "unchecked:i1"]


def test_kinds_stand_together_and_nothing_gives_an_empty_table():
    cases = named(issues(status=["open"], due_at=["2026-06-01"]))
    late = overdue_findings(cases, as_of=AS_OF)
    both = gather_findings(coverage_findings(coverage(value=[0.1]), town(1)), late)
    assert both.table["kind"].tolist() == ["coverage", "overdue"]
    assert tuple(both.table.columns) == FINDING_COLUMNS
    assert set(both.judged) == {"coverage", "overdue"}
    assert set(both.judged) < set(FINDING_KINDS)
    nothing = gather_findings()
    assert tuple(nothing.table.columns) == FINDING_COLUMNS
    assert nothing.table.empty
    assert nothing.judged == {}


def proposed(**columns):
    usual = {
        "subject": "s/r", "lon": 114.0, "lat": 30.0, "x": 1.0, "y": 2.0, "facility_m": np.nan,
        "people_gained": 5.0, "measure": "network", "evidence_row": "plan; site 1",
    }  # fmt: skip
    length = max(len(values) for values in columns.values())
    return named(pd.DataFrame({**usual, **columns}, index=range(length)))


def test_a_proposed_site_is_found_until_a_facility_stands_there_or_nobody_gains():
    rows = proposed(
        lon=[114.1, 114.2, 114.3, 114.4, 114.5, 114.1],
        facility_m=[np.nan, 100.0, 100.1, 500.0, 500.0, np.nan],
        people_gained=[5.0, 40.0, 30.0, 0.0, np.nan, 9.0],
    )
    found = site_findings(rows)
    names = [f"proposed_site:s/r:114.{n}0000_30.00000" for n in range(1, 6)]
    assert found.judged["proposed_site"].tolist() == names
    assert found.table.index.tolist() == [names[0], names[2], names[4]]
    assert found.table["value"].tolist()[:2] == [5, 30]  # the plan that comes first speaks
    assert np.isnan(found.table["value"].iloc[2])
    assert set(found.table["quantity"]) == {1}
    # Another order of rows, or a metre of another projection, is no other finding.
    again = site_findings(rows.iloc[::-1].assign(x=7.0)).table
    assert set(again.index) == set(found.table.index)
