"""Values that an office enters: percent and flags are read, and no wrong row is lost silently."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.model.errors import SettingsError
from layers.load import load_city

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo"
STANDARD = """
title = { zh = "示例", en = "Toy" }
publisher = "nobody"
document = "none"
date = "2026"
"""
CLAUSE = """
[[clauses]]
id = "%s"
text = { zh = "一", en = "One" }
work = "health"
judged = "%s"
basis = "standard"
source = "a book"
confidence = "high"
%s
"""
RECIPE = """
time_zone = "Asia/Shanghai"
crs = "EPSG:32649"
as_of = "2026-06-30"
%s
[[layers]]
kind = "communities"
file = "communities.geojson"
publication_date = "2026-01-15"
columns = { code = "id", name = "name", street = "parent", population = "population" }
[[layers]]
kind = "clause_values"
file = "values.csv"
publication_date = "2026-07-01"
columns = { clause = "clause", value = "value", day = "day", source = "source" }
"""
TITLE = 'title = { standard = "ours", year = 2021, review = "2026-10-15" }'


@pytest.fixture
def town(tmp_path):
    def make(*rows, title=TITLE):
        (tmp_path / "titles").mkdir(exist_ok=True)
        shares = "threshold = 0.9"
        clauses = [
            CLAUSE % ("share", "entered", shares),
            CLAUSE % ("hours", "entered", 'threshold = 12\nunit = "number"'),
            CLAUSE % ("flag", "entered", 'threshold = 1\nunit = "flag"'),
            CLAUSE % ("computed", "computed", f'{shares}\nfigure = "check_rate"'),
        ]
        (tmp_path / "titles" / "ours.toml").write_text(STANDARD + "".join(clauses), "utf-8")
        shutil.copy(DEMO / "communities.geojson", tmp_path)
        lines = ["clause,value,day,source", *(",".join(row) for row in rows)]
        (tmp_path / "values.csv").write_text("\n".join(lines) + "\n", "utf-8")
        (tmp_path / "city.toml").write_text(RECIPE % title, "utf-8")
        return load_city(tmp_path)

    return make


def test_numbers_percent_and_flags_are_read(town):
    city = town(
        ("share", "93.5%", "2026-05-01", "a"),
        ("share", "0.5", "2026-05-02", "a"),
        ("share", "88％", "2026-05-03", "a"),
        ("hours", "12.5", "2026-05-01", "b"),
        ("flag", "是", "2026/05/04", "c"),
        ("flag", "no", "2026-05-05", ""),
    )
    found = city.clause_values
    assert found["value"].tolist() == pytest.approx([0.935, 0.5, 0.88, 12.5, 1.0, 0.0])
    assert found["day"].dt.strftime("%m-%d").tolist()[-2:] == ["05-04", "05-05"]
    assert found["day"].dt.tz is None
    notes = {note.rule for report in city.reports for note in report.notes}
    assert "clause_source_missing" in notes
    assert (city.title.year, f"{city.title.review}") == (2021, "2026-10-15")


def test_rows_that_cannot_be_used_are_set_apart_each_with_its_reason(town):
    city = town(
        ("share", "0.9", "2026-05-01", "a"),
        ("shares", "0.9", "2026-05-01", "a"),
        ("computed", "0.9", "2026-05-01", "a"),
        ("share", "about", "2026-05-01", "a"),
        ("share", "", "2026-05-01", "a"),
        ("share", "93.5", "2026-05-01", "a"),
        ("share", "-1%", "2026-05-01", "a"),
        ("share", "0.9", "", "a"),
        ("share", "0.9", "soon", "a"),
        ("flag", "2", "2026-05-01", "a"),
        ("hours", "-12", "2026-05-01", "a"),
        ("hours", "1e999", "2026-05-01", "a"),
    )
    report = next(each for each in city.reports if each.kind == "clause_values")
    assert (report.rows_in, report.loaded, report.quarantined) == (12, 1, 11)
    reasons = city.quarantine["reason"].value_counts().to_dict()
    assert reasons == {
        "clause_unknown": 2,
        "clause_value_unread": 4,
        "clause_value_beyond": 3,
        "clause_day_unread": 2,
    }


def test_a_city_without_a_title_has_no_clause_for_any_value(town):
    city = town(("share", "0.9", "2026-05-01", "a"), title="")
    assert city.title is None
    assert city.clause_values.empty
    assert city.quarantine["reason"].tolist() == ["clause_unknown"]


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ('title = { standard = "other" }', "other"),
        ("title = { year = 2021 }", "standard"),
        ('title = { standard = "ours", year = "2021" }', "year"),
        ('title = { standard = "ours", year = 21 }', "year"),
        ('title = { standard = "ours", review = "2026-10" }', "review"),
        ('title = { standard = "ours", review = "soon" }', "review"),
        ('title = { standard = "ours", reviews = "2026-10-15" }', "reviews"),
        ('title = "ours"', "title"),
    ],
)
def test_a_title_that_cannot_be_is_named(town, title, told):
    with pytest.raises(SettingsError, match=told) as caught:
        town(title=title)
    assert "city.toml" in str(caught.value)
