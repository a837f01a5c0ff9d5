"""Whom facilities can serve: sums by hand, laws, and what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.prepared_city import prepare
from analysis.coverage.capacity import (
    ARITHMETIC_COLUMNS,
    CAPACITY_COLUMNS,
    arithmetic,
    capacity_radii,
    judge_capacity,
)
from analysis.model.question import CATCHMENTS
from analysis.model.standards import Kind
from layers.knowledge.standards import load_standards
from tests.frames import points, polygons, residents

KIND = Kind("toilet", {"zh": "厕", "en": "t"}, "#000000", "◆", {"stalls": "number"}, "stalls")
SQUARES = [shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000)]
GROUPS = ["people_served", "people_over_capacity", "people_not_judged", "people_out_of_reach"]


def judge(homes, sites, stalls, *, kind=KIND, radius=300, method="equal", need=10, **given):
    communities, people = polygons(SQUARES), residents(homes)
    toilets = points(sites).assign(stalls=np.array(stalls, dtype=float), **given)
    ready = prepare(communities, toilets, people, kinds=("toilet",))
    return judge_capacity(ready, kind, service_radius=radius, method=method, need_per_1000=need)


def test_served_over_capacity_and_out_of_reach_by_hand():
    # c0: 4 stalls for 100 people are 40 per 1,000; c1: 4 for 1,000 are 4; 50 have none
    homes = [(100, 500, 100), (1500, 500, 1000), (1900, 900, 50)]
    found = judge(homes, [(100, 600), (1500, 600)], [4, 4])
    table = found.table.set_index("community_id")
    assert list(found.table.columns) == list(CAPACITY_COLUMNS)
    assert table.loc["c0", GROUPS].tolist() == [100, 0, 0, 0]
    assert table.loc["c1", GROUPS].tolist() == [0, 1000, 0, 50]
    assert table["access_per_1000"].tolist() == pytest.approx([40, 4 * 1000 / 1050])
    assert table["capacity_lacking"].tolist() == pytest.approx([0, 6 + 0.5])
    assert table["capacity_inside"].tolist() == [4, 4]
    assert found.whole["people_over_capacity"] == 1000


def test_the_usual_need_is_an_equal_share():
    found = judge([(100, 500, 100), (1500, 500, 300)], [(100, 600), (1500, 600)], [2, 2], need=None)
    assert found.table["need_per_1000"].tolist() == pytest.approx([10, 10])
    assert found.table["need_basis"].unique() == ["mean"]
    assert found.table["people_served"].tolist() == [100, 0]
    assert found.whole["access_per_1000"] == pytest.approx(10)


def test_an_unknown_capacity_is_counted_and_never_guessed():
    homes = [(100, 500, 100), (1500, 500, 1000), (1900, 900, 50)]
    found = judge(homes, [(100, 600), (1500, 600), (1500, 700)], [4, 4, np.nan])
    table = found.table.set_index("community_id")
    assert table.loc["c1", GROUPS].tolist() == [0, 0, 1000, 50]
    assert table["facilities_unknown"].tolist() == [0, 1]
    assert table.loc["c1", "capacity_lacking"] == pytest.approx(0.5)


def test_capacity_inside_is_missing_where_all_that_stands_there_is_unknown():
    homes = [(100, 500, 100), (1500, 500, 1000)]
    found = judge(homes, [(100, 600), (1500, 600), (1500, 700)], [np.nan, 4, np.nan])
    assert found.table["capacity_inside"].tolist() == pytest.approx([np.nan, 4], nan_ok=True)


def test_where_no_capacity_is_known_nobody_in_reach_is_judged():
    found = judge([(100, 500, 100)], [(100, 600)], [np.nan], need=None)
    assert found.table["people_not_judged"].tolist() == [100, 0]
    assert found.table["reason"].tolist() == ["capacity_unknown", "nobody_lives_here"]
    untold = ["access_per_1000", "need_per_1000", *GROUPS[:2], "served_share"]
    assert found.table[untold].isna().all(axis=None)


def test_a_closed_facility_serves_nobody_and_one_without_stalls_is_over_capacity():
    found = judge([(100, 500, 10)], [(100, 600), (1500, 600)], [4, 4], status=["closed", "open"])
    assert found.table["people_out_of_reach"].tolist() == [10, 0]
    for need in (10, None):  # an equal share of nothing serves nobody
        empty = judge([(100, 500, 10)], [(100, 600)], [0], need=need)
        assert empty.table["people_over_capacity"].tolist() == [10, 0]
        assert empty.table["people_served"].tolist() == [0, 0]


@pytest.mark.parametrize("method", CATCHMENTS)
@settings(max_examples=40)
@given(data=st.data())
def test_the_four_groups_are_everybody_and_the_terms_the_mean(method, data):
    place = st.tuples(st.integers(0, 1999), st.integers(0, 999))
    homes = data.draw(st.lists(st.tuples(*[st.integers(1, 999)] * 3), min_size=1, max_size=8))
    sites = data.draw(st.lists(place, min_size=1, max_size=6))
    stall = st.one_of(st.integers(0, 9), st.just(np.nan))
    stalls = data.draw(st.lists(stall, min_size=len(sites), max_size=len(sites)))
    found = judge(homes, sites, stalls, method=method, need=data.draw(st.sampled_from([None, 5])))
    table = found.table.set_index("community_id")
    assert table[GROUPS].sum(axis=1).to_numpy() == pytest.approx(table["population"].to_numpy())
    terms = arithmetic(found, "c0")
    assert list(terms.columns) == list(ARITHMETIC_COLUMNS)
    if table.loc["c0", "reason"] == "shared_out":
        expected = table.loc["c0", "access_per_1000"]
        assert terms["adds_per_1000"].sum() == pytest.approx(expected)
    known = terms.dropna(subset="capacity")
    assert (known["per_1000"] * known["people_in_catchment"] / 1000).to_numpy() == pytest.approx(
        known["capacity"].where(known["people_in_catchment"] > 0, np.nan).to_numpy(), nan_ok=True
    )


@pytest.mark.parametrize(
    ("kind", "kinds", "people", "reason"),
    [
        (KIND, (), True, "no_layer_of_this_kind"),
        (Kind("toilet", {}, "", "", {}), ("toilet",), True, "no_capacity_column"),
        (KIND, ("toilet",), False, "no_residents_layer"),
    ],
)
def test_what_is_missing_gives_a_reason_and_no_number(kind, kinds, people, reason):
    homes = residents([(100, 500, 10)]) if people else None
    ready = prepare(polygons(SQUARES), points([(1, 1)]).assign(stalls=1.0), homes, kinds=kinds)
    found = judge_capacity(ready, kind, service_radius=300, method="equal")
    assert set(found.table["reason"]) == {reason}
    assert found.table[[*GROUPS, "access_per_1000", "served_share"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="shared out"):
        arithmetic(found, "c0")


def test_frames_are_left_as_they_are_and_needs_must_be_positive():
    homes, toilets = residents([(100, 500, 10)]), points([(100, 600)]).assign(stalls=3.0)
    ready = prepare(polygons(SQUARES), toilets, homes, kinds=("toilet",))
    before = homes.copy(), ready.communities.copy()
    judge_capacity(ready, KIND, service_radius=300, method="equal")
    pd.testing.assert_frame_equal(homes, before[0])
    pd.testing.assert_frame_equal(ready.communities, before[1])
    with pytest.raises(ValueError, match="need_per_1000"):
        judge_capacity(ready, KIND, service_radius=300, method="equal", need_per_1000=0)


def test_a_standard_names_each_kind_and_radius_once():
    pairs = capacity_radii(load_standards()["cn-life-circle"])
    assert len(pairs) == len(set(pairs)) > 0
