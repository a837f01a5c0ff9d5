"""Rows that no figure has are said beside every headline, in every export and in the record."""

from __future__ import annotations

import json
from io import BytesIO

import openpyxl
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from analysis.model.question import Question
from exports.recipes.coverage import coverage_files
from exports.recipes.hotspots import hotspot_files
from exports.recipes.issue_answers import IssueAnswers
from layers.load import load_city
from tests.conftest import ROOT
from tests.exports.toy import NOON, speaker
from tests.views.shown import said
from tests.whole_town import rows_of_town, write_whole_town

MISSING = "Communities 1 of 4 (c3); Public toilets 1 of 5; Residents 2 of 40"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The town with a community that is a line, a toilet without a place, two odd residents."""
    rows = rows_of_town()
    rows["communities"][3]["geometry"] = shapely.LineString([(121.01, 31.01), (121.02, 31.02)])
    rows["toilet"][4] |= {"lon": "", "lat": ""}
    for row in rows["residents"][:2]:
        row["population"] = "many"
    return write_whole_town(tmp_path_factory.mktemp("missing") / "town", rows)


@pytest.fixture(scope="module")
def files(folder):
    answers = IssueAnswers(load_city(folder))
    speak = speaker("en")
    found = coverage_files(answers, Question(), speak, created=NOON)
    hot = hotspot_files(answers, Question(cell=200.0), speak, created=NOON)
    return {f"coverage/{name}": data for name, data in found.items()} | {
        f"hotspots/{name}": data for name, data in hot.items()
    }


def test_the_record_counts_them(files):
    for bundle in ("coverage", "hotspots"):
        record = json.loads(files[f"{bundle}/run.json"])
        assert record["missing_rows"] == {
            "communities": {"rows": 4, "missing": 1},
            "toilet": {"rows": 5, "missing": 1},
            "residents": {"rows": 40, "missing": 2},
        }


def test_every_sheet_page_and_map_says_so(files):
    workbooks = [data for name, data in files.items() if name.endswith(".xlsx")]
    for data in workbooks:
        book = openpyxl.load_workbook(BytesIO(data))
        heads = {sheet.title: str(sheet["A1"].value) for sheet in book if sheet.title != "Method"}
        assert {title for title, head in heads.items() if MISSING not in head} <= {"方法", "method"}
    for name in (
        "hotspots/bulletin.html",
        "coverage/coverage_map.html",
        "hotspots/hotspots_map.html",
    ):
        assert MISSING in files[name].decode().replace("\\u2009", " ")


@pytest.mark.parametrize("page", ["home", "coverage"])
def test_every_page_says_so(folder, page, monkeypatch):
    monkeypatch.setenv("CITY", str(folder))
    drawn = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    drawn.query_params["page"], drawn.query_params["language"] = page, "en"
    drawn.run()
    assert not drawn.exception
    assert MISSING in said(drawn)


def test_a_city_that_lacks_nothing_says_nothing(tmp_path):
    city = load_city(write_whole_town(tmp_path / "town"))
    answers = IssueAnswers(city)
    found = coverage_files(answers, Question(), speaker("en"), created=NOON)
    assert json.loads(found["run.json"])["missing_rows"] == {}
    assert "could not be loaded" not in found["coverage_map.html"].decode()
