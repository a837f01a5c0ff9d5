"""Monitoring by hand: what keeps to its limit, what nobody can tell, which station is nearest."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.casework.monitoring import (
    EXCEEDED,
    MET,
    MONITORING_COLUMNS,
    NEAREST_COLUMNS,
    NOT_JUDGED,
    READING_REASONS,
    READING_STATES,
    STATION_COLUMNS,
    judged_readings,
    monitoring_table,
    nearest_stations,
    station_results,
)
from analysis.model.contracts import VALUE_SIGNS
from analysis.model.monitoring import Indicator, Limit, MonitoringRules, Network
from tests.frames import polygons

RULES = MonitoringRules(
    networks={
        "tap": Network("tap", {}, sampled=True),
        "air": Network("air", {}),
    },
    least=3,
)
SQUARES = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100), shapely.box(0, 900, 90, 990)]
CITY = polygons(SQUARES, parents=["P", "P", ""])


def readings(rows=(), **columns):
    """Make readings, each as far as it differs from a value of 1 within a limit of 2."""
    usual = {
        "station": "s", "name": "", "network": "tap", "indicator": "i", "taken_at": "2026-05-01",
        "value": 1.0, "sign": "number", "value_unit": "", "reading": "1", "upper_limit": 2.0,
        "lower_limit": np.nan, "limit": "stated", "result": "", "x": 50.0, "y": 50.0,
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, **row} for row in rows], columns=list(usual)).assign(**columns)
    days = pd.to_datetime(frame["taken_at"], format="ISO8601")
    frame["taken_at"] = days.dt.tz_localize("Asia/Shanghai").dt.as_unit("us")
    index = pd.Index([f"r{at}" for at in range(len(frame))], name="reading_id", dtype="str")
    return frame.set_axis(index, axis=0)


def judged(rows, rules=RULES):
    return judged_readings(readings(rows), CITY, rules)


CASES = [
    ({"value": 2.0}, MET, ""),
    ({"value": 2.1}, EXCEEDED, ""),
    ({"upper_limit": np.nan, "lower_limit": 1.0}, MET, ""),
    ({"upper_limit": np.nan, "lower_limit": 1.1}, EXCEEDED, ""),
    ({"lower_limit": 1.5}, EXCEEDED, ""),
    # a bound: judged where all that it may be lies on one side
    ({"value": 2.0, "sign": "below"}, MET, ""),
    ({"value": 2.1, "sign": "below"}, NOT_JUDGED, "undecided"),
    ({"value": 1.0, "sign": "below", "upper_limit": np.nan, "lower_limit": 1.0}, EXCEEDED, ""),
    ({"value": 1.0, "sign": "at_most", "upper_limit": np.nan, "lower_limit": 1.0}, NOT_JUDGED,
     "undecided"),
    ({"value": 2.0, "sign": "above"}, EXCEEDED, ""),
    ({"value": 2.0, "sign": "at_least"}, NOT_JUDGED, "undecided"),
    ({"value": 1.0, "sign": "at_least", "upper_limit": np.nan, "lower_limit": 1.0}, MET, ""),
    # not detected is no zero
    ({"value": np.nan, "sign": "not_detected"}, NOT_JUDGED, "undecided"),
    ({"value": np.nan, "sign": "not_detected", "upper_limit": 0.0}, MET, ""),
    ({"value": 0.01, "sign": "below", "upper_limit": 0.0}, MET, ""),
    ({"value": np.nan, "sign": "not_detected", "upper_limit": np.nan, "lower_limit": 0.2},
     NOT_JUDGED, "undecided"),
    ({"value": np.nan, "sign": "detected", "upper_limit": 0.0}, EXCEEDED, ""),
    ({"value": np.nan, "sign": "detected"}, NOT_JUDGED, "undecided"),
    # what is none
    ({"value": np.nan, "sign": ""}, NOT_JUDGED, "no_value"),
    ({"value": np.nan, "sign": "unread"}, NOT_JUDGED, "unreadable"),
    ({"value": -999.0}, NOT_JUDGED, "unreadable"),
    ({"value": -20.0, "upper_limit": -18.0}, MET, ""),
    ({"upper_limit": np.nan, "limit": ""}, NOT_JUDGED, "no_limit"),
    ({"upper_limit": np.nan, "limit": "unread"}, NOT_JUDGED, "limit_unclear"),
    ({"limit": "other_unit"}, NOT_JUDGED, "unit_differs"),
    # what the source says itself
    ({"value": np.nan, "sign": "", "limit": "", "result": "pass"}, MET, ""),
    ({"value": np.nan, "sign": "", "limit": "", "result": "fail"}, EXCEEDED, ""),
    ({"value": np.nan, "sign": "unread", "result": "pass"}, MET, ""),
    ({"value": np.nan, "sign": "", "limit": "", "result": "unread"}, NOT_JUDGED, "unreadable"),
    ({"result": "unread"}, NOT_JUDGED, "unreadable"),
    ({"value": 3.0, "result": "unread"}, EXCEEDED, ""),
    ({"result": "pass"}, MET, ""),
    ({"result": "fail"}, NOT_JUDGED, "contradiction"),
    ({"value": 3.0, "result": "pass"}, NOT_JUDGED, "contradiction"),
]  # fmt: skip


def test_each_reading_by_hand():
    found = judged([row for row, *_ in CASES])[["state", "reason"]]
    told = list(found.itertuples(index=False, name=None))
    assert told == [(state, reason) for _, state, reason in CASES]


MAY_BE = {
    "number": lambda value: [value],
    "below": lambda value: np.arange(-9, value - 0.01, 0.25),
    "at_most": lambda value: np.arange(-9, value + 0.1, 0.25),
    "above": lambda value: np.arange(value + 0.25, 9, 0.25),
    "at_least": lambda value: np.arange(value, 9, 0.25),
}


def test_a_bound_is_judged_where_all_that_it_may_be_agrees():
    """Try what each may be, one by one: a quarter apart, and far beyond."""
    limits, amounts = (math.nan, 0.5, 1.0, 1.5), (0.0, 0.5, 1.0, 1.5, 2.0)
    rows, expected = [], []
    for sign, value, upper, lower in itertools.product(MAY_BE, amounts, limits, limits):
        if lower > upper:
            continue
        keeps = {not (each > upper or each < lower) for each in MAY_BE[sign](value)}
        stated = not (math.isnan(upper) and math.isnan(lower))
        row = {"sign": sign, "value": value, "upper_limit": upper, "lower_limit": lower}
        rows.append({**row, "limit": "stated" if stated else ""})
        clear = stated and len(keeps) == 1
        expected.append((MET if keeps.pop() else EXCEEDED) if clear else NOT_JUDGED)
    assert judged(rows)["state"].tolist() == expected
    assert set(expected) == set(READING_STATES)


def test_areas_and_periods_by_hand():
    rows = [
        *[{"value": 1.0, "taken_at": f"2026-04-0{day}"} for day in (1, 2, 3)],
        {"value": 9.0, "taken_at": "2026-06-30 23:59", "station": "t"},
        {"value": 9.0, "taken_at": "2026-06-30 08:00"},
        {"sign": "unread", "value": np.nan, "taken_at": "2026-06-29"},
        {"x": 150.0, "value": 1.0, "taken_at": "2026-04-01"},
        {"x": 150.0, "value": 3.0, "taken_at": "2026-07-01"},
        {"x": 50.0, "y": 950.0},
        {"x": 500.0},
    ]
    table = monitoring_table(judged(rows), CITY, RULES, every="quarter")
    assert tuple(table.columns) == MONITORING_COLUMNS
    told = table.set_index(["period", "level", "area_id"])
    assert list(dict.fromkeys(table["period"])) == ["2026-Q3", "2026-Q2"]
    own = told.loc["2026-Q2", "community", "c0"]
    counts = ["stations", "n", "met", "exceeded", "not_judged", "unreadable", "days"]
    assert own[counts].tolist() == [2, 6, 3, 2, 1, 1, 4]
    assert own["exceeded_days"] == 1  # two of one day
    assert own["pass_share"] == pytest.approx(3 / 5)
    limits = proportion_confint(3, 5, method="wilson")
    assert own[["low_share", "high_share"]].tolist() == pytest.approx(limits)
    assert (own["community"], own["parent"], own["reason"]) == ("C0", "P", "")
    few = told.loc["2026-Q2", "community", "c1"]
    assert (few["n"], few["met"], few["reason"]) == (1, 1, "too_few")
    assert few[["pass_share", "low_share", "high_share"]].isna().all()
    above = told.loc["2026-Q2", "parent", "P"]
    assert above[["n", "met", "exceeded", "not_judged"]].tolist() == [7, 4, 2, 1]
    whole = told.loc["2026-Q2", "city", ""]
    assert whole[["n", "met", "exceeded", "not_judged"]].tolist() == [9, 6, 2, 1]
    assert told.loc["2026-Q3", "city", ""]["exceeded"] == 1
    by_year = monitoring_table(judged(rows), CITY, RULES, every="year")
    assert by_year.iloc[0][["period", "n", "exceeded"]].tolist() == ["2026", 10, 3]
    by_month = monitoring_table(judged(rows), CITY, RULES, every="month")
    assert by_month["period"].max() == "2026-07"


def test_what_is_not_drawn_as_a_sample_has_no_interval():
    rows = [{"network": network} for network in ("tap", "air", "else") for _ in range(3)]
    table = monitoring_table(judged(rows), CITY, RULES, every="month")
    whole = table[table["level"].eq("city")].set_index("network")
    assert whole["pass_share"].tolist() == [1.0] * 3
    assert whole["low_share"].notna().to_dict() == {"air": False, "else": False, "tap": True}


def test_nothing_that_can_be_judged_is_no_share_whatever_the_number():
    table = monitoring_table(judged([{"limit": ""}] * 5), CITY, RULES, every="year")
    assert set(table["reason"]) == {"none_judged"}
    assert table["pass_share"].isna().all()
    assert (table["no_limit"] == 5).all()


row_like = st.fixed_dictionaries(
    {
        "network": st.sampled_from(["tap", "air", ""]),
        "indicator": st.sampled_from(["i", "j", ""]),
        "sign": st.sampled_from(["", *VALUE_SIGNS]),
        "value": st.sampled_from([-1.0, 0.0, 1.0, 2.0, 5.0]),
        "upper_limit": st.sampled_from([np.nan, 0.0, 2.0]),
        "lower_limit": st.sampled_from([np.nan, 1.0]),
        "limit": st.sampled_from(["", "stated", "unread", "other_unit"]),
        "result": st.sampled_from(["", "pass", "fail", "unread"]),
        "taken_at": st.sampled_from(["2026-01-31", "2026-02-01", "2025-12-31"]),
        "station": st.sampled_from(["s", "t"]),
        "x": st.sampled_from([50.0, 150.0, 5000.0]),
    }
)


@settings(max_examples=8)
@given(st.lists(row_like, min_size=1, max_size=30), st.sampled_from(["month", "quarter", "year"]))
def test_every_reading_is_counted_once(rows, every):
    found = judged(rows)
    assert set(found["state"]) <= set(READING_STATES)
    assert (found["reason"].ne("") == found["state"].eq(NOT_JUDGED)).all()
    table = monitoring_table(found, CITY, RULES, every=every)
    assert (table[[*READING_STATES]].sum(axis=1) == table["n"]).all()
    assert (table[[*READING_REASONS]].sum(axis=1) == table["not_judged"]).all()
    sums = table.groupby("level")["n"].sum()
    assert sums["city"] == len(rows)
    inside = sum(row["x"] < 200 for row in rows)
    assert sums.get("community", 0) == sums.get("parent", 0) == inside
    assert (table["reason"].ne("") == table["pass_share"].isna()).all()
    assert (table["exceeded_days"] <= table["days"]).all()
    stations = station_results(found, every=every)
    latest = table[table["level"].eq("city")].groupby(["network", "indicator"]).first()
    assert stations.groupby(["network", "indicator"])["n"].sum().to_dict() == latest["n"].to_dict()


def test_the_nearest_station_has_its_own_last_reading_and_nothing_between():
    rows = [
        {"station": "near", "x": 60.0, "value": 9.0, "reading": "9", "taken_at": "2026-05-02"},
        {"station": "near", "x": 60.0, "value": 1.0, "reading": "1", "taken_at": "2026-05-03"},
        {"station": "old", "x": 50.0, "taken_at": "2026-01-01"},
        {"station": "far", "x": 150.0, "y": 90.0, "sign": "unread", "reading": "--"},
    ]
    stations = station_results(judged(rows), every="quarter")
    assert tuple(stations.columns) == STATION_COLUMNS
    assert stations["station"].tolist() == ["far", "near"]
    assert stations["state"].tolist() == [NOT_JUDGED, EXCEEDED]
    near = stations.iloc[1]
    assert (near["last_reading"], near["last_state"], near["n"]) == ("1", MET, 2)
    nearest = nearest_stations(stations, CITY)
    assert tuple(nearest.columns) == NEAREST_COLUMNS
    found = nearest.set_index("community_id")
    assert found["station"].tolist() == ["near", "far", "far"]
    assert found["distance_m"].tolist() == pytest.approx([10, 40, math.hypot(105, 855)])
    assert found.loc["c1", "state"] == NOT_JUDGED


def test_a_city_without_a_reading_has_empty_tables():
    none = judged_readings(readings(), CITY, RULES)
    assert monitoring_table(none, CITY, RULES, every="year").empty
    assert nearest_stations(station_results(none, every="year"), CITY).empty


def test_limits_of_the_file_hold_for_their_network_alone():
    limit = Limit("tap", 0.5, None, "mg/L", {"en": "made up"}, "low")
    rules = MonitoringRules(
        networks=RULES.networks, indicators={"i": Indicator("i", {}, limits=(limit,))}
    )
    free = {"limit": "", "upper_limit": np.nan, "value_unit": "mg / l"}
    found = judged([free, {**free, "network": "air"}, {**free, "value_unit": ""}, {}], rules)
    assert found["state"].tolist() == [EXCEEDED, NOT_JUDGED, NOT_JUDGED, MET]
    assert found["reason"].tolist() == ["", "no_limit", "unit_differs", ""]
    assert found["limit_from"].tolist() == ["rules", "", "rules", "row"]
