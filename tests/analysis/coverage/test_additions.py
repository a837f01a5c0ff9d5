"""Facilities to add: by hand, against every choice of homes, and put to the test of the recipe."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.additions import CandidateSites, facilities_to_add, with_additions
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.model.figures import FIGURES
from analysis.model.standards import Rule, Standard
from tests.frames import points, polygons, residents

TWO = polygons([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], parents="P")
PEOPLE = residents([(100, 100, 30), (500, 500, 40), (900, 900, 30), (1500, 500, 100)])


def rule(name="a", figure="population_covered_share", minimum=0.9, radius=100.0):
    return Rule(
        id=name,
        kind="toilet",
        figure=FIGURES[figure],
        minimum=minimum,
        minimum_basis="project",
        title={"en": name},
        clause={},
        source={},
        confidence="low",
        service_radius_m=radius,
    )


def judge(toilets, people, *rules, measures=(STRAIGHT,)):
    ready = prepare(TWO, toilets, people, kinds=["toilet"])
    if NETWORK in measures:
        ready = with_shortest_paths(ready, prepare_walking_network(TWO, ready.demand, None))
    result = assess(ready, Standard("toy", {"en": "Toy"}, "", "", "", rules), measures=measures)
    return ready, with_additions(ready, result)


@pytest.mark.parametrize(
    ("minimum", "needed"), [(0.3, 0), (0.31, 1), (0.7, 1), (0.71, 2), (1.0, 2)]
)
def test_three_hamlets_by_hand(minimum, needed):
    _, result = judge(points([(100, 100), (1500, 500)]), PEOPLE, rule(minimum=minimum))
    assert result.coverage["facilities_to_add"].tolist() == [needed, 0]
    assert result.summary["facilities_to_add"].tolist() == [needed, needed]
    assert str(result.coverage["facilities_to_add"].dtype) == "Int64"


def test_nothing_else_of_the_assessment_moves():
    toilets = points([(100, 100)])
    ready = prepare(TWO, toilets, PEOPLE, kinds=["toilet"])
    by = Standard("toy", {"en": "Toy"}, "", "", "", (rule(), rule("b", "per_10k_people", 300)))
    before = assess(ready, by)
    after = with_additions(ready, before)
    for name in ("coverage", "summary"):
        columns = getattr(before, name).columns.drop("facilities_to_add")
        pd.testing.assert_frame_equal(getattr(before, name)[columns], getattr(after, name)[columns])
    assert before.coverage.loc[before.coverage["rule"] == "a", "facilities_to_add"].isna().all()


def test_where_it_can_be_told():
    asked = (
        rule("people"),
        rule("count", "facilities_inside", 3, None),
        rule("area", "area_covered_share", 0.5),
    )
    _, result = judge(points([(100, 100)]), PEOPLE, *asked, measures=(STRAIGHT, NETWORK))
    told = result.coverage.groupby(["rule", "measure"])["facilities_to_add"].agg(list)
    assert told["people", STRAIGHT] == [2, 1]
    assert told["count", STRAIGHT] == [2, 3]
    for unknown in (("people", NETWORK), ("area", STRAIGHT)):
        assert pd.isna(told[unknown]).all()


def test_without_residents_nobody_knows_where():
    towns = TWO.assign(population=[100, 100])
    ready = prepare(towns, points([(100, 100)]), None, kinds=["toilet"])
    result = assess(ready, Standard("toy", {"en": "Toy"}, "", "", "", (rule(),)))
    assert (result.coverage["verdict"] == "fails").all()
    assert with_additions(ready, result).coverage["facilities_to_add"].isna().all()


places = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 50)),
    min_size=1,
    max_size=7,
    unique_by=lambda each: each[:2],
)


@settings(max_examples=25)
@given(people=places, minimum=st.sampled_from([0.4, 0.7, 0.9, 1.0]), more=st.booleans())
def test_so_many_are_enough_and_none_of_them_too_many(people, minimum, more):
    """Sites at homes 100 m apart, 150 m of reach: each home is a site of its own."""
    frame = residents([(100 * x + 50, 100 * y + 50, n) for x, y, n in people])
    toilets = points([(50, 50)] if more else [(5000, 5000)])
    asked = rule(minimum=minimum, radius=150.0)
    ready, result = judge(toilets, frame, asked)
    row = result.coverage.iloc[0]
    homes = CandidateSites(ready)
    lacking = row["shortfall"] if row["verdict"] == "fails" else 0.0
    sites = homes.sites(0, asked, lacking)
    assert row["facilities_to_add"] == len(sites)
    xy = frame[["x", "y"]].to_numpy()

    def verdict(chosen):
        added = pd.concat([toilets, points(xy[list(chosen)])], ignore_index=True)
        added.index = added.index.astype(str).rename("facility_id")
        return judge(added, frame, asked)[1].coverage["verdict"].iloc[0]

    assert verdict(sites) == "meets"
    if not len(sites):
        return
    assert verdict(sites[:-1]) == "fails"
    near = np.hypot(*(xy[:, None] - xy[None]).T) <= 150
    served = np.hypot(*(xy - shapely.get_coordinates(toilets.geometry)[0]).T) <= 150
    number = frame["population"].to_numpy()

    def enough(some):
        return number[served | near[list(some)].any(axis=0)].sum() >= minimum * number.sum() - 1e-6

    sizes = range(1, len(frame) + 1)
    fewest = next(n for n in sizes if any(map(enough, combinations(range(len(frame)), n))))
    assert len(sites) == 1 if fewest == 1 else len(sites) >= fewest


def test_rows_of_one_community_are_enough():
    ready, result = judge(points([(100, 100)]), PEOPLE, rule())
    some = result.coverage.iloc[[1]]
    assert facilities_to_add(ready, [rule()], some).tolist() == [1]
