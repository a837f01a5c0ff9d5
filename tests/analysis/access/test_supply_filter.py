"""Who and when: the filter by hand, the band it leaves, and its laws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from analysis.access.prepared_city import prepare, with_filter, with_shortest_paths
from analysis.access.supply_filter import SupplyFilter, applicable_filter, apply_filter
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.provision import PROVISION
from analysis.coverage.robustness import judge_robustness
from analysis.model.errors import SettingsError
from analysis.model.figures import FIGURES
from analysis.model.standards import Kind, Rule, Standard
from tests.frames import CRS, points, polygons, residents

CLASSES = ({"zh": "一", "en": "First"}, {"zh": "二", "en": "Second"}, {"zh": "三", "en": "Third"})
TOILET = Kind(
    id="toilet",
    name={"en": "Toilets"},
    colour="#000000",
    icon="◆",
    columns={
        "accessible": "flag",
        "female_stalls": "number",
        "class": "class",
        "opening_hours": "hours",
        "opening_days": "days",
    },
    conditions={"accessible": {"en": "Accessible"}, "female_stalls": {"en": "For women"}},
    classes=CLASSES,
)
BENCH = Kind(id="bench", name={"en": "Benches"}, colour="#000000", icon="●")
KINDS = {"toilet": TOILET, "bench": BENCH}
ACCESSIBLE = SupplyFilter(only=("accessible",))


def rule(figure="population_covered_share", minimum=0.5, radius=100.0, kind="toilet"):
    return Rule(
        id="a",
        kind=kind,
        figure=FIGURES[figure],
        minimum=minimum,
        minimum_basis="project",
        title={"en": "a"},
        clause={},
        source={},
        confidence="low",
        service_radius_m=radius if FIGURES[figure].needs_radius else None,
    )


def row_of_toilets(**columns):
    """Toilets 300 m apart along the middle of a street, with the columns given."""
    count = len(next(iter(columns.values())))
    frame = points([(150 + 300 * n, 500) for n in range(count)])
    return frame.assign(**{name: pd.array(values) for name, values in columns.items()})


def people_at(*amounts):
    return residents([(150 + 300 * n, 500, amount) for n, amount in enumerate(amounts)])


TOWN = polygons([box(0, 0, 1200, 1000)], parents="P")


def judge(toilets, people, asked, needed=None, *, measures=(STRAIGHT,), streets=None):
    ready = prepare(TOWN, toilets, people, kinds=["toilet"])
    if asked is not None:
        ready = with_filter(ready, apply_filter(toilets, {"toilet": TOILET}, asked))
    if streets is not None:
        ready = with_shortest_paths(ready, prepare_walking_network(TOWN, ready.demand, streets))
    rules = Standard("toy", {"en": "Toy"}, "", "", "", (needed or rule(),))
    return assess(ready, rules, measures=measures)


ANSWERS = {
    ACCESSIBLE: [True, False, None, True],
    SupplyFilter(only=("female_stalls",)): [True, False, True, None],
    SupplyFilter(least_class="Second"): [True, True, False, None],
    SupplyFilter(least_class="一"): [True, False, False, None],
    SupplyFilter(at=(2, 21 * 60)): [True, False, None, False],
    SupplyFilter(only=("accessible",), at=(2, 21 * 60)): [True, False, None, False],
    SupplyFilter(only=("accessible", "female_stalls")): [True, False, None, None],
    SupplyFilter(): [True, True, True, True],
}


@pytest.mark.parametrize("asked", ANSWERS, ids=str)
def test_each_facility_answers_yes_no_or_unknown(asked):
    toilets = row_of_toilets(
        accessible=pd.array([True, False, None, True], dtype="boolean"),
        female_stalls=[4.0, 0.0, 1.0, np.nan],
        opening_hours=["24/7", "8:00-18:00", "7am - dusk", "20:00-22:00"],
        opening_days=["", "", "", "Tuesday"],
        **{"class": ["一", "二", "Third", "seaside"]},
    )
    answers = apply_filter(toilets, KINDS, asked)
    assert answers.fits.astype(object).where(answers.fits.notna(), None).tolist() == ANSWERS[asked]
    assert dict(answers.unread) == ({"toilet": 1} if asked.at else {})


def test_a_kind_is_asked_what_it_declares():
    asked = SupplyFilter(("accessible",), "First", (2, 0))
    assert applicable_filter(TOILET, asked) == SupplyFilter(("accessible",), "一", (2, 0))
    assert applicable_filter(BENCH, asked) == SupplyFilter()
    benches = points([(0, 0)], kind="bench")
    assert apply_filter(benches, KINDS, asked).fits.tolist() == [True]


def test_a_column_that_the_city_lacks_is_unknown():
    assert apply_filter(points([(0, 0)]), KINDS, ACCESSIBLE).fits.isna().all()
    assert apply_filter(points([(0, 0)]), KINDS, SupplyFilter(at=(0, 0))).fits.isna().all()


@pytest.mark.parametrize(
    ("asked", "problem"),
    [(SupplyFilter(only=("acessible",)), "condition_unknown"),
     (SupplyFilter(least_class="4"), "class_unknown")],
)  # fmt: skip
def test_what_no_kind_declares_is_refused(asked, problem):
    with pytest.raises(SettingsError, match="allowed are") as caught:
        apply_filter(points([(0, 0)]), KINDS, asked)
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("minimum", "verdict", "reason", "gap"),
    [
        (0.40, "meets", "at_or_above_minimum", "none"),
        (0.60, "cannot_judge", "facilities_in_doubt", "cannot_judge"),
        (0.70, "cannot_judge", "facilities_in_doubt", "cannot_judge"),
        (0.80, "fails", "below_minimum", "weak"),
        (1.00, "fails", "below_minimum", "weak"),
    ],
)
def test_the_band_by_hand(minimum, verdict, reason, gap):
    toilets = row_of_toilets(accessible=pd.array([True, None, False], dtype="boolean"))
    result = judge(toilets, people_at(40, 30, 30), ACCESSIBLE, rule(minimum=minimum))
    row = result.coverage.iloc[0]
    assert row[["verdict", "reason", "gap_type"]].tolist() == [verdict, reason, gap]
    assert row[["value_least", "value_most"]].tolist() == pytest.approx([0.4, 0.7])
    assert row["population_covered"] == 40
    assert row["population_not_judged"] == 30
    assert row[["facilities_inside", "facilities_idle"]].tolist() == [1, 2]
    assert pd.isna(row["value"]) == (verdict == "cannot_judge")
    assert row[["only", "least_class", "at"]].tolist() == ["accessible", "", ""]
    summary = result.summary.iloc[0]
    assert summary[["only", "least_class", "at"]].tolist() == ["accessible", "", ""]
    shares = ["population_covered_share", "population_covered_share_most"]
    assert summary[shares].tolist() == pytest.approx([0.4, 0.7])


@pytest.mark.parametrize(
    ("figure", "least", "most"),
    [
        ("area_covered_share", np.pi * 0.01 / 1.2, 2 * np.pi * 0.01 / 1.2),
        ("facilities_inside", 1, 2),
        ("facilities_in_reach", 1, 2),
        ("density_per_km2", 1 / 1.2, 2 / 1.2),
        ("per_10k_people", 100, 200),
    ],
)
def test_the_band_of_every_figure(figure, least, most):
    toilets = row_of_toilets(accessible=pd.array([True, None, False], dtype="boolean"))
    for minimum, verdict in [(least, "meets"), (most, "cannot_judge"), (most * 1.01, "fails")]:
        needed = rule(figure=figure, minimum=minimum * (1 - 1e-6))
        row = judge(toilets, people_at(40, 30, 30), ACCESSIBLE, needed).coverage.iloc[0]
        assert row["verdict"] == verdict
        assert row[["value_least", "value_most"]].tolist() == pytest.approx([least, most], rel=1e-5)


def test_closed_ones_stay_closed_whatever_they_have():
    toilets = row_of_toilets(accessible=pd.array([True, True], dtype="boolean"))
    toilets["status"] = ["open", "closed"]
    row = judge(toilets, people_at(50, 50), ACCESSIBLE, rule(minimum=0.9)).coverage.iloc[0]
    assert row[["value_least", "value_most"]].tolist() == [0.5, 0.5]
    assert row["gap_type"] == "weak"


def test_walking_has_the_same_band():
    toilets = row_of_toilets(accessible=pd.array([True, None, False], dtype="boolean"))
    edge = {"from_node": ["a"], "to_node": ["b"], "length_m": [1200.0], "walkable": [True]}
    streets = gpd.GeoDataFrame(edge, geometry=[LineString([(0, 500), (1200, 500)])], crs=CRS)
    for minimum, verdict in [(0.4, "meets"), (0.7, "cannot_judge"), (0.8, "fails")]:
        result = judge(
            toilets, people_at(40, 30, 30), ACCESSIBLE, rule(minimum=minimum),
            measures=(NETWORK,), streets=streets,
        )  # fmt: skip
        row = result.coverage.iloc[0]
        assert row["verdict"] == verdict
        assert row["population_covered"] == 40
        assert row["population_not_judged"] == 30
        assert row[["value_least", "value_most"]].tolist() == pytest.approx([0.4, 0.7])


def test_the_empty_filter_changes_nothing():
    toilets = row_of_toilets(accessible=pd.array([True, None, False], dtype="boolean"))
    people = people_at(40, 30, 30)
    pd.testing.assert_frame_equal(
        judge(toilets, people, None).coverage, judge(toilets, people, SupplyFilter()).coverage
    )


answers = st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=4)
NOT_HERE = {"residential_covered_share", *(figure.id for figure in PROVISION)}
figures = st.sampled_from([name for name in FIGURES if name not in NOT_HERE])


@settings(max_examples=12, deadline=None)
@given(flags=answers, truth=st.lists(st.booleans(), min_size=4, max_size=4), figure=figures)
def test_the_band_brackets_whatever_the_truth_is(flags, truth, figure):
    """Once the unknown answers are known, the figure lies in the band, and a verdict stands."""
    known = [was if flag is None else flag for flag, was in zip(flags, truth, strict=True)]
    people, needed = people_at(10, 20, 30, 40), rule(figure=figure, minimum=0.05)
    before, after = (
        judge(
            row_of_toilets(accessible=pd.array(each, dtype="boolean")), people, ACCESSIBLE, needed
        )
        for each in (flags, known)
    )
    band, found = before.coverage.iloc[0], after.coverage.iloc[0]
    assert band["value_least"] - 1e-9 <= found["value"] <= band["value_most"] + 1e-9
    assert band["verdict"] in {"cannot_judge", found["verdict"]}


HOURS = ["off", "10:00-12:00", "08:00-20:00", "24/7"]


@settings(max_examples=12, deadline=None)
@given(
    texts=st.lists(st.sampled_from(HOURS), min_size=3, max_size=3),
    place=st.integers(0, 2),
    minute=st.integers(0, 1439),
    figure=figures,
)
def test_longer_hours_never_lower_coverage(texts, place, minute, figure):
    people, asked = people_at(10, 20, 30), SupplyFilter(at=(2, minute))
    longer = [*texts]
    longer[place] = HOURS[HOURS.index(texts[place]) + 1] if texts[place] != "24/7" else "24/7"
    before, after = (
        judge(row_of_toilets(opening_hours=each), people, asked, rule(figure=figure)).coverage
        for each in (texts, longer)
    )
    assert (after["value"] >= before["value"] - 1e-9).all()


def test_the_band_of_a_verdict_goes_up_to_what_facilities_in_doubt_may_add():
    """20 people have a toilet that is surely accessible, 80 one in doubt, 105 m off."""
    toilets = row_of_toilets(accessible=pd.array([True, None], dtype="boolean"))
    people = residents([(150, 500, 20), (450, 605, 80)])
    ready = prepare(TOWN, toilets, people, kinds=["toilet"])
    ready = with_filter(ready, apply_filter(toilets, {"toilet": TOILET}, ACCESSIBLE))
    by = Standard("toy", {"en": "Toy"}, "", "", "", (rule(minimum=0.9),))
    row = judge_robustness(ready, assess(ready, by)).communities.iloc[0]
    assert (row["value_radius_more"], row["value_position_more"]) == (0.2, 0.2)
    assert (row["verdict"], row["verdict_low"], row["verdict_high"]) == ("fails", "fails", "meets")
    assert row["flips"]
