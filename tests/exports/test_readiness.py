"""The files of readiness agree with each other, and every figure with the recipe it is of."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from analysis.casework.findings import CLAUSE
from analysis.casework.readiness import NO_LAYER, NOT_KNOWN
from analysis.model.errors import SettingsError
from analysis.model.question import Question
from analysis.model.title import CLAUSE_FIGURES, OF_A_RULE, Clause, Title, TitleStandard
from exports.recipes.casework.clause_figures import computed_reading
from exports.recipes.casework.findings import counted, find
from exports.recipes.casework.inspections import round_table
from exports.recipes.casework.readiness import READINESS_FILES, readiness, readiness_files
from exports.recipes.casework.tasks import usual_question
from exports.recipes.hotspots import with_usual_period
from layers.languages import LANGUAGES
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker, toy_answers
from wording.findings import worded_findings

HOSTILE = "=1+1 clause"


def clause(name, figure="check_rate", **parts):
    usual = {
        "work": "environment", "judged": "computed", "confidence": "low", "basis": "project",
        "threshold": 0.9, "source": dict.fromkeys(LANGUAGES, "@memory"),
        "text": dict.fromkeys(LANGUAGES, f"{HOSTILE} {name}"),
    }  # fmt: skip
    return Clause(id=name, figure=figure, **{**usual, **parts})


def titled(city, *clauses):
    names = dict.fromkeys(LANGUAGES, "Toy title")
    standard = TitleStandard("toy-title", names, "nobody", "none", "2026", clauses)
    return toy_answers(dataclasses.replace(city, title=Title(standard)))


@pytest.fixture(scope="module")
def answers(city):
    number = np.arange(len(city.issues)) % 10
    issues = city.issues.assign(
        inspection=np.where(number < 2, "round", ""),
        source_level=np.select([number < 2, number == 2], ["province", "self"], ""),
        status=np.where(number == 1, "closed", "open"),
        closed_at=city.issues["reported_at"].where(number == 1),
    )
    return titled(
        dataclasses.replace(city, issues=issues),
        clause("value", "rule_value", standard="toy", rule="toilet-density", unit="number"),
        clause("share", "rule_share", standard="toy", rule="toilet-300"),
        clause("places", "hot_places", comparison="max", threshold=0, unit="count"),
        clause("rectified", "rectified", veto=True),
        clause("known", "known_before"),
        clause("checked", "check_rate"),
        clause("asked", "", judged="survey", question="satisfaction"),
        clause("entered", "", judged="entered"),
    )


def test_files_agree_and_hold_no_formula(answers):
    files, said = readiness_files(answers, speaker("en"), created=NOON)
    assert tuple(files) == READINESS_FILES
    clauses = read_csv(files["clauses.csv"], TABLES["clauses"].columns)
    works = read_csv(files["key_works.csv"], TABLES["key_works"].columns)
    assert len(clauses) == works["clauses"].iloc[0] == works["clauses"].iloc[1:].sum() == 8
    for column, verdict in (("met", "meets"), ("failed", "fails"), ("cannot_judge",) * 2):
        assert works[column].iloc[0] == (clauses["verdict"] == verdict).sum()
    assert not clauses["text"].str.startswith("=").any()
    assert not clauses["source"].str.startswith("@").any()
    assert f"of all {len(clauses)}" in said[0]
    assert json.loads(files["run.json"])["parameters"]["days_left"] is None
    assert files["readiness.pdf"].startswith(b"%PDF")
    again, _ = readiness_files(answers, speaker("en"), created=NOON)
    assert again == files


def test_every_figure_is_that_of_its_own_recipe(answers):
    """Not a second formula: each value is the one that another page shows."""
    question = with_usual_period(Question(), answers.city)
    table = readiness(answers).clauses.set_index("clause_id")
    summary = answers.assessment(answers.standards["toy"]).scored.summary
    city = summary[summary["level"] == "city"].set_index("rule")
    assert table["value"]["value"] == city["density_per_km2"]["toilet-density"]
    met = city["meets"]["toilet-300"] / city["communities"]["toilet-300"]
    assert table["value"]["share"] == met
    assert table["value"]["places"] == len(answers.hot_spots(question).places) > 0
    rounds = round_table(answers, question).iloc[0]
    assert table["value"]["rectified"] == rounds["share"] == 0.5
    assert table["value"]["known"] == rounds["known_share"]
    assert table["n"]["known"] == rounds["judged"]
    kpis = answers.handling(question).kpis.set_index(["level", "kpi"])
    assert table["reason"]["checked"] == NOT_KNOWN
    assert kpis.loc[("city", "check_rate"), "reason"]


def test_failed_clauses_are_findings_in_words_whatever_the_page_asks(answers):
    failed = readiness(answers).blocks["clause_id"]
    found = find(answers, usual_question(answers.city))
    assert counted(found)[CLAUSE] == len(failed) > 1
    rows = found.table[found.table["kind"] == CLAUSE]
    assert {f"clause:toy-title/{name}" for name in failed} == set(rows.index)
    other = find(answers, Question(standard="toy", radii=(("toilet", 100.0),)))
    assert set(rows.index) <= set(other.table.index)
    worded = worded_findings(
        rows, answers.city, answers.standards, kinds={}, categories={}, translate=speaker("en")
    )
    line = worded.loc["clause:toy-title/rectified"]
    assert line["what"] == f"{HOSTILE} rectified"
    assert line["place"] == "the whole city"
    assert "50.0%" in line["found"]
    assert "≥ 90%" in line["found"]
    assert "40.0 points missing" in line["remedy"]
    places = worded.loc["clause:toy-title/places"]
    assert "too many" in places["remedy"]


def test_a_finding_of_a_clause_that_the_standard_has_no_more_keeps_its_numbers(answers, city):
    found = find(answers, usual_question(answers.city))
    rows = found.table[found.table["kind"] == CLAUSE]
    worded = worded_findings(
        rows, city, answers.standards, kinds={}, categories={}, translate=speaker("en")
    )
    assert worded["what"].tolist() == rows["subject"].tolist()
    assert "0.5" in worded.loc["clause:toy-title/rectified", "found"]


@pytest.mark.parametrize("figure", [each for each in CLAUSE_FIGURES if each not in OF_A_RULE])
def test_without_issues_no_figure_of_them_is_a_number(city, figure):
    bare = titled(dataclasses.replace(city, issues=None), clause("a", figure))
    assert computed_reading(bare, clause("a", figure), bare.city.title.standard).reason == NO_LAYER


def test_a_kind_without_a_layer_and_an_unknown_rule_are_told(city):
    asked = clause("a", "rule_value", standard="toy", rule="market-500")
    kinds = {name: kind for name, kind in city.kinds.items() if name != "market"}
    bare = titled(dataclasses.replace(city, kinds=kinds), asked)
    assert computed_reading(bare, asked, bare.city.title.standard).reason == NO_LAYER
    for parts, told in (({"rule": "nothing"}, "nothing"), ({"standard": "none"}, "none")):
        wrong = clause("b", "rule_value", **{"standard": "toy", "rule": "market-500", **parts})
        with pytest.raises(SettingsError, match=told) as caught:
            readiness(titled(city, wrong))
        assert caught.value.facts["entry"] == "toy-title.toml, b"
    share = clause("c", "rule_value", standard="toy", rule="toilet-300", unit="number")
    with pytest.raises(SettingsError, match="unit"):
        readiness(titled(city, share))


def test_a_city_without_a_title_has_no_readiness(city):
    with pytest.raises(SettingsError) as caught:
        readiness(toy_answers(city))
    assert caught.value.problem == "no_title"
    assert CLAUSE not in counted(find(toy_answers(city), usual_question(city)))
