"""A report that names its community counts as one that lies in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.handling.recipe import assess_handling
from analysis.issues.issue_set import issue_set
from analysis.issues.location import locate_cases
from analysis.trends.periods import compare_periods


def test_names_instead_of_coordinates_give_the_same_tables(city):
    issues = city.issues.iloc[::8]
    home = locate_cases(issues, city.communities)
    named = issues.assign(x=np.nan, y=np.nan, community_id=home.fillna("").astype("str"))
    sets = [issue_set(each, city.communities, as_of=city.as_of) for each in (issues, named)]
    pd.testing.assert_series_equal(sets[0].membership, sets[1].membership)
    areas = city.communities.area
    one, other = (assess_handling(each, taxonomy=city.taxonomy, area_m2=areas) for each in sets)
    for table in ("places", "kpis", "closing", "matrix"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table))
    pd.testing.assert_frame_equal(*(compare_periods(each) for each in sets))


def test_a_place_goes_before_a_name_and_a_name_of_elsewhere_is_none(city):
    issues = city.issues[city.issues["x"].notna()].head(3)
    home = locate_cases(issues, city.communities)
    others = city.communities.index[-3:]
    assert locate_cases(issues.assign(community_id=others), city.communities).equals(home)
    nowhere = issues.assign(x=np.nan, y=np.nan, community_id=["", "no such", others[0]])
    found = locate_cases(nowhere, city.communities)
    assert found.isna().tolist() == [True, True, False]
    assert found.iloc[2] == others[0]
