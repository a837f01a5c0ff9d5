"""The list of findings agrees with the files that bear them out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from analysis.model.question import Question
from exports.recipes.casework.findings import FINDING_FILES, find, finding_files, sentences
from exports.recipes.coverage import coverage_files
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, hotspot_bundle, speaker, toy_answers
from wording.findings import WORDED, worded_findings

QUESTION = Question(cell=100.0)
CODES = {each.id: each.codes for each in TABLES["findings"].columns}


@pytest.fixture(scope="module")
def worked(city):
    """The toy city, of whose cases some are closed, some late and some looked at."""
    number = np.arange(len(city.issues))
    reported = city.issues["reported_at"]
    day = pd.Timedelta(days=1)
    closed = number % 2 == 0
    issues = city.issues.assign(
        status=np.where(closed, "closed", "open"),
        closed_at=(reported + day).where(closed),
        due_at=(reported + 2 * day).where(number % 3 > 0),
        verified_at=reported.where(number % 5 > 0),
    )
    return dataclasses.replace(city, issues=issues)


@pytest.fixture(scope="module")
def answers(worked):
    return toy_answers(worked)


@pytest.fixture(scope="module")
def made(answers):
    files = hotspot_bundle(answers)
    coverage = coverage_files(answers, QUESTION, speaker("en"), created=NOON)
    return {**files, **coverage}


@pytest.fixture(scope="module")
def written(answers):
    files = finding_files(answers, QUESTION, speaker("en"), created=NOON)
    assert tuple(files) == FINDING_FILES
    return files


@pytest.fixture(scope="module")
def rows(written):
    return read_csv(written["findings.csv"], TABLES["findings"].columns)


def test_every_row_that_bears_a_finding_is_one(worked, rows, made):
    read = {name: read_csv(made[f"{name}.csv"], TABLES[name].columns)
            for name in ("places", "relapse", "unchecked", "repeat_points")}  # fmt: skip
    coverage = read_csv(made["coverage.csv"], TABLES["coverage"].columns)
    fails = coverage[coverage["verdict"] == "fails"]
    kinds = dict(iter(rows.groupby("kind")))
    found = kinds["coverage"]
    evidence = (fails["community_id"] + "; " + fails["rule"]).tolist()
    assert found["evidence_row"].tolist() == evidence != []
    assert found["value"].tolist() == fails["value"].tolist()
    assert found["threshold"].tolist() == fails["minimum"].tolist()
    hot = read["places"][read["places"]["level"] == "hot"]
    assert kinds["hot_place"]["evidence_row"].tolist() == hot["place_id"].tolist() != []
    assert kinds["unchecked"]["evidence_row"].tolist() == read["unchecked"]["issue_id"].tolist()
    last = read["repeat_points"]["month"].eq(read["repeat_points"]["month"].max())
    points = read["repeat_points"][last]
    assert kinds["repeat_point"]["evidence_row"].tolist() == points["point_id"].tolist() != []
    relapsed = read["relapse"].set_index("issue_id")
    again = relapsed["returned_id"].map(worked.issues["status"]) != "closed"
    assert set(kinds["recurrence"]["evidence_row"]) == set(relapsed.index[again]) != set()


def test_the_late_cases_are_those_that_the_city_counts(rows, worked, answers):
    late = rows[rows["kind"] == "overdue"]
    assert len(late) == answers.cases(QUESTION).overdue > 0
    assert set(late["evidence_row"]) <= set(worked.issues.index)


def test_every_name_is_borne_once_and_every_code_has_its_words(rows, written):
    assert rows["finding_id"].is_unique
    for name in ("kind", "remedy", "figure", "quantity_unit", "gap_type"):
        assert set(rows[name].dropna()) <= set(CODES[name]), name
    shapes = json.loads(written["findings.geojson"])["features"]
    assert len(shapes) == len(rows)
    for shape, lon in zip(shapes, rows["lon"], strict=True):
        assert (shape["geometry"] is None) == pd.isna(lon)
    record = json.loads(written["run.json"])["parameters"]["found"]
    assert {kind: count for kind, count in record.items() if count} == (
        rows["kind"].value_counts().to_dict()
    )


def test_what_is_missing_is_not_judged_and_said(worked, answers):
    bare = dataclasses.replace(worked, issues=None)
    found = find(toy_answers(bare), QUESTION)
    assert set(found.judged) == {"coverage"}
    text = speaker("en")
    assert text("finding.kind_overdue") in sentences(found, text)[-1]
    issues = worked.issues.drop(columns="stage", errors="ignore")
    unknown = issues.assign(status="unknown")
    for name in ("closed_at", "verified_at"):
        unknown[name] = unknown[name].where(unknown["status"] != "unknown")
    found = find(toy_answers(dataclasses.replace(worked, issues=unknown)), QUESTION)
    assert not {"overdue", "unchecked", "recurrence"} & set(found.judged)
    assert {"coverage", "repeat_point"} <= set(found.judged)
    assert "Could not" not in " ".join(sentences(find(answers, QUESTION), text))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_finding_is_told_in_words_with_its_figure_and_threshold(answers, language):
    found, translate = find(answers, QUESTION), speaker(language)
    worded = worded_findings(
        found.table,
        answers.city,
        answers.standards,
        kinds=answers.kinds,
        categories={},
        translate=translate,
    )
    assert list(worded.columns) == list(WORDED)
    assert worded.index.equals(found.table.index)
    assert not worded.isna().to_numpy().any()
    late = worded[found.table["kind"] == "overdue"]
    days = found.table.loc[late.index, "value"]
    for told, value in zip(late["found"], days, strict=True):
        assert translate.count(int(value)) in told
    gaps = worded[found.table["kind"] == "coverage"]
    least = found.table.loc[gaps.index, "threshold"]
    rules = {f"toy/{rule.id}": rule for rule in answers.standard(QUESTION).rules}
    for name, told in gaps["found"].items():
        share = rules[found.table.loc[name, "subject"]].figure.share
        wanted = translate.share(least[name], digits=0) if share else translate.number(least[name])
        assert wanted in told


def test_the_same_city_finds_the_same_names_whatever_the_order_of_its_rows(worked, answers):
    turned = dataclasses.replace(
        worked,
        communities=worked.communities.iloc[::-1],
        issues=worked.issues.iloc[::-1],
        facilities=worked.facilities.iloc[::-1],
    )
    again = find(toy_answers(turned), QUESTION).table
    assert set(again.index) == set(find(answers, QUESTION).table.index)


def test_the_files_are_of_the_day_they_are_made(written):
    record = json.loads(written["run.json"])
    assert record["command"] == "findings"
    assert record["parameters"]["measure"]["toilet-300"][0] in {"straight", "network"}
    assert dt.datetime.fromisoformat(record["created"]) == NOON
