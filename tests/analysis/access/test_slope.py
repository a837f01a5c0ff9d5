"""Slopes: the hiking function, a hill by hand, and nothing moved where heights are not known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.slope import slope_factor
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.equity import equity
from analysis.coverage.figures import NETWORK, STRAIGHT
from tests.analysis.access.test_street_network import streets
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

ROAD = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (400, 0)]]
"""The toilet stands at the west end; the middle 100 m climb by 10 m in the tests below."""
HOMES = [(80, 0, 10), (150, 0, 20), (190, 0, 30), (300, 0, 40)]


def told(climb, *, radius, measures=(NETWORK,), shops=((0, 0),)):
    """Equity of everyone along the road, whose edges climb so many metres."""
    lines = streets(ROAD)
    lines = lines if climb is None else lines.assign(climb_m=climb)
    town = polygons([box(-10, -10, 500, 10)])
    ready = prepare(town, points(list(shops)), residents(HOMES), kinds=["toilet"])
    ready = with_shortest_paths(ready, prepare_walking_network(town, ready.demand, lines))
    judged = assess(ready, standard(rule("a", radius=radius)), measures=measures)
    return equity(ready, judged).iloc[0]


def test_the_factor_is_the_time_there_and_back_over_that_on_level_ground():
    def speed(slope):
        return 6 * math.exp(-3.5 * abs(slope + 0.05))

    for slope in (0.01, 0.05, 0.1, 0.3):
        there_and_back = (1 / speed(slope) + 1 / speed(-slope)) / (2 / speed(0))
        found = slope_factor(np.array([slope * 200]), np.array([200.0]))[0]
        assert found == pytest.approx(there_and_back)
    steep = slope_factor(np.array([50.0, 80.0, 1e9, np.nan, 0.0]), np.full(5, 100.0))
    assert steep[0] == steep[1] == steep[2] == pytest.approx(4.9049, abs=1e-4)
    assert steep[3:].tolist() == [1.0, 1.0]


def test_a_hill_by_hand():
    # 10 % for 100 m are 120.95 m; old people have 0.69 x 290 = 200.1 m
    level, hill = told(None, radius=290), told([0.0, 10.0, np.nan], radius=290)
    assert (level["beyond_share"], hill["beyond_share"]) == (0.4, 0.4)
    # level: 80, 150, 190 and 300 m; with the hill: 80, 100 + 60.5, 100 + 108.9 and 320.95 m
    assert (level["beyond_slow_share"], hill["beyond_slow_share"]) == (0.4, 0.7)
    assert (level["heights_known_share"], hill["heights_known_share"]) == (0.0, 0.5)
    assert told([0.0, 10.0, np.nan], radius=303)["beyond_slow_share"] == 0.4  # 209.07 m


def test_what_is_not_walked_has_no_slopes():
    straight = told([0.0, 50.0, 0.0], radius=290, measures=(STRAIGHT,))
    assert np.isnan(straight["heights_known_share"])
    assert straight["beyond_slow_share"] == 0.4


def test_level_streets_with_heights_are_those_without():
    for radius in (100, 217, 290, 500):
        level, without = told([0.0] * 3, radius=radius), told(None, radius=radius)
        assert list(level.compare(without).index) == ["heights_known_share"]


@settings(deadline=None, max_examples=30)
@given(
    climb=st.lists(st.one_of(st.floats(0, 300), st.just(math.nan)), min_size=3, max_size=3),
    radius=st.sampled_from((120, 217, 290, 435)),
)
def test_a_climb_only_ever_takes_from_old_people(climb, radius):
    level, hill = told(None, radius=radius), told(climb, radius=radius)
    assert hill["beyond_slow_share"] >= level["beyond_slow_share"]
    moved = ["heights_known_share", "beyond_slow_share"]
    assert hill.drop(moved).equals(level.drop(moved))
