"""Coverage added up on every level above communities: by hand, and as a law."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.model.levels import LEVELS, NOT_GIVEN, OUTSIDE, areas_of, levels_of, split_areas
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

SQUARES = [box(1000 * x, 0, 1000 * x + 1000, 1000) for x in range(4)]
PEOPLE = [(500, 550, 30), (500, 950, 10), (1500, 500, 60), (2500, 500, 7), (3500, 500, 40)]
AREAS = {
    "parents": ["North", "North", "South", ""],
    "parent_2": ["East", "West", "West", ""],
    "parent_3": ["", "", "", ""],
}
SUMS = (
    *("population", "population_covered", "area_m2", "facilities_inside", "communities"),
    *("meets", "fails", "cannot_judge", "shortfall"),
)


def city(**changes):
    """Four squares of 1 km² in a row, toilets in the middle of the first and of the third."""
    parents = {**AREAS, **changes}
    communities = polygons(SQUARES, parents=parents.pop("parents"), **parents)
    return communities, prepare(
        communities, points([(500, 500), (2500, 500)]), residents(PEOPLE), kinds=["toilet"]
    )


def test_every_level_by_hand():
    communities, ready = city()
    assert levels_of(communities) == ("parent", "parent_2")
    table = assess(ready, standard(rule("a", radius=100))).summary
    found = {
        (row["level"], row["name"]): (
            row["communities"], row["population"], row["population_covered"], row["meets"],
            row["facilities_in_reach"],
        )
        for row in table.to_dict("records")
    }  # fmt: skip
    assert found == {
        ("city", ""): (4, 147, 37, 2, 2),
        ("parent", "North"): (2, 100, 30, 1, 1),
        ("parent", "South"): (1, 7, 7, 1, 1),
        ("parent", NOT_GIVEN): (1, 40, 0, 0, 0),
        ("parent_2", "East"): (1, 40, 30, 1, 1),
        ("parent_2", "West"): (2, 67, 7, 1, 1),
        ("parent_2", NOT_GIVEN): (1, 40, 0, 0, 0),
    }
    assert list(found)[-1] == ("parent_2", NOT_GIVEN)  # what is no area stands last


def test_people_unknown_in_one_community_are_unknown_in_its_areas_alone():
    communities, _ = city()
    stated = communities.assign(population=[40.0, 60.0, np.nan, 40.0])
    ready = prepare(stated, points([(500, 500)]), None, kinds=["toilet"])
    table = assess(ready, standard(rule("a", radius=100))).summary
    people = table.set_index(["level", "name"])["population"]
    unknown = {("city", ""), ("parent", "South"), ("parent_2", "West")}
    assert set(people.index[people.isna()]) == unknown
    assert people["parent", "North"] == 100


names = st.sampled_from(["", "A", "B", "C"])
columns = st.lists(names, min_size=4, max_size=4)


@settings(deadline=None, max_examples=8)
@given(parents=columns, second=columns, third=columns)
def test_every_level_adds_up_to_the_city(parents, second, third):
    communities, ready = city(parents=parents, parent_2=second, parent_3=third)
    table = assess(ready, standard(rule("a", radius=100))).summary
    whole = table[table["level"] == "city"].iloc[0]
    assert tuple(table["level"].unique()) == ("city", *levels_of(communities))
    for level in levels_of(communities):
        own = table[table["level"] == level]
        for name in SUMS:
            assert own[name].sum() == whole[name], (level, name)


def test_areas_that_lie_in_several_of_the_next_level():
    communities, _ = city()
    found = [(level, above, list(names)) for level, above, names in split_areas(communities)]
    assert found == [("parent", "parent_2", ["North"])]
    nested, _ = city(parent_2=["East", "East", "West", ""])
    assert list(split_areas(nested)) == []


def test_rows_of_no_community_are_outside():
    communities, _ = city()
    rows = pd.Series(["c0", "c3", "", None, "c9"])
    assert areas_of(rows, communities, "parent_2").tolist() == [
        "East", NOT_GIVEN, OUTSIDE, OUTSIDE, OUTSIDE,
    ]  # fmt: skip
    assert areas_of(rows.head(0), communities, LEVELS[0]).tolist() == []
