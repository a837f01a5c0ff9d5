"""Levels of warning: months in a row beyond a threshold, never one month, never chance alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.casework import ladder as judged
from analysis.casework.ladder import monthly_shares, warning_levels
from analysis.issues.issue_set import issue_set
from analysis.model.ladder import LATE, RELAPSE, Ladder, Step
from analysis.model.question import FollowUpRule
from layers.knowledge.ladder import load_ladder
from layers.knowledge.taxonomy import find_file
from tests.frames import issues, issues_of, polygons

RULE = FollowUpRule()
SQUARE = [shapely.box(0, 0, 1000, 1000)]
AS_OF = pd.Timestamp("2026-07-01", tz="Asia/Shanghai")
MONTHS = pd.period_range("2025-07", "2026-06", freq="M")
SPREADS = (0.0, 0.01, 0.03, 0.05, 0.1)
LADDER = Ladder(
    (
        Step("attention", {}, 2, {LATE: 0.2, RELAPSE: 0.2}),
        Step("talk", {}, 3, {LATE: 0.2}),
        Step("warning", {}, 6, {LATE: 0.4}),
    ),
    least_cases=10,
)


def months_of(hits, n, *, unit="u"):
    """Counts of the last months of one unit, as `monthly_shares` gives them."""
    last = 2026 * 12 + 5
    numbers = np.arange(last - len(hits) + 1, last + 1)
    frame = pd.DataFrame({"number": numbers, "hits": hits, "n": n})
    frame = frame[frame["n"] > 0]
    return frame.assign(
        level="unit", indicator=LATE, unit_id=unit, share=frame["hits"] / frame["n"]
    )


def levels(monkeypatch, *tables, ladder=LADDER):
    """Who stands where, given the months of each."""
    months = pd.concat(tables, ignore_index=True)
    monkeypatch.setattr(judged, "monthly_shares", lambda *_: months)
    nowhere = issue_set(issues(category=["a"]), polygons(SQUARE), as_of=AS_OF)
    return warning_levels(nowhere, ladder, RULE).table.set_index("unit_id")


@pytest.fixture
def monkey():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def due_in(month, late, n, *, unit):
    """Cases due on the tenth of a month, some of them closed only on the twentieth."""
    day = f"{month}-10 12:00"
    closed = [f"{month}-20 12:00"] * late + [f"{month}-05 12:00"] * (n - late)
    return pd.DataFrame(
        {"unit": unit, "due_at": day, "closed_at": closed, "reported_at": f"{month}-01 12:00"}
    )


def register(*parts):
    rows = pd.concat(parts, ignore_index=True)
    place = {"x": np.arange(len(rows)) % 900 + 50.0, "y": [500.0] * len(rows)}
    return issues(
        **{column: rows[column].tolist() for column in rows},
        **place,
        category=[f"c{number}" for number in range(len(rows))],
        status=["closed"] * len(rows),
    )


def test_a_register_summed_by_hand():
    """Unit a is late in 12 of 20 for four months, unit b in 2 of 20, unit c has 3 cases."""
    parts = [due_in(f"{month}", 2, 20, unit="b") for month in MONTHS]
    parts += [due_in(f"{month}", 2, 20, unit="a") for month in MONTHS[:-4]]
    parts += [due_in(f"{month}", 12, 20, unit="a") for month in MONTHS[-4:]]
    parts += [due_in("2026-06", 3, 3, unit="c"), due_in("2026-07", 20, 20, unit="b")]
    found = warning_levels(
        issue_set(register(*parts), polygons(SQUARE, parents=["p"]), as_of=AS_OF), LADDER, RULE
    )
    table = found.table[found.table["indicator"] == LATE]
    table = table.set_index(["level", "unit_id"]).sort_index()
    a = table.loc[("unit", "a")]
    assert (a["since"], a["months"], a["hits"], a["n"]) == ("2026-03", 4, 48, 80)
    assert (a["step"], a["rising"]) == ("warning", True)  # talk for 3 months, and the rise
    assert a["share"] == pytest.approx(0.6)
    assert a["low_share"] > a["threshold"] == 0.2
    b = table.loc[("unit", "b")]
    assert (b["step"], b["months"], b["hits"], b["n"], b["reason"]) == ("", 0, 2, 20, "")
    assert (table.loc[("unit", "c")]["step"], table.loc[("unit", "c")]["reason"]) == ("", "too_few")
    assert table.loc[("community", "c0")]["n"] == 43  # of June: 20, 20 and 3, 17 of them late
    assert table.loc[("community", "c0")]["hits"] == 17
    assert table.loc[("parent", "p")]["hits"] == 17


@settings(max_examples=20)
@given(
    before=st.lists(st.tuples(st.integers(0, 4), st.integers(20, 60)), min_size=0, max_size=11),
    n=st.integers(10, 500),
)
def test_one_bad_month_raises_nobody(before, n):
    with pytest.MonkeyPatch.context() as patch:
        hits, sizes = [*(hit for hit, _ in before), n], [*(size for _, size in before), n]
        found = levels(patch, months_of(hits, sizes), months_of([1] * 12, [30] * 12, unit="v"))
    assert found.loc["u", "step"] == ""


@settings(max_examples=20)
@given(shares=st.lists(st.integers(0, 40), min_size=12, max_size=12), more=st.integers(0, 40))
def test_a_worse_last_month_never_lowers_a_level(shares, more):
    order = ["", *(step.id for step in LADDER.steps)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judged, "monthly_spread", lambda _: 0.0)
        before = levels(patch, months_of(shares, [40] * 12)).loc["u", "step"]
        worse = [*shares[:-1], max(shares[-1], more)]
        after = levels(patch, months_of(worse, [40] * 12)).loc["u", "step"]
    assert order.index(after) >= order.index(before)


def test_a_rise_raises_by_one_level_and_says_so(monkey):
    others = [months_of([4] * 9, [40] * 9, unit=f"v{number}") for number in range(20)]
    climbs, jumps = [1, 2, 3, 5, 8, 10, 16, 18, 20], [1, 20, 1, 0, 12, 0, 18, 19, 18]
    rising = levels(monkey, months_of(climbs, [40] * 9), *others).loc["u"]
    flat = levels(monkey, months_of(jumps, [40] * 9), *others).loc["u"]
    assert (rising["step"], rising["rising"]) == ("warning", True)
    assert rising["threshold"] == 0.2  # the level it rests on, not the one it was raised to
    assert (flat["step"], flat["rising"]) == ("talk", False)


def test_who_had_no_cases_lately_is_not_judged(monkey):
    old = months_of([30] * 8 + [0] * 4, [40] * 8 + [0] * 4)
    found = levels(monkey, old, months_of([1] * 12, [40] * 12, unit="v")).loc["u"]
    assert (found["step"], found["reason"]) == ("", "not_lately")


@pytest.mark.parametrize(
    ("spread", "draws"),
    [(0.0, 8), (0.03, 8), *(pytest.param(each, 400, marks=pytest.mark.full) for each in SPREADS)],
)
def test_units_at_the_threshold_are_seldom_called_beyond_it(spread, draws):
    """Of 60 units whose share is the threshold, at most 1 % stand on a level."""
    rng, called = np.random.default_rng(5), []
    a, b = (0.2 * (1 - spread) / spread, 0.8 * (1 - spread) / spread) if spread else (0, 0)
    with pytest.MonkeyPatch.context() as patch:
        for _ in range(draws):
            share = rng.beta(a, b, (60, 12)) if spread else np.full((60, 12), 0.2)
            hits = rng.binomial(40, share)
            tables = [months_of(hit, [40] * 12, unit=f"u{i}") for i, hit in enumerate(hits)]
            called.append((levels(patch, *tables)["step"] != "").mean())
    assert np.mean(called) <= 0.01


def test_a_city_without_due_times_or_closings_says_what_it_cannot_tell():
    cases = issues(x=[1.0] * 30, y=[1.0] * 30, reported_at=["2026-05-01"] * 30, unit=["a"] * 30)
    found = warning_levels(issue_set(cases, polygons(SQUARE), as_of=AS_OF), LADDER, RULE)
    assert found.unknown == (LATE, RELAPSE)
    assert found.table.empty
    assert found.months.empty


@pytest.fixture(scope="module")
def demo(city):
    return warning_levels(issues_of(city), city.ladder, RULE)


def test_the_slow_unit_of_the_demo_stands_on_a_level_and_the_small_one_does_not(demo):
    table = demo.table.set_index(["level", "indicator", "unit_id"]).sort_index()
    slow = table.loc[("unit", LATE, "柳堤街道城管中队")]
    assert (slow["step"], slow["months"]) == ("talk", 12)
    assert table.loc[("unit", LATE, "市园林绿化队"), "reason"] == "too_few"
    late = table.xs((("unit"), LATE)).query("step != ''").index
    assert set(late) == {"柳堤街道城管中队", "老城街道环卫所"}


def test_the_months_of_the_demo_add_up_to_a_sum_made_otherwise(city, demo):
    cases = city.issues
    known = cases["due_at"].notna() & cases["status"].isin(["open", "closed"])
    known &= ~(cases["status"].eq("closed") & cases["closed_at"].isna())
    known &= cases["due_at"].dt.strftime("%Y-%m").eq("2026-03") & (cases["unit"] != "")
    rows = cases[known]
    in_time = rows["closed_at"].notna() & (rows["closed_at"] <= rows["due_at"])
    march = demo.months.query("level == 'unit' and indicator == 'late' and month == '2026-03'")
    assert march["n"].sum() == len(rows) > 500
    assert march["hits"].sum() == int((~in_time).sum())


def test_cases_without_a_unit_are_in_no_unit_but_in_their_community(city):
    cases = city.issues.assign(unit="")
    months = monthly_shares(
        issue_set(cases, city.communities, as_of=city.as_of), dataclasses.replace(RULE)
    )
    assert set(months["level"]) == {"community", "parent"}


def test_the_file_of_all_cities_reads_and_its_levels_climb():
    ladder = load_ladder(find_file("ladder"))
    assert [step.id for step in ladder.steps] == ["attention", "talk", "notice", "warning"]
    assert all(step.months >= 2 and step.name["en"] for step in ladder.steps)
