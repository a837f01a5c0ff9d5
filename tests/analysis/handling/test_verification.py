"""Reports checked: what counts as a check, and how old the unchecked are."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from analysis.handling.recipe import assess_handling
from analysis.handling.verification import find_unchecked
from analysis.issues.issue_set import issue_set
from analysis.model.question import Selection
from layers.knowledge.taxonomy import FOLDER, load_calendar, load_taxonomy
from tests.frames import issues, polygons

TAXONOMY = load_taxonomy()

NOON = pd.Timestamp("2026-03-31")


def test_only_a_check_or_a_stage_after_one_counts():
    cases = issues(
        status=["open", "closed", "closed", "open", "open", "open"],
        stage=["", "closed", "handled", "verified", "dispatched", "cancelled"],
        verified_at=["2026-03-05", None, None, None, None, None],
        reported_at=["2026-03-02"] * 6,
        unit=["a", "a", "b", "b", "b", "a"],
        source_level=["public", "city", "city", "public", "", "public"],
    )
    checks = find_unchecked(cases, as_of=NOON)
    assert checks.judged
    assert checks.unchecked.index.tolist() == ["i2", "i4"]
    assert (checks.received, checks.cancelled) == (5, 1)
    assert checks.unchecked_share == pytest.approx(2 / 5)
    assert checks.by_unit.loc["b"].tolist() == [3, 2, pytest.approx(2 / 3), 29]
    assert checks.by_source["unchecked"].to_dict() == {"": 1, "city": 1, "public": 0}


def test_without_checks_in_the_source_there_is_no_counter():
    checks = find_unchecked(issues(status=["open", "closed"]), as_of=NOON)
    assert not checks.judged
    assert checks.unchecked_share is None
    assert checks.unchecked.empty
    assert checks.by_unit.empty
    assert checks.ages["unchecked"].isna().all()
    assert checks.ages["open"].sum() == 1


def test_ages_are_working_days_and_old_or_undated_reports_do_not_vanish():
    calendar = load_calendar(FOLDER / "calendar-cn.toml")
    days = ["2026-03-31", "2026-03-30", "2026-03-27", "2026-03-20", "2026-01-05", None]
    cases = issues(
        reported_at=[*days, "2026-03-02"], verified_at=[None] * 6 + ["2026-03-03"],
        due_at=[None] * 4 + ["2026-01-09", None, None],
    )  # fmt: skip
    checks = find_unchecked(cases, as_of=NOON, calendar=calendar)
    assert checks.unchecked["age_days"].tolist()[:5] == [57, 7, 2, 1, 0]
    assert checks.unchecked.index.tolist() == ["i4", "i3", "i2", "i1", "i0", "i5"]
    assert checks.ages["unchecked"].tolist() == [2, 1, 1, 0, 0, 1, 1]
    assert checks.ages["overdue"].sum() == 1
    city = polygons([shapely.box(0, 0, 10, 10)])
    found = assess_handling(
        issue_set(cases, city, as_of=NOON),
        Selection(since=pd.Timestamp("2026-03-25"), until=pd.Timestamp("2026-03-30")),
        taxonomy=TAXONOMY,
        area_m2=city.area,
    )
    assert set(found.checks.unchecked.index) == {"i1", "i2", "i3", "i4", "i5"}
