"""Standards: their files, and the radius that a reader may set."""

from __future__ import annotations

import re

import pytest

from analysis.model.errors import SettingsError
from analysis.model.standards import one_rule, with_service_radius
from layers.knowledge.standards import load_kinds, load_standards
from layers.languages import LANGUAGES

STANDARDS = load_standards()


@pytest.mark.parametrize("name", STANDARDS)
def test_every_rule_says_where_it_comes_from(name):
    for rule in STANDARDS[name].rules:
        assert rule.clause.keys() == rule.source.keys() == set(LANGUAGES)
        assert rule.kind in load_kinds()
        assert (rule.service_radius_m is not None) == (rule.figure.needs_radius)
        assert all([*rule.clause.values(), *rule.source.values()])
        assert rule.clause["zh"] != rule.clause["en"]
        if "memory" in rule.source["en"]:
            assert "记忆" in rule.source["zh"]
            assert rule.confidence == "low"


def test_a_radius_changes_reach_rules_of_its_kind_only():
    before = STANDARDS["cn-life-circle"]
    after = with_service_radius(before, {"toilet": 500.0})
    radii = {rule.id: rule.service_radius_m for rule in after.rules}
    assert radii == {
        rule.id: 500.0 if rule.kind == "toilet" else rule.service_radius_m for rule in before.rules
    }
    assert before.rules[0].service_radius_m == 300


def test_no_title_names_a_radius_that_is_not_used():
    """A headline at 1,200 m must not say that communities meet "300 m"."""
    written = {"en": r"([\d,]+) m\b", "zh": r"(\d+) 米"}
    for standard in STANDARDS.values():
        kinds = {rule.kind: 1200.0 for rule in standard.rules if rule.figure.needs_radius}
        for rule in with_service_radius(standard, kinds).rules:
            for language, pattern in written.items():
                named = re.findall(pattern, rule.title[language])
                assert {each.replace(",", "") for each in named} <= {"1200"}, rule.title
    changed = with_service_radius(STANDARDS["cn-life-circle"], {"toilet": 1200.0}).rules[0].title
    assert changed["en"].endswith("circle, 1,200 m")
    assert changed["zh"].endswith("生活圈，1200 米")


def test_a_minimum_is_the_standards_only_where_it_speaks_of_each_community():
    """Not where it speaks of each toilet, of new ones, of a whole city, or of a distance alone."""
    theirs = {
        rule.id
        for standard in STANDARDS.values()
        for rule in standard.rules
        if rule.minimum_basis == "standard"
    }
    assert theirs == {"fitness-present", "toilet-one", "fitness-one"}
    density = STANDARDS["cn-toilet-density"].rules[0].note
    assert "zoning" in density["en"]
    assert "用地" in density["zh"]


@pytest.mark.parametrize(
    ("radii", "problem"),
    [
        ({"toilets": 500}, "radius_kind"),
        ({"toilet": 0}, "radius_value"),
        ({"toilet": -3}, "radius_value"),
        ({"toilet": float("nan")}, "radius_value"),
        ({"toilet": 2e6}, "radius_value"),
    ],
)
def test_an_impossible_radius_is_refused(radii, problem):
    with pytest.raises(SettingsError) as caught:
        with_service_radius(STANDARDS["cn-life-circle"], radii)
    assert caught.value.problem == problem
    assert str(next(iter(radii))) in str(caught.value)


def test_a_density_standard_has_no_radius_to_change():
    with pytest.raises(SettingsError, match="allowed are none"):
        with_service_radius(STANDARDS["cn-toilet-density"], {"toilet": 500.0})


OWN = """
title = { zh = "本市步行五分钟", en = "Five minutes on foot" }
publisher = "市规划局 Planning office"
document = "规划 2026 / Plan 2026"
date = "2026"

[[rules]]
id = "toilet-near"
kind = "toilet"
figure = "population_covered_share"
service_radius_m = 350
minimum = 0.7
minimum_basis = "standard"
title = { zh = "公厕 350 米", en = "Toilet: 350 m" }
clause = "3.1"
source = "the plan itself"
confidence = "high"
"""


def test_a_citys_own_copies_come_on_top(tmp_path):
    (tmp_path / "standards").mkdir()
    for name in ("cn-life-circle", "our-walk"):
        (tmp_path / "standards" / f"{name}.toml").write_text(OWN, "utf-8")
    standards = load_standards(city=tmp_path)
    assert list(standards) == sorted({*STANDARDS, "our-walk"})
    for name, standard in standards.items():
        assert standard.own == (name in {"cn-life-circle", "our-walk"})
        if not standard.own:
            assert standard == STANDARDS[name]
    assert standards["our-walk"].title == {
        "zh": "本市步行五分钟（本市自定）",
        "zh-Hant": "本市步行五分钟（本市自訂）",
        "en": "Five minutes on foot (own copy of this city)",
    }
    assert [rule.id for rule in standards["cn-life-circle"].rules] == ["toilet-near"]


def test_a_slip_in_a_citys_own_copy_is_told(tmp_path):
    (tmp_path / "standards").mkdir()
    text = OWN.replace('figure = "population_covered_share"', 'figure = "popluation_covered_share"')
    (tmp_path / "standards" / "our-walk.toml").write_text(text, "utf-8")
    told = rf"{tmp_path.name}/standards/our-walk\.toml, \[\[rules\]\] 1.*did you mean"
    with pytest.raises(SettingsError, match=told):
        load_standards(city=tmp_path)


def test_a_city_without_any_has_the_shared_ones(tmp_path):
    assert load_standards(city=tmp_path) == STANDARDS


@pytest.mark.parametrize("radius", [0, 650])
def test_one_rule_stands_alone_at_its_radius_or_another(radius):
    before = STANDARDS["cn-life-circle"]
    for rule in before.rules:
        found = one_rule(before, rule.id, service_radius=radius)
        expected = rule.service_radius_m
        if radius and expected is not None:
            expected = 650.0
        assert [(each.id, each.service_radius_m) for each in found.rules] == [(rule.id, expected)]
        assert (found.id, found.title) == (before.id, before.title)
