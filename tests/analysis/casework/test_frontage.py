"""Frontage duty by hand: who passed, who was never checked, what lies before whom."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.casework.frontage import (
    DUTY_COLUMNS,
    DUTY_STATES,
    duty_states,
    frontage_duty,
    issues_before,
)
from tests.frames import CRS, issues

AS_OF = dt.date(2026, 7, 1)
DAY = pd.Timestamp("2026-06-01", tz="Asia/Shanghai")


def fronts(shapes, **columns):
    """Make frontages: a line is measured, a point is not."""
    count = len(shapes)
    shapes = np.array(shapes, dtype=object)
    usual = {
        "name": "", "street": "s", "unit": "u", "signed": "", "result": "",
        "checked_at": pd.Series([pd.NaT] * count, dtype="datetime64[us, Asia/Shanghai]"),
        "length_m": np.where(shapely.get_type_id(shapes) == 1, shapely.length(shapes), np.nan),
    }  # fmt: skip
    if "checked_at" in columns:
        days = pd.Series(columns["checked_at"])
        columns["checked_at"] = pd.to_datetime(days).dt.tz_convert("Asia/Shanghai")
    frame = gpd.GeoDataFrame({**usual, **columns}, geometry=shapes, crs=CRS)
    return frame.set_axis(pd.Index([f"f{n}" for n in range(count)], name="frontage_id"), axis=0)


def line(x, length, y=0.0):
    return shapely.LineString([(x, y), (x + length, y)])


def test_two_streets_by_hand():
    table = fronts(
        [line(0, 40), line(100, 60), line(200, 100), shapely.Point(400, 0), line(0, 50, y=500)],
        street=["A", "A", "A", "A", "B"],
        signed=["yes", "no", "", "yes", "yes"],
        result=["pass", "fail", "pass", "", ""],
        checked_at=[DAY, DAY, DAY + pd.Timedelta(days=5), pd.NaT, DAY],
    )
    cases = issues(
        x=[20.0, 20.0, 139.0, 400.0, 25.0, np.nan],
        y=[10.0, 20.1, 20.0, 0.0, 500.0, np.nan],
        category=["litter"] * 6,
    )
    pairs = issues_before(table, cases, within_m=20)
    assert list(pairs.itertuples(index=False, name=None)) == [(0, 0), (1, 2), (3, 3), (4, 4)]
    duty = frontage_duty(table, "street", as_of=AS_OF, pairs=pairs)
    assert duty.columns.tolist() == list(DUTY_COLUMNS)
    first = duty.loc["A"]
    assert first[["frontages", "signed", "not_signed", "signed_unknown"]].tolist() == [4, 2, 1, 1]
    told = first[["passed", "failed", "no_result", "never_checked"]].tolist()
    assert told == [2, 1, 0, 1]
    assert first["pass_share"] == pytest.approx(2 / 3)
    limits = proportion_confint(2, 3, method="wilson")
    assert first[["low_share", "high_share"]].tolist() == pytest.approx(limits)
    assert first["last_checked"] == DAY + pd.Timedelta(days=5)
    # 200 m are measured; the shop that is a point has no length, and its issue is not counted.
    assert first[["measured", "length_m", "issues_near"]].tolist() == [3, 200, 2]
    assert first["issues_per_100m"] == pytest.approx(1.0)
    other = duty.loc["B"]
    assert other[["no_result", "never_checked"]].tolist() == [1, 0]
    assert other[["pass_share", "low_share", "high_share"]].isna().all()
    assert other["issues_per_100m"] == pytest.approx(2.0)
    whole = frontage_duty(table, "", as_of=AS_OF, pairs=pairs).iloc[0]
    assert whole[["frontages", "passed", "failed"]].tolist() == [5, 2, 1]
    assert whole["issues_per_100m"] == pytest.approx(3 / 2.5)


def test_an_issue_between_two_frontages_of_a_street_counts_once():
    table = fronts([line(0, 50), line(0, 50, y=10)], unit=["one", "two"])
    cases = issues(x=[25.0], y=[5.0], category=["litter"])
    pairs = issues_before(table, cases, within_m=5)
    assert len(pairs) == 2
    assert frontage_duty(table, "street", as_of=AS_OF, pairs=pairs)["issues_near"].tolist() == [1]
    assert frontage_duty(table, "unit", as_of=AS_OF, pairs=pairs)["issues_near"].tolist() == [1, 1]


def test_points_without_a_length_are_never_given_a_number():
    table = fronts([shapely.Point(0, 0)] * 3, length_m=[np.nan, np.nan, np.nan])
    cases = issues(x=[0.0], y=[0.0], category=["litter"])
    pairs = issues_before(table, cases, within_m=20)
    duty = frontage_duty(table, "street", as_of=AS_OF, pairs=pairs).iloc[0]
    assert duty[["length_m", "issues_near", "issues_per_100m"]].isna().all()
    assert duty["measured"] == 0
    stated = frontage_duty(
        table.assign(length_m=[10.0, np.nan, 15.0]), "street", as_of=AS_OF, pairs=pairs
    ).iloc[0]
    assert stated[["measured", "length_m", "issues_per_100m"]].tolist() == [2, 25, 4]
    none = frontage_duty(table.assign(length_m=5.0), "street", as_of=AS_OF).iloc[0]
    assert none[["issues_near", "issues_per_100m"]].isna().all()


def test_a_check_that_is_still_to_come_has_not_been():
    later = pd.Timestamp("2026-07-02T00:00", tz="Asia/Shanghai")  # the day itself counts
    table = fronts(
        [line(0, 5)] * 4,
        result=["pass", "pass", "fail", ""],
        checked_at=[later, later - pd.Timedelta(seconds=1), pd.NaT, later],
    )
    states = duty_states(table, as_of=AS_OF)
    assert states.tolist() == ["never_checked", "pass", "fail", "never_checked"]
    duty = frontage_duty(table, "street", as_of=AS_OF).iloc[0]
    assert duty["last_checked"] < later


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "A", "B"]),
            st.sampled_from(["", "yes", "no"]),
            st.sampled_from(["", "pass", "fail"]),
            st.sampled_from([None, DAY, DAY + pd.Timedelta(days=90)]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_every_frontage_is_counted_once(rows):
    street, signed, result, days = zip(*rows, strict=True)
    days = pd.to_datetime(pd.Series(days, dtype=object), utc=True)
    table = fronts([line(0, 5)] * len(rows), street=street, signed=signed, result=result,
                   checked_at=days)  # fmt: skip
    assert set(duty_states(table, as_of=AS_OF)) <= set(DUTY_STATES)
    duty = frontage_duty(table, "street", as_of=AS_OF)
    assert duty["frontages"].sum() == len(rows)
    states = duty[["passed", "failed", "no_result", "never_checked"]].sum(axis=1)
    assert (states == duty["frontages"]).all()
    assert (duty[["signed", "not_signed", "signed_unknown"]].sum(axis=1) == duty["frontages"]).all()
    known = duty[duty["pass_share"].notna()]
    assert (known["low_share"] <= known["pass_share"]).all()
    assert (known["pass_share"] <= known["high_share"]).all()
