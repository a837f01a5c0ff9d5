"""The files of rounds of inspection agree with each other and with what their sentences say."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from analysis.casework.findings import INSPECTION
from analysis.model.errors import SettingsError
from analysis.model.question import FollowUpRule, Question
from exports.recipes.casework import inspections
from exports.recipes.casework.findings import counted, find
from exports.recipes.casework.inspections import (
    ROUND_FILES,
    inspection_files,
    inspection_tables,
    round_table,
)
from exports.recipes.casework.inspections import TABLES as PARTS
from exports.recipes.casework.tasks import usual_question
from exports.recipes.pack import PARTS as PACKED
from exports.recipes.pack import Made, Request, make_part
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker, toy_answers
from wording.catalogue import load_words

QUESTION = Question(follow_up=FollowUpRule(distance_m=100.0, days=30))
ROUND = "=1+1 round"


@pytest.fixture(scope="module")
def inspected(city):
    """The toy city: of every ten cases two are of a round, one is an own check, one is closed."""
    number = np.arange(len(city.issues)) % 10
    issues = city.issues.assign(
        inspection=np.where(number < 2, ROUND, ""),
        source_level=np.select([number < 2, number == 2], ["province", "self"], ""),
        status=np.where(number == 1, "closed", "open"),
        closed_at=city.issues["reported_at"].where(number == 1),
    )
    return toy_answers(dataclasses.replace(city, issues=issues))


def test_files_of_a_round_agree(inspected):
    files, said = inspection_files(inspected, QUESTION, "", speaker("en"), created=NOON)
    assert tuple(files) == ROUND_FILES
    rounds, areas, findings = (
        read_csv(files[f"{name}.csv"], TABLES[name].columns) for name in PARTS
    )
    (one,) = rounds.to_dict("records")
    assert one["findings"] == len(findings) == areas["findings"].sum() == 100
    assert one["rectified"] == (findings["state"] == "closed").sum() == areas["rectified"].sum()
    assert one["known"] == findings["known"].str.lower().eq("true").sum() > 0
    assert one["inspection"].endswith(ROUND)
    assert (one["first_day"], one["last_day"]) == ("2026-01-01", "2026-01-21")
    assert f"{one['known']} of {one['judged']}" in said[-2]
    assert f"{one['chance_share']:.1%} would match by chance" in said[-1]
    record = json.loads(files["run.json"])
    assert record["parameters"]["follow_up"]["distance_m"] == 100
    assert set(record["results"]) == {*ROUND_FILES} - {"run.json"}
    assert files["round_bulletin.pdf"].startswith(b"%PDF")
    again, _ = inspection_files(inspected, QUESTION, ROUND, speaker("zh"), created=NOON)
    assert again["rounds.csv"] == files["rounds.csv"]


def test_what_inspectors_found_and_nobody_rectified_is_a_finding(inspected, city):
    found = find(inspected, usual_question(inspected.city))
    rows = found.table[found.table["kind"] == INSPECTION]
    assert len(rows) == counted(found)[INSPECTION] == 50
    assert set(rows.index) == {f"inspection:i{n}" for n in range(500) if n % 10 == 0}
    assert INSPECTION not in counted(find(toy_answers(city), usual_question(city)))


def test_a_city_without_rounds_says_so_in_one_sentence(city, inspected):
    with pytest.raises(SettingsError) as caught:
        round_table(toy_answers(city), QUESTION)
    assert caught.value.problem == "no_rounds"
    with pytest.raises(SettingsError) as caught:
        inspection_files(inspected, QUESTION, "other", speaker("en"))
    assert caught.value.problem == "round_unknown"


def test_tables_alone_are_those_of_the_files_and_nothing_is_typeset(inspected, monkeypatch):
    whole, _ = inspection_files(inspected, QUESTION, "", speaker("en"), created=NOON)
    monkeypatch.setattr(inspections, "WRITERS", {})
    alone = inspection_tables(inspected, QUESTION, created=NOON)
    assert {name: whole[name] for name in alone if name != "run.json"} == {
        name: each for name, each in alone.items() if name != "run.json"
    }
    assert set(alone) == {*(f"{each}.csv" for each in PARTS), "run.json"}


def test_a_pack_typesets_the_bulletin_once_a_language(inspected, monkeypatch):
    typeset = []
    monkeypatch.setattr(
        inspections, "WRITERS", {"docx": lambda paper: typeset.append(paper.language) or b""}
    )
    made = Made()
    asked = Request(QUESTION, NOON.date(), frozenset({"inspections"}))
    for part in PACKED:
        if part.name in {"inspections", "bulletin"}:
            make_part(inspected, part, asked, load_words(), made)
    assert typeset == ["zh", "en"]
    assert not made.left_out
    assert {name.rpartition("/")[2] for name in made.files} == {
        *(f"{each}.csv" for each in PARTS), "round_bulletin.docx",
    }  # fmt: skip
