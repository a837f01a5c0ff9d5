"""What is planted in the demo city is found by the recipes, and nothing else is."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from analysis.access.prepared_city import with_filter
from analysis.access.supply_filter import SupplyFilter, apply_filter
from analysis.casework.findings import survey_findings
from analysis.casework.inspections import agreement
from analysis.casework.monitoring import judged_readings, monitoring_table
from analysis.casework.readiness import entered_readings, judge_readiness
from analysis.casework.survey import latest, survey_table
from analysis.coverage.assessment import assess
from analysis.coverage.editions import compare
from analysis.coverage.gaps import gap_polygons
from analysis.handling.followup import FollowUpRule, follow_up_issues
from analysis.handling.kpis import time_to_close
from analysis.hotspots.cells import FEW, RATE
from analysis.hotspots.clusters import find_clusters
from analysis.hotspots.recipe import find_hot_spots, hotspot_surface
from analysis.hotspots.scan import scan_cells
from analysis.issues.counts import cases_by_community
from analysis.issues.location import locate_cases
from analysis.model.question import Selection
from analysis.priority import PRIORITY_PARTS, gather_evidence, rank_communities
from layers.knowledge.standards import load_standards
from tests.conftest import ROOT
from tests.frames import issues_of

DEMO = ROOT / "data" / "demo"
TRUTHS = {
    truth["id"]: truth
    for truth in tomllib.loads((DEMO / "truths.toml").read_text("utf-8"))["truth"]
}


def place(city, truth):
    return Transformer.from_crs("EPSG:4326", city.crs, always_xy=True).transform(
        truth["lon"], truth["lat"]
    )


def hotspot_result(city, cell_size=None, **chosen):
    return find_hot_spots(issues_of(city), Selection(**chosen), cell_size=cell_size)


def found_at(city, places, truth):
    x, y = place(city, truth)
    distance = np.hypot(places["x"] - x, places["y"] - y)
    return places[distance <= truth["radius_m"]]


def test_rows_add_up_in_every_layer(city):
    for report in city.reports:
        assert report.rows_in == report.not_selected + report.loaded + report.quarantined
        assert report.repaired <= report.loaded
    assert len(city.quarantine) == sum(report.quarantined for report in city.reports)
    assert len(city.quarantine) > 10
    # Kinds of which the demo city has no layer: it says so.
    assert city.absent == ("disease_control", "green_estate", "green_campus", "green_workplace")


@pytest.mark.parametrize("name", ["gap-south", "gap-north"])
def test_gap_areas_are_gaps_with_people_in_them(city, preparation, name):
    truth = TRUTHS[name]
    facilities = preparation.supply["toilet"].facilities
    gaps = gap_polygons(
        city.communities, facilities, service_radius=500, demand=preparation.demand
    ).frame
    here = gaps[gaps.contains(shapely.Point(place(city, truth)))]
    assert here["community_id"].tolist() == [truth["community_id"]]
    assert here["population"].iloc[0] >= 0.6 * truth["people_beyond_500_m"]


def test_the_two_gap_areas_leave_out_most_people(city, preparation):
    result = assess(preparation, load_standards()["cn-toilet-300"])
    rows = result.coverage[result.coverage["rule"] == "toilet-300"].set_index("community_id")
    out = (rows["population"] - rows["population_covered"]).nlargest(2)
    assert set(out.index) == {
        TRUTHS["gap-south"]["community_id"],
        TRUTHS["gap-north"]["community_id"],
    }


def test_people_and_area_differ_where_planted(city, preparation):
    truth = TRUTHS["uneven"]
    result = assess(preparation, load_standards()["cn-toilet-300"])
    rows = result.coverage[result.coverage["rule"] == "toilet-300"].set_index("community_id")
    row = rows.loc[truth["community_id"]]
    assert row["population_covered_share"] == pytest.approx(
        truth["population_covered_share"], abs=0.02
    )
    assert row["area_covered_share"] == pytest.approx(truth["area_covered_share"], abs=0.02)
    assert row["population"] == pytest.approx(truth["population"])


SPOTS = ("standing", "emerging", "returned")


def test_the_three_planted_hot_spots_are_found_and_nothing_else(city):
    """By count the station square is one more: more cases than elsewhere, not more per person."""
    places = hotspot_result(city, cell_size=200).places
    found = [found_at(city, places, TRUTHS[name]) for name in (*SPOTS, "station")]
    assert [len(rows) for rows in found] == [1, 1, 1, 1]
    assert len(places) == 4
    assert places.iloc[0]["community_id"] == TRUTHS["standing"]["community_id"]


@pytest.mark.parametrize("since", [None, pd.Timestamp("2025-07-01")])
def test_the_station_square_is_neither_hot_per_resident_nor_lost(city, since):
    """A class of its own: on the map's cells, in a table of its own and in the count in words."""
    found = find_hot_spots(
        issues_of(city), Selection(since=since), residents=city.residents, streets=city.streets
    )
    assert found.hot_spots.basis == RATE
    spots = [found_at(city, found.places, TRUTHS[name]) for name in SPOTS]
    assert [len(rows) for rows in spots] == [1, 1, 1]
    assert len(found.places) == 3
    truth = TRUTHS["station"]
    assert truth["residents"] == 0
    here = found_at(city, found.few_people, truth)
    first = found.few_people.iloc[0]
    assert here.index.tolist() == [first.name]
    assert here["community_id"].tolist() == [truth["community_id"]]
    planted = truth["planted_issues"] * (0.5 if since else 1)
    assert 0.6 * planted <= first["cases"] <= planted
    assert found.hot_spots.few_cases >= first["cases"]
    cells = found.hot_spots.cells
    x, y = place(city, truth)
    around = np.hypot(cells["x"] - x, cells["y"] - y) <= 500
    assert cells.loc[first.name, "level"] == FEW
    assert not cells.loc[around, "level"].str.startswith("hot").any()


def test_the_scan_leaves_the_station_square_out_per_resident(city):
    year = Selection(since=pd.Timestamp("2025-07-01"))
    found = find_hot_spots(issues_of(city), year, residents=city.residents).hot_spots
    clusters = scan_cells(found).clusters
    x, y = place(city, TRUTHS["station"])
    assert len(clusters) >= 3
    assert (np.hypot(clusters["x"] - x, clusters["y"] - y) > clusters["radius_m"] + 150).all()


def test_the_standing_spot_is_there_in_every_half_year(city):
    for since in pd.date_range("2024-07-01", "2026-01-01", freq="6MS"):
        until = since + pd.DateOffset(months=6) - pd.DateOffset(days=1)
        places = hotspot_result(city, since=since, until=until).places
        assert len(found_at(city, places, TRUTHS["standing"])) == 1, since


def test_the_emerging_spot_is_there_only_lately(city):
    category = TRUTHS["emerging"]["categories"][0]
    late = hotspot_result(city, category=category, since=pd.Timestamp("2026-03-01"), cell_size=300)
    early = hotspot_result(city, category=category, until=pd.Timestamp("2026-02-28"), cell_size=300)
    assert len(found_at(city, late.places, TRUTHS["emerging"])) == 1
    assert found_at(city, early.places, TRUTHS["emerging"]).empty


def test_the_spot_that_came_back_was_gone_in_between(city):
    truth = TRUTHS["returned"]
    category = truth["categories"][0]
    first = pd.Timestamp(truth["quiet_from"])
    last = pd.Timestamp(truth["quiet_until"])
    before = hotspot_result(city, category=category, until=first - pd.DateOffset(days=1))
    between = hotspot_result(city, category=category, since=first, until=last, cell_size=600)
    after = hotspot_result(city, category=category, since=last + pd.DateOffset(days=1))
    assert len(found_at(city, before.places, truth)) == 1
    assert found_at(city, between.places, truth).empty
    assert len(found_at(city, after.places, truth)) == 1


def looked_back(city, category, since, until, days):
    return follow_up_issues(
        issues_of(city),
        Selection(category, pd.Timestamp(since), pd.Timestamp(until)),
        rule=FollowUpRule(days=days),
    )


def test_cases_of_the_spot_that_came_back_relapse_and_those_elsewhere_do_not(city):
    truth = TRUTHS["returned"]
    category, closed = truth["categories"][0], truth["all_closed_by"]
    look = looked_back(city, category, "2025-03-01", closed, 240)
    x, y = place(city, truth)
    rows = look.closings[look.closings["followed"]]
    here = np.hypot(rows["x"] - x, rows["y"] - y) <= truth["radius_m"]
    assert rows.loc[here, "relapsed"].mean() > 0.95
    assert rows.loc[~here, "relapsed"].mean() < 0.05
    around = truth["radius_m"] + 200
    assert (np.hypot(look.squares["x"] - x, look.squares["y"] - y).head(4) <= around).all()
    assert look.squares.iloc[0]["community_id"] == truth["community_id"]


def test_the_spot_that_came_back_stayed_clean_through_its_quiet_months(city):
    truth = TRUTHS["returned"]
    category = truth["categories"][0]
    quiet = looked_back(city, category, truth["quiet_from"], truth["all_closed_by"], 90)
    x, y = place(city, truth)
    rows = quiet.closings[quiet.closings["followed"]]
    here = rows[np.hypot(rows["x"] - x, rows["y"] - y) <= truth["radius_m"]]
    assert len(here) > 0
    assert not here["relapsed"].any()
    assert here["returned"].all()


def test_worst_squares_and_repeat_points_are_the_planted_places(city):
    look = looked_back(city, None, "2025-07-01", "2026-06-30", 30)
    for table in (look.squares.head(8), look.repeats.head(8)):
        near = np.zeros(len(table), dtype=bool)
        for name in (*SPOTS, "station"):
            x, y = place(city, TRUTHS[name])
            near |= np.hypot(table["x"] - x, table["y"] - y) <= TRUTHS[name]["radius_m"] + 150
        assert near.all()


def test_the_quiet_community_has_people_and_no_reports(city, preparation):
    truth = TRUTHS["quiet"]
    membership = locate_cases(city.issues, city.communities)
    counts = cases_by_community(city.issues, membership, city.communities, as_of=city.as_of)
    assert counts["total"].idxmin() == truth["community_id"]
    assert counts.loc[truth["community_id"], "total"] <= 2
    assert preparation.population[truth["community_id"]] > 5000


def test_the_surface_holds_every_case_and_peaks_at_the_standing_spot(city):
    found = hotspot_result(city)
    surface = hotspot_surface(found, city.communities)
    mass = surface.values.sum() * (surface.pixel / 1000) ** 2
    assert mass == pytest.approx(surface.cases, rel=0.02)
    row, column = np.unravel_index(surface.values.argmax(), surface.values.shape)
    peak = np.array([surface.x0, surface.y0]) + (np.array([column, row]) + 0.5) * surface.pixel
    assert np.hypot(*(peak - place(city, TRUTHS["standing"]))) < TRUTHS["standing"]["radius_m"]


OPEN_AT_TEN = {
    "00:00-24:00": True, "24小时": True, "全天": True, "05:30-22:30": True, "06:00-23:00": True,
    "06:00-22:00": False, "07:00-21:00": False, "6点到22点": False, "6:00—22:00": False,
    "06：00-22：00": False, "夏季05:30-22:30 冬季06:00-21:30": None, "": None,
}  # fmt: skip


def test_who_and_when_add_up_to_the_cells_of_the_register(city, preparation):
    raw = pd.read_csv(DEMO / "toilets.csv", encoding="utf-8-sig", dtype=str).fillna("")
    here = preparation.supply["toilet"].facilities
    cells = raw.drop_duplicates("编号").set_index("编号").loc[here.index]
    states = cells["开放时间"].map(OPEN_AT_TEN).astype("boolean")
    wanted = {
        SupplyFilter(at=(2, 22 * 60)): states,
        SupplyFilter(only=("accessible",)): cells["无障碍"] == "有",
        SupplyFilter(only=("open_24h",)): cells["全天开放"] == "是",
        SupplyFilter(least_class="Class 2"): cells["等级"].isin(["一类", "二类"]),
    }
    for each, expected in wanted.items():
        answers = apply_filter(city.facilities, city.kinds, each)
        assert answers.fits[here.index].isna().tolist() == expected.isna().tolist()
        assert answers.fits[here.index].sum() == expected.sum()
        ready = with_filter(preparation, answers)
        supply = ready.supply["toilet"]
        assert len(supply.facilities) == expected.sum()
        assert len((supply.upper or supply).facilities) == expected.sum() + expected.isna().sum()


@pytest.fixture(scope="module")
def priority(city, preparation):
    year = Selection(since=city.as_of - pd.DateOffset(years=1))
    found = find_hot_spots(issues_of(city), year)
    look = follow_up_issues(issues_of(city), year)
    evidence = gather_evidence(
        city.communities,
        assess(preparation, load_standards()["cn-toilet-300"]),
        issue_set=issues_of(city),
        selection=year,
        places=found.places,
        follow_up=look,
    )

    def first(count, **weights):
        chosen = {part: float(weights.get(part, not weights)) for part in PRIORITY_PARTS}
        table = rank_communities(evidence, city.communities, weights=chosen).table
        return table["community_id"].head(count).tolist()

    return first


def test_the_planted_places_are_the_largest_density_clusters(city):
    found = find_clusters(issues_of(city)).table.head(3)
    for name in ("standing", "emerging", "returned"):
        assert len(found_at(city, found, TRUTHS[name])) == 1, name


def test_the_planted_places_lead_the_joint_priority(priority):
    planted = {name: truth.get("community_id") for name, truth in TRUTHS.items()}
    assert priority(3) == [planted[name] for name in ("standing", "emerging", "gap-north")]
    assert set(priority(2, reach=1)) == {planted["gap-south"], planted["gap-north"]}
    spots = [planted[name] for name in ("standing", "emerging", "returned")]
    assert priority(3, hot=1) == spots
    assert priority(3, relapse=1) == spots


def test_every_planted_hot_spot_has_its_pattern_and_nothing_else_has_one(city, demo_trends):
    assert not demo_trends.refused
    found = demo_trends.emerging
    expected = {"standing": "persistent", "emerging": "consecutive", "returned": "sporadic"}
    for name, pattern in expected.items():
        here = found_at(city, found.places, TRUTHS[name])
        assert here["pattern"].tolist() == [pattern], name
        assert here["community_id"].tolist() == [TRUTHS[name]["community_id"]]
    assert len(found.places) == 3
    labelled = found.cells[found.cells["pattern"] != "none"]
    reach = 2.5 * found.cube.grid.cell_size
    apart = [
        np.maximum(abs(labelled["x"] - x), abs(labelled["y"] - y))
        for x, y in (place(city, TRUTHS[name]) for name in expected)
    ]
    assert (np.min(apart, axis=0) <= reach).all()
    assert found_at(city, found.places, TRUTHS["emerging"])["since"].tolist() == [
        TRUTHS["emerging"]["first_month"]
    ]


def test_the_silent_community_is_not_hot_and_is_the_only_silent_one(demo_trends):
    table = demo_trends.under_reporting.table
    assert table.index[table["silence"] == "silent"].tolist() == [TRUTHS["quiet"]["community_id"]]
    assert TRUTHS["quiet"]["community_id"] not in set(demo_trends.emerging.places["community_id"])


def test_only_the_community_of_the_emerging_spot_has_more_than_before(demo_trends):
    periods = demo_trends.periods
    sure = periods[periods["change"].isin(["more", "fewer"])]
    assert sure["change"].tolist() == ["more", "more"]
    assert set(sure["community_id"]) == {TRUTHS["emerging"]["community_id"]}


def test_the_first_weeks_of_the_emerging_spot_raise_an_alert_and_no_other_week_does(demo_trends):
    called = demo_trends.alerts[demo_trends.alerts["alert"] != "within"]
    assert set(called["community_id"]) == {TRUTHS["emerging"]["community_id"]}
    assert called["week"].min() == "2026-03-09"


def test_last_month_s_hot_spots_foretell_this_month_s_cases(demo_trends):
    found = demo_trends.prediction.set_index("method")
    assert found.loc["gi_05", "pai"] > 4
    assert found.loc["gi_05", "hit_rate"] > 0.1


def test_toilets_that_opened_closed_and_moved_are_found(city, preparation):
    truth = TRUTHS["change-toilets"]
    then = city.earlier[truth["edition"]]
    standard = load_standards()[city.standard]
    found = compare(preparation, then, standard)
    table = found.facilities
    names = table["facility_id"].fillna(table["facility_id_then"])
    for outcome in ("opened", "closed", "moved"):
        assert sorted(names[table["outcome"] == outcome]) == truth[outcome]
    assert sorted(names[table["matched_by"] == "place"]) == truth["renamed"]
    south = found.change.set_index("community_id").loc[TRUTHS["gap-south"]["community_id"]]
    assert south["people_lost"] > 0


def test_the_slow_unit_is_last_and_the_small_one_is_not_ranked(city):
    slow, small = TRUTHS["slow-unit"], TRUTHS["small-unit"]
    look = follow_up_issues(issues_of(city))
    chosen = look.units["level"].eq("unit") & look.units["indicator"].eq("on_time")
    ranks = look.units[chosen].set_index("unit_id")
    assert ranks["share"].idxmin() == small["unit"]
    assert ranks.loc[small["unit"], ["n", "hits"]].tolist() == [3, small["closed_on_time"]]
    assert pd.isna(ranks.loc[small["unit"], "rank"])
    ranked = ranks.dropna(subset="rank")
    assert ranked["share"].idxmin() == slow["unit"]
    assert ranked.index[ranked["verdict"] == "worse"].tolist() == [slow["unit"]]
    assert ranked.index[ranked["verdict"] == "better"].empty
    _, closing = time_to_close(city.issues, as_of=city.as_of)
    units = closing[closing["level"] == "unit"].set_index("unit_id")
    enough = units[units["cases"] >= 10]
    assert enough["median_days"].idxmax() == slow["unit"]


def test_the_clauses_of_the_title_stand_as_planted(city):
    """Entered values met, failed, missing and too old are those planted; the rest is counted."""
    truth = TRUTHS["title"]
    standard = city.title.standard
    assert (standard.id, f"{city.title.review}") == (truth["standard"], truth["review"])
    readings = entered_readings(standard, city.clause_values, as_of=city.as_of)
    found = judge_readiness(standard, readings, as_of=city.as_of, review=city.title.review)
    assert found.days_left == truth["days_left"]
    table = found.clauses.set_index("clause_id")
    own = table[table["judged"] == "entered"]
    for verdict, name in (("meets", "entered_met"), ("fails", "entered_failed")):
        assert sorted(own.index[own["verdict"] == verdict]) == truth[name]
    for reason, name in (("not_entered",) * 2, ("too_old",) * 2, ("no_figure", "by_people")):
        assert table.index[table["reason"] == reason].tolist() == truth[name]
    assert table.loc["NSC21-36", "margin"] == pytest.approx(0.035)
    assert table.loc["NSC-GREEN14-PARK", "margin"] == pytest.approx(-0.4)
    assert table.loc["NSC21-55", "margin"] == -1


def test_the_round_of_inspection_agrees_with_own_checks_as_planted(city):
    """Summed by hand over the rows, and by the recipe: six of twenty were known before."""
    truth = TRUTHS["round"]
    table = city.issues
    own = table[table["source_level"].isin(["self", "city"])]
    known = 0
    mine = table[table["inspection"] == truth["inspection"]]
    for _, row in mine.iterrows():
        near = own[own["category"] == row["category"]]
        far = ((near["x"] - row["x"]) ** 2 + (near["y"] - row["y"]) ** 2) ** 0.5
        before = (row["reported_at"] - near["reported_at"]).dt.total_seconds() / 86_400
        known += ((far <= truth["within_m"]) & before.between(0, truth["within_days"])).any()
    assert (len(mine), known) == (truth["findings"], truth["known"]) == (20, 6)
    within = {"within_m": truth["within_m"], "within_days": truth["within_days"]}
    found = agreement(
        table, pd.Index([truth["inspection"]]), **within, communities=city.communities
    )
    found = found.iloc[0]
    assert (found["judged"], found["known"], found["known_share"]) == (20, 6, 0.3)
    assert found["known_low_share"] < 0.3 < found["known_high_share"]


def test_the_planted_results_of_monitoring_are_found_and_nothing_else(city):
    """One tap exceeds its limit, one has too few samples; what cannot be judged is counted."""
    rules, homes = city.monitoring_rules, city.communities
    water, air, food = (
        TRUTHS[name] for name in ("monitoring", "monitoring-air", "monitoring-food")
    )
    judged = judged_readings(city.readings, homes, rules)
    told = judged[judged["state"].eq("exceeded") & judged["value"].notna()]
    assert set(told["station"]) == {water["station"]}
    assert len(told) == water["exceeded"]
    assert judged["reason"].value_counts().to_dict() == {
        "": len(judged) - air["unreadable"] - air["no_limit"] - water["undecided"],
        "unreadable": air["unreadable"],
        "no_limit": air["no_limit"],
        "undecided": water["undecided"],
    }
    undecided = judged.loc[judged["reason"].eq("undecided"), "station"]
    assert set(undecided) == {water["undecided_station"]}
    table = monitoring_table(judged, homes, rules, every="quarter")
    last = table[table["period"].eq("2026-Q2")]
    turbid = last[last["indicator"].eq("turbidity") & last["level"].eq("community")]
    few = turbid[turbid["reason"].eq("too_few")]
    assert few["area_id"].tolist() == [water["few_community_id"]]
    assert few["n"].tolist() == [water["few_results"]]
    whole = last[last["level"].eq("city")].set_index(["network", "indicator"])
    assert whole.loc[("air", "ozone"), "reason"] == "none_judged"
    sampled = whole.loc[("food", "蔬菜农药残留")]
    assert (sampled["n"], sampled["exceeded"]) == (food["samples"], food["failed"])
    aside = city.quarantine[city.quarantine["layer"].eq("monitoring")]
    assert sorted(aside["reason"]) == ["coordinates_missing", "day_unreadable", "identifier_twice"]


@pytest.fixture(scope="module")
def rates(city):
    return survey_table(city.survey, city.communities, city.survey_rules)


def test_the_planted_survey_is_found_and_nothing_else(city, rates):
    """One community has too few answers, one is below, one has fallen; no other, and no rise."""
    few, below, fell = (TRUTHS[f"survey-{name}"] for name in ("few", "below", "fell"))
    last = latest(rates)
    own = last[last["level"].eq("community")].set_index("area_id")
    assert own.index[own["reason"].eq("too_few")].tolist() == [few["community_id"]]
    assert own.index[own["verdict"].eq("below")].tolist() == [below["community_id"]]
    assert own.index[own["change"].eq("down")].tolist() == [fell["community_id"]]
    assert not last["change"].eq("up").any()
    assert own.loc[below["community_id"], "share"] == below["yes"] / below["asked"]
    change = fell["yes"] / fell["asked"] - fell["yes_before"] / fell["asked_before"]
    assert own.loc[fell["community_id"], "difference"] == pytest.approx(change)
    above = last[last["level"].eq("parent")]
    homes = city.communities["parent"]
    assert above.loc[above["verdict"].eq("below"), "area_id"].tolist() == [
        homes[below["community_id"]]
    ]
    assert above.loc[above["change"].eq("down"), "area_id"].tolist() == [
        homes[fell["community_id"]]
    ]
    found = survey_findings(last, city.communities).table
    assert found["community_id"].tolist() == [below["community_id"]]
    whole = last[last["level"].eq("city")]
    assert set(whole["change"]) == {"same"}
    assert set(whole["verdict"]) == {"unclear", ""}


def test_every_planted_fault_of_the_survey_is_set_apart_with_its_reason(city):
    aside = city.quarantine[city.quarantine["file"].str.startswith("survey_")]
    assert aside["reason"].value_counts().to_dict() == {
        "yes_above_asked": 1, "count_negative": 1, "count_fraction": 1, "count_unreadable": 1,
        "area_unknown": 1, "day_unreadable": 1, "count_twice": 1, "weight_wrong": 2,
        "answer_missing": 2, "identifier_twice": 1,
    }  # fmt: skip
