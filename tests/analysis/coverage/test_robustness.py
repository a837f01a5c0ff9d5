"""Robustness against plain brute force: closures played through, radii and borders varied."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.land import Land
from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.coverage.figures import figure_at
from analysis.coverage.own_facilities import own_figure
from analysis.coverage.robustness import (
    CLOSURE_COLUMNS,
    ROBUSTNESS_COLUMNS,
    judge_robustness,
)
from analysis.model.errors import SettingsError
from analysis.model.standards import with_service_radius
from layers.knowledge.standards import load_standards
from tests.analysis.access.test_land import layer
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

SQUARES = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(1000, 1000, 2000, 2000)]
places = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda p: (p[0] * 100, p[1] * 100)),
    min_size=1,
    max_size=12,
)
people = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9)).map(
        lambda p: (p[0] * 50, p[1] * 50, p[2])
    ),
    min_size=1,
    max_size=25,
)


def town(shops, homes, **more):
    homes = None if homes is None else residents(homes)
    return prepare(polygons(SQUARES), points(shops), homes, kinds=["toilet"], **more), homes


def judged(shops, homes, *rules, position_error=10.0, **more):
    ready, homes = town(shops, homes, **more)
    result = assess(ready, standard(*rules))
    found = judge_robustness(ready, result, position_error=position_error)
    return ready, result, found


def covered(shops, homes, radius):
    ready, _ = town(shops, homes)
    rows = assess(ready, standard(rule("a", radius=radius))).coverage
    return rows.set_index("community_id")["population_covered"]


@settings(max_examples=10)
@given(shops=places, homes=people, radius=st.sampled_from([100, 250, 500]))
def test_closures_are_those_found_by_closing_every_facility_in_turn(shops, homes, radius):
    ready, result, found = judged(shops, homes, rule("a", radius=radius, minimum=0.5))
    whole = covered(shops, homes, radius)
    expected = {}
    for place in range(len(shops)):
        rest = shops[:place] + shops[place + 1 :]
        lost = whole - covered(rest, homes, radius)
        if lost.sum() > 0:
            expected[f"toilet{place}"] = lost
    table = found.closures.set_index("facility_id")
    assert table["people_lost"].to_dict() == {name: lost.sum() for name, lost in expected.items()}
    assert table["people_lost"].is_monotonic_decreasing
    verdicts = result.coverage.set_index("community_id")["verdict"]
    for name, lost in expected.items():
        assert table.loc[name, "communities_lost"] == (lost > 0).sum()
        left = (whole - lost) / ready.population
        turned = (verdicts == "meets") & (lost > 0) & (left < 0.5 - 1e-9)
        assert table.loc[name, "verdicts_lost"] == turned.sum()
        told = dict(part.split(": ") for part in table.loc[name, "lost_in"].split("; "))
        named = {c.upper(): f"{n:.0f}" for c, n in lost[lost > 0].items()}
        assert told == named


@settings(max_examples=10)
@given(
    shops=places,
    homes=people,
    radius=st.sampled_from([100, 250, 500]),
    figure=st.sampled_from(
        ["population_covered_share", "area_covered_share", "residential_covered_share",
         "facilities_in_reach"]
    ),
)  # fmt: skip
def test_own_facilities_are_those_of_the_community_alone(shops, homes, radius, figure):
    """Against a city made of that community and its facilities and nothing else."""
    land = Land(residential=layer(box(100, 50, 900, 700), box(900, 0, 1500, 1700)))
    ready, frame = town(shops, homes, land=land)
    asked = rule("a", figure=figure, radius=radius)
    found = own_figure(ready, asked, radius)
    inside = ready.supply["toilet"].facilities.geometry
    taken = np.zeros(len(shops), dtype=bool)
    for place, square in enumerate(SQUARES):
        mine = inside.intersects(square).to_numpy() & ~taken
        taken |= mine
        lone = polygons([square]).rename(index={"c0": f"c{place}"})
        members = ready.demand.membership == place
        own = [shop for shop, is_mine in zip(shops, mine, strict=True) if is_mine]
        alone = prepare(lone, points(own), frame[members], kinds=["toilet"], land=land)
        value = assess(alone, standard(asked)).coverage["value"].iloc[0]
        if figure == "facilities_in_reach":
            value = len(own)
        np.testing.assert_allclose(found.iloc[place], value, atol=1e-7, equal_nan=True)


@pytest.mark.parametrize("figure", ["population_covered_share", "area_covered_share"])
@pytest.mark.parametrize("homes", [[(500, 550, 30), (1200, 700, 10)], None])
def test_the_figure_at_another_radius_is_that_of_the_recipe(figure, homes):
    asked = rule("a", figure=figure, radius=300)
    ready, _, found = judged([(500, 500), (1100, 900)], homes, asked)
    columns = {"value_radius_less": 270, "value_radius_more": 330, "value_position_less": 290,
               "value_position_more": 310}  # fmt: skip
    table = found.communities
    for column, radius in columns.items():
        other = with_service_radius(standard(asked), {"toilet": radius})
        expected = assess(ready, other).coverage["value"]
        np.testing.assert_allclose(table[column], expected, equal_nan=True)
        value = figure_at(ready, asked, radius)
        np.testing.assert_allclose(value, expected, equal_nan=True)


def test_a_verdict_turns_where_the_band_holds_the_minimum():
    """30 of 40 people at 50 m, 10 at 105 m: at 110 m all are covered, at 90 m as at 100 m."""
    homes = [(500, 550, 30), (500, 605, 10)]
    _, _, found = judged([(500, 500)], homes, rule("a", minimum=0.9), rule("b", minimum=0.5))
    table = found.communities.set_index(["rule", "community_id"])
    a, b = table.loc["a", "c0"], table.loc["b", "c0"]
    assert tuple(found.communities.columns) == ROBUSTNESS_COLUMNS
    assert (a["verdict"], a["verdict_low"], a["verdict_high"], a["flips"]) == (
        "fails", "fails", "meets", True,
    )  # fmt: skip
    assert (a["value_radius_less"], a["value_radius_more"]) == (0.75, 1.0)
    assert (a["value_position_less"], a["value_position_more"]) == (0.75, 1.0)
    assert (b["verdict"], b["flips"]) == ("meets", False)
    assert table.loc[("a", "c1"), "verdict_low"] == "cannot_judge"
    assert not table.loc[("a", "c1"), "flips"]


def test_a_larger_position_error_never_narrows_the_band():
    homes = [(500, 500 + 20 * step, 1) for step in range(25)]
    lows = []
    for error in (0, 10, 50, 200):
        _, _, found = judged([(500, 500)], homes, rule("a", radius=200), position_error=error)
        row = found.communities.iloc[0]
        assert row["value_position_less"] <= row["value"] <= row["value_position_more"]
        lows.append(row["value_position_less"])
    assert lows == sorted(lows, reverse=True)
    assert lows[-1] == 0  # off by the whole radius: nobody is reached for certain


@pytest.mark.parametrize("error", [-1.0, math.nan, math.inf])
def test_an_absurd_position_error_is_refused(error):
    with pytest.raises(SettingsError, match="position error"):
        judged([(500, 500)], [(1, 1, 1)], rule("a"), position_error=error)


def test_the_edge_is_where_reach_leaves_the_communities_and_nothing_is_known_there():
    squares = [box(x, y, x + 1000, y + 1000) for x in (0, 1000, 2000) for y in (0, 1000, 2000)]
    middle = "c4"
    around = [(at, -50) for at in range(-100, 1101, 100)]
    around += [(-50, at) for at in range(-100, 1301, 100)] + [(at, -50) for at in (1200, 1300)]
    for outside, status, edge in [
        ([], "open", True),
        ([(-50, 500)], "closed", True),  # one alone tells nothing of the rest of the border
        (around, "closed", False),
    ]:
        shops = pd.concat([points([(1500, 1500)]), points(outside, status=status)])
        shops.index = pd.Index([f"s{n}" for n in range(len(shops))], name="facility_id")
        ready = prepare(polygons(squares), shops, None, kinds=["toilet"])
        asked = rule("a", figure="area_covered_share", radius=300)
        found = judge_robustness(ready, assess(ready, standard(asked)))
        flags = found.communities.set_index("community_id")["at_edge"]
        assert not flags[middle]
        assert flags["c0"] == edge
        assert flags["c8"]
    far = rule("a", figure="area_covered_share", radius=1100)
    found = judge_robustness(ready, assess(ready, standard(far)))
    assert found.communities.set_index("community_id")["at_edge"][middle]


def test_without_residents_no_closure_is_ranked_and_without_a_radius_nothing_varied():
    area = rule("a", figure="area_covered_share")
    count = rule("b", figure="facilities_inside", minimum=1, radius=None)
    _, _, found = judged([(500, 500)], None, area, count)
    assert set(found.communities["rule"]) == {"a"}
    assert found.closures.empty
    assert tuple(found.closures.columns) == CLOSURE_COLUMNS
    _, _, found = judged([(500, 500)], None, count)
    assert found.communities.empty


def test_the_demo_city_s_own_figures_and_closures_make_sense(city, preparation):
    result = assess(preparation, load_standards()["cn-life-circle"])
    found = judge_robustness(preparation, result)
    rows = found.communities
    assert (rows["border_effect"] > -1e-9).all()
    assert (rows["value_radius_less"] <= rows["value_position_less"] + 1e-12).all()
    first = found.closures[found.closures["rule"] == "toilet-5min"].iloc[0]
    without = city.facilities.drop(first["facility_id"])
    again = prepare(city.communities, without, city.residents, kinds=["toilet"], land=city.land)
    asked = [r for r in result.standard.rules if r.id == "toilet-5min"]
    lost = assess(again, standard(*asked)).coverage["population_covered"].sum()
    before = result.rows_of("toilet-5min", "straight")["population_covered"].sum()
    assert before - lost == pytest.approx(first["people_lost"])


def test_a_position_error_as_great_as_the_radius_leaves_nothing_for_certain():
    area = rule("a", figure="area_covered_share", radius=100)
    people = rule("b", figure="population_covered_share", radius=100)
    ready = prepare(
        polygons([box(0, 0, 1000, 1000)]), points([(500, 500)]), residents([(500, 500, 9)]),
        kinds=["toilet"],
    )  # fmt: skip
    for error, share in [(99.0, 1.0), (100.0, 0.0), (250.0, 0.0)]:
        found = judge_robustness(
            ready, assess(ready, standard(area, people)), position_error=error
        ).communities.set_index("figure")["value_position_less"]
        assert found["population_covered_share"] == share
        assert (found["area_covered_share"] == 0) == (share == 0)
