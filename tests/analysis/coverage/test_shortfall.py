"""The three gaps by hand, and the laws that hold what a budget is told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.coverage.shortfall import GAP_TYPES, shortfall
from analysis.model.figures import FIGURES, SHORTFALL_UNITS
from analysis.model.standards import Rule, Standard
from tests.frames import points, polygons, residents


def rule(figure, minimum, radius=None):
    return Rule(
        id="a",
        kind="toilet",
        figure=FIGURES[figure],
        minimum=minimum,
        minimum_basis="project",
        title={"en": "a"},
        clause={},
        source={},
        confidence="low",
        service_radius_m=radius,
    )


def facilities(*groups):
    """Toilets from (status, places) with identifiers of their own."""
    frames = [points(xy, status=status) for status, xy in groups]
    frames = [frame.set_index(frame.index + frame["status"]) for frame in frames]
    return pd.concat(frames).rename_axis("facility_id")


def judge(communities, toilets, people, asked):
    ready = prepare(communities, toilets, people, kinds=["toilet"])
    result = assess(ready, Standard("toy", {"en": "Toy"}, "", "", "", (asked,)))
    return result.coverage.set_index("community_id"), result.summary


def squares(count=2):
    return polygons([box(1000 * n, 0, 1000 * (n + 1), 1000) for n in range(count)], parents="P")


PEOPLE = residents([(500, 500, 30), (900, 500, 70), (1500, 500, 100)])


def test_people_still_to_be_reached():
    asked = rule("population_covered_share", 0.8, 100)
    rows, summary = judge(squares(), facilities(("open", [(500, 500)])), PEOPLE, asked)
    assert rows["gap_type"].tolist() == ["missing", "missing"]
    assert rows["shortfall"].tolist() == pytest.approx([0.8 * 100 - 30, 0.8 * 100])
    assert set(rows["shortfall_unit"]) == {"people"}
    assert rows["facilities_idle"].tolist() == [0, 0]
    assert rows["value_if_open"].isna().all()
    assert summary["shortfall"].tolist() == pytest.approx([130, 130])
    assert summary["missing"].tolist() == [2, 2]
    assert summary[["short", "weak"]].eq(0).all(axis=None)


@pytest.mark.parametrize("status", ["closed", "planned"])
def test_a_facility_that_would_close_the_gap_makes_it_weak(status):
    asked = rule("population_covered_share", 0.8, 100)
    toilets = facilities(("open", [(500, 500)]), (status, [(900, 500), (1950, 500)]))
    rows, summary = judge(squares(), toilets, PEOPLE, asked)
    assert rows["gap_type"].tolist() == ["weak", "missing"]
    assert rows["facilities_idle"].tolist() == [2 - 1, 2]  # (900, 500) is 100 m from c1
    assert rows["value_if_open"].tolist() == [1, 0]
    assert rows.loc["c0", "shortfall"] == pytest.approx(50)
    assert summary["weak"].tolist() == [1, 1]


def test_area_within_reach_of_idle_facilities_is_not_counted_twice():
    asked = rule("area_covered_share", 0.06, 100)
    toilets = facilities(("open", [(500, 500)]), ("closed", [(500, 500), (200, 200)]))
    rows, _ = judge(squares(1), toilets, PEOPLE, asked)
    disc = np.pi * 0.01
    assert rows.loc["c0", "value_if_open"] == pytest.approx(2 * disc, rel=1e-6)
    assert rows.loc["c0", "shortfall"] == pytest.approx((0.06 - disc) * 1e6, rel=1e-6)
    assert rows.loc["c0", ["gap_type", "shortfall_unit"]].tolist() == ["weak", "m2"]


@pytest.mark.parametrize(
    ("figure", "minimum", "gaps", "lacking"),
    [
        ("density_per_km2", 2.5, ["short", "short", "short"], [2, 3, 3]),
        ("per_10k_people", 250, ["short", "short", "cannot_judge"], [2, 3, np.nan]),
        ("facilities_inside", 2, ["short", "weak", "missing"], [1, 2, 2]),
        ("facilities_inside", 1, ["none", "weak", "missing"], [0, 1, 1]),
    ],
)
def test_facilities_still_to_be_built_by_hand(figure, minimum, gaps, lacking):
    toilets = facilities(("open", [(500, 500)]), ("closed", [(1400, 500), (1600, 500)]))
    rows, _ = judge(squares(3), toilets, PEOPLE, rule(figure, minimum))
    assert rows["gap_type"].tolist() == gaps
    assert rows["shortfall"].tolist() == pytest.approx(lacking, nan_ok=True)
    assert set(rows["shortfall_unit"]) == {"facilities"}


def test_too_few_within_reach_is_missing():
    asked = rule("facilities_in_reach", 3, 100)
    rows, _ = judge(squares(), facilities(("open", [(500, 500), (950, 500)])), PEOPLE, asked)
    assert rows["gap_type"].tolist() == ["missing", "missing"]
    assert rows["shortfall"].tolist() == [1, 2]


def test_without_a_layer_there_is_no_gap_to_name():
    asked = Rule(**{**vars(rule("facilities_inside", 1)), "kind": "market"})
    rows, summary = judge(squares(), facilities(("open", [(500, 500)])), PEOPLE, asked)
    assert set(rows["gap_type"]) == {"cannot_judge"}
    assert rows[["shortfall", "facilities_idle", "value_if_open"]].isna().all(axis=None)
    assert summary["shortfall"].isna().all()


places = st.lists(st.tuples(st.floats(0, 2000), st.floats(0, 1000)), min_size=0, max_size=6)


@settings(max_examples=10, deadline=None)
@given(
    opened=places,
    closed=places,
    figure=st.sampled_from([name for name, each in FIGURES.items() if not each.made_from]),
    size=st.floats(0.05, 1.0),
    radius=st.integers(50, 600),
)
def test_opening_what_is_idle_gives_the_value_promised(opened, closed, figure, size, radius):
    minimum = size if figure.endswith("_share") else 6 * size
    asked = rule(figure, minimum, radius if FIGURES[figure].needs_radius else None)
    before, _ = judge(squares(), facilities(("open", opened), ("closed", closed)), PEOPLE, asked)
    after, _ = judge(squares(), facilities(("open", opened + closed)), PEOPLE, asked)
    told = before["value_if_open"].notna()
    np.testing.assert_allclose(
        before["value_if_open"][told], after["value"][told].astype(float), rtol=0, atol=1e-6
    )
    asked_for = (before["verdict"] == "fails") & (before["facilities_idle"] > 0)
    assert told.tolist() == asked_for.tolist()
    assert set(before["gap_type"]) <= set(GAP_TYPES)
    assert set(before["shortfall_unit"]) <= set(SHORTFALL_UNITS)
    weak = before["gap_type"] == "weak"
    assert (before["value_if_open"][weak] >= minimum - 1e-9).all()
    assert (before["shortfall"] > 0).equals(before["verdict"] == "fails")


@given(
    built=st.lists(st.integers(0, 40), min_size=1),
    base=st.floats(0.01, 50),
    figure=st.sampled_from(["density_per_km2", "per_10k_people", "facilities_inside"]),
    minimum=st.floats(0.1, 30),
)
def test_so_many_more_facilities_meet_the_rule_and_one_fewer_does_not(built, base, figure, minimum):
    asked = rule(figure, minimum)
    table = pd.DataFrame({"population": base * 1e4, "area_m2": base * 1e6, "built": built})
    table = table.assign(residential_m2=np.nan, built_up_m2=np.nan, density_basis="area")
    per = 1.0 if figure == "facilities_inside" else base
    table["value"] = table["built"] / per
    fails = table["value"] < minimum - 1e-9
    table["verdict"] = np.where(fails, "fails", "meets")
    lacking = shortfall(table, asked)
    assert (lacking[~fails] == 0).all()
    assert ((table["built"] + lacking) / per >= minimum - 2e-9).all()
    assert ((table["built"] + lacking - 1) / per < minimum)[fails].all()


@settings(max_examples=10, deadline=None)
@given(places=places, minimum=st.floats(0.01, 1), radius=st.integers(50, 900))
def test_people_lacking_are_what_the_minimum_wants(places, minimum, radius):
    asked = rule("population_covered_share", minimum, radius)
    rows, _ = judge(squares(), facilities(("open", places)), PEOPLE, asked)
    wanted = (minimum * rows["population"] - rows["population_covered"]).clip(lower=0)
    np.testing.assert_allclose(rows["shortfall"], wanted, rtol=1e-9, atol=1e-6)


def test_what_is_given_is_not_changed():
    toilets = facilities(("open", [(500, 500)]), ("closed", [(900, 500)]))
    copy = gpd.GeoDataFrame(toilets.copy())
    judge(squares(), toilets, PEOPLE, rule("area_covered_share", 0.9, 100))
    pd.testing.assert_frame_equal(toilets, copy)
