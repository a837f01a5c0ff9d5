"""Hot places on other grids: those that hold, those that do not, and what cannot be judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shapely import affinity

from analysis.hotspots.cells import RATE, spots_on
from analysis.hotspots.grid import study_grid
from analysis.hotspots.grid_choices import HELD_SHARE, RINGS, SCALES, SHIFTS, try_grids
from analysis.hotspots.places import hot_place_of_cells
from analysis.hotspots.recipe import counted_over, find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.issues.location import place_cases
from tests.analysis.hotspots.toy import AS_OF, SIDE, issues_at, scattered
from tests.frames import residents


def tried(issues, town, cell_size=100.0, **options):
    found = find_hot_spots(issue_set(issues, town, as_of=AS_OF), cell_size=cell_size, **options)
    return found, try_grids(found, town, over=options.get("residents"))


def lump(middle, spread, cases):
    """Cases by chance, and more around a place."""
    more = np.random.default_rng(9).normal(middle, spread, (cases, 2)).clip(1, SIDE - 1)
    return issues_at(np.vstack([scattered(), more]))


def test_a_strong_place_holds_under_every_choice_and_a_weak_one_does_not(town):
    """A few cases within one cell are split among four by a grid begun half a cell further on."""
    _, grids = tried(lump((1_550, 450), 60, 300), town)
    assert len(grids.choices) == len(SCALES) * len(SHIFTS) * len(RINGS) == 12
    assert grids.choices["in_use"].tolist() == [True] + [False] * 11
    assert grids.places[["survives", "choices"]].to_numpy().tolist() == [[12, 12]]
    assert grids.firm == 1
    found, weak = tried(lump((450, 1_450), 15, 40), town)
    assert weak.choices.loc[0, "places"] == weak.choices.loc[0, "held"] == len(found.places) == 1
    assert 1 <= weak.places["survives"].iloc[0] < 12
    assert weak.firm == 0


def test_a_choice_is_the_same_test_on_a_city_that_lies_elsewhere(town, planted):
    """By hand: the city moved south-west by half a cell, cells of 150 m, two rings."""
    found, grids = tried(planted, town)
    row = grids.choices.query("cell_size_m == 150 and shift_m == 75 and rings == 2").iloc[0]
    moved = town.set_geometry([affinity.translate(each, -75, -75) for each in town.geometry])
    cases = planted.assign(x=planted["x"] - 75, y=planted["y"] - 75)
    other = spots_on(study_grid(moved, cell_size=150), place_cases(cases, moved), rings=2)
    place = hot_place_of_cells(other)[other.case_cells.to_numpy()]
    hot = set(other.case_cells.index[place > 0])
    home = hot_place_of_cells(found.hot_spots)[found.hot_spots.case_cells.to_numpy()]
    of_place = pd.Series(found.hot_spots.case_cells.index).groupby(home)
    held = [
        np.mean([case in hot for case in cases]) >= HELD_SHARE
        for number, cases in of_place
        if number > 0
    ]
    assert row["places"] == len(set(place) - {0})
    assert row["held"] == sum(held) > 0


def test_a_choice_with_too_few_cells_counts_neither_way(town):
    """Cells of 300 m are 44 here, cells of 450 m fewer than 30."""
    _, grids = tried(lump((1_550, 450), 100, 600), town, cell_size=300.0)
    refused = grids.choices["cell_size_m"] == 450
    assert (grids.choices["judged"] == ~refused).all()
    assert grids.choices.loc[refused, ["places", "held"]].isna().all(axis=None)
    assert set(grids.places["choices"]) == {8}


def test_cases_are_counted_over_the_same_on_every_grid(town, planted):
    """One resident every 25 m: per resident the planted place holds too."""
    at = np.arange(12.5, SIDE, 25)
    people = residents([(x, y, 10) for x in at for y in at])
    found, grids = tried(planted, town, residents=people)
    assert found.hot_spots.basis == RATE
    assert grids.places["survives"].iloc[0] >= 11
    with pytest.raises(ValueError, match="counted over"):
        try_grids(found, town, over=None)
    none = {"residents": None, "resident_community": None, "streets": None}
    assert counted_over("count", town, **none) is None


def test_without_hot_places_no_place_is_told_of(town):
    found, grids = tried(issues_at(scattered(seed=4)), town)
    assert found.places.empty
    assert grids.places.empty
    assert grids.firm == 0
    assert grids.choices["held"].eq(0).all()
