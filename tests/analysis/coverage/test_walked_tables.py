"""Sensitivity, closures and capacity by walking: every figure against playing it through."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.street_network import prepare_network, street_access, walking_distance
from analysis.access.walking import NO_RESIDENTS, NO_STREETS, prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.capacity import capacity_measure, judge_capacity
from analysis.coverage.catchment import pairs_of
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.robustness import judge_robustness
from analysis.model.question import BOTH, BY_RULE, CATCHMENTS
from analysis.model.standards import Distance, with_service_radius
from tests.analysis.access.test_street_network import streets, towns
from tests.analysis.coverage.test_assessment import rule, standard
from tests.analysis.coverage.test_capacity import GROUPS, KIND
from tests.frames import points, polygons, residents

HALVES = [box(-50, -50, 220, 450), box(220, -50, 450, 450)]
"""The lattice of `towns` has streets 100 m apart up to 400 m."""
RADIUS = 150
spot = st.tuples(st.integers(-40, 440), st.integers(-40, 440))
homes_ = st.lists(
    st.tuples(*[st.integers(-40, 440)] * 2, st.integers(0, 9)), min_size=1, max_size=9
)
shops_ = st.lists(spot, min_size=1, max_size=4, unique=True)
few = settings(deadline=None, max_examples=4)


def walked(homes, shops, lines, *, stalls=4.0):
    communities = polygons(HALVES)
    people = None if homes is None else residents(homes)
    facilities = points(list(shops)).assign(stalls=stalls)
    ready = prepare(communities, facilities, people, kinds=["toilet"])
    return with_shortest_paths(
        ready,
        prepare_walking_network(communities, ready.demand, lines and streets(lines)),
    )


def judged(ready, *rules, measures=(NETWORK,), **more):
    result = assess(ready, standard(*rules), measures=measures)
    return result, judge_robustness(ready, result, **more)


def covered(homes, shops, lines):
    rows = assess(
        walked(homes, shops, lines), standard(rule("a", radius=RADIUS)), measures=(NETWORK,)
    ).coverage
    return rows.set_index("community_id")["population_covered"]


@few
@given(lines=towns(), homes=homes_, shops=shops_)
def test_values_in_the_band_are_those_of_the_recipe_at_other_radii(lines, homes, shops):
    ready = walked(homes, shops, lines)
    asked = standard(rule("a", radius=RADIUS))
    _, found = judged(ready, *asked.rules, position_error=20)
    assert set(found.communities["measure"]) == {NETWORK}
    columns = {"value_radius_less": 135, "value_radius_more": 165, "value_position_less": 130,
               "value_position_more": 170}  # fmt: skip
    for column, radius in columns.items():
        other = assess(ready, with_service_radius(asked, {"toilet": radius}), measures=(NETWORK,))
        # The least that is certain: where others are in doubt, the recipe has no value.
        expected = other.coverage["value_least"]
        np.testing.assert_allclose(found.communities[column], expected, equal_nan=True)
    most = other.coverage["value_most"]
    high = np.select([most.isna(), most >= 0.5 - 1e-9], ["cannot_judge", "meets"], "fails")
    assert found.communities["verdict_high"].tolist() == high.tolist()


@few
@given(lines=towns(), homes=homes_, shops=shops_)
def test_closures_are_those_found_by_closing_every_facility_in_turn(lines, homes, shops):
    _, found = judged(walked(homes, shops, lines), rule("a", radius=RADIUS, minimum=0.5))
    whole = covered(homes, shops, lines)
    expected = {}
    for place in range(len(shops)):
        lost = whole - covered(homes, shops[:place] + shops[place + 1 :], lines)
        if lost.sum() > 0:
            expected[f"toilet{place}"] = lost.sum()
    assert found.closures.set_index("facility_id")["people_lost"].to_dict() == expected
    assert set(found.closures["measure"]) <= {NETWORK}


@few
@given(lines=towns(), homes=homes_, shops=shops_)
def test_own_facilities_are_those_of_the_community_alone(lines, homes, shops):
    """Against a city that has the facilities of one community and nothing else."""
    ready = walked(homes, shops, lines)
    _, found = judged(ready, rule("a", radius=RADIUS))
    table = found.communities.set_index("community_id")
    inside = np.array([x <= 220 for x, _ in shops])
    for community, mine in (("c0", inside), ("c1", ~inside)):
        own = [shop for shop, is_mine in zip(shops, mine, strict=True) if is_mine]
        alone = covered(homes, own, lines)[community] if own else 0.0
        people = ready.population[community]
        expected = alone / people if people > 0 else np.nan
        np.testing.assert_allclose(table.loc[community, "value_own"], expected, equal_nan=True)


@few
@given(lines=towns(), homes=homes_, shops=shops_, method=st.sampled_from(CATCHMENTS))
def test_capacity_is_shared_out_along_the_streets(lines, homes, shops, method):
    ready = walked(homes, shops, lines)
    network = prepare_network(streets(lines))
    at = street_access(network, *np.array(homes, dtype=float)[:, :2].T)
    ways = np.array([walking_distance(network, at, street_access(network, [x], [y]))
                     for x, y in shops])  # fmt: skip
    pairs = pairs_of(ready, "toilet", service_radius=RADIUS, measure=NETWORK)
    there = np.full(ways.shape, np.inf)
    there[pairs.facility, pairs.place] = pairs.distance_m
    assert there.tolist() == np.where(ways <= RADIUS, ways, np.inf).tolist()
    found = judge_capacity(
        ready, KIND, service_radius=RADIUS, method=method, measure=NETWORK, need_per_1000=5
    )
    table = found.table.set_index("community_id")
    assert set(table["measure"]) == {NETWORK}
    np.testing.assert_allclose(table[GROUPS].sum(axis=1), ready.population)
    # Beyond reach here is beyond reach there.
    rows = assess(ready, standard(rule("a", radius=RADIUS)), measures=(NETWORK,)).coverage
    rows = rows.set_index("community_id")
    beyond = rows["population"] - rows["population_covered"] - rows["population_not_judged"]
    np.testing.assert_allclose(table["people_out_of_reach"], beyond, atol=1e-9)
    served = (ways <= RADIUS) & (np.array([people for *_, people in homes]) > 0)
    if method == "equal":
        people = np.array([people for *_, people in homes], dtype=float)
        shared = float(found.demand.people @ found.shares.access)
        assert shared == pytest.approx(4.0 * (served @ people > 0).sum())


def test_who_perhaps_walks_there_is_not_judged_by_hand():
    """One at home on the street, one whose street is 300 m off, one far beyond the radius."""
    homes = [(100, 10, 7), (100, 140, 5), (400, 400, 3)]
    found = judge_capacity(
        walked(homes, [(50, 0)], [[(0, 0), (200, 0)], [(0, 140), (200, 140)]]),
        KIND, service_radius=150, method="equal", measure=NETWORK, need_per_1000=1,
    )  # fmt: skip
    assert found.table[GROUPS].sum().tolist() == [7, 0, 5, 3]
    assert found.table["capacity_lacking"].sum() == pytest.approx(3 / 1000)


@pytest.mark.parametrize(
    ("homes", "lines", "reason"),
    [([(1, 1, 5)], None, NO_STREETS), (None, [[(0, 0), (9, 0)]], NO_RESIDENTS)],
)
def test_where_nothing_can_be_walked_there_is_no_number(homes, lines, reason):
    ready = walked(homes, [(5, 5)], lines)
    found = judge_capacity(ready, KIND, service_radius=9, method="equal", measure=NETWORK)
    assert set(found.table["reason"]) == {reason}
    assert found.table[[*GROUPS, "access_per_1000", "served_share"]].isna().all(axis=None)
    _, robust = judged(ready, rule("a", radius=9))
    values = [name for name in robust.communities if name.startswith("value")]
    assert robust.communities[values].isna().all(axis=None)
    assert set(robust.communities["verdict_high"]) == {"cannot_judge"}
    assert not robust.communities["flips"].any()
    assert robust.closures.empty


def test_both_measures_stand_side_by_side_and_capacity_follows_the_headline():
    lines = [[(0, 0), (400, 0)]]
    ready = walked([(100, 100, 4), (300, 10, 2)], [(100, 0), (300, 0)], lines)
    asked = rule("a", radius=105)
    _, both = judged(ready, asked, rule("b", figure="area_covered_share"), measures=BOTH)
    assert both.communities.groupby("rule")["measure"].unique().map(set).to_dict() == {
        "a": {STRAIGHT, NETWORK},
        "b": {STRAIGHT},
    }
    for measure in BOTH:
        _, one = judged(ready, asked, measures=(measure,))
        rows = both.communities[
            (both.communities["rule"] == "a") & (both.communities["measure"] == measure)
        ]
        pd.testing.assert_frame_equal(
            rows.reset_index(drop=True), one.communities, check_dtype=False
        )
    on_foot = Distance(NETWORK, clause={}, source={}, confidence="low")
    walks = standard(rule("a", radius=105, distance=on_foot))
    assert capacity_measure(walks, "toilet", BY_RULE) == NETWORK
    assert capacity_measure(walks, "toilet", (STRAIGHT,)) == STRAIGHT
    assert capacity_measure(walks, "market", BY_RULE) == STRAIGHT
    area = rule("a", figure="area_covered_share", radius=105)
    assert capacity_measure(standard(area), "toilet", (NETWORK,)) == STRAIGHT


def test_walking_is_asked_for_with_paths_and_residents():
    ready = prepare(polygons(HALVES), points([(5, 5)]), residents([(1, 1, 5)]), kinds=["toilet"])
    with pytest.raises(ValueError, match="with_shortest_paths"):
        pairs_of(ready, "toilet", service_radius=9, measure=NETWORK)
