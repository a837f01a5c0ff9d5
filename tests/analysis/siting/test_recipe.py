"""Where to build next: three hamlets by hand, and what the plan says held to the whole recipe."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.model.errors import SampleError, SettingsError
from analysis.model.figures import FIGURES
from analysis.model.question import BACKUP, CENTRE, COMPLAINTS, MEDIAN, SITES, SitingRequest
from analysis.model.standards import Rule, Standard
from analysis.siting.curve import curve
from analysis.siting.maximal_cover import OPTIMAL, Effort
from analysis.siting.reasons import Troubles
from analysis.siting.recipe import plan_sites
from analysis.siting.task import SECOND, Ground, people_gained
from layers.knowledge.standards import load_standards
from tests.analysis.access.test_street_network import streets
from tests.frames import points, polygons, residents
from tools.demo_city.facilities import GAP_RADIUS, GAPS

QUICK = Effort(steps=300, changes=50, seconds=5)
TWO = polygons([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], parents="P")
HAMLETS = [(100, 100, 30), (500, 500, 40), (900, 900, 30), (1500, 500, 100), (1560, 500, 25)]


DIRECT = Ground(STRAIGHT)


def rule(figure="population_covered_share", radius=100.0):
    return Rule(
        id="a",
        kind="toilet",
        figure=FIGURES[figure],
        minimum=0.9,
        minimum_basis="project",
        title={"en": "a"},
        clause={},
        source={},
        confidence="low",
        service_radius_m=radius,
    )


def given(*xy_cost):
    xy = [each[:2] for each in xy_cost]
    costs = [each[2] for each in xy_cost]
    return gpd.GeoDataFrame({"cost": costs}, geometry=shapely.points(xy), crs=TWO.crs)


def plan(request, *, people=HAMLETS, toilets=((100, 100),), of=None, ground=DIRECT, troubles=None):
    of = of or rule()
    ready = prepare(
        TWO, points(list(toilets)), residents(people) if people else None, kinds=["toilet"]
    )
    if ground.measure == NETWORK:
        ways = prepare_walking_network(TWO, ready.demand, ground.streets)
        ready = with_shortest_paths(ready, ways)
    standard = Standard("toy", {"en": "Toy"}, "", "", "", (of,))
    return plan_sites(
        ready, standard, (of,), request, ground=ground, troubles=troubles, effort=QUICK
    )


def test_sites_already_chosen_gain_what_their_plan_says():
    found = plan(SitingRequest(sites=2))
    xy = found.sites[["x", "y"]].to_numpy()
    prepared = found.task.prepared
    assert people_gained(prepared, rule(), xy, measure=STRAIGHT).tolist() == [125, 40]
    assert people_gained(prepared, rule(), xy[[0, 0]], measure=STRAIGHT).tolist() == [125, 0]
    assert people_gained(prepared, rule(), xy[:0], measure=STRAIGHT).tolist() == []
    assert people_gained(prepared, rule(), [[100.0, 200.0]], measure=STRAIGHT).tolist() == [0]


def test_three_hamlets_by_hand():
    found = plan(SitingRequest(sites=2))
    # 30 of 225 are reached; the largest hamlet (125) comes first, then the one of 40
    assert (found.people, found.reached, found.coverable) == (225, 30, 195)
    assert found.sites["people_gained"].tolist() == [125, 40]
    assert found.sites["people_alone"].tolist() == [125, 40]
    assert found.sites["community_id"].tolist() == ["c1", "c0"]
    assert found.sites["nearest_facility_m"].tolist()[1] == pytest.approx(np.hypot(400, 400))
    assert found.answer.status == OPTIMAL
    assert found.curve["people"].tolist() == [125, 165, 195]
    assert found.curve["share"].tolist() == pytest.approx([155 / 225, 195 / 225, 1])
    changed = found.communities.set_index("community_id")
    assert changed.loc["c1", ["share_before", "share_after", "people_gained"]].tolist() == [
        0,
        1,
        125,
    ]
    assert changed.loc["c0", ["share_before", "share_after"]].tolist() == [0.3, 0.7]
    assert changed["verdict_after"].to_dict() == {"c1": "meets", "c0": "fails"}


@pytest.mark.parametrize(("share", "needed"), [(0.1, 0), (0.5, 1), (0.7, 2), (0.9, 3), (1.0, 3)])
def test_fewest_for_a_share(share, needed):
    found = plan(SitingRequest(share=share))
    assert len(found.sites) == found.least == needed


@pytest.mark.parametrize("request_", [SitingRequest(share=0.7), SitingRequest(sites=2)])
def test_the_curve_is_bounded_once_and_goes_on_to_twice_the_plan(request_, monkeypatch):
    asked = []

    def counted(cover, most, *, effort=None):
        asked.append(most)
        return curve(cover, most, effort=effort)

    monkeypatch.setattr("analysis.siting.curve.curve", counted)
    monkeypatch.setattr("analysis.siting.solving.curve", counted)
    found = plan(request_)
    assert len(asked) == 1
    # Three sites reach all there are to reach, so that a fourth adds no row.
    assert asked[0] >= len(found.curve) == min(2 * len(found.sites), 3)


def test_more_sites_than_help_are_not_proposed_and_none_where_all_are_reached():
    assert len(plan(SitingRequest(sites=9)).sites) == 3
    everywhere = [(x, y) for x, y, _ in HAMLETS]
    found = plan(SitingRequest(sites=2), toilets=everywhere)
    assert (len(found.sites), found.coverable, len(found.curve)) == (0, 0, 0)


def test_sites_stand_apart_from_one_another_and_from_what_is_there():
    found = plan(SitingRequest(sites=3, apart_m=700))
    xy = found.sites[["x", "y"]].to_numpy()
    assert len(xy) == 2  # the hamlet at (500, 500) is too near to what is there
    assert np.hypot(*(xy[0] - xy[1])) >= 700
    assert (found.sites["nearest_facility_m"] >= 700).all()


LANE = streets([[(0, 500), (2000, 500)], [(500, 500), (500, 100), (100, 100)]])


def test_walking_reaches_along_streets_what_it_says():
    # By the lane the two eastern hamlets are 60 m apart; (900, 900) has no street within 200 m.
    found = plan(SitingRequest(sites=3), ground=Ground(NETWORK, LANE))
    assert (found.people, found.reached, found.coverable) == (225, 30, 165)
    assert found.sites["people_gained"].tolist() == [125, 40]
    after = found.after.rows_of("a", NETWORK).set_index("community_id")
    assert after["population_covered"].tolist() == [70, 125]
    assert found.communities["people_gained"].tolist() == [125, 40]


def test_where_nothing_can_be_walked_walking_is_refused():
    with pytest.raises(SampleError) as caught:
        plan(SitingRequest(sites=1), ground=Ground(NETWORK))
    assert caught.value.problem == "siting_no_walking"


def test_people_are_weighed_by_reports_near_them():
    reports = np.array([(880, 900), (900, 880), (910, 900), (920, 900), (930, 900.0)])
    asked = SitingRequest(sites=1, weight=COMPLAINTS)
    found = plan(asked, ground=Ground(STRAIGHT, None, reports))
    assert found.sites["people_gained"].tolist() == [30]
    assert found.answer.people == 30 * 5
    assert len(found.curve) == 0
    for given, error in ((None, SampleError), ("unknown", SettingsError)):
        with pytest.raises(error):
            plan(SitingRequest(sites=1, weight=given or COMPLAINTS))


def test_people_of_an_unknown_group_are_counted():
    # 10 live within reach of the toilet at (100, 100) and want none.
    found = plan(SitingRequest(sites=1), people=[(100, 100, 10), (900, 900, 20), (1500, 500, 40)])
    found.task.prepared.demand.groups["elderly"] = np.array([np.nan, np.nan, 7])
    assert [found.of_unknown_group(each) for each in ("elderly", "people")] == [20, 0]


def test_a_budget_is_kept():
    asked = SitingRequest(budget=25.0, costs=(("toilet", 10.0),))
    found = plan(asked)
    assert found.sites["people_gained"].tolist() == [125, 40]
    assert found.sites["cost"].sum() == 20


def test_who_has_one_in_reach_may_want_a_second():
    found = plan(SitingRequest(sites=1, problem=BACKUP), people=[(100, 100, 80), (500, 500, 30)])
    assert found.answer.people == 80 * SECOND
    assert found.sites["people_gained"].tolist() == [0]
    found = plan(SitingRequest(sites=2, problem=BACKUP), people=[(500, 500, 30)])
    assert found.answer.people == 30  # the only place can hold one


def test_sites_may_stand_nearer_to_what_is_there_than_to_one_another():
    found = plan(SitingRequest(sites=3, apart_m=700, from_existing_m=500))
    assert len(found.sites) == 2
    assert (found.sites["nearest_facility_m"] >= 500).all()
    assert not (found.sites["nearest_facility_m"] >= 700).all()


def test_reasons_by_hand():
    # 40 in reach of (500, 500); in c0 90 % of 100 are wanted, so that it takes both other hamlets.
    troubles = Troubles(np.array([(500.0, 560.0, 12), (500, 700, 9)]), np.array([(905.0, 900.0)]))
    people = [*HAMLETS, (150, 100, 10)]
    found = plan(SitingRequest(sites=3), people=people, troubles=troubles).sites
    assert found["people_gained"].tolist() == [125, 40, 30]
    assert found["people_in_reach"].tolist() == [125, 40, 30]
    assert found["communities_met"].tolist() == [("c1",), (), ("c0",)]
    assert found["gained_in"].tolist() == [("c1",), ("c0",), ("c0",)]
    assert found[["hot_places", "hot_cases", "repeat_points"]].to_numpy().tolist() == [
        [0, 0, 0],
        [1, 12, 0],
        [0, 0, 1],
    ]
    unknown = plan(SitingRequest(sites=1), troubles=troubles._replace(repeat_points=None)).sites
    assert unknown["hot_places"].notna().all()
    assert unknown["repeat_points"].isna().all()
    # At (180, 100) the site reaches 10 who have the toilet at (100, 100), and 30 more who do not.
    people = [(100, 100, 30), (170, 100, 10), (270, 100, 30)]
    found = plan(
        SitingRequest(sites=1), people=people, ground=Ground(STRAIGHT, sites=given((180, 100, 1)))
    )
    assert found.sites[["people_in_reach", "people_overlap"]].to_numpy().tolist() == [[70, 40]]
    assert found.sites["hot_places"].isna().all()


def test_given_sites_with_their_costs_are_all_there_are():
    sites = given((500, 500, 5), (500, 500, 3), (1500, 500, 9), (900, 900, 3), (0, 2000, 1))
    found = plan(SitingRequest(budget=6.0), ground=Ground(STRAIGHT, sites=sites))
    assert found.candidates == 3  # one of two on a place; nobody is near the last
    assert sorted(found.sites["cost"]) == [3, 3]
    assert found.gained == 70
    unpriced = given((500, 500, np.nan), (1500, 500, 9))
    with pytest.raises(SettingsError) as caught:
        plan(SitingRequest(budget=6.0), ground=Ground(STRAIGHT, sites=unpriced))
    assert caught.value.problem == "siting_plot_cost"
    asked = SitingRequest(budget=6.0, costs=(("toilet", 2.0),))
    assert plan(asked, ground=Ground(STRAIGHT, sites=unpriced)).gained == 40


def test_zones_let_sites_in_and_out_and_leaving_one_out_never_helps():
    free = plan(SitingRequest(sites=1))
    west, pond = box(0, 0, 1000, 1000), box(450, 450, 550, 550)
    inside = plan(SitingRequest(sites=1), ground=Ground(STRAIGHT, within=west))
    both = plan(SitingRequest(sites=1), ground=Ground(STRAIGHT, within=west, outside=pond))
    assert [each.gained for each in (free, inside, both)] == [125, 40, 30]


def test_a_site_at_the_border_serves_both_sides():
    # 60 people on either side of the border at x = 1000, and nobody near any other facility.
    people = [(960, 500, 60), (1040, 500, 60), (100, 100, 30), (1900, 900, 5)]
    found = plan(SitingRequest(minimum=True), people=people)
    # c0 wants 81 of 90: 51 of its 60; c1 wants 58.5 of 65: either site will do.
    assert len(found.sites) == found.least == 1
    assert (found.together.alone, found.together.failing, found.together.unmet) == (2, 2, 0)
    assert found.communities["verdict_after"].tolist() == ["meets", "meets"]
    assert found.sites["communities_met"].tolist() == [("c0", "c1")]


def test_given_sites_shorten_ways_though_nobody_is_within_the_radius():
    # Ways of 400 and 1,844 m; from the site of 900 m. The other lies nearer to nobody.
    people, sites = [(100, 500, 10), (1900, 500, 10)], given((1000, 500, 1), (100, 950, 1))
    for problem, metres in ((MEDIAN, 650), (CENTRE, 900)):
        request = SitingRequest(sites=2, problem=problem)
        found = plan(request, people=people, ground=Ground(STRAIGHT, sites=sites))
        assert (found.candidates, found.nearer.after) == (2, metres)
        assert found.nearer.bound == pytest.approx(metres)


def test_ways_by_hand():
    # From (100, 100): 0, 566, 1131, 1456 and 1514 m. A site at (1500, 500) leaves 60 m of the last.
    found = plan(SitingRequest(sites=1, problem=MEDIAN))
    ways = 40 * np.hypot(400, 400) + 30 * np.hypot(600, 400)
    assert found.nearer.after == pytest.approx((ways + 25 * 60) / 225)
    assert found.nearer.before > found.nearer.after == pytest.approx(found.nearer.bound)
    found = plan(SitingRequest(sites=1, problem=CENTRE))
    assert found.nearer.after == pytest.approx(np.hypot(600, 400))  # (900, 900) from (1500, 500)
    assert found.answer.status == OPTIMAL
    for asked in ({"share": 0.5}, {"sites": 1, "apart_m": 5.0}):
        with pytest.raises(SettingsError) as caught:
            plan(SitingRequest(problem=MEDIAN, **asked))
        assert caught.value.problem == "siting_nearer"


def test_what_cannot_be_asked_is_refused():
    for problem, given in {
        "siting_no_residents": {"people": None},
        "siting_rule": {"of": rule("area_covered_share")},
        "siting_no_streets": {},
    }.items():
        with pytest.raises(SampleError) as caught:
            plan(SitingRequest(sites=1, candidates=SITES[2]), **given)
        assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("candidates", "measure"),
    [
        (SITES[2], STRAIGHT),
        (SITES[0], NETWORK),
        *(pytest.param(each, STRAIGHT, marks=pytest.mark.full) for each in SITES[:2]),
    ],
)
def test_on_the_demo_city_the_plan_does_what_it_says(city, preparation, candidates, measure):
    standard = load_standards()[city.standard]
    of = next(each for each in standard.rules if each.id == "toilet-5min")
    request = SitingRequest(sites=5, candidates=candidates, alternatives=0)
    ground = Ground(measure, city.streets)
    if measure == NETWORK:
        ways = prepare_walking_network(city.communities, preparation.demand, city.streets)
        preparation = with_shortest_paths(preparation, ways)
    found = plan_sites(preparation, standard, (of,), request, ground=ground, effort=QUICK)

    def reached(assessment):
        summary = assessment.summary
        return summary[(summary["level"] == "city") & (summary["rule"] == of.id)].squeeze()

    before = reached(assess(preparation, standard, measures=(measure,)))
    after = reached(found.after)
    share = (found.reached + found.answer.people) / found.people
    assert before["population_covered_share"] == pytest.approx(found.reached / found.people)
    assert after["population_covered_share"] == pytest.approx(share)
    assert found.communities["people_gained"].sum() == pytest.approx(found.answer.people)
    assert found.sites["people_gained"].is_monotonic_decreasing
    assert found.answer.status == OPTIMAL
    sites = found.sites[["x", "y"]].to_numpy()
    for planted in GAPS.values() if measure == STRAIGHT else ():
        assert np.hypot(*(sites - planted).T).min() < GAP_RADIUS
