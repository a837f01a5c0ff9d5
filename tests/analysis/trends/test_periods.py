"""Periods compared and weekly alerts: hand sums, an oracle, and how often chance is called."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, false_discovery_control
from shapely.geometry import box

from analysis.issues.issue_set import issue_set
from analysis.issues.months import last_whole_month, month_name, whole_months
from analysis.model.errors import SampleError
from analysis.trends.alerts import (
    NO_FEED,
    YEAR_WEEKS,
    begun_in_earnest,
    city_course,
    expected_range,
    season_factors,
    weekly_alerts,
)
from analysis.trends.periods import (
    CHANGE_Q,
    PERIOD_COLUMNS,
    Span,
    compare_periods,
    rate_ratios,
    shared_spread,
    spread_of_two,
)
from tests.frames import polygons, reports_at

COUNTS = [(0, 0), (5, 0), (0, 5), (8, 2), (40, 40), (300, 200), (1, 1)]


@pytest.mark.parametrize("days", [(30, 31), (92, 92), (28, 365)])
def test_p_and_limits_are_the_exact_binomial_ones(days):
    now, before = np.array(COUNTS).T
    found = rate_ratios(now, before, days=days)
    share = days[0] / sum(days)
    for (later, earlier), row in zip(COUNTS, found.to_dict("records"), strict=True):
        if later + earlier == 0:
            assert row["p"] == 1
            continue
        both = later + earlier
        tails = [
            binomtest(later, both, share, alternative=side).pvalue for side in ("greater", "less")
        ]
        assert row["p"] == pytest.approx(min(1, 2 * min(tails)))
        limits = binomtest(later, both).proportion_ci(0.95, method="exact")
        odds = [part / (1 - part) if part < 1 else np.inf for part in limits]
        expected = [each * days[1] / days[0] for each in odds]
        assert [row["ratio_low"], row["ratio_high"]] == pytest.approx(expected)


def test_rates_are_by_the_day():
    ratio = rate_ratios(np.array([30, 3]), np.array([60, 0]), days=(30, 60))["rate_ratio"]
    assert ratio.iloc[0] == 1
    assert np.isnan(ratio.iloc[1])


@pytest.mark.parametrize("blocks", [2, 8])
@pytest.mark.parametrize(
    "spread",
    [0.0, 0.05, *(pytest.param(each, marks=pytest.mark.full) for each in (0.02, 0.1, 0.2))],
)
def test_about_one_map_of_twenty_shows_a_change_where_there_is_none(spread, blocks):
    """58 communities whose periods vary beyond chance, with and without a history to tell so."""
    rng = np.random.default_rng(1)
    means, maps, shown, plain = 300 * rng.lognormal(0, 0.7, 58), 200, 0, 0
    for _ in range(maps):
        factor = rng.gamma(1 / spread, spread, (blocks, 58)) if spread else np.ones((blocks, 58))
        counts = rng.poisson(means * factor)
        now, before = counts[-1], counts[-2]
        extra = shared_spread(counts[:-1]) if blocks > 2 else spread_of_two(now, before)
        p = rate_ratios(now, before, days=(30, 30), extra=extra)["p"]
        shown += bool((false_discovery_control(p) <= CHANGE_Q).any())
        plain += (
            false_discovery_control(rate_ratios(now, before, days=(30, 30))["p"]) < 0.05
        ).sum()
    assert shown / maps <= (0.08 if blocks > 2 else 0.12)
    assert spread == 0 or plain / maps > 10, "Poisson's law alone calls these"


def test_the_spread_of_periods_is_found_whatever_the_season():
    rng = np.random.default_rng(2)
    season = np.array([1.0, 1.5, 0.7, 1.2, 1.0, 2.0, 0.8, 1.1])[:, None]
    means = season * 200 * rng.lognormal(0, 0.5, 400)
    found = shared_spread(rng.poisson(means * rng.gamma(10, 0.1, means.shape)))
    assert found == pytest.approx(0.1, rel=0.15)
    assert shared_spread(rng.poisson(means)) < 0.002


def test_a_span_counts_its_days_and_goes_back_over_new_year():
    span = Span(2026 * 12 + 0, 2)  # January and February 2026
    assert (span.days, f"{span.end:%Y-%m-%d}") == (59, "2026-02-28")
    assert f"{span.before(2).begin:%Y-%m-%d} {span.before(2).end:%Y-%m-%d}" == (
        "2025-11-01 2025-12-31"
    )
    assert f"{span.before(12).begin:%Y-%m-%d}" == "2025-01-01"


@pytest.mark.parametrize(
    ("day", "month"),
    [("2026-06-29", "2026-05"), ("2026-06-30", "2026-06"), ("2026-01-30", "2025-12")],
)
def test_a_month_is_whole_on_its_last_day(day, month):
    assert month_name(last_whole_month(pd.Timestamp(day), None)) == month


def test_months_without_reports_before_the_end_are_unseen():
    cases = reports_at([(0, 0)] * 2, ["2026-01-05", "2026-03-05"])
    months = whole_months(cases, as_of=pd.Timestamp("2026-05-02"))
    assert [month_name(each) for each in months.seen] == ["2026-01", "2026-03"]
    assert [month_name(each) for each in months.unseen] == ["2026-02", "2026-04"]


@pytest.fixture
def town():
    """Three squares of a kilometre side by side."""
    return polygons([box(west, 0, west + 1_000, 1_000) for west in (0, 1_000, 2_000)])


def daily(rates, days):
    """So many reports a day in each square, each day."""
    rows = [
        (1_000 * place + 500, 500, day)
        for day in days
        for place, rate in enumerate(rates)
        for _ in range(rate)
    ]
    return reports_at([row[:2] for row in rows], [row[2] for row in rows])


def test_only_the_square_that_changed_is_called(town):
    before = daily([2, 1, 0], pd.date_range("2026-04-01", "2026-04-30"))
    now = daily([2, 3, 0], pd.date_range("2026-05-01", "2026-05-31"))
    cases = pd.concat([before, now])
    cases.index = pd.Index([f"i{n}" for n in range(len(cases))], name="issue_id", dtype="str")
    found = compare_periods(issue_set(cases, town, as_of=pd.Timestamp("2026-05-31")), months=1)
    assert list(found.columns) == list(PERIOD_COLUMNS)
    assert found["change"].tolist() == ["not_sure", "more", "no_cases"]
    assert found["cases_now"].tolist() == [62, 93, 0]
    assert found["cases_before"].tolist() == [60, 30, 0]
    assert found["rate_ratio"].tolist()[:2] == pytest.approx([1, 3])
    assert found.loc[0, ["now_from", "before_until"]].tolist() == ["2026-05-01", "2026-04-30"]


def test_refuses_a_period_before_the_register_began(town):
    cases = daily([1, 1, 1], pd.date_range("2026-04-01", "2026-05-31"))
    with pytest.raises(SampleError, match="nothing is known of 2025-05") as caught:
        compare_periods(
            issue_set(cases, town, as_of=pd.Timestamp("2026-06-02")), months=1, basis="last_year"
        )
    assert caught.value.problem == "period_unseen"


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("mean", [0.3, 3, 30])
def test_at_most_one_quiet_week_of_twenty_has_an_alert(mean, spread):
    """Places of all sizes, weeks that vary more than chance, and a season."""
    rng = np.random.default_rng(5)
    places, trials = 60, 250
    season = 1 + 0.4 * np.sin(np.arange(53) / 52 * 2 * np.pi)
    called = 0
    for _ in range(trials):
        means = season[:, None] * mean * rng.lognormal(0, 0.7, places)
        if spread:
            means = means * rng.gamma(1 / spread, spread, means.shape)
        weeks = rng.poisson(means)
        totals = weeks[:52].sum(axis=1).astype(float)
        course, coming = city_course(totals, season[:52], season[52])
        _, low, high = expected_range(weeks[:52], places=places, course=course, coming=coming)
        called += bool(((weeks[52] < low) | (weeks[52] > high)).any())
    assert called / trials <= 0.05


def test_a_season_known_from_years_is_followed():
    shape = 1 + 0.5 * np.sin(np.arange(YEAR_WEEKS) / YEAR_WEEKS * 2 * np.pi)
    totals = np.tile(1_000 * shape, 3).astype(int)
    factors = season_factors(totals[7:].astype(float))  # the last 149 weeks: two whole years
    np.testing.assert_allclose(factors, np.roll(shape, -((7 + 149 - 104) % 52)), atol=0.02)


def test_a_week_far_above_its_own_history_is_called_and_stays_called(town):
    days = pd.date_range("2025-01-06", "2026-05-31")
    calm = daily([2, 1, 1], days)
    burst = daily([0, 6, 0], pd.date_range("2026-05-11", "2026-05-31"))
    cases = pd.concat([calm, burst])
    cases.index = pd.Index([f"i{n}" for n in range(len(cases))], name="issue_id", dtype="str")
    found = weekly_alerts(issue_set(cases, town, as_of=pd.Timestamp("2026-06-02")), weeks=6)
    called = found[found["alert"] != "within"]
    assert called[["week", "community_id", "alert", "cases"]].to_numpy().tolist() == [
        ["2026-05-25", "c1", "above", 49],
        ["2026-05-18", "c1", "above", 49],
        ["2026-05-11", "c1", "above", 49],
    ]
    assert found["week"].unique().tolist()[-1] == "2026-04-20"
    first = found[found["week"] == "2026-04-20"]
    assert first["expected"].tolist() == pytest.approx([14, 7, 7], abs=0.1)


@pytest.mark.parametrize("growth", [1.3, 0.8])
def test_a_city_that_grows_or_shrinks_calls_nobody(growth):
    """Thirty per cent more a year called someone in 18 weeks of 100."""
    rng = np.random.default_rng(3)
    path = 300 * growth ** (np.arange(53) / 52)
    share = rng.lognormal(0, 0.7, 60)
    means, called, trials = path[:, None] * share / share.sum(), 0, 200
    for _ in range(trials):
        weeks = rng.poisson(means)
        totals = weeks[:52].sum(axis=1).astype(float)
        course, coming = city_course(totals, season_factors(totals), 1.0)
        _, low, high = expected_range(weeks[:52], places=60, course=course, coming=coming)
        called += bool(((weeks[52] < low) | (weeks[52] > high)).any())
    assert called / trials <= 0.06


def test_growth_from_year_to_year_is_no_season():
    path = 1_000 * 1.3 ** (np.arange(2 * YEAR_WEEKS) / YEAR_WEEKS)
    np.testing.assert_allclose(season_factors(path), 1, atol=0.03)


def test_a_stray_old_date_begins_no_register(town):
    assert begun_in_earnest(np.array([3, *[0] * 200, 1, 0, *[20] * 60])) == 203
    assert begun_in_earnest(np.zeros(5, dtype=int)) == 5
    cases = daily([1, 1, 1], pd.date_range("2026-01-01", "2026-05-31"))
    cases.loc[cases.index[0], "reported_at"] = pd.Timestamp("2019-03-04", tz="Asia/Shanghai")
    with pytest.raises(SampleError) as caught:
        weekly_alerts(issue_set(cases, town, as_of=pd.Timestamp("2026-05-31")))
    assert caught.value.problem == "weeks_too_few"
    assert caught.value.facts["found"] < 25


def test_a_week_without_any_report_judges_nobody_and_says_that_the_feed_stopped(town):
    days = pd.date_range("2024-12-30", "2026-05-31")
    silent = (days >= "2025-07-07") & (days <= "2025-07-20")
    cases = daily([2, 1, 1], days[~silent & (days < "2026-05-18")])
    found = weekly_alerts(issue_set(cases, town, as_of=pd.Timestamp("2026-05-31")), weeks=6)
    stopped = found[found["alert"] == NO_FEED]
    assert stopped["week"].tolist() == ["2026-05-25", "2026-05-18"]
    assert stopped["community_id"].tolist() == ["", ""]
    assert stopped["expected"].tolist() == pytest.approx([28, 28])
    others = found[found["alert"] != NO_FEED]
    assert (others["alert"] == "within").all()
    assert others["week"].nunique() == 4
    assert others["expected"].head(3).tolist() == pytest.approx([14, 7, 7], abs=0.1)


def test_refuses_alerts_without_a_year_of_history(town):
    cases = daily([1, 1, 1], pd.date_range("2026-01-01", "2026-05-31"))
    with pytest.raises(SampleError) as caught:
        weekly_alerts(issue_set(cases, town, as_of=pd.Timestamp("2026-05-31")))
    assert caught.value.problem == "weeks_too_few"
