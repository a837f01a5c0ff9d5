"""Standards: their files, and the radius that a reader may set."""

from __future__ import annotations

import pytest

from analysis.errors import SettingsError
from analysis.standards import REACH_FIGURES, with_service_radius
from layers.knowledge import load_kinds, load_standards

STANDARDS = load_standards()


@pytest.mark.parametrize("name", STANDARDS)
def test_every_rule_says_where_it_comes_from(name):
    for rule in STANDARDS[name].rules:
        assert rule.clause
        assert rule.source
        assert rule.kind in load_kinds()
        assert (rule.service_radius_m is not None) == (rule.figure in REACH_FIGURES)
        if "memory" in rule.source:
            assert rule.confidence == "low"


def test_a_radius_changes_reach_rules_of_its_kind_only():
    before = STANDARDS["cn-life-circle"]
    after = with_service_radius(before, {"toilet": 500.0})
    radii = {rule.id: rule.service_radius_m for rule in after.rules}
    assert radii == {
        rule.id: 500.0 if rule.kind == "toilet" else rule.service_radius_m for rule in before.rules
    }
    assert before.rules[0].service_radius_m == 300


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
