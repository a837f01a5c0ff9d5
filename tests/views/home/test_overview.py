"""The overview shows the recipes' figures."""

from __future__ import annotations

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from analysis.coverage.assessment import assess
from analysis.issues.counts import count_cases
from layers.knowledge.standards import load_standards
from tests.conftest import ROOT
from tests.layers.toy import HEAD, write_communities
from tests.views.shown import said, texts
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")

STANDARDS = load_standards()


def test_overview_shows_the_recipe(visit, city, preparation):
    summary = assess(preparation, STANDARDS[city.standard]).summary
    whole = summary[summary["level"] == "city"].drop_duplicates("kind").set_index("kind")
    cases = count_cases(city.issues, as_of=city.as_of)
    page = visit(page="overview", language="en")
    shares = [ENGLISH.share(whole.loc[kind, "population_covered_share"]) for kind in city.kinds]
    assert [metric.value for metric in page.metric] == [
        *shares,
        ENGLISH.count(cases.open),
        ENGLISH.count(cases.overdue),
    ]
    for kind in city.kinds:
        row = whole.loc[kind]
        facts = {"meets": ENGLISH.count(row["meets"]), "n": ENGLISH.count(row["communities"])}
        people = {"covered": row["population_covered"], "population": row["population"]}
        numbers = {name: ENGLISH.count(value) for name, value in people.items()}
        assert WORDS("en", "overview.communities_meet", **facts) in said(page)
        assert f"{numbers['covered']} of {numbers['population']} people" in said(page)


def test_the_overview_names_the_first_of_the_list(visit):
    page = visit(page="overview", language="en")
    listed = visit(page="priority", language="en").dataframe[0].value
    first = listed[WORDS("en", "hotspots.col_place")].iloc[0].split(" · ")[0]
    assert any(text.startswith(f"**1. {first}**") for text in texts(page))


@pytest.mark.parametrize(
    ("people", "known"), [([900, None], "of 900 people known, 900 are"), ([None, None], "")]
)
@pytest.mark.parametrize("page", ["overview", "coverage"])
def test_people_nobody_counted_are_never_all_reached(tmp_path, monkeypatch, page, people, known):
    # two squares of about 330 m; the one toilet reaches all of the first and none of the second
    squares = [shapely.box(west, 39.9, west + 0.004, 39.903) for west in (116.30, 116.40)]
    write_communities(tmp_path, squares, population=people, name=["A", "B"])
    head = HEAD.replace("}", ', population = "population" }')
    toilets = (
        '[[layers]]\nkind = "toilet"\nfile = "t.csv"\ncolumns = { lon = "lon", lat = "lat" }\n'
    )
    (tmp_path / "city.toml").write_text(f'standard = "intl-400m"\n{head}{toilets}')
    (tmp_path / "t.csv").write_text("lon,lat\n116.3020,39.9015\n")
    monkeypatch.setenv("CITY", str(tmp_path))
    shown = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    shown.query_params["page"], shown.query_params["language"] = page, "en"
    shown.run()
    assert not shown.exception
    text = "\n".join([said(shown), *(metric.value for metric in shown.metric)])
    assert "every resident" not in text
    assert "100.0%" not in text
    assert f"{people.count(None)} of 2 communities" in text
    if page == "overview":
        assert known in text
        assert "by area, not people: 50.0%" in text
