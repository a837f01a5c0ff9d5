"""Days begin when the zone says, and cases stand as they stood at the end of the city's day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.handling.kpis import handling_kpis, time_to_close
from analysis.issues.counts import count_cases
from analysis.issues.moments import after_day, as_they_stood, day_of, days_of, in_zone
from analysis.issues.selection import period_of, select_issues
from analysis.issues.working_time import Deadline, due_times
from analysis.model.question import Selection
from tests.frames import issues

ROOT = Path(__file__).resolve().parents[3]
TODAY = dt.date(2026, 6, 30)
MINUTES = st.integers(-3000, 3000).map(
    lambda n: pd.Timestamp("2026-07-01") + pd.Timedelta(minutes=n)
)
ZONES = {"Africa/Cairo": dt.date(2026, 4, 24), "America/Havana": dt.date(2025, 11, 2)}
"""Days whose midnight summer time skips, or brings twice."""


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["open", "closed", "unknown"]), MINUTES), min_size=1))
def test_what_was_closed_after_the_day_is_open_and_nothing_else_moves(rows):
    status, closed = zip(*rows, strict=True)
    cases = issues(status=list(status), closed_at=list(closed), verified_at=list(closed))
    cases = cases.assign(stage="closed", handled_at=cases["closed_at"])
    stood = as_they_stood(cases, TODAY)
    later = np.array([moment >= pd.Timestamp("2026-07-01") for moment in closed])
    told = [
        "open" if late and was == "closed" else was for was, late in zip(status, later, strict=True)
    ]
    assert stood["status"].tolist() == told
    for name in ("closed_at", "verified_at", "handled_at"):
        assert stood[name].isna().tolist() == later.tolist()
    assert stood["stage"].eq("").tolist() == [
        late and was == "closed" for was, late in zip(status, later, strict=True)
    ]
    kept = stood[~later]
    pd.testing.assert_frame_equal(kept, cases[~later], check_dtype=False)
    pd.testing.assert_frame_equal(as_they_stood(stood, TODAY), stood)
    assert count_cases(stood, as_of=TODAY).open == told.count("open")


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_without_a_midnight_of_its_own_is_counted_as_any_other(zone):
    day = ZONES[zone]
    noon = pd.Timestamp(day) + pd.Timedelta(hours=12)
    cases = issues(reported_at=[noon - pd.Timedelta(days=1), noon], status=["open", "closed"])
    for name in ("reported_at", "due_at", "closed_at", "verified_at"):
        cases[name] = cases[name].dt.tz_localize(None).dt.tz_localize(zone)
    begins = in_zone(day, cases["reported_at"].dt.tz)
    assert day_of(cases["reported_at"].iloc[1]) == begins
    assert days_of(cases["reported_at"]).iloc[1] == begins
    assert begins - pd.Timedelta(minutes=1) < begins.tz_localize(None).normalize().tz_localize(
        zone, ambiguous=True, nonexistent="shift_forward"
    )
    assert select_issues(cases, Selection(since=day, until=day)).index.tolist() == ["i1"]
    assert period_of(cases, Selection(until=day))[1] == in_zone(
        day + dt.timedelta(days=1), cases["reported_at"].dt.tz
    )
    assert after_day(cases["reported_at"], day - dt.timedelta(days=1)).tolist() == [False, True]
    due = due_times(cases["reported_at"], Deadline(1, "day"), None)
    assert [f"{each:%m-%d %H:%M}" for each in due] == [
        f"{day + dt.timedelta(days=ahead):%m-%d} 23:59" for ahead in (0, 1)
    ]
    assert len(handling_kpis(cases, as_of=day)) > 0
    time_to_close(cases, as_of=day)


def test_no_day_of_a_zone_is_taken_by_normalize():
    """With a zone it fails on days without a midnight; `day_of` and `days_of` do not."""
    floors = ("analysis", "layers", "exports", "charts", "maps", "wording", "store", "views")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for floor in floors
        for path in sorted((ROOT / floor).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if ".normalize()" in line and "tz_localize(None)" not in line
    ]
    assert wrong == []
