"""A campaign against the time before and after it: sums by hand, oracles, days not observed."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.issues.campaign import within_campaign
from analysis.issues.issue_set import issue_set
from analysis.issues.selection import select_issues
from analysis.model.campaign import Campaign
from analysis.model.question import Selection
from analysis.trends.campaigns import (
    AFTER,
    BEFORE,
    CANNOT_JUDGE,
    DURING,
    FEW_BLOCKS,
    LAST_YEAR,
    NOT_SURE,
    UNSEEN,
    compare_campaign,
    observed_days,
)
from analysis.trends.periods import day_rates, rate_ratios
from tests.frames import issues, polygons

SQUARES = polygons(
    [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], population=[50.0, 60.0]
)
JUNE = Campaign("c", {}, dt.date(2026, 6, 1), dt.date(2026, 6, 10), ("litter",), ("c0",))


def register(days, **columns):
    length = len(days)
    given = {"x": [50.0] * length, "y": [50.0] * length, "category": ["litter"] * length}
    return issues(reported_at=days, **{**given, **columns})


def located(reports, as_of="2026-06-30"):
    return issue_set(reports, SQUARES, as_of=pd.Timestamp(as_of, tz="Asia/Shanghai"))


def compared(reports, campaign=JUNE, as_of="2026-06-30"):
    return compare_campaign(within_campaign(located(reports, as_of), campaign), campaign)


def every_day(first, last, times=1):
    return [f"{day:%Y-%m-%d} 09:00" for day in pd.date_range(first, last) for _ in range(times)]


def test_sums_by_hand():
    """Two a day before, one during, none after; 40 earlier days of two a day."""
    days = every_day("2026-04-12", "2026-05-31", 2) + every_day("2026-06-01", "2026-06-10")
    elsewhere = every_day("2026-06-11", "2026-06-30")
    reports = register(
        days + elsewhere,
        x=[50.0] * len(days) + [150.0] * len(elsewhere),
        status=["closed"] * 105 + ["open"] * (len(days) + len(elsewhere) - 105),
        closed_at=[each[:10] + " 12:00" for each in days[:105]]
        + [None] * (len(days) + len(elsewhere) - 105),
        due_at=[each[:10] + " 18:00" for each in days + elsewhere],
    )
    found = compared(reports)
    periods = found.periods.set_index("period")
    assert periods["reports"].tolist()[:3] == [20, 10, 0]
    assert periods["since"].tolist()[:3] == ["2026-05-22", "2026-06-01", "2026-06-11"]
    assert periods["until"].tolist()[:3] == ["2026-05-31", "2026-06-10", "2026-06-20"]
    assert periods["observed_days"].tolist() == [10, 10, 10, 0]
    assert periods["closed"].tolist()[:3] == [20, 5, 0]
    assert periods["overdue"].tolist()[:3] == [0, 5, 0]
    assert periods["per_day"].tolist()[:3] == [2.0, 1.0, 0.0]
    assert periods.loc[LAST_YEAR, ["reports", "closed", "per_day"]].isna().all()
    assert (found.blocks, found.extra) == (5, 0.0)
    changes = found.changes.set_index(["period", "against"])
    exact = rate_ratios(np.array([10]), np.array([20]), days=(10, 10)).iloc[0]
    row = changes.loc[(DURING, BEFORE)]
    assert [row["rate_ratio"], row["ratio_low"], row["ratio_high"], row["p"]] == [
        *exact[["rate_ratio", "ratio_low", "ratio_high", "p"]]
    ]
    assert changes.loc[(AFTER, BEFORE), "change"] == "fewer"
    assert changes.loc[(DURING, BEFORE), "change"] == NOT_SURE
    assert changes.loc[(DURING, LAST_YEAR), ["change", "reason"]].tolist() == [
        CANNOT_JUDGE, UNSEEN,
    ]  # fmt: skip


def test_recurrences_are_of_closings_in_the_period():
    days = ["2026-01-05 09:00", "2026-06-02 09:00", "2026-06-05 09:00"]
    reports = register(
        days,
        status=["closed"] * 3,
        closed_at=["2026-01-06 09:00", "2026-06-03 09:00", "2026-06-06 09:00"],
    )
    periods = compared(reports, as_of="2026-07-30").periods.set_index("period")
    assert periods.loc[DURING, ["followed", "recurrences"]].tolist() == [2, 1]
    assert periods.loc[BEFORE, "followed"] == 0
    assert pd.isna(periods.loc[BEFORE, "recurrences"])


def test_a_spread_of_the_time_before_widens_the_limits():
    """Periods that swing between 5 and 35 make 20 against 40 no news."""
    counts = [35, 5, 40, 10, 40]
    days = [
        f"{pd.Timestamp('2026-06-01') - pd.Timedelta(days=10 * back - place % 10):%Y-%m-%d} 09:00"
        for back, count in zip(range(5, 0, -1), counts, strict=True)
        for place in range(count)
    ]
    reports = register(days + every_day("2026-06-01", "2026-06-10", 2))
    found = compared(reports)
    row = found.changes.iloc[0]
    assert found.extra > 0.1
    assert row["dispersion"] > 5
    assert row["change"] == NOT_SURE
    assert rate_ratios(np.array([20]), np.array([40]), days=(10, 10))["p"].iloc[0] < 0.02


def test_little_before_it_judges_nothing():
    found = compared(register(every_day("2026-05-20", "2026-06-20", 3)))
    assert found.blocks == 1
    assert np.isnan(found.extra)
    assert found.changes["reason"].tolist() == [FEW_BLOCKS, FEW_BLOCKS, UNSEEN]
    assert set(found.changes["change"]) == {CANNOT_JUDGE}
    assert found.changes["ratio_low"].notna().tolist() == [True, True, False]


def test_a_running_campaign_is_compared_by_the_day():
    found = compared(register(every_day("2026-03-01", "2026-06-05")), as_of="2026-06-05")
    periods = found.periods.set_index("period")
    assert periods["observed_days"].tolist() == [10, 5, 0, 0]
    assert periods.loc[DURING, "per_day"] == 1
    assert found.changes.iloc[0]["rate_ratio"] == pytest.approx(1)


def test_weeks_without_any_report_are_not_observed():
    busy = every_day("2026-01-05", "2026-03-29", 5) + every_day("2026-04-13", "2026-06-28", 5)
    days = observed_days(register(busy), as_of=pd.Timestamp("2026-06-28"))
    assert len(days) == 84 + 77
    assert not days.isin(pd.date_range("2026-03-30", "2026-04-12")).any()
    rare = [f"2026-0{month}-05 09:00" for month in range(1, 7)]
    kept = observed_days(register(rare), as_of=pd.Timestamp("2026-06-28"))
    assert len(kept) == (dt.date(2026, 6, 28) - dt.date(2026, 1, 5)).days + 1


def test_other_categories_tell_what_was_observed():
    """None of the campaign's category for a month is none, where others were reported."""
    days = every_day("2026-03-01", "2026-06-30", 3)
    reports = register(days, category=["dumping"] * len(days))
    found = compared(reports)
    assert found.periods["reports"].tolist()[:3] == [0, 0, 0]
    assert found.periods["observed_days"].tolist()[:3] == [10, 10, 10]


@pytest.mark.parametrize("extra", [0.0, 0.3])
def test_limits_of_a_rate_are_garwoods(extra):
    counts, days = np.array([0, 1, 12, 400]), np.array([5, 10, 30, 92])
    found = day_rates(counts, days, extra=extra)
    phi = 1 + extra * counts
    low = chi2.ppf(0.025, 2 * counts / phi) / 2 * phi / days
    high = chi2.ppf(0.975, 2 * (counts / phi + 1)) / 2 * phi / days
    assert found["per_day_low"].to_numpy() == pytest.approx(np.nan_to_num(low))
    assert found["per_day_high"].to_numpy() == pytest.approx(high)


PLACES = st.one_of(st.none(), st.tuples(st.integers(0, 200), st.integers(0, 100)))
ROWS = st.lists(
    st.tuples(PLACES, st.sampled_from(["litter", "dumping"]), st.integers(0, 30)),
    min_size=1,
    max_size=20,
)
AREAS = st.tuples(
    st.lists(st.sampled_from(["c0", "c1"]), unique=True),
    st.one_of(st.none(), st.tuples(st.integers(0, 150), st.integers(0, 60))),
)


@settings(deadline=None, max_examples=60)
@given(rows=ROWS, area=AREAS, categories=st.lists(st.sampled_from(["litter"]), max_size=1))
def test_its_issues_are_those_of_the_filter_by_hand(rows, area, categories):
    communities, corner = area
    shape = None if corner is None else shapely.box(*corner, corner[0] + 50, corner[1] + 40)
    campaign = Campaign(
        "c", {}, dt.date(2026, 6, 5), dt.date(2026, 6, 20), tuple(categories), tuple(communities),
        shape,
    )  # fmt: skip
    reports = register(
        [f"2026-06-{1 + day if day < 30 else 30:02d} 23:59" for _, _, day in rows],
        x=[np.nan if at is None else float(at[0]) for at, _, _ in rows],
        y=[np.nan if at is None else float(at[1]) for at, _, _ in rows],
        category=[category for _, category, _ in rows],
    )
    whole = located(reports)
    narrowed = within_campaign(whole, campaign)
    found = select_issues(narrowed.issues, Selection(since=campaign.since, until=campaign.until))
    wanted = []
    for name, (at, category, day) in zip(reports.index, rows, strict=True):
        here = not communities and corner is None
        here |= whole.membership[name] in communities
        here |= shape is not None and at is not None and shape.intersects(shapely.Point(at))
        if here and (not categories or category in categories) and 4 <= min(day, 29) <= 19:
            wanted.append(name)
    assert found.index.tolist() == wanted
    assert narrowed.register is whole.register


def test_a_polygon_cuts_communities_and_their_people_are_unknown():
    campaign = Campaign(
        "c", {}, dt.date(2026, 6, 1), dt.date(2026, 6, 2), (), ("c1",), shapely.box(0, 0, 50, 100)
    )
    area = within_campaign(located(register(["2026-06-01 09:00"])), campaign).communities
    assert area.area.tolist() == [5_000, 10_000]
    assert area["population"].isna().tolist() == [True, False]
    assert SQUARES["population"].tolist() == [50, 60]
