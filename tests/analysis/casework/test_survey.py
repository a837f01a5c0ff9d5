"""Surveys by hand, against published intervals, and as laws: rates, thresholds, changes, totals."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.casework.findings import survey_findings
from analysis.casework.survey import (
    BELOW,
    DOWN,
    MET,
    NOT_ASKED,
    OPEN,
    RATE_COLUMNS,
    SAME,
    TOO_FEW,
    TWO_FORMS,
    UP,
    city_rates,
    difference_interval,
    effective_size,
    latest,
    survey_table,
)
from analysis.handling.ranking import wilson_interval
from analysis.handling.sampling import needed_answers
from analysis.model.calendar_periods import PERIODS, period_name
from analysis.model.survey import SurveyRules, Topic

ZONE = "Asia/Shanghai"
RULES = SurveyRules({"t": Topic("t", {}, threshold=0.9), "free": Topic("free", {})}, least=30)


def communities(*people):
    """Squares in a row, two to a parent, with their residents."""
    boxes = [shapely.box(1000 * at, 0, 1000 * at + 1000, 1000) for at in range(len(people))]
    facts = {
        "name": [f"N{at}" for at in range(len(people))],
        "parent": [f"P{at // 2}" for at in range(len(people))],
        "population": people,
    }
    index = pd.Index([f"c{at}" for at in range(len(people))], name="community_id")
    return gpd.GeoDataFrame(facts, index=index, geometry=boxes, crs="EPSG:32649")


CITY = communities(1000.0, 3000.0, 2000.0, 2000.0)


def answers(*rows):
    """Rows: level, area, day, topic, n, yes, weight (none: a count)."""
    names = ["level", "area", "asked_at", "topic", "n", "yes", "weight"]
    table = pd.DataFrame(rows, columns=names)
    table["asked_at"] = pd.to_datetime(table["asked_at"]).dt.tz_localize(ZONE)
    table["single"] = table["weight"].notna()
    table["weight"] = table["weight"].fillna(1.0).astype(float)
    table[["n", "yes"]] = table[["n", "yes"]].astype(float)
    table.index = pd.Index([f"a{row}" for row in range(len(table))], name="answer_id")
    return table


def count(area, n, yes, *, day="2026-05-10", topic="t", level="community"):
    return (level, area, day, topic, n, yes, None)


def row_of(table, level, area="", topic="t", period=None):
    rows = table[table["level"].eq(level) & table["area_id"].eq(area) & table["topic"].eq(topic)]
    rows = rows if period is None else rows[rows["period"].eq(period)]
    (row,) = rows.to_dict("records")
    return row


# --- published examples


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_newcombes_printed_one(hits, n, low, high):
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    found = wilson_interval([hits], [n])
    assert [round(float(each[0]), 4) for each in found] == [low, high]


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_newcombes_printed_one(now, before, low, high):
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    found = difference_interval([now[0] / now[1]], [now[1]], [before[0] / before[1]], [before[1]])
    assert [round(float(each[0]), 4) for each in found] == [low, high]


@pytest.mark.parametrize(
    ("residents", "needed"),
    [(100, 80), (200, 132), (500, 218), (1000, 278), (2000, 323), (10_000, 370)],
)
def test_answers_needed_are_those_of_krejcie_and_morgan(residents, needed):
    """Their table of 1970; it rounds 217.5 down, and whole answers here never fall short."""
    assert needed_answers(0.05, residents=residents) == needed


def test_answers_needed_without_residents_and_with_weights():
    assert needed_answers(0.05) == 385
    assert needed_answers(0.03) == 1068
    assert needed_answers(0.05, design=1.5) == 577  # 384.146 times 1.5
    assert needed_answers(0.05, residents=100, design=4) == 100


# --- by hand


def test_counts_by_hand():
    table = survey_table(answers(count("c0", 100, 80), count("c1", 100, 95)), CITY, RULES)
    assert tuple(table) == RATE_COLUMNS
    city = row_of(table, "city")
    assert (city["n"], city["yes"], city["share"]) == (200, 175, 0.875)
    low, high = wilson_interval([175], [200])
    assert (city["low_share"], city["high_share"]) == (
        pytest.approx(low[0]),
        pytest.approx(high[0]),
    )
    # 1000 residents at 0.80 and 3000 at 0.95; (4000)² / (1000² / 100 + 3000² / 100) = 160
    assert city["residents_share"] == pytest.approx((0.8 + 3 * 0.95) / 4)
    low, high = wilson_interval([0.9125 * 160], [160])
    assert (city["residents_low_share"], city["residents_high_share"]) == (
        pytest.approx(low[0]), pytest.approx(high[0]),
    )  # fmt: skip
    assert row_of(table, "parent", "P0")["share"] == 0.875
    assert row_of(table, "community", "c0")["verdict"] == BELOW
    assert row_of(table, "community", "c1")["verdict"] == OPEN
    assert city["needed_n"] == needed_answers(0.05, residents=8000)


def test_weighted_answers_by_hand():
    """Ten answers of weight 1, all yes, and ten of weight 3, all no: 10 of 40, as good as 16."""
    single = [("community", "c0", "2026-05-10", "t", 1, 1, 1.0)] * 10
    single += [("community", "c0", "2026-05-10", "t", 1, 0, 3.0)] * 10
    rules = SurveyRules(RULES.topics, least=16)
    row = row_of(survey_table(answers(*single), CITY, rules), "city")
    assert (row["n"], row["yes"], row["share"], row["effective_n"]) == (20, 10, 0.25, 16)
    low, high = wilson_interval([4], [16])
    assert (row["low_share"], row["high_share"]) == (pytest.approx(low[0]), pytest.approx(high[0]))
    assert np.isnan(row["residents_share"])  # they have weights of their own
    assert row["needed_n"] == needed_answers(0.05, residents=8000, design=20 / 16)


def test_too_few_answers_are_no_number():
    rules = SurveyRules(RULES.topics, least=31)
    row = row_of(survey_table(answers(count("c0", 30, 3)), CITY, rules), "community", "c0")
    assert (row["n"], row["reason"], row["verdict"]) == (30, TOO_FEW, "")
    figures = [
        name for name in RATE_COLUMNS if "share" in name or name in {"yes", "q", "difference"}
    ]
    assert all(np.isnan(row[name]) for name in figures)
    assert (
        row_of(survey_table(answers(count("c0", 30, 3)), CITY, RULES), "community", "c0")["share"]
        == 0.1
    )


def test_a_year_before_is_the_same_period_of_it():
    rows = [
        count("c0", 400, 390, day="2025-06-30"), count("c0", 400, 330, day="2026-04-01"),
        count("c1", 400, 330, day="2025-05-10"), count("c1", 400, 390, day="2026-05-10"),
        count("c2", 400, 330, day="2025-03-31"), count("c2", 400, 390, day="2026-05-10"),
        count("c3", 400, 380, day="2025-05-31"), count("c3", 400, 384, day="2026-05-10"),
    ]  # fmt: skip
    table = survey_table(answers(*rows), CITY, RULES)
    last = {area: row_of(table, "community", area, period="2026-Q2") for area in CITY.index}
    assert [last[area]["change"] for area in CITY.index] == [DOWN, UP, "", SAME]
    assert last["c0"]["before_period"] == "2025-Q2"
    assert last["c0"]["difference"] == pytest.approx(-0.15)
    low, high = difference_interval([330 / 400], [400], [390 / 400], [400])
    assert last["c0"]["low_difference"] == pytest.approx(low[0])
    assert last["c0"]["high_difference"] == pytest.approx(high[0])
    assert (last["c2"]["before_period"], last["c2"]["before_n"]) == (
        "",
        pytest.approx(np.nan, nan_ok=True),
    )
    yearly = survey_table(answers(*rows), CITY, SurveyRules(RULES.topics, period="year"))
    assert row_of(yearly, "community", "c2", period="2026")["change"] == UP


def test_a_stated_whole_takes_the_place_of_its_parts():
    parts = [count("c0", 100, 90), count("c1", 100, 70), count("c2", 50, 50)]
    stated = count("P0", 300, 270, level="parent")
    whole = count("", 500, 300, level="city")
    table = survey_table(answers(*parts, stated), CITY, RULES)
    assert row_of(table, "parent", "P0")["n"] == 300
    assert row_of(table, "city")["n"] == 350
    assert row_of(table, "community", "c1")["n"] == 100
    table = survey_table(answers(*parts, stated, whole), CITY, RULES)
    assert (row_of(table, "city")["n"], row_of(table, "city")["share"]) == (500, 0.6)


def test_single_answers_are_all_counted_and_never_with_counts():
    single = [("parent", "P0", "2026-05-10", "t", 1, 1, 1.0)] * 40
    nowhere = [("city", "", "2026-05-10", "t", 1, 1, 1.0)] * 5
    inside = [("community", "c0", "2026-05-10", "t", 1, 0, 1.0)] * 35
    table = survey_table(answers(*single, *nowhere, *inside), CITY, RULES)
    asked = {"": "city", "P0": "parent", "c0": "community"}
    n = {area: row_of(table, level, area)["n"] for area, level in asked.items()}
    assert n == {"": 80, "P0": 75, "c0": 35}
    mixed = survey_table(answers(*inside, count("c0", 100, 90)), CITY, RULES)
    assert row_of(mixed, "community", "c0")["reason"] == TWO_FORMS
    assert np.isnan(row_of(mixed, "city")["share"])


def test_an_interval_that_just_misses_the_threshold_is_no_verdict_among_many():
    """One of 4 areas at p = 0.017 alone is below by itself, but not among four."""
    rows = [count(area, 200, 180) for area in ("c1", "c2", "c3")]
    alone = survey_table(answers(count("c0", 200, 171)), CITY, RULES)
    among = survey_table(answers(count("c0", 200, 171), *rows), CITY, RULES)
    assert row_of(alone, "community", "c0")["verdict"] == BELOW
    row = row_of(among, "community", "c0")
    assert row["high_share"] < 0.9
    assert row["verdict"] == OPEN


def test_the_city_has_a_rate_of_each_topic_or_a_reason():
    rows = [
        count("c0", 400, 390),
        count("c0", 10, 9, topic="free"),
        count("c0", 99, 9, day="2025-01-01"),
    ]
    rates = city_rates(survey_table(answers(*rows), CITY, RULES), ["t", "free", "other"])
    assert rates["reason"].to_dict() == {"t": "", "free": TOO_FEW, "other": NOT_ASKED}
    assert rates.loc["t", ["period", "n", "verdict"]].tolist() == ["2026-Q2", 400, MET]
    none = city_rates(survey_table(answers(), CITY, RULES), ["t"])
    assert none["reason"].tolist() == [NOT_ASKED]
    assert np.isnan(none["share"].iloc[0])


def test_communities_without_residents_give_no_rate_by_residents():
    bare = CITY.drop(columns="population")
    some = CITY.assign(population=[1000.0, np.nan, 2000.0, 2000.0])
    rows = answers(count("c0", 100, 80), count("c1", 100, 95))
    for places in (bare, some):
        city = row_of(survey_table(rows, places, RULES), "city")
        assert np.isnan(city["residents_share"])
        assert city["needed_n"] == 385


# --- findings


def test_areas_below_by_more_than_chance_are_findings_and_others_prove_nothing():
    rows = [
        count("c0", 200, 120), count("c1", 200, 178), count("c2", 200, 182),
        count("P1", 300, 150, level="parent"), count("P0", 300, 150, topic="free", level="parent"),
    ]  # fmt: skip
    found = survey_findings(latest(survey_table(answers(*rows), CITY, RULES)), CITY)
    assert found.table.index.tolist() == ["survey:community:c0:t"]
    row = found.table.iloc[0]
    assert row[["community", "parent", "subject", "value", "threshold", "since"]].tolist() == [
        "N0", "P0", "t", 0.6, 0.9, "2026-05-10",
    ]  # fmt: skip
    assert (row["x"], row["y"]) == (500, 500)
    # 0.89 is below within chance: no finding, and no proof that an earlier one is gone
    assert found.judged["survey"].tolist() == ["survey:community:c0:t", "survey:community:c2:t"]
    stated = survey_findings(latest(survey_table(answers(*rows[3:]), CITY, RULES)), CITY)
    assert stated.table.index.tolist() == ["survey:parent:P1:t"]
    assert np.isnan(stated.table["x"].iloc[0])


# --- laws

AREAS = st.sampled_from(["c0", "c1", "c2", "c3"])
ROWS = st.lists(
    st.tuples(AREAS, st.integers(0, 400), st.integers(0, 400), st.sampled_from(["2025", "2026"])),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=8)
@given(ROWS, st.sampled_from([*PERIODS]))
def test_totals_add_up_and_limits_hold_their_share(rows, period):
    counts = [
        count(area, max(n, yes), min(n, yes), day=f"{year}-05-10") for area, n, yes, year in rows
    ]
    asked = answers(*counts)
    before = asked.copy()
    table = survey_table(asked, CITY, SurveyRules(RULES.topics, period=period))
    pd.testing.assert_frame_equal(asked, before)
    for name, rows_of_period in table.groupby("period"):
        n = rows_of_period.groupby("level")["n"].sum()
        assert set(n) == {n["city"]}
        assert n["city"] == asked.loc[asked["asked_at"].dt.year.eq(int(name[:4])), "n"].sum()
    told = table[table["share"].notna()]
    assert (told["low_share"] <= told["share"]).all()
    assert (told["share"] <= told["high_share"]).all()
    changed = table[table["difference"].notna()]
    assert (changed["low_difference"] <= changed["difference"]).all()
    assert (changed["difference"] <= changed["high_difference"]).all()
    assert (table["reason"].ne("") == (table["effective_n"] < RULES.least)).all()
    assert len(latest(table)["period"].unique()) == 1


@given(st.lists(st.tuples(st.floats(0.1, 10), st.integers(1, 50)), min_size=1, max_size=8))
def test_weights_never_say_more_than_their_answers(pairs):
    weights, n = zip(*pairs, strict=True)
    size = effective_size(weights, n)
    assert size <= sum(n) * (1 + 1e-9)
    assert size == pytest.approx(effective_size([3 * each for each in weights], n))


def test_periods_are_named_in_their_order():
    assert [period_name(2026 * parts, name) for name, parts in PERIODS.items()] == [
        "2026-01", "2026-Q1", "2026-H1", "2026",
    ]  # fmt: skip
