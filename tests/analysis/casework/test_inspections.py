"""Rounds of inspection by hand: rates at a date, and what the city's own checks had known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.casework.inspections import (
    LADDER,
    NO_LEVEL,
    NO_PLACE_OR_TIME,
    OWN_ROUND,
    agreement,
    known_before,
    round_areas,
    rounds,
)
from analysis.handling.ranking import wilson_interval
from tests.frames import polygons

ZONE = "Asia/Shanghai"
NEVER = ""
RULE = {"within_m": 50, "within_days": 30}
TOWN = polygons([shapely.box(0, 0, 2000, 2000)])


def issues(*rows):
    """Rows: round, level, category, day reported, day closed, x, y."""
    names = ["inspection", "source_level", "category", "reported_at", "closed_at", "x", "y"]
    table = pd.DataFrame(rows, columns=names)
    for name in ("reported_at", "closed_at"):
        table[name] = pd.to_datetime(table[name].replace("", None)).dt.tz_localize(ZONE)
    table["status"] = np.where(table["closed_at"].isna(), "open", "closed")
    table["unit"] = ""
    table["community_id"] = np.where(table["x"] < 500, "w", "e")
    table["community"], table["parent"] = table["community_id"].str.upper(), "P"
    table.index = pd.Index([f"i{row}" for row in range(len(table))], name="issue_id")
    return table


CASES = issues(
    ("R1", "province", "a", "2026-05-02", "2026-05-06", 100, 100),
    ("R1", "province", "a", "2026-05-03", "2026-06-20", 900, 100),
    ("R1", "province", "b", "2026-05-03", NEVER, 100, 100),
    ("R1", "province", "b", "2026-05-04", "2026-05-05", 900, 900),
    ("", "self", "a", "2026-04-20", NEVER, 130, 140),  # 50 m, 12 days before the first
    ("", "self", "a", "2026-05-03", NEVER, 100, 100),  # after the first
    ("", "self", "b", "2026-04-20", NEVER, 900, 100),  # another category than the second
    ("", "public", "b", "2026-05-02", NEVER, 100, 100),  # nobody's check
    ("R0", "city", "b", "2026-05-03", "2026-05-03", 100, 110),  # an inspection of the city
    ("R2", "self", "a", "2026-06-01", NEVER, 0, 0),
)


def test_rates_of_a_round_at_a_date_by_hand():
    found = rounds(CASES, as_of=dt.date(2026, 6, 10))
    assert found.index.tolist() == ["R2", "R1", "R0"]
    one = found.loc["R1"]
    assert one[["level", "findings", "rectified", "open", "unknown"]].tolist() == [
        "province", 4, 2, 2, 0,
    ]  # fmt: skip
    assert one["share"] == 0.5
    low, high = wilson_interval([2], [4])
    assert (one["low_share"], one["high_share"]) == (low[0], high[0])
    assert one["median_days"] == 4  # 1 and 4 days, two still open
    later = rounds(CASES, as_of=dt.date(2026, 7, 1)).loc["R1"]
    assert (later["rectified"], later["open"], later["share"]) == (3, 1, 0.75)
    early = rounds(CASES, as_of=dt.date(2026, 5, 3)).loc["R1"]  # the day itself counts
    assert (early["findings"], early["rectified"]) == (3, 0)
    areas = round_areas(CASES, "R1", as_of=dt.date(2026, 6, 10))
    assert areas[["community", "findings", "rectified"]].to_numpy().tolist() == [
        ["E", 2, 1], ["W", 2, 1],
    ]  # fmt: skip


def test_what_is_not_known_is_no_rate():
    unknown = CASES.assign(status="unknown", closed_at=CASES["closed_at"].mask(
        CASES["closed_at"].notna()))  # fmt: skip
    found = rounds(unknown, as_of=dt.date(2026, 6, 10)).loc["R1"]
    assert (found["findings"], found["unknown"]) == (4, 4)
    assert np.isnan(found["share"])
    assert found[["rectified", "open"]].isna().all()  # no 0: nobody knows
    closed = CASES["closed_at"]
    never = CASES.assign(closed_at=closed.mask(closed.notna()))  # closed, and nobody says when
    untimed = rounds(never, as_of=dt.date(2026, 6, 10)).loc["R1"]
    assert (untimed["rectified"], untimed["open"], untimed["share"]) == (3, 1, 0.75)
    assert rounds(CASES.assign(inspection=""), as_of=dt.date(2026, 6, 10)).empty


def test_what_own_checks_had_known_by_hand():
    known = known_before(CASES, "R1", within_m=50, within_days=12)
    assert known.tolist() == [1, 0, 1, 0]
    assert known_before(CASES, "R1", within_m=49, within_days=12).tolist() == [0, 0, 1, 0]
    assert known_before(CASES, "R1", within_m=50, within_days=11).tolist() == [0, 0, 1, 0]
    table = agreement(
        CASES, pd.Index(["R1", "R0", "R2"]), within_m=50, within_days=12, communities=TOWN
    )
    assert table["known"].tolist()[:1] == [2]
    assert table["judged"].tolist() == [4, 1, 0]
    low, high = wilson_interval([2], [4])
    assert table.loc["R1", ["known_share", "known_low_share", "known_high_share"]].tolist() == [
        0.5, pytest.approx(low[0]), pytest.approx(high[0]),
    ]  # fmt: skip
    assert table["reason"].tolist() == ["", "", OWN_ROUND]
    nowhere = CASES.assign(x=np.nan)
    reasons = [
        agreement(table, pd.Index(["R1"]), within_m=50, within_days=12, communities=TOWN)[
            "reason"
        ].iloc[0]
        for table in (nowhere, CASES.assign(source_level=""))
    ]
    assert reasons == [NO_PLACE_OR_TIME, NO_LEVEL]


PLACES = st.integers(0, 300)
ROWS = st.tuples(
    st.sampled_from(["", "R"]), st.sampled_from((*LADDER, "public", "")), st.sampled_from("ab"),
    st.integers(1, 28).map("2026-05-{:02d}".format), st.just(NEVER), PLACES, PLACES,
)  # fmt: skip


@settings(max_examples=25)
@given(st.lists(ROWS, max_size=12), st.integers(1, 200), st.integers(0, 20))
def test_the_index_finds_what_comparing_all_pairs_finds(rows, metres, days):
    table = issues(*rows) if rows else issues(("", "", "a", "2026-05-01", NEVER, 0, 0))
    known = known_before(table, "R", within_m=metres, within_days=days)
    for name, row in table[table["inspection"] == "R"].iterrows():
        rank = LADDER.index(row["source_level"]) if row["source_level"] in LADDER else 0
        checks = table[table["source_level"].isin(LADDER[:rank]) & table["inspection"].ne("R")]
        if rank == 0 or checks.empty:
            assert np.isnan(known[name])
            continue
        spent = (row["reported_at"] - checks["reported_at"]).dt.days
        far = np.hypot(checks["x"] - row["x"], checks["y"] - row["y"])
        hit = checks["category"].eq(row["category"]) & spent.between(0, days) & (far <= metres)
        assert known[name] == float(hit.any())


def checks_at(places, category="a"):
    """A finding in the middle of the town, and own checks ten days before it."""
    rows = [("", "self", category, "2026-05-10", NEVER, x, y) for x, y in places]
    return issues(("R", "province", "a", "2026-05-20", NEVER, 1000, 1000), *rows)


def test_a_check_that_was_cancelled_is_none():
    table = checks_at([(1000, 1000)])
    found = [
        agreement(table.assign(stage=stage), pd.Index(["R"]), **RULE, communities=TOWN)
        for stage in (["", ""], ["", "cancelled"])
    ]
    assert [each["known"].iloc[0] for each in found] == [1, 0]


LATTICE = [(x, y) for x in range(0, 2001, 50) for y in range(0, 2001, 50)]


@pytest.mark.parametrize(
    ("places", "known", "chance"),
    [
        (LATTICE, 1, 1),  # checks wherever one looks: that one is here too says nothing
        ([(1000, 1000)], 1, 0),
        ([place for place in LATTICE if place[0] > 1050], 0, 0.5),
        ([(0, 0)], 0, 0),
    ],
)
def test_what_chance_alone_would_match_by_hand(places, known, chance):
    found = agreement(checks_at(places), pd.Index(["R"]), **RULE, communities=TOWN).iloc[0]
    assert found["known_share"] == known
    assert found["chance_share"] == pytest.approx(chance, abs=0.06 if 0 < chance < 1 else 0)


def test_another_place_is_in_a_community_and_another_category_is_no_match():
    square = polygons([shapely.box(950, 950, 1050, 1050)])
    found = agreement(checks_at(LATTICE), pd.Index(["R"]), **RULE, communities=square).iloc[0]
    assert (found["known_share"], np.isnan(found["chance_share"])) == (1, True)
    other = checks_at(LATTICE, category="b")
    assert agreement(other, pd.Index(["R"]), **RULE, communities=TOWN)["chance_share"].iloc[0] == 0


@pytest.mark.parametrize("knowing", [0.0, 0.6, 1.0])
def test_random_checks_agree_as_chance_does_and_knowing_ones_beyond_it(knowing):
    """A quarter of the town lies near a random check; on top of it checks that knew."""
    random, findings, checks = np.random.default_rng(2), 300, 800
    places = random.uniform(0, 3000, (findings + checks, 2))
    known = int(knowing * findings)
    places[findings : findings + known] = places[:known]
    table = issues(
        *(
            ("R" if row < findings else "", "province" if row < findings else "self", "a",
             "2026-05-20" if row < findings else "2026-05-10", NEVER, *places[row])
            for row in range(findings + checks)
        )
    )  # fmt: skip
    town = polygons([shapely.box(0, 0, 3000, 3000)])
    found = agreement(table, pd.Index(["R"]), **RULE, communities=town).iloc[0]
    expected = 1 - np.exp(-checks * np.pi * 50**2 / 3000**2)
    assert found["chance_share"] == pytest.approx(expected, abs=0.04)
    if knowing:
        assert found["known_low_share"] > found["chance_share"] + 0.1
    else:
        assert found["known_low_share"] < found["chance_share"] < found["known_high_share"]
