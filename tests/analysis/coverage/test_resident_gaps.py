"""By walking distance gaps are where residents beyond reach live: cells, dissolved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.additions import CandidateSites, with_additions
from analysis.coverage.assessment import assess
from analysis.coverage.equity import EVERYONE, distance_classes, equity
from analysis.coverage.figures import NETWORK
from analysis.coverage.gaps import CELLS_M, cell_side, gaps_of
from analysis.coverage.zones import compare_zones
from tests.analysis.access.test_street_network import streets
from tests.analysis.access.test_walking import SQUARES, TOWN
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

ROW = [(50.0, 50.0, 10), (150.0, 50.0, 20), (850.0, 50.0, 30), (950.0, 50.0, 40)]
"""Cells of 100 m along the street of the first square, whose shop stands at its west end."""


def walked(homes, shops=((0, 0),), *, town=TOWN):
    communities = polygons(SQUARES)
    people = None if homes is None else residents(homes)
    ready = prepare(communities, points(list(shops)), people, kinds=["toilet"])
    ways = prepare_walking_network(communities, ready.demand, streets(town))
    return with_shortest_paths(ready, ways)


def test_the_cells_beyond_a_walk_are_drawn_as_one_gap_by_hand():
    found = gaps_of(walked(ROW), "toilet", service_radius=300, measure=NETWORK)
    gap = found.frame.loc["c0-1"]
    assert (len(found.frame), found.cell_m) == (1, 100)
    assert gap.geometry.equals(shapely.box(800, 0, 1000, 100))
    assert (gap["population"], gap["area_m2"]) == (70, 20_000)
    assert gap["nearest_distance_m"] == 850 + 50


def test_a_place_that_the_streets_do_not_tell_of_is_in_no_gap():
    """Home and shop are 480 m apart, and no street leads to the shop: nobody can tell."""
    found = gaps_of(walked([(1500, 0, 5)], [(1500, 480)]), "toilet", service_radius=500,
                    measure=NETWORK)  # fmt: skip
    assert found.frame.empty


def test_without_residents_nothing_is_drawn():
    assert gaps_of(walked(None), "toilet", service_radius=300, measure=NETWORK).frame.empty


@pytest.mark.parametrize(
    ("homes", "side"),
    [
        ([(x, y, 1) for x in (0.5, 8.5, 16.5) for y in (0.5, 8.5)], CELLS_M[0]),
        ([(x + 50, 50, 1) for x in range(0, 900, 100)], 100),
        ([(1, 1, 1), (999, 999, 1)], CELLS_M[1]),
        ([(1, 1, 1)], CELLS_M[1]),
    ],
)
def test_a_cell_is_as_wide_as_places_lie_apart(homes, side):
    assert cell_side(walked(homes).demand) == side


homes_ = st.lists(
    st.tuples(st.integers(0, 1990), st.integers(1, 999), st.integers(0, 9)),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(homes=homes_, radius=st.integers(1, 2500))
def test_people_of_all_tables_add_up_alike(homes, radius):
    """Gaps, groups, classes of distance and zones count the people that the coverage table has."""
    homes = [(x + 0.5, y + 0.5, people) for x, y, people in homes]
    ready, asked = walked(homes), standard(rule("a", radius=radius))
    judged = assess(ready, asked, measures=(NETWORK,))
    rows = judged.coverage.set_index("community_id")
    reached, unknown = rows["population_covered"], rows["population_not_judged"]
    beyond = rows["population"] - reached - unknown
    gaps = gaps_of(ready, "toilet", service_radius=radius, measure=NETWORK).frame
    assert (
        gaps.groupby("community_id")["population"]
        .sum()
        .reindex(rows.index, fill_value=0)
        .eq(beyond)
        .all()
    )
    shapes = ready.communities.geometry[gaps["community_id"]].to_numpy()
    assert np.all(shapely.area(shapely.difference(gaps.geometry.to_numpy(), shapes)) < 1e-6)
    everyone = equity(ready, judged).set_index("group").loc[EVERYONE]
    assert everyone["people_beyond"] == beyond.sum()
    assert everyone["people_not_judged"] == unknown.sum()
    known = distance_classes(ready, judged)
    paths = ready.shortest_paths.by_kind["toilet"].measured
    assert known["people"].sum() == paths["people"].sum()
    zone = polygons([shapely.box(0, 0, 2000, 1000)])
    whole = compare_zones(ready, zone, asked, measures=(NETWORK,)).set_index("part")
    assert whole.loc["inside", "population_covered"] == reached.sum()
    assert whole.loc["city", "population_covered"] == reached.sum()
    assert whole["area_covered_m2"].isna().all()


@settings(deadline=None, max_examples=15)
@given(homes=homes_, radius=st.integers(100, 900))
def test_so_many_new_facilities_are_enough_by_walking(homes, radius):
    """Opened one after the other where they were counted, they make the community meet the rule."""
    homes = [(x + 0.5, y + 0.5, people) for x, y, people in homes]
    asked = rule("a", radius=radius)
    ready = walked(homes, [(0, 0)])
    rows = with_additions(ready, assess(ready, standard(asked), measures=(NETWORK,))).coverage
    for place, row in enumerate(rows.to_dict("records")):
        wanted = row["facilities_to_add"]
        if row["verdict"] != "fails":
            assert wanted == 0 or pd.isna(wanted)
            continue
        sites = CandidateSites(ready).sites(place, asked, row["shortfall"], measure=NETWORK)
        assert (sites is None) == pd.isna(wanted)
        if sites is None:
            continue
        assert wanted == len(sites) > 0
        opened = [homes[site][:2] for site in sites]
        after = assess(walked(homes, [(0, 0), *opened]), standard(asked), measures=(NETWORK,))
        assert after.coverage["verdict"].iloc[place] == "meets"
