"""Reports without a place count in the community that they name, and the rest is told."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest
import shapely

from analysis.model.question import Question
from exports.recipes.hotspots import HOTSPOT_FILES, hotspot_files
from exports.recipes.issue_answers import IssueAnswers
from layers.load import load_city
from layers.places.names import Communities, plain_name
from tests.layers.toy import HEAD, NOWHERE, write_communities
from wording.catalogue import load_words
from wording.speaker import Speaker

KNOWN = pd.DataFrame(
    {
        "name": ["东湖社区", "西湖社区", "Kings Park Ward", "东湖社区", "幸福里花园社区"],
        "parent": ["一街道", "一街道", "", "二街道", "二街道"],
        "name_en": ["East Lake", "West Lake", "", "", ""],
    },
    index=pd.Index(["C1", "C2", "C3", "C4", "C5"], name="community_id"),
)
CASES = [
    ("西湖社区", "", "C2", 100),
    ("西湖社區", "", "C2", 100),
    ("西湖 居委会", "", "C2", 95),
    ("ＫＩＮＧＳ　ＰＡＲＫ　ｗａｒｄ", "", "C3", 100),
    ("Kings Park", "", "C3", 95),
    ("west lake", "", "C2", 100),
    ("c5", "", "C5", 100),
    ("东湖社区", "二街道", "C4", 100),
    ("东湖", "一街道办事处", "C1", 95),
    ("一街道东湖社区", "", "C1", 100),
    ("幸福里花苑社区", "", "", 0),
    ("Kings Pork", "", "C3", 89),
    ("东湖社区", "", "", 0),
    ("东湖社区", "三街道", "", 0),
    ("南湖社区", "", "", 0),
    ("", "一街道", "", 0),
]
"""What a report says, its district, who is meant, and the score; 南湖 is no 西湖."""


@pytest.mark.parametrize(("text", "parent", "meant", "score"), CASES)
def test_who_is_meant(text, parent, meant, score):
    named = Communities(KNOWN).named_by(pd.Series([text]), pd.Series([parent]))
    assert (named.community_id[0], round(named.score[0])) == (meant, score)
    assert named.several[0] == (text == "东湖社区" and not meant)


def test_a_name_is_plain_once_it_is_plain():
    for name in (*KNOWN["name"], *KNOWN["name_en"]):
        assert plain_name(plain_name(name)) == plain_name(name)


LAYER = """
[[layers]]
kind = "issues"
file = "i.csv"
columns = { id = "id", cat = "category", t = "reported_at", area = "community", unit = "unit" }
"""
AREAS = ["A社区"] * 30 + ["B"] * 20 + ["Ａ社區"] * 6 + ["Nowhere"] * 4
"""Of 60 reports A has 36, B has 20, and four name a place that is not of the city."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    west, east = shapely.box(116.3, 39.85, 116.4, 39.95), shapely.box(116.4, 39.85, 116.5, 39.95)
    write_communities(folder, [west, east], id=["1", "2"], name=["A社区", "B社区"])
    rows = [
        f"i{n},{'Litter' if n % 3 else 'Noise'},2026-{1 + n % 6:02d}-11,{area},U{n % 2}"
        for n, area in enumerate(AREAS)
    ]
    (folder / "i.csv").write_text("\n".join(["id,cat,t,area,unit", *rows]), "utf-8")
    (folder / "city.toml").write_text('standard = "intl-400m"\n' + HEAD + LAYER, "utf-8")
    return IssueAnswers(load_city(folder, city_data=NOWHERE))


def test_every_report_is_counted_once_and_the_unknown_are_told(answers):
    report = answers.city.reports[-1]
    assert (report.rows_in, report.loaded, report.quarantined) == (60, 60, 0)
    notes = {note.rule: note for note in report.notes}
    assert {rule: note.count for rule, note in notes.items()} == {
        "coordinates_absent": 60,
        "community_named": 56,
        "community_unknown": 4,
    }
    assert notes["community_unknown"].facts == {"found": "'Nowhere'"}
    assert answers.issue_set().membership.value_counts().to_dict() == {"1": 36, "2": 20}


def test_they_count_by_community_month_category_and_unit_in_every_table(answers):
    files = hotspot_files(answers, Question(months=1), Speaker(load_words(), "zh"))
    assert set(files) == set(HOTSPOT_FILES)

    def table(name):
        return pd.read_csv(io.BytesIO(files[name]), dtype={"community_id": str})

    matrix = table("matrix.csv").query("level == 'category'")
    assert matrix.groupby("community_id")["cases"].sum().to_dict() == {"1": 36, "2": 20}
    litter = matrix[matrix["key_en"] == "Litter"].set_index("community_id")["cases"]
    assert dict(litter) == {
        "1": sum(1 for n, area in enumerate(AREAS) if n % 3 and area in {"A社区", "Ａ社區"}),
        "2": sum(1 for n, area in enumerate(AREAS) if n % 3 and area == "B"),
    }
    periods = table("periods.csv").query("basis == 'previous'")
    may, april = (
        sum(1 for n, area in enumerate(AREAS) if n % 6 == month and area != "Nowhere")
        for month in (4, 3)
    )
    assert (periods["cases_now"].sum(), periods["cases_before"].sum()) == (may, april)
    assert table("hotspots.csv").empty
    assert table("places.csv").empty
    record = json.loads(files["run.json"])["parameters"]["used"]
    assert record == {
        "refused": "no_places",
        "cases": 60,
        "community_named": 56,
        "community_unknown": 4,
    }
    assert "56 件按其写明的社区计数" in files["hotspots_map.html"].decode()
