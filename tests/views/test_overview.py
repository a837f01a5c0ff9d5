"""The overview shows the recipes' figures."""

from __future__ import annotations

from analysis.coverage.assessment import assess
from analysis.issues.counts import count_cases
from layers.knowledge.standards import load_standards
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
