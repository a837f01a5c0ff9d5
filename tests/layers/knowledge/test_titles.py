"""A title's standard that an office writes is read, or one message says what is wrong in it."""

from __future__ import annotations

import pytest

from analysis.model.errors import SettingsError
from analysis.model.title import CLAUSE_FIGURES, COMPUTED, OF_A_RULE
from exports.recipes.casework.clause_figures import OF_ISSUES
from layers.knowledge.standards import load_standards
from layers.knowledge.titles import FOLDER, find_title, read_standard
from layers.load import load_city

RECIPE = """
name = { zh = "示例", en = "Toy" }
time_zone = "Asia/Shanghai"
title = { standard = "ours" }

[[layers]]
kind = "communities"
file = "none.geojson"
columns = { id = "id" }

[[layers]]
kind = "toilet"
file = "none.geojson"
columns = { id = "id" }
"""
SOUND = """
title = { zh = "示例", en = "Toy" }
publisher = "nobody"
document = "none"
date = "2026"

[[clauses]]
id = "one"
text = { zh = "一", en = "One" }
work = "health"
judged = "computed"
figure = "rule_share"
standard = "cn-fitness"
rule = "fitness-present"
threshold = 0.8
weight = 2
veto = true
basis = "standard"
source = "a book"
confidence = "high"

[[clauses]]
id = "two"
text = { zh = "二", en = "Two" }
work = "services"
judged = "survey"
question = "satisfaction"
threshold = 0.9
months = 12
basis = "project"
source = { zh = "书", en = "a book" }
confidence = "low"
"""


def test_clauses_are_read_in_their_order():
    found = read_standard(SOUND.encode(), name="ours")
    one, two = found.clauses
    assert (one.id, one.figure, one.rule, one.weight, one.veto, one.threshold) == (
        "one", "rule_share", "fitness-present", 2.0, True, 0.8,
    )  # fmt: skip
    assert (two.question, two.weight, two.months, two.veto, two.unit) == (
        "satisfaction", 1.0, 12, False, "share",
    )  # fmt: skip
    assert found.clause("two") is two
    assert one.source["zh"] == one.source["en"] == "a book"


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ('work = "health"', 'work = "helth"', "helth"),
        ('judged = "computed"', 'judged = "guessed"', "guessed"),
        ('figure = "rule_share"', 'figure = "rule_shares"', "rule_shares"),
        ('figure = "rule_share"', 'figure = "check_rate"', "rule"),
        ('rule = "fitness-present"', "", "rule"),
        ('standard = "cn-fitness"', "", "rule"),
        ('question = "satisfaction"', "", "question"),
        ('judged = "survey"', 'judged = "entered"', "question"),
        ("threshold = 0.8", "threshold = 80", "threshold"),
        ("threshold = 0.8", "threshold = nan", "threshold"),
        ("threshold = 0.8", "threshold = true", "threshold"),
        ("threshold = 0.8", 'threshold = "0.8"', "threshold"),
        ("threshold = 0.8", "threshold = -1", "threshold"),
        ("weight = 2", 'unit = "count"', "unit"),
        ("months = 12", 'unit = "flag"', "threshold"),
        ("weight = 2", "weight = 0", "weight"),
        ("weight = 2", "weight = inf", "weight"),
        ("veto = true", "veto = 1", "veto"),
        ("months = 12", "months = 12.5", "months"),
        ("months = 12", "months = 121", "months"),
        ('confidence = "low"', 'confidence = "sure"', "sure"),
        ('confidence = "low"', "", "confidence"),
        ('basis = "project"', 'basis = "law"', "law"),
        ('source = "a book"', "", "source"),
        ('en = "One"', 'en = ""', "text"),
        ('id = "two"', 'id = "one"', "id"),
        ('id = "two"', 'id = "a b"', "id"),
        ('id = "two"', "id = 2", "id"),
        ('date = "2026"', "", "date"),
        ("[[clauses]]", "[[clause]]", "clause"),
        ("weight = 2", "weights = 2", "weights"),
    ],
)
def test_a_wrong_entry_is_named(ours, theirs, told):
    assert ours in SOUND
    with pytest.raises(SettingsError, match=told) as caught:
        read_standard(SOUND.replace(ours, theirs).encode(), name="ours")
    assert "ours.toml" in str(caught.value)


def test_a_standard_without_clauses_is_none():
    with pytest.raises(SettingsError, match="clauses"):
        read_standard(SOUND[: SOUND.index("[[clauses]]")].encode(), name="ours")


def test_a_city_s_own_file_comes_first_and_an_unknown_one_is_named(tmp_path):
    (tmp_path / "titles").mkdir()
    own = tmp_path / "titles" / "cn-sanitary-city.toml"
    own.write_text(SOUND, "utf-8")
    assert find_title("cn-sanitary-city", folder=tmp_path) == own
    assert find_title("cn-sanitary-city") == FOLDER / "cn-sanitary-city.toml"
    with pytest.raises(SettingsError, match="cn-sanitary-city"):
        find_title("cn-sanitary-cty", folder=tmp_path)


@pytest.mark.parametrize(
    ("ours", "theirs", "near"),
    [
        ('rule = "fitness-present"', 'rule = "fitness-presnt"', "fitness-present"),
        ('standard = "cn-fitness"', 'standard = "cn-fitnes"', "cn-fitness"),
    ],
)
def test_a_rule_that_no_standard_has_is_told_when_the_city_is_loaded(tmp_path, ours, theirs, near):
    recipe = tmp_path / "city.toml"
    (tmp_path / "titles").mkdir()
    (tmp_path / "titles" / "ours.toml").write_text(SOUND.replace(ours, theirs), "utf-8")
    recipe.write_text(RECIPE, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_city(tmp_path)
    facts = caught.value.facts
    assert (facts["entry"], facts["near"]) == ("ours.toml, one", near)
    assert near in str(facts["allowed"])


def test_every_figure_is_read_by_somebody():
    assert set(OF_ISSUES) | set(OF_A_RULE) == set(CLAUSE_FIGURES)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_files_of_this_project_are_sound_and_honest(path):
    """Rules that clauses name exist; what is from memory is of low confidence and says so."""
    found = read_standard(path.read_bytes(), name=path.stem)
    rules = {f"{s.id}/{rule.id}" for s in load_standards().values() for rule in s.rules}
    for clause in found.clauses:
        if clause.judged == COMPUTED and clause.rule:
            assert f"{clause.standard}/{clause.rule}" in rules
        if "memory" in clause.source["en"]:
            assert clause.confidence == "low"
        if clause.confidence == "low":
            assert "memory" in clause.note["en"]
        if clause.basis == "project":
            assert clause.note
