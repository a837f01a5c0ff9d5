"""Texts go after the months that are told, at loading, in every way that a register is read."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.model.errors import SettingsError
from analysis.privacy.retention import past_keeping
from exports.recipes.prepare import PREPARED_FILES, prepared_files
from layers.load import load_city
from tests.views.towns import write_town


def test_months_are_those_of_the_calendar():
    days = ["2025-02-27", "2025-02-28", "2026-02-28"]
    assert past_keeping(pd.Series(pd.to_datetime(days)), months=12).tolist() == [True, False, False]


def test_no_months_are_refused_and_no_reports_are_none():
    with pytest.raises(ValueError, match="months"):
        past_keeping(pd.Series(pd.to_datetime(["2026-01-01"])), months=0)
    assert past_keeping(pd.Series([], dtype="datetime64[ns]"), months=1).tolist() == []


ISSUES = """
[[layers]]
kind = "issues"
file = "{file}"
{line}
"""
READ = """crs = "EPSG:4326"
columns = { id = "id", lon = "lon", lat = "lat", at = "reported_at", what = "text" }
"""
ROWS = """id,lon,lat,at,what
1,121.005,31.005,2024-01-05,old words
2,121.005,31.005,2026-01-05,new words
3,121.006,31.005,2024-02-05,
4,121.006,31.005,,words of no time
"""


def loaded(town, file, line):
    recipe = (town / "city.toml").read_text("utf-8").partition("# issues")[0]
    text = recipe + "# issues" + ISSUES.format(file=file, line=line)
    (town / "city.toml").write_text(text, "utf-8")
    return load_city(town)


@pytest.fixture
def town(tmp_path):
    town = write_town(tmp_path / "town", "id,lon,lat\n1,121.005,31.005\n")
    (town / "issues.csv").write_text(ROWS, "utf-8")
    return town


def texts_and_notes(city):
    notes = [n for report in city.reports for n in report.notes if n.rule == "texts_past"]
    return city.issues["text"].to_dict(), [(n.count, n.facts["months"]) for n in notes]


def test_old_texts_are_left_out_counted_and_said(town):
    every = loaded(town, "issues.csv", READ)
    assert texts_and_notes(every)[1] == []
    texts, notes = texts_and_notes(loaded(town, "issues.csv", READ + "keep_texts_months = 12"))
    assert (texts["1"], texts["2"], texts["4"]) == ("", "new words", "")
    assert notes == [(2, 12)]
    (town / "issues.parquet").write_bytes(prepared_files(every)[PREPARED_FILES[0]])
    prepared = 'format = "prepared"\n'
    assert "old words" in texts_and_notes(loaded(town, "issues.parquet", prepared))[0].values()
    line = f"{prepared}keep_texts_months = 12"
    assert texts_and_notes(loaded(town, "issues.parquet", line)) == (texts, notes)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "true", '"12"', "99999"])
def test_months_that_are_none_are_refused(town, value):
    with pytest.raises(SettingsError, match="keep_texts_months"):
        loaded(town, "issues.csv", f"{READ}keep_texts_months = {value}")
