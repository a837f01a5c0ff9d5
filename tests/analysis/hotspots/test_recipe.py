"""The recipe of hot spots finds what its measures find."""

from __future__ import annotations

import pandas as pd

from analysis.hotspots.cells import hot_spots
from analysis.hotspots.places import hottest_places
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.issues.selection import period_of
from tests.analysis.hotspots.toy import AS_OF


def test_the_recipe_finds_what_the_measures_find(town, planted):
    located = issue_set(planted, town, as_of=AS_OF)
    found = find_hot_spots(located, cell_size=100)
    alone = hot_spots(planted, town, cell_size=100)
    pd.testing.assert_frame_equal(found.hot_spots.cells, alone.cells)
    pd.testing.assert_frame_equal(
        found.places, hottest_places(alone, located, period=period_of(planted))
    )
