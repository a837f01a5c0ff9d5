"""Changes measured in the touched communities alone equal a full assessment, column by column."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.land import Land
from analysis.access.prepared_city import (
    prepare,
    with_facilities,
    with_filter,
    with_shortest_paths,
)
from analysis.access.supply_filter import SupplyFilter, apply_filter
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.editions import compare
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.gaps import gaps_of
from analysis.model.figures import FIGURES
from analysis.model.standards import BUILT_UP, Rule, Standard
from analysis.scenarios.changes import (
    ACTIONS,
    ADD,
    CLOSE,
    MOVE,
    OPEN,
    PLACED,
    REMOVE,
    Change,
    History,
    apply_changes,
    planned_changes,
)
from analysis.scenarios.comparison import compare_with_today
from analysis.scenarios.deltas import compare_assessments, headline
from analysis.scenarios.incremental import assess_changed, gaps_changed, prepare_changes
from layers.knowledge.standards import load_kinds
from tests.frames import CRS, points, polygons, residents

SIDE, TOWN = 300.0, 1500.0
BOTH = (STRAIGHT, NETWORK)


def rule(name, figure, radius=None, kind="toilet", **more):
    return Rule(
        name, kind, FIGURES[figure], 0.5, "project", {}, {}, {}, "high",
        service_radius_m=radius, target_share=0.5, **more,
    )  # fmt: skip


RULES = (
    rule("people-200", "population_covered_share", 200),
    rule("market-300", "population_covered_share", 300, kind="market"),
    rule("area-350", "area_covered_share", 350),
    rule("land-200", "residential_covered_share", 200, land=BUILT_UP),
    rule("in-reach", "facilities_in_reach", 350),
    rule("inside", "facilities_inside"),
    rule("density", "density_per_km2", land=BUILT_UP),
    rule("accessible", "accessible_share", columns=("accessible",)),
    rule("school", "facilities_inside", kind="school"),
)
STANDARD = Standard("s", {}, "", "", "", RULES)


def streets():
    """A lattice of streets every 250 m over half of the town, so that some have none."""
    lines, names = [], []
    for i in range(5):
        for j in range(5):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < 5 and j + dj < 5:
                    lines.append([(250 * i, 250 * j), (250 * (i + di), 250 * (j + dj))])
                    names.append((f"{i}-{j}", f"{i + di}-{j + dj}"))
    start, end = zip(*names, strict=True)
    frame = {"from_node": start, "to_node": end, "walkable": True}
    return gpd.GeoDataFrame(frame, geometry=shapely.linestrings(lines), crs=CRS)


def land_of(shapes):
    return polygons(shapes).rename_axis("land_id")


def town(seed, *, with_land=True, with_people=True, count=None):
    """25 squares, two of them overlapped by a third, with people, facilities and land."""
    random = np.random.default_rng(seed)
    squares = [
        box(SIDE * i, SIDE * j, SIDE * (i + 1), SIDE * (j + 1)) for i in range(5) for j in range(5)
    ]
    squares.insert(7, box(250, 250, 650, 380))
    communities = polygons(squares, parents=[f"p{n % 3}" if n % 5 else "" for n in range(26)])
    communities["population"] = random.integers(0, 300, 26).astype(float)
    count = random.choice([0, 3, 15, 80]) if count is None else count
    places = np.round(random.uniform(-200, TOWN + 200, (count, 2)) / 50) * 50
    kinds = random.choice(["toilet", "market"], count)
    statuses = random.choice(["open", "closed", "planned", "unknown"], count)
    frames = [
        points(places[kinds == kind], kind=kind, status=statuses[kinds == kind])
        for kind in ("toilet", "market")
    ]
    facilities = gpd.GeoDataFrame(pd.concat(frames), crs=CRS)
    flags = random.choice([True, False, None], count)
    facilities["accessible"] = pd.array(flags, dtype="boolean")
    facilities = facilities.rename_axis("facility_id")
    people = random.uniform(-50, TOWN + 50, (60, 2))
    people = residents([(x, y, n % 4) for n, (x, y) in enumerate(people)])
    land = Land(
        water=land_of([box(700, 0, 760, 1500)]),
        residential=land_of([box(0, 0, 900, 1500), box(1000, 300, 1400, 600)]),
        built_up=land_of([box(100, 100, 1200, 1200)]),
    )
    return prepare(
        communities, facilities, people if with_people else None,
        kinds=["toilet", "market"], land=land if with_land else None,
    )  # fmt: skip


def walked(prepared):
    network = prepare_walking_network(prepared.communities, prepared.demand, streets())
    return with_shortest_paths(prepared, network)


def fully(prepared, facilities, measures):
    """Judge from nothing: the oracle."""
    after = with_facilities(prepared, facilities, kinds=list(prepared.supply))
    if NETWORK in measures:
        after = walked(after)
    return after, assess(after, STANDARD, measures=measures)


def same(found, wanted):
    pd.testing.assert_frame_equal(found, wanted, rtol=1e-9, atol=1e-5)


place = st.tuples(st.integers(-6, 36), st.integers(-6, 36)).map(lambda xy: (xy[0] * 50, xy[1] * 50))


@st.composite
def changes(draw, facilities):
    """Changes of facilities that are there, of new ones, and some that cannot be made."""
    names = [*facilities.index, "new0", "new1", "new2"]
    found = []
    for _ in range(draw(st.integers(1, 6))):
        name, action = draw(st.sampled_from(names)), draw(st.sampled_from(ACTIONS))
        there = name in facilities.index
        kind = (
            facilities.loc[name, "kind"] if there else draw(st.sampled_from(["toilet", "market"]))
        )
        where = draw(place) if action in PLACED else ()
        found.append(Change(action, kind, name, *where))
    return tuple(found)


LONG = (pytest.mark.full, pytest.mark.timeout(1800))


@pytest.mark.parametrize(
    ("measures", "examples"),
    [
        ((STRAIGHT,), 4),
        (BOTH, 3),
        pytest.param((STRAIGHT,), 300, marks=LONG),
        pytest.param(BOTH, 300, marks=LONG),
    ],
)
def test_touched_communities_measured_again_equal_a_full_assessment(measures, examples):
    @settings(max_examples=examples)
    @given(
        seed=st.integers(0, 10**6), data=st.data(), people=st.booleans(), with_land=st.booleans()
    )
    def law(seed, data, people, with_land):
        prepared = town(seed, with_people=people, with_land=with_land)
        if NETWORK in measures:
            prepared = walked(prepared)
        before = assess(prepared, STANDARD, measures=measures)
        baseline = prepare_changes(prepared, before)
        changed = apply_changes(prepared.facilities, data.draw(changes(prepared.facilities)))
        city = assess_changed(baseline, changed)
        oracle, full = fully(prepared, changed.facilities, measures)
        same(city.assessment.coverage, full.coverage)
        same(city.assessment.summary, full.summary)
        gaps = gaps_of(prepared, "toilet", service_radius=200)
        found = gaps_changed(gaps, city, "toilet", service_radius=200).frame
        wanted = gaps_of(oracle, "toilet", service_radius=200).frame
        pd.testing.assert_frame_equal(
            found.drop(columns="geometry"), wanted.drop(columns="geometry"), rtol=1e-9, atol=1e-3
        )
        # Undone, every column is as it was.
        history = History().with_change(*data.draw(changes(prepared.facilities))).undo()
        while history.done:
            history = history.undo()
        undone = assess_changed(baseline, apply_changes(prepared.facilities, history.done))
        pd.testing.assert_frame_equal(undone.assessment.coverage, before.coverage)

    law()


def by_hand():
    """Two squares side by side; one toilet in the west, one planned in the east."""
    facilities = points([(500, 500), (1500, 500)], status=["open", "planned"])
    return prepare(
        polygons([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]),
        facilities,
        residents([(500, 550, 30), (500, 900, 10), (1500, 500, 60)]),
        kinds=["toilet"],
    )


ON_PEOPLE = Standard("s", {}, "", "", "", RULES[:1])


def test_a_site_by_hand():
    prepared = by_hand()
    before = assess(prepared, ON_PEOPLE)
    baseline = prepare_changes(prepared, before)

    def share(*done):
        city = assess_changed(baseline, apply_changes(prepared.facilities, done))
        rows = city.assessment.coverage["population_covered_share"].tolist()
        return [*rows, city.assessment.summary["population_covered_share"].iloc[0]], city

    assert share()[0] == [0.75, 0, 0.3]
    assert share(Change(ADD, "toilet", "new", 500, 850))[0] == [1, 0, 0.4]
    assert share(Change(CLOSE, "toilet", "toilet0"))[0] == [0, 0, 0]
    assert share(Change(REMOVE, "toilet", "toilet0"))[0] == [0, 0, 0]
    assert share(Change(MOVE, "toilet", "toilet0", 1500, 550))[0] == [0, 1, 0.6]
    assert share(*planned_changes(prepared.facilities, ["toilet"]))[0] == [0.75, 1, 0.9]
    city = share(Change(OPEN, "toilet", "toilet1"))[1]
    table = compare_assessments(before, city.assessment)
    assert table["community_id"].tolist() == ["c1"]
    row = table.iloc[0]
    assert (row["value_before"], row["value"], row["people_gained"]) == (0, 1, 60)
    assert (row["verdict_before"], row["verdict"], row["crossed"]) == ("fails", "meets", "up")
    whole = headline(before, city.assessment).iloc[0]
    assert (whole["value_before"], whole["value"]) == (0.3, 0.9)
    assert (whole["meets_before"], whole["meets"], whole["people_gained"]) == (1, 2, 60)


@pytest.mark.parametrize(("seed", "measure"), [(3, STRAIGHT), (5, STRAIGHT), (5, NETWORK)])
def test_a_scenario_beside_today_reads_as_two_editions(seed, measure):
    prepared = town(seed, count=80)
    if measure == NETWORK:
        prepared = walked(prepared)
    before = assess(prepared, STANDARD, measures=(measure,))
    baseline = prepare_changes(prepared, before)
    names = prepared.facilities.index[prepared.facilities["kind"] == "toilet"]
    done = [Change(ADD, "toilet", "new", 700, 700), Change(MOVE, "toilet", names[2], 900, 100)]
    done += [Change(CLOSE, "toilet", names[1]), Change(REMOVE, "toilet", names[3])]
    changed = apply_changes(prepared.facilities, done)
    found = compare_with_today(baseline, changed, assess_changed(baseline, changed), "toilet")
    after = with_facilities(prepared, changed.facilities, kinds=list(prepared.supply))
    if measure == NETWORK:
        after = walked(after)
    wanted = compare(after, prepared.facilities, STANDARD, measures=(measure,)).change
    wanted = wanted[wanted["kind"] == "toilet"].reset_index(drop=True)
    shown = [name for name in wanted if name not in {"people_gained", "people_lost"}]
    same(found.change.reset_index(drop=True)[shown], wanted[shown])
    on_reach = wanted["service_radius_m"].notna()
    for name in ("people_gained", "people_lost"):
        known = wanted[name].notna() & on_reach
        assert known.any()
        assert np.allclose(found.change[name].to_numpy()[known], wanted[name][known])
    outcomes = found.facilities.set_index("facility_id")["outcome"]
    assert outcomes["new"] == "opened"


def test_a_far_place_touches_few_communities():
    prepared = town(3, count=80)
    before = assess(prepared, STANDARD)
    changed = apply_changes(prepared.facilities, [Change(ADD, "toilet", "new", 100, 100)])
    assert 0 < len(assess_changed(prepare_changes(prepared, before), changed).touched) < 26


def test_changes_follow_each_other_and_those_that_cannot_be_made_are_told():
    facilities = by_hand().facilities
    done = (
        Change(ADD, "toilet", "new", 0, 0),
        Change(MOVE, "toilet", "new", 10, 0),
        Change(ADD, "toilet", "toilet0", 1, 1),  # there is one
        Change(REMOVE, "toilet", "toilet1"),
        Change(OPEN, "toilet", "toilet1"),  # gone by now
        Change(CLOSE, "market", "toilet0"),  # of another kind
        Change(CLOSE, "toilet", "nobody"),
        Change(CLOSE, "toilet", "toilet0"),
    )
    changed = apply_changes(facilities, done)
    assert changed.missed == (done[2], *done[4:7])
    assert changed.facilities.index.tolist() == ["toilet0", "new"]
    assert changed.facilities["status"].tolist() == ["closed", "open"]
    assert changed.came_from.tolist() == [-1, -1]
    assert changed.places["toilet"].tolist() == [[0, 0], [10, 0], [500, 500], [1500, 500]]
    assert facilities["status"].tolist() == ["open", "planned"]
    assert facilities.dtypes.equals(changed.facilities.dtypes)


def test_undo_and_redo():
    a, b, c = (Change(CLOSE, "toilet", name) for name in "abc")
    history = History().with_change(a).with_change(b)
    assert history.undo() == History((a,), (b,))
    assert history.undo().redo() == history
    assert history.undo().undo().redo() == History((a,), (b,))
    assert history.undo().with_change(c) == History((a, c))
    assert History().undo() == History().redo() == History()


def test_a_filtered_city_is_refused():
    prepared = by_hand()
    kinds = {"toilet": load_kinds()["toilet"]}
    answers = apply_filter(prepared.facilities, kinds, SupplyFilter(at=(2, 1260)), holidays=None)
    filtered = with_filter(prepared, answers)
    with pytest.raises(ValueError, match="no filter"):
        prepare_changes(filtered, assess(filtered, ON_PEOPLE))
