"""Joint priority: sums done by hand, ranks that hold for any change of the weights."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.handling.followup import follow_up_issues
from analysis.handling.ranking import wilson_interval
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.issue_set import issue_set
from analysis.model.errors import SettingsError
from analysis.priority import (
    FACTS,
    PRIORITY_COLUMNS,
    PRIORITY_PARTS,
    SWING,
    TIE,
    Evidence,
    gather_evidence,
    rank_communities,
)
from tests.analysis.coverage.test_assessment import rule, standard
from tests.analysis.handling.test_recurrence import AS_OF, ZONE, cases
from tests.frames import points, polygons, residents

EQUAL = dict.fromkeys(PRIORITY_PARTS, 1.0)


def row_of(count):
    return polygons([box(1000 * at, 0, 1000 * at + 1000, 1000) for at in range(count)])


def evidence(rows, absent=()):
    """What is known, from one tuple of the four parts a community."""
    communities = row_of(len(rows))
    table = pd.DataFrame(rows, columns=list(PRIORITY_PARTS), index=communities.index, dtype=float)
    table = table.reindex(columns=[*PRIORITY_PARTS, *FACTS])
    return Evidence(table, ("toilet",), dict.fromkeys(absent, "no_issues")), communities


def ranked(rows, weights=EQUAL, absent=()):
    found, communities = evidence(rows, absent)
    return rank_communities(found, communities, weights=weights)


def test_the_sum_by_hand():
    rows = [(100, 0, 0.2, 0.5), (50, 10, 0.4, 0.0), (0, 5, 0.0, 0.25)]
    found = ranked(rows, {"reach": 2, "hot": 1, "relapse": 1, "overdue": 0})
    assert found.weights == {"reach": 0.5, "hot": 0.25, "relapse": 0.25, "overdue": 0}
    assert found.greatest == {"reach": 100, "hot": 10, "relapse": 0.4, "overdue": 0.5}
    table = found.table
    assert tuple(table.columns) == PRIORITY_COLUMNS
    assert table["community_id"].tolist() == ["c1", "c0", "c2"]
    # c1: .5 × 50/100 + .25 × 10/10 + .25 × .4/.4;  c0: .5 × 1 + .25 × .2/.4;  c2: .25 × 5/10
    assert table["score"].tolist() == pytest.approx([0.75, 0.625, 0.125])
    assert table.loc[0, ["reach_points", "hot_points", "relapse_points"]].tolist() == [0.25] * 3
    assert table["rank"].tolist() == [1, 2, 3]
    # c1 leads c0 by .125; the points differ by .25, .25 and .125: half of it, .3125, turns it
    assert table["rank_best"].tolist() == [1, 1, 3]
    assert table["rank_worst"].tolist() == [2, 2, 3]


scores = st.integers(0, 8).map(lambda number: number / 8)
tables = st.lists(st.tuples(scores, scores, scores, scores), min_size=1, max_size=8)
weighing = st.tuples(*[st.integers(0, 5)] * 4).filter(any)


@settings(max_examples=25)
@given(rows=tables, weights=weighing)
def test_every_row_adds_up(rows, weights):
    table = ranked(rows, dict(zip(PRIORITY_PARTS, weights, strict=True))).table
    parts = [f"{part}_points" for part in PRIORITY_PARTS]
    assert np.allclose(table[parts].sum(axis=1), table["score"])
    assert table["score"].between(0, 1 + 1e-9).all()
    assert (table["score"].diff().dropna() <= 1e-12).all()
    for part in PRIORITY_PARTS:
        product = table[f"{part}_weight"] * table[f"{part}_scaled"]
        assert np.allclose(product, table[f"{part}_points"])
    assert (table["rank_best"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_worst"]).all()


@settings(max_examples=15)
@given(rows=tables, weights=weighing, swings=st.tuples(*[st.floats(-SWING, SWING)] * 4))
def test_no_change_of_the_weights_within_the_swing_leaves_the_range(rows, weights, swings):
    usual = dict(zip(PRIORITY_PARTS, map(float, weights), strict=True))
    before = ranked(rows, usual).table.set_index("community_id")
    corners = [swings, *itertools.product((-SWING, SWING), repeat=4)]
    for change in corners:
        moved = {
            part: usual[part] * (1 + by) for part, by in zip(PRIORITY_PARTS, change, strict=True)
        }
        after = ranked(rows, moved).table.set_index("community_id").loc[before.index]
        assert (before["rank_best"] <= after["rank"]).all()
        assert (after["rank"] <= before["rank_worst"]).all()


def test_each_pair_is_turned_by_some_weights_where_the_range_says_so():
    """Of two rows the range is exact: some corner of the weights reaches each end of it."""
    rng = np.random.default_rng(3)
    for _ in range(30):
        rows = rng.integers(0, 9, (2, 4)) / 8
        if not (rows.max(axis=0) > 0).all():
            continue
        table = ranked(rows).table.set_index("community_id").sort_index()
        points = table[[f"{part}_points" for part in PRIORITY_PARTS]].to_numpy()
        met = []
        for change in itertools.product((1 - SWING, 1 + SWING), repeat=4):
            score = points @ np.array(change)
            met.append(1 + int(score[1] > score[0] + TIE))
        assert (table["rank_best"].iloc[0], table["rank_worst"].iloc[0]) == (min(met), max(met))


def test_what_cannot_be_judged_in_a_row_adds_nothing_and_is_named():
    table = ranked([(10, 4, np.nan, np.nan), (5, 2, 0.4, 0.2)]).table.set_index("community_id")
    assert table.loc["c0", "not_judged"] == "relapse; overdue"
    assert table.loc["c0", "score"] == pytest.approx(0.5)
    assert table.loc["c0", "score_most"] == pytest.approx(1.0)
    assert np.isnan(table.loc["c0", "relapse_points"])
    assert table.loc["c1", "not_judged"] == ""
    assert table.loc["c1", "score_most"] == table.loc["c1", "score"] == pytest.approx(0.75)


def test_a_part_that_is_absent_gives_its_weight_to_the_others():
    rows = [(10, np.nan, np.nan, np.nan), (5, np.nan, np.nan, np.nan)]
    found = ranked(rows, absent=("hot", "relapse", "overdue"))
    assert found.weights == {"reach": 1.0}
    assert found.table["score"].tolist() == [1.0, 0.5]
    assert found.table["not_judged"].tolist() == ["", ""]
    assert found.table["hot_weight"].isna().all()


def test_a_community_without_anything_known_is_not_in_the_list():
    found = ranked([(10, 1, 0.1, 0.1), (np.nan,) * 4])
    assert found.table["community_id"].tolist() == ["c0"]
    nothing = ranked([(np.nan,) * 4], absent=PRIORITY_PARTS)
    assert nothing.table.empty
    assert tuple(nothing.table.columns) == PRIORITY_COLUMNS


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        (dict.fromkeys(PRIORITY_PARTS, 0.0), "weights_value"),
        ({**EQUAL, "hot": -1.0}, "weights_value"),
        ({**EQUAL, "hot": np.inf}, "weights_value"),
        ({**dict.fromkeys(PRIORITY_PARTS, 0.0), "hot": 1.0}, "weights_unjudged"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, problem):
    with pytest.raises(SettingsError) as caught:
        ranked([(1, np.nan, np.nan, np.nan)], weights, absent=("hot", "relapse", "overdue"))
    assert caught.value.problem == problem


@pytest.fixture
def town():
    """Two squares: 40 people of 100 beyond reach in the west, all 60 in the east."""
    communities = row_of(2)
    kinds = ["toilet", "market"]
    facilities = points([(500, 500)])
    people = residents([(500, 550, 60), (500, 900, 40), (1500, 500, 60)])
    ready = prepare(communities, facilities, people, kinds=kinds)
    return communities, ready


def gathered(town, issues, *rules):
    communities, ready = town
    member = None if issues is None else issue_set(issues, communities, as_of=AS_OF)
    follow_up = None
    if issues is not None:
        follow_up = follow_up_issues(member)
    return gather_evidence(
        communities,
        assess(ready, standard(*rules)),
        issue_set=member,
        follow_up=follow_up,
    )


def test_what_is_gathered_by_hand(town):
    issues = cases(
        [
            (100, 100, "a", 0, 5),  # closed, comes back on day 10
            (100, 100, "a", 10, None),  # open, due: overdue
            (300, 300, "a", 0, 5),  # closed, stays clean
            (1500, 500, "a", 20, None),  # open, not due yet
        ]
    )
    issues["due_at"] = pd.to_datetime(
        [None, "2026-02-01", None, "2026-03-02"]
    ).tz_localize(ZONE).as_unit("us")  # fmt: skip
    found = gathered(town, issues, rule("toilet", radius=200), rule("again", radius=5000))
    assert found.kinds == ("toilet",)
    assert found.absent == {"hot": "hot_refused"}
    assert found.table["reach"].tolist() == [40, 60]
    assert found.table[list(FACTS)].to_numpy().tolist() == [[1, 2, 1, 1], [0, 0, 0, 1]]
    low = wilson_interval([1, 1], [2, 1])[0]
    assert found.table.loc["c0", "relapse"] == pytest.approx(low[0])
    assert found.table.loc["c0", "overdue"] == pytest.approx(low[1])
    assert np.isnan(found.table.loc["c1", "relapse"])
    assert found.table.loc["c1", "overdue"] == 0


def test_people_beyond_reach_are_a_mean_over_the_kinds(town):
    near, far = rule("toilet", radius=200), rule("market", kind="market", radius=200)
    assert gathered(town, None, near, far).table["reach"].tolist() == [70, 60]
    found = gathered(town, None, near, rule("fitness", kind="fitness"))
    assert found.table["reach"].tolist() == [40, 60]
    assert set(found.absent.values()) == {"no_issues"}
    count = gathered(town, None, rule("count", figure="facilities_inside", radius=None))
    assert count.absent["reach"] == "no_people"


def test_a_hot_place_has_one_number_wherever_its_cases_lie():
    """The lump reaches over the border: the place is the eastern community's, whole."""
    communities = row_of(2)
    rng = np.random.default_rng(1)
    spread = [(x, y, "a", 1, None) for x, y in rng.uniform((0, 0), (2000, 1000), (400, 2))]
    lump = [(x, y, "a", 1, None) for x, y in rng.normal((1040, 450), 40, (200, 2))]
    issues = cases([*spread, *lump])
    member = issue_set(issues, communities, as_of=AS_OF)
    hotspot_result = find_hot_spots(member, cell_size=100)
    ready = prepare(communities, points([(500, 500)]), None, kinds=["toilet"])
    found = gather_evidence(
        communities,
        assess(ready, standard(rule("toilet"))),
        issue_set=member,
        places=hotspot_result.places,
    )
    place = hotspot_result.places.iloc[0]
    assert len(hotspot_result.places) == 1
    assert place["community_id"] == "c1"
    west = issues.loc[member.communities_of(issues.index).eq("c0"), "x"].gt(900).sum()
    assert west > 10
    assert found.table["hot"].to_dict() == {"c0": 0, "c1": place["cases"]}
