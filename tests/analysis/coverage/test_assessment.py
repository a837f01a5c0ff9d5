"""The coverage recipe on a toy city whose sums are done by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from shapely import box

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import COVERAGE_COLUMNS, assess
from analysis.coverage.summary import SUMMARY_COLUMNS
from analysis.model.errors import CrsError
from analysis.model.figures import FIGURES
from analysis.model.standards import Rule, Standard
from tests.frames import points, polygons, residents


def rule(name, kind="toilet", figure="population_covered_share", minimum=0.5, radius=100, **more):
    return Rule(
        id=name,
        kind=kind,
        figure=FIGURES[figure],
        minimum=minimum,
        minimum_basis="project",
        title={"en": name},
        clause={},
        source={},
        confidence="low",
        service_radius_m=radius,
        **more,
    )


def standard(*rules):
    return Standard("toy", {"en": "Toy"}, "", "", "", rules)


@pytest.fixture
def city():
    """Two squares of 1 km²: west and east; one toilet in the middle of the west."""
    squares = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
    return {
        "communities": polygons(squares, parents=["P", "P"]),
        "facilities": points([(500, 500)]),
        "residents": residents([(500, 550, 30), (500, 700, 10), (1500, 500, 60), (1950, 500, 0)]),
        "kinds": ["toilet"],
    }


def judge(city, *rules, **changes):
    city = {**city, **changes}
    kinds = city.pop("kinds")
    result = assess(prepare(**city, kinds=kinds), standard(*rules))
    return result, result.coverage.set_index("community_id")


def test_every_figure_by_hand(city):
    _, rows = judge(city, rule("a"))
    west, east = rows.loc["c0"], rows.loc["c1"]
    assert west["area_m2"] == pytest.approx(1e6)
    assert west["area_covered_m2"] == pytest.approx(math.pi * 100**2, rel=1e-6)
    assert west["population"] == 40
    assert west["population_covered"] == 30
    assert west["population_covered_share"] == pytest.approx(0.75)
    assert west["facilities_inside"] == west["facilities_in_reach"] == 1
    assert west["density_per_km2"] == pytest.approx(1)
    assert west["per_10k_people"] == pytest.approx(250)
    assert west["mean_distance_m"] == pytest.approx((30 * 50 + 10 * 200) / 40)
    assert (west["verdict"], west["reason"]) == ("meets", "at_or_above_minimum")
    assert east["population_covered"] == east["area_covered_m2"] == east["facilities_inside"] == 0
    assert east["nearest_distance_m"] == pytest.approx(1000)
    assert (east["verdict"], east["reason"]) == ("fails", "below_minimum")
    assert tuple(rows.reset_index()[list(COVERAGE_COLUMNS)].columns) == COVERAGE_COLUMNS


def test_a_facility_outside_the_community_and_the_city_counts(city):
    _, rows = judge(city, rule("a"), facilities=points([(2050, 500)]))
    east = rows.loc["c1"]
    assert east["facilities_inside"] == 0
    assert east["facilities_in_reach"] == 1
    half_chord = math.sqrt(100**2 - 50**2)
    segment = 100**2 * math.acos(0.5) - 50 * half_chord
    assert east["area_covered_m2"] == pytest.approx(segment, rel=1e-6)


@pytest.mark.parametrize(
    ("status", "inside"), [("open", 1), ("unknown", 1), ("closed", 0), ("planned", 0)]
)
def test_only_what_is_open_or_unknown_is_supply(city, status, inside):
    _, rows = judge(city, rule("a"), facilities=points([(500, 500)], status=status))
    assert rows.loc["c0", "facilities_inside"] == inside


def test_a_kind_without_a_layer_cannot_be_judged(city):
    _, rows = judge(city, rule("a", kind="market"))
    assert set(rows["verdict"]) == {"cannot_judge"}
    assert set(rows["reason"]) == {"no_layer_of_this_kind"}
    assert rows[["value", "facilities_inside", "area_covered_share"]].isna().all(axis=None)


def test_an_empty_layer_is_an_answer_and_not_a_missing_one(city):
    _, rows = judge(city, rule("a"), facilities=points([]))
    assert set(rows["verdict"]) == {"fails"}
    assert (rows["value"] == 0).all()
    assert rows[["nearest_distance_m", "mean_distance_m"]].isna().all(axis=None)


def test_nobody_lives_here_is_not_a_share_of_zero(city):
    _, rows = judge(city, rule("a"), residents=residents([(500, 500, 5)]))
    assert rows.loc["c1", "verdict"] == "cannot_judge"
    assert rows.loc["c1", "reason"] == "nobody_lives_here"
    assert np.isnan(rows.loc["c1", "population_covered_share"])


def test_without_residents_people_are_spread_over_the_area_and_it_says_so(city):
    communities = city["communities"].assign(population=[1000.0, 0.0])
    _, rows = judge(city, rule("a"), communities=communities, residents=None)
    west = rows.loc["c0"]
    assert west["population_basis"] == "area"
    assert west["population_covered_share"] == pytest.approx(west["area_covered_share"])
    assert west["population_covered"] == pytest.approx(1000 * math.pi * 0.01, rel=1e-6)


def test_without_any_population_people_cannot_be_judged_but_area_can(city):
    people, area = rule("a"), rule("b", figure="area_covered_share", minimum=0.01)
    result, _ = judge(city, people, area, residents=None)
    rows = result.coverage.set_index(["rule", "community_id"])
    assert rows.loc[("a", "c0"), "reason"] == "population_unknown"
    assert rows.loc[("b", "c0"), "verdict"] == "meets"
    assert set(rows["population_basis"]) == {"none"}


def test_density_rules_need_no_radius(city):
    density = rule("d", figure="density_per_km2", minimum=1, radius=None)
    _, rows = judge(city, density)
    assert rows["verdict"].to_dict() == {"c0": "meets", "c1": "fails"}
    assert rows[["area_covered_share", "service_radius_m"]].isna().all(axis=None)


def test_summary_adds_up_and_counts_facilities_in_reach_once(city):
    result, rows = judge(city, rule("a", radius=600, target_share=0.5))
    assert tuple(result.summary.columns) == SUMMARY_COLUMNS
    assert result.summary["level"].tolist() == ["city", "parent"]
    whole, parent = result.summary.iloc[0], result.summary.iloc[1]
    assert rows["facilities_in_reach"].tolist() == [1, 1]
    assert whole["facilities_in_reach"] == whole["facilities_inside"] == 1
    assert whole["population"] == rows["population"].sum() == 100
    assert whole["area_covered_m2"] == pytest.approx(rows["area_covered_m2"].sum())
    assert whole["meets_share"] == 0.5
    assert (whole["verdict"], whole["reason"]) == ("meets", "at_or_above_target")
    same = [column for column in SUMMARY_COLUMNS if column not in {"level", "name"}]
    pd.testing.assert_series_equal(whole[same], parent[same], check_names=False)


def test_city_verdict_waits_for_what_could_not_be_judged(city):
    half_empty = residents([(500, 500, 5)])
    result, _ = judge(city, rule("a", target_share=0.6), residents=half_empty)
    assert result.summary["verdict"].iloc[0] == "cannot_judge"
    assert result.summary["reason"].iloc[0] == "too_many_not_judged"
    result, _ = judge(city, rule("a", target_share=0.5), residents=half_empty)
    assert result.summary["verdict"].iloc[0] == "meets"


def test_two_systems_are_refused(city):
    with pytest.raises(CrsError, match="communities in"):
        prepare(city["communities"], city["facilities"].to_crs(32650), None, kinds=["toilet"])


@pytest.mark.parametrize("crs", [4326, 3857, 2263])
def test_false_metres_are_refused(city, crs):
    with pytest.raises(CrsError, match="not true metres"):
        prepare(
            city["communities"].to_crs(crs), city["facilities"].to_crs(crs), None, kinds=["toilet"]
        )


def test_people_that_one_community_does_not_know_are_no_sum_and_no_share_of_the_unit():
    """One of two communities is unknown and unserved: the other's 100 % is not the city's."""
    squares = [box(0, 0, 1000, 1000), box(5000, 0, 6000, 1000), box(0, 5000, 1000, 6000)]
    town = polygons(squares, parents=["P", "P", "Q"]).assign(population=[900.0, np.nan, 100.0])
    ready = prepare(town, points([(500, 500), (500, 5500)]), None, kinds=["toilet"])
    asked = rule("a", figure="population_covered_share", radius=800)
    found = assess(ready, standard(asked)).summary.set_index(["level", "name"])
    people = ["population", "population_covered_share", "population_covered_share_most"]
    people += ["per_10k_people"]
    assert found.loc[[("city", ""), ("parent", "P")], people].isna().all(axis=None)
    assert found.loc[("parent", "Q"), "population"] == 100
    assert found.loc[("parent", "Q"), "population_covered_share"] == 1
    assert found["population_covered"].tolist() == [1000, 900, 100]
