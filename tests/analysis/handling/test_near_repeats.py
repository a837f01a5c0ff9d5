"""Recurrence against chance: sums by hand, dense places, and returns that are more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.handling.near_repeats import NEAR_COLUMNS, near_repeats
from analysis.handling.recurrence import follow_closings

AS_OF = pd.Timestamp("2026-01-01").date()


def issues(x, day, category="waste", wait=1.0):
    """Cases on a line, each closed some days after its report."""
    reported = pd.Timestamp("2025-01-01", tz="Asia/Shanghai") + pd.to_timedelta(day, unit="D")
    frame = pd.DataFrame({"x": np.asarray(x, float), "y": 0.0})
    frame["category"], frame["status"], frame["unit"] = category, "closed", "u"
    frame["reported_at"] = reported
    frame["closed_at"] = reported + pd.to_timedelta(wait, unit="D")
    frame["due_at"] = frame["verified_at"] = frame["closed_at"]
    frame["source"], frame["text"] = "", ""
    return frame.set_axis([f"i{place}" for place in range(len(frame))]).rename_axis("issue_id")


def ratios(cases, days=30, distance_m=50.0):
    asked = {"as_of": AS_OF, "distance_m": distance_m, "days": days}
    return near_repeats(follow_closings(cases, **asked), cases, **asked)


def test_the_sum_made_by_hand():
    # Closings on days 1, 11, 201; the first has one other within 50 m (10 m away, on day 10).
    table = ratios(issues([0, 10, 5_000], [0, 10, 200]))
    assert tuple(table.columns) == NEAR_COLUMNS
    row = table[(table["distance_m"] == 50) & (table["days"] == 30)].iloc[0]
    # Of the two others one is reported in the 30 days after the first closing: 1 - (1 - 1/2).
    assert (row["followed"], row["relapsed"]) == (3, 1)
    assert row["expected"] == pytest.approx(0.5)
    assert row["ratio"] == pytest.approx(2)
    week = table[(table["distance_m"] == 50) & (table["days"] == 7)].iloc[0]
    assert week["relapsed"] == 0
    assert week["expected"] == 0
    assert np.isnan(week["ratio"])
    assert table.loc[table["distance_m"] == 12.5, "relapsed"].max() == 1


def test_dense_places_at_any_time_are_no_more_than_chance():
    rng = np.random.default_rng(1)
    x = np.where(rng.random(1_500) < 0.3, rng.normal(0, 20, 1_500), rng.uniform(0, 20_000, 1_500))
    row = ratios(issues(x, rng.uniform(0, 330, 1_500))).iloc[-1]
    assert row["relapsed_share"] > 0.25
    assert row["ratio"] == pytest.approx(1, abs=0.05)


def test_what_comes_back_where_it_was_closed_is_more_than_chance():
    rng = np.random.default_rng(2)
    x, day = rng.uniform(0, 200_000, 400), rng.uniform(0, 300, 400)
    again = issues(np.r_[x, x[:200]], np.r_[day, day[:200] + 5])
    row = ratios(again).iloc[-1]
    assert row["relapsed"] >= 200
    assert row["ratio"] > 3
    other = again.assign(category=["waste"] * 400 + ["noise"] * 200)
    assert ratios(other).iloc[-1]["ratio"] < 1.5


def test_no_closing_is_no_ratio():
    table = ratios(issues([], []))
    assert table["relapsed_share"].isna().all()
    assert table["ratio"].isna().all()
