"""Rules judged by walking distance, on a toy city whose sums are done by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.verdicts import CANNOT_JUDGE, FAILS, MEETS
from analysis.model.question import BY_RULE
from analysis.model.standards import Distance
from tests.analysis.access.test_street_network import streets
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

SQUARES = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
TOWN = [
    [(0, 0), (1000, 0)],
    [(0, 0), (0, 1000)],
    [(1000, 0), (1900, 0)],
    [(1100, 900), (1900, 900)],  # leads nowhere else
]
HOMES = [(100, 50, 30), (50, 400, 20), (500, 500, 50), (1500, 10, 40), (1500, 900, 60)]
SHOPS = [(0, 0), (1500, 480)]


def judge(*rules, homes=HOMES, shops=SHOPS, town=TOWN, measures=(NETWORK,), parents=None):
    communities = polygons(SQUARES, parents=parents or ["P", "P"])
    people = None if homes is None else residents(homes)
    ready = prepare(communities, points(shops), people, kinds=["toilet"])
    ways = prepare_walking_network(
        communities, ready.demand, None if town is None else streets(town)
    )
    ready = with_shortest_paths(ready, ways)
    return assess(ready, standard(*rules), measures=measures)


def rows_of(result):
    return result.coverage.set_index("community_id")


def test_every_figure_by_hand():
    west = rows_of(judge(rule("a", radius=300, minimum=0.25))).loc["c0"]
    assert west["measure"] == NETWORK
    assert west["population_covered"] == 30
    assert west["population_covered_share"] == pytest.approx(0.3)
    walked = 30 * (50 + 100) + 20 * (50 + 400)
    straight = 30 * np.hypot(100, 50) + 20 * np.hypot(50, 400)
    assert west["mean_distance_m"] == pytest.approx(walked / 50)
    assert west["mean_leg_m"] == pytest.approx(50)
    assert west["detour_ratio"] == pytest.approx(walked / straight)
    assert west["population_without_streets"] == 50
    assert west["population_unreachable"] == west["population_not_judged"] == 0
    assert west["facilities_inside"] == 1
    areas = ["area_covered_m2", "area_covered_share", "facilities_in_reach"]
    assert west[areas].isna().all()
    assert (west["verdict"], west["reason"]) == (MEETS, "at_or_above_minimum")


def test_who_is_too_far_even_in_a_straight_line_is_judged_without_streets():
    west = rows_of(judge(rule("a", radius=300, minimum=0.5))).loc["c0"]
    assert west["population_without_streets"] == 50
    assert (west["verdict"], west["value"]) == (FAILS, pytest.approx(0.3))


def test_who_is_near_but_without_streets_decides_or_does_not():
    west = rows_of(judge(rule("a", radius=710, minimum=0.6))).loc["c0"]
    assert west["population_covered"] == west["population_not_judged"] == 50
    assert (west["verdict"], west["reason"]) == (CANNOT_JUDGE, "too_many_without_streets")
    assert np.isnan(west["value"])
    assert np.isnan(west["population_covered_share"])
    enough = rows_of(judge(rule("a", radius=710, minimum=0.5))).loc["c0"]
    assert (enough["verdict"], enough["value"]) == (MEETS, 0.5)


def test_a_community_without_any_street_is_not_judged_by_the_straight_line():
    """Of 100 people 20 live within 250 m of the shop in a straight line, the others do not."""
    homes = [(1500, 700, 20), (1100, 100, 80), (100, 50, 30)]
    town = [[(0, 0), (400, 0)]]
    east = rows_of(judge(rule("a", radius=250, minimum=0.5), homes=homes, town=town)).loc["c1"]
    assert (east["population_without_streets"], east["population_not_judged"]) == (100, 20)
    assert (east["verdict"], east["reason"]) == (CANNOT_JUDGE, "too_many_without_streets")
    assert np.isnan(east["population_covered_share"])
    far = rows_of(judge(rule("a", radius=200, minimum=0.5), homes=homes, town=town)).loc["c1"]
    assert (far["verdict"], far["population_covered_share"]) == (FAILS, 0)


def test_streets_that_lead_to_no_facility_cannot_be_judged():
    east = rows_of(judge(rule("a", radius=450))).loc["c1"]
    assert east["population_unreachable"] == 60
    assert east["population_not_judged"] == 60
    assert east["verdict"] == CANNOT_JUDGE


def test_a_facility_without_streets_may_be_nearer_than_the_way_known():
    east = rows_of(judge(rule("a", radius=480, minimum=0.1), homes=[(1500, 10, 40)])).loc["c1"]
    assert east["mean_distance_m"] == 1510
    assert (east["population_covered"], east["population_not_judged"]) == (0, 40)
    assert east["verdict"] == CANNOT_JUDGE
    near = rows_of(judge(rule("a", radius=469, minimum=0.1), homes=[(1500, 10, 40)])).loc["c1"]
    assert near["verdict"] == FAILS


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"town": None}, "no_streets_layer"),
        ({"homes": None}, "no_residents_layer"),
        ({"homes": [(100, 50, 0)]}, "nobody_lives_here"),
    ],
)
def test_what_is_missing_is_named(changes, reason):
    result = judge(rule("a"), **changes)
    assert set(result.coverage["verdict"]) == {CANNOT_JUDGE}
    assert set(result.coverage["reason"]) == {reason}
    assert result.summary["cannot_judge"].tolist() == [2, 2]


def test_a_kind_without_a_layer_cannot_be_judged():
    result = judge(rule("a", kind="market"))
    assert set(result.coverage["reason"]) == {"no_layer_of_this_kind"}


def test_an_empty_layer_is_an_answer():
    rows = rows_of(judge(rule("a"), shops=[]))
    assert set(rows["verdict"]) == {FAILS}
    assert (rows["population_not_judged"] == 0).all()


def test_both_measures_stand_in_one_table_and_the_straight_line_is_as_before():
    rules = rule("a", radius=300), rule("d", figure="density_per_km2", minimum=1, radius=None)
    both = judge(*rules, measures=(STRAIGHT, NETWORK))
    alone = judge(*rules, measures=(STRAIGHT,))
    assert [(each.id, measure) for each, measure in both.judged] == [
        ("a", STRAIGHT), ("a", NETWORK), ("d", STRAIGHT),
    ]  # fmt: skip
    straight = both.coverage[both.coverage["measure"] == STRAIGHT].reset_index(drop=True)
    pd.testing.assert_frame_equal(straight, alone.coverage)
    assert alone.coverage[["detour_ratio", "mean_leg_m", "population_not_judged"]].isna().all(None)


def test_a_community_on_streets_that_lead_to_no_facility_is_not_judged_by_the_straight_line():
    """Of 100 people 20 are near in a straight line; the streets of all lead nowhere."""
    homes, shops = [(1500, 900, 20), (1880, 900, 80), (100, 50, 30)], [(0, 0), (1500, 680)]
    east = rows_of(judge(rule("a", radius=250), homes=homes, shops=shops)).loc["c1"]
    assert (east["population_unreachable"], east["population_not_judged"]) == (100, 20)
    assert (east["verdict"], east["value_most"]) == (CANNOT_JUDGE, 0.2)
    assert np.isnan(east["population_covered_share"])


def test_summary_sums_people_and_means_over_ways():
    result = judge(rule("a", radius=710))
    whole, rows = result.summary.iloc[0], rows_of(result)
    for column in ("population_covered", "population_not_judged", "population_unreachable"):
        assert whole[column] == rows[column].sum()
    people = np.array([50, 40])
    means = rows["mean_distance_m"].to_numpy()
    assert whole["mean_distance_m"] == pytest.approx((means * people).sum() / 90)
    straight = means * people / rows["detour_ratio"].to_numpy()
    assert whole["detour_ratio"] == pytest.approx((means * people).sum() / straight.sum())
    assert pd.isna(whole["facilities_in_reach"])


def test_rules_that_cannot_be_walked_stay_with_the_straight_line():
    rules = rule("a", radius=300), rule("d", figure="density_per_km2", minimum=1, radius=None)
    walked = judge(*rules, measures=(NETWORK,))
    assert [(each.id, measure) for each, measure in walked.judged] == [
        ("a", NETWORK), ("d", STRAIGHT),
    ]  # fmt: skip


def test_without_a_choice_each_rule_is_judged_as_its_document_means_it():
    """Of 100 in the west 50 walk at most 460 m to the shop; all live so near in a straight line."""
    means = Distance(NETWORK, {}, {}, "medium")
    rules = (
        dataclasses.replace(rule("walk", radius=460, minimum=0.6), distance=means),
        dataclasses.replace(
            rule("line", radius=460), distance=dataclasses.replace(means, measure=STRAIGHT)
        ),
        rule("unstated", radius=460),
        dataclasses.replace(rule("area", figure="area_covered_share"), distance=means),
    )
    found = judge(*rules, measures=BY_RULE, homes=[(100, 50, 30), (50, 400, 20), (150, 430, 50)])
    assert [(each.id, measure) for each, measure in found.judged] == [
        ("walk", NETWORK), ("line", STRAIGHT), ("unstated", STRAIGHT), ("area", STRAIGHT),
    ]  # fmt: skip
    west = found.rows_of("walk", NETWORK).set_index("community_id").loc["c0"]
    assert (west["population_covered_share"], west["straight_covered_share"]) == (0.5, 1.0)
    assert (west["verdict"], west["straight_covered"]) == (FAILS, 100)
    whole = found.summary[found.summary["rule"] == "walk"].iloc[0]
    assert (whole["meets"], whole["straight_meets"]) == (0, 1)
    line = found.rows_of("line", STRAIGHT)
    assert line[["straight_covered", "straight_covered_share"]].isna().all(None)


def test_ways_must_be_prepared():
    ready = prepare(polygons(SQUARES), points(SHOPS), None, kinds=["toilet"])
    with pytest.raises(ValueError, match="with_shortest_paths"):
        assess(ready, standard(rule("a")), measures=(NETWORK,))


homes_ = st.lists(
    st.tuples(st.integers(0, 1990), st.integers(1, 999), st.integers(0, 9)), min_size=1, max_size=9
)


@settings(deadline=None, max_examples=15)
@given(homes=homes_, radius=st.integers(1, 2500))
def test_walking_covers_no_more_than_the_straight_line_and_people_add_up(homes, radius):
    homes = [(x + 0.5, y + 0.5, people) for x, y, people in homes]
    both = judge(rule("a", radius=radius), homes=homes, measures=(STRAIGHT, NETWORK))
    straight, walked = (
        both.rows_of("a", measure).set_index("community_id") for measure in (STRAIGHT, NETWORK)
    )
    perhaps = walked["population_covered"] + walked["population_not_judged"]
    assert (perhaps <= straight["population_covered"] + 1e-9).all()
    known = walked["detour_ratio"].dropna()
    assert (known >= 1 - 1e-9).all()
    share = (straight["population_covered"] / straight["population"]).to_numpy()
    assert np.array_equal(walked["straight_covered_share"], share, equal_nan=True)


def test_a_closed_shop_that_would_do_makes_a_weak_gap_by_walking_too():
    """The shop at (0, 0) is closed: opened, 30 of 100 would walk no more than 300 m to one."""
    communities, people = polygons(SQUARES, parents=["P", "P"]), residents(HOMES)
    shops = points(SHOPS)
    shops.loc[shops.index[0], "status"] = "closed"
    ready = prepare(communities, shops, people, kinds=["toilet"])
    ready = with_shortest_paths(
        ready, prepare_walking_network(communities, ready.demand, streets(TOWN))
    )
    found = assess(ready, standard(rule("a", radius=300, minimum=0.25)), measures=(NETWORK,))
    west = rows_of(found).loc["c0"]
    assert (west["facilities_idle"], west["value_if_open"]) == (1, pytest.approx(0.3))
    assert (west["verdict"], west["gap_type"]) == (FAILS, "weak")
