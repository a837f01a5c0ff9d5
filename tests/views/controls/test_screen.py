"""The rule of a page, with the radius and the measure by which it is judged, is resolved once."""

from __future__ import annotations

import pytest

from layers.knowledge.standards import load_kinds, load_standards
from views.controls.choice import Choice
from views.controls.screen import Screen

STANDARDS = load_standards()


def screen(city, **chosen):
    choice = Choice(**{"standard": "cn-life-circle", "kind": "toilet", **chosen})
    return Screen(city, STANDARDS, load_kinds(), {}, choice, None)


@pytest.mark.parametrize(("radius", "used"), [(0, 300.0), (650, 650.0)])
def test_the_rule_has_the_radius_chosen_and_the_one_its_standard_states(city, radius, used):
    found = screen(city, rule="toilet-5min", radius=radius).rule
    assert [rule.id for rule in found.standard.rules] == ["toilet-5min"]
    assert found.rule.service_radius_m == used
    assert found.stated.service_radius_m == 300


def test_a_radius_chosen_for_one_kind_is_not_another_s(city):
    shown = screen(city, rule="toilet-5min", radius=650)
    (market,) = [rule for rule in STANDARDS["cn-life-circle"].rules if rule.kind == "market"][:1]
    found = shown.rule_of("market")
    assert (found.rule.id, found.rule.service_radius_m) == (market.id, market.service_radius_m)
    assert shown.rule_of("toilet").rule.service_radius_m == 650


def test_walking_is_the_measure_of_rules_that_can_be_walked_alone(city):
    assert screen(city, rule="toilet-5min", measure="network").rule.measure == "network"
    density = screen(city, standard="cn-toilet-density", measure="network").rule
    assert density.measure == "straight"
    assert density.rule == density.stated


def test_a_standard_without_a_rule_for_the_kind_has_none(city):
    assert screen(city, standard="cn-toilet-density", kind="market").rule is None
