"""The register: categories, working time, stages and computed due times."""

from __future__ import annotations

import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.issues.due_dates import stages, with_due_times
from analysis.issues.working_time import Calendar, Deadline, due_times, working_days
from analysis.model.contracts import STAGES, check_issues
from analysis.model.errors import ColumnError, SettingsError
from analysis.model.taxonomy import CATEGORY, LEVELS, Taxonomy, classify
from layers.knowledge.taxonomy import FOLDER, load_calendar, load_deadlines, load_taxonomy
from layers.load import load_city
from tests.conftest import ROOT
from tests.frames import issues

ZONE = "Asia/Shanghai"
CN = load_calendar(FOLDER / "calendar-cn.toml")
TAXONOMY = load_taxonomy()


def times(*texts):
    return pd.Series(pd.to_datetime(list(texts), format="mixed").tz_localize(ZONE))


def due(text, value, unit):
    (found,) = due_times(times(text), Deadline(value, unit), CN)
    return found if pd.isna(found) else f"{found:%Y-%m-%d %H:%M}"


# --- working time, by hand


@pytest.mark.parametrize(
    ("reported", "value", "unit", "expected"),
    [
        ("2026-03-10 10:00", 1, "working_hour", "2026-03-10 11:00"),  # a Tuesday
        ("2026-03-10 11:30", 1, "working_hour", "2026-03-10 14:00"),  # over lunch
        ("2026-03-10 11:00", 1, "working_hour", "2026-03-10 12:00"),  # to its very end
        ("2026-03-10 17:00", 1, "working_hour", "2026-03-11 09:30"),  # over night
        ("2026-03-13 17:00", 1, "working_hour", "2026-03-16 09:30"),  # over a weekend
        ("2026-03-14 10:00", 4, "working_hour", "2026-03-16 14:30"),  # reported on a Saturday
        ("2026-03-10 20:00", 1, "working_day", "2026-03-11 17:30"),
        ("2026-02-13 10:00", 1, "working_day", "2026-02-14 17:30"),  # a Saturday that is worked
        ("2026-02-13 10:00", 2, "working_day", "2026-02-24 17:30"),  # over the Spring Festival
        ("2026-03-10 10:00", 2, "day", "2026-03-12 23:59"),
        ("2026-03-10 10:00", 36, "hour", "2026-03-11 22:00"),
    ],
)
def test_deadlines_end_where_a_clerk_says(reported, value, unit, expected):
    assert due(reported, value, unit) == expected


@pytest.mark.parametrize("reported", ["2023-12-31 10:00", "2027-01-02 10:00", "2026-12-31 17:00"])
def test_outside_the_calendar_nothing_is_computed(reported):
    assert pd.isna(due(reported, 1, "working_day"))


MOMENTS = st.datetimes(pd.Timestamp(2024, 1, 3), pd.Timestamp(2026, 6, 1))


def walk(start, minutes, calendar):
    """Minute by minute, as slowly as can be."""
    at = start
    days = np.datetime64(at.date()) + np.arange(40)
    works = dict(zip(days.astype(object), calendar.works(days), strict=True))
    while minutes > 0:
        of_day = at.hour * 60 + at.minute
        if works[at.date()] and any(first <= of_day < last for first, last in calendar.hours):
            minutes -= 1
        at += dt.timedelta(minutes=1)
    return at


@settings(max_examples=20)
@given(start=MOMENTS, hours=st.integers(1, 20))
def test_working_hours_agree_with_a_walk_by_minutes(start, hours):
    start = start.replace(second=0, microsecond=0)
    (found,) = due_times(times(start), Deadline(hours, "working_hour"), CN)
    assert found.tz_localize(None) == walk(start, hours * 60, CN)


@given(start=MOMENTS, days=st.integers(1, 60))
def test_a_deadline_in_working_days_is_that_many_working_days_away(start, days):
    moments = times(start)
    (end,) = due_times(moments, Deadline(days, "working_day"), CN)
    assert working_days(moments, end, CN).tolist() == [days]
    assert (end.hour, end.minute) == (17, 30)


def test_working_days_by_hand():
    start = times("2026-02-12", "2026-02-13 18:00", "2026-02-24 08:00", "2026-03-01", None)
    end = pd.Timestamp("2026-02-25", tz=ZONE)
    # 13, 14 (worked), 24, 25; 14, 24, 25; 25; in the future; unknown
    found = working_days(start, end, CN)
    assert found.tolist()[:4] == [4, 3, 1, 0]
    assert pd.isna(found.iloc[4])
    assert working_days(start, end, None).tolist()[:3] == [13, 12, 1]


def test_the_calendar_of_china_has_the_working_days_of_its_notices():
    for year, expected in ((2024, 251), (2025, 248), (2026, 248)):
        days = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
        assert CN.works(days).sum() == expected


# --- categories


def test_every_level_of_the_taxonomy_is_used_and_named():
    for level in LEVELS:
        used = {parts[level] for parts in TAXONOMY.parts.values()} if level != CATEGORY else set()
        assert used - {""} <= set(TAXONOMY.names[level])
    assert len(TAXONOMY.names["ten"]) == 10
    assert {parts["ten"] for parts in TAXONOMY.parts.values()} - {""} == set(TAXONOMY.names["ten"])
    assert all(TAXONOMY.parts[code]["major"] for code in TAXONOMY.parts)


def test_classify_knows_names_codes_and_aliases():
    cases = issues(category=["出店经营", "E0504", "Trading outside shop", "Helicopter", ""])
    assert classify(cases, TAXONOMY, level="ten").tolist() == ["stall", "stall", "stall", "", ""]
    assert classify(cases, TAXONOMY, level="category").tolist() == [
        "E0504", "E0504", "E0504", "Helicopter", "",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="must be one of"):
        classify(cases, TAXONOMY, level="minor")


def test_a_source_s_own_categories_are_translated():
    native = load_taxonomy((FOLDER / "nyc-311.toml",))
    assert native.key("Illegal Parking", "ten") == "park"
    assert TAXONOMY.key("Illegal Parking", "ten") == ""
    assert native.levels == ("major", "category")
    assert TAXONOMY.levels == LEVELS


def test_a_level_that_a_source_s_list_misspells_is_named(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text('levels = ["majr"]\n', "utf-8")
    with pytest.raises(SettingsError, match="did you mean 'major'"):
        load_taxonomy((path,))


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        ("categories.toml", 'ten = "build"', 'ten = "biuld"', "did you mean 'build'"),
        ("categories.toml", 'zh = "私搭乱建", ', "", "a text"),
        ("levels.toml", "[campaign]", "[campaing]", "did you mean 'campaign'"),
    ],
)
def test_slips_in_the_taxonomy_are_named(tmp_path, file, old, new, found):
    for name in ("categories.toml", "levels.toml"):
        text = (FOLDER / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace(old, new) if name == file else text, "utf-8")
    with pytest.raises(SettingsError, match=found):
        load_taxonomy(folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('A = { value = 0, unit = "day" }', "above 0"),
        ('A = { value = 1, unit = "dya" }', "did you mean 'day'"),
        ('A = { value = 1, unit = "day", severity.urgent = { value = 1 } }', "unit"),
    ],
)
def test_slips_in_deadlines_are_named(tmp_path, text, found):
    (tmp_path / "d.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=found):
        load_deadlines(tmp_path / "d.toml")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("saturday", "saturdey", "did you mean 'saturday'"),
        ("2024-01-01", "2024-13-01", "days such as"),
        ("2024-02-10/2024-02-17", "2024-02-17/2024-02-10", "end is not before"),
        ("09:00-12:00", "12:00-09:00", "in order"),
        ("09:00-12:00", "nine to noon", "spells"),
        ("years = [2024, 2026]", "years = [2024]", "first, last"),
    ],
)
def test_slips_in_a_calendar_are_named(tmp_path, old, new, found):
    text = (FOLDER / "calendar-cn.toml").read_text("utf-8")
    (tmp_path / "c.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError, match=found):
        load_calendar(tmp_path / "c.toml")


# --- the register


def test_stages_are_stated_or_what_the_status_says():
    cases = issues(status=["open", "closed", "unknown", "closed"], stage=["", "", "", "handled"])
    assert stages(cases).tolist() == ["reported", "closed", "", "handled"]
    assert stages(cases.drop(columns="stage")).tolist() == ["reported", "closed", "", "closed"]


def test_the_contract_holds_optional_columns_to_their_codes():
    check_issues(issues(category=["a"], stage=["handled"], source_level=[""]))
    with pytest.raises(ColumnError, match="stage"):
        check_issues(issues(category=["a"], stage=["done"]))


def test_due_times_are_computed_only_where_the_source_has_none():
    cases = issues(
        category=["暴露垃圾", "暴露垃圾", "暴露垃圾", "店外经营", "暴露垃圾"],
        reported_at=["2026-03-10 10:00"] * 4 + [None],
        due_at=["2026-03-20 10:00", None, None, None, None],
        severity=["", "", "urgent", "", ""],
    )
    rules = {"E01": Deadline(2, "day", {"urgent": Deadline(3, "hour")})}
    found = with_due_times(cases, TAXONOMY, rules, None)
    assert found["due_basis"].tolist() == ["stated", "computed", "computed", "", ""]
    assert found["due_at"].dt.strftime("%d %H:%M").tolist()[:3] == [
        "20 10:00", "12 23:59", "10 13:00",
    ]  # fmt: skip
    assert found["due_at"].isna().tolist() == [False, False, False, True, True]
    assert cases["due_at"].notna().sum() == 1


def test_the_demo_city_s_missing_deadlines_are_computed_and_noted(city):
    found = city.issues["due_basis"].value_counts()
    (report,) = [report for report in city.reports if report.kind == "issues"]
    notes = {note.rule: note.count for note in report.notes}
    assert notes["due_computed"] == found["computed"] > 0
    assert found.sum() == len(city.issues)
    assert found["computed"] + found[""] <= 20
    assert set(city.issues["stage"]) <= {*STAGES, ""}
    assert city.calendar.id == "calendar-cn"


def test_deadlines_in_working_time_need_a_calendar(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    for path in (ROOT / "data" / "demo").iterdir():
        if path.name != "city.toml":
            shutil.copy(path, folder)
    text = (ROOT / "data" / "demo" / "city.toml").read_text("utf-8")
    (folder / "city.toml").write_text(text.replace('calendar = "calendar-cn"\n', ""), "utf-8")
    with pytest.raises(SettingsError, match="no calendar"):
        load_city(folder)
    (folder / "city.toml").write_text(text.replace("calendar-cn", "calendar-xx"), "utf-8")
    with pytest.raises(SettingsError, match="calendar-cn"):
        load_city(folder)


def test_an_empty_taxonomy_maps_nothing():
    assert Taxonomy().key("暴露垃圾", "ten") == ""
    assert isinstance(CN, Calendar)
