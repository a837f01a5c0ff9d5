"""Weekly alerts: communities whose reports leave the range that their own history expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from analysis.issues.location import check_communities_known
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES, Selection

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from analysis.issues.issue_set import IssueSet

YEAR_WEEKS = 52
SEASON_WEEKS = 7
"""Weeks over which the city's season and its course are smoothed."""
LEAST_FACTOR = 0.05
"""Least factor of a season, so that a dead season does not divide by nothing."""
RECENT_WEEKS = 8
"""Weeks whose mean is the city's present level, which a trend moves on from."""
WEEKS = 26
"""Weeks judged, the last ones."""
FALSE_ALARMS = 0.05
"""Share of the weeks without any change in which some community of the city is called."""
EARNEST = 0.1
"""Share of the city's usual week that a week must reach to tell that reports come in earnest."""
STOPPED = 0.001
"""Greatest chance of a week without any report at which the feed is said to have stopped."""
ALERT_COLUMNS = (
    "week",
    "community_id",
    "community",
    "parent",
    "cases",
    "expected",
    "range_low",
    "range_high",
    "alert",
)
NO_FEED = "no_feed"
"""Alert of a row that is about the whole city, with an empty community."""


def begun_in_earnest(totals: npt.NDArray[np.int64]) -> int:
    """
    Find the week from which reports come in earnest: a stray old date begins no register.

    Parameters
    ----------
    totals
        Cases of the city in each week, oldest first.

    Returns
    -------
    week
        The first one from which at least half of `RECENT_WEEKS` weeks reach `EARNEST` of the
        median week with reports; the number of weeks where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> begun_in_earnest(np.array([1] + [0] * 300 + [40] * 60))
    301
    """
    usual = np.median(totals[totals > 0]) if totals.any() else np.inf
    busy = totals >= max(EARNEST * usual, 1)
    for week in np.flatnonzero(busy):
        if busy[week : week + RECENT_WEEKS].mean() >= 0.5:  # noqa: PLR2004
            return int(week)
    return len(totals)


def expected_range(
    history: npt.NDArray[np.int64],
    *,
    places: int,
    course: npt.NDArray[np.float64],
    coming: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Tell how many cases the next week should bring, and between which limits.

    The share of a place in the city is that of a year; its spread beyond chance is what its own
    weeks show against the course of the city, by moments, and no less than that of the middle
    place: half of such estimates fall short. The next count then is negative binomial, with
    the uncertainty of the share and of the city's level in its spread.

    Parameters
    ----------
    history
        Cases of the last 52 weeks observed, weeks × places, oldest first.
    places
        Number of places judged together: the limits hold for all of them at once.
    course, coming
        Cases that the whole city should have in each of these weeks, and in the week to come,
        from `city_course`.

    Returns
    -------
    expected, low, high
        One a place. In at least 1 − `FALSE_ALARMS` of the weeks without change all places lie
        within their limits.
    """
    weeks = len(history)
    cases = history.sum(axis=0) + 0.5
    share = cases / max(course.sum(), 1.0)
    mean = np.maximum(course, 1e-9)[:, None] * share
    beyond = ((history - mean) ** 2 - mean).sum(axis=0) / (mean**2).sum(axis=0)
    common = max(float(np.median(beyond)), 0.0)
    recent = max(float(course[-RECENT_WEEKS:].sum()), 1.0)
    spread = np.maximum(beyond, common) * weeks / (weeks - 1) + 1 / cases + 1 / recent
    expected = coming * share
    size = 1 / spread
    law = scipy.stats.nbinom(size, size / (size + expected))
    tail = FALSE_ALARMS / places / 2
    return expected, law.ppf(tail), law.isf(tail)


def season_factors(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """
    Find how the weeks of a year differ, from the whole city's cases.

    Parameters
    ----------
    totals
        Cases of the city in every week up to the week to be judged, oldest first; missing
        where nothing was observed.

    Returns
    -------
    season
        Factor of each of the 52 weeks, mean 1, smoothed over `SEASON_WEEKS` weeks around the year;
        the mean of the whole years at the end of `totals`, with the growth from year to year
        taken out. All 1 with less than two years: one year cannot tell season from trend.
    """
    years = len(totals) // YEAR_WEEKS
    if years < 2:  # noqa: PLR2004
        return np.ones(YEAR_WEEKS)
    by_year = totals[len(totals) - years * YEAR_WEEKS :].reshape(years, YEAR_WEEKS)
    yearly = np.nanmean(by_year, axis=1)
    growth = (yearly[-1] / yearly[0]) ** (1 / (years - 1)) if yearly[0] > 0 < yearly[-1] else 1.0
    weeks = np.arange(years * YEAR_WEEKS).reshape(years, YEAR_WEEKS) / YEAR_WEEKS
    by_week = np.nanmean(by_year / growth**weeks, axis=0)
    by_week = np.where(np.isfinite(by_week), by_week, np.nanmean(by_week))
    half = SEASON_WEEKS // 2
    around = np.concatenate([by_week[-half:], by_week, by_week[:half]])
    smooth = np.convolve(around, np.ones(SEASON_WEEKS), mode="valid")
    if not smooth.any():
        return np.ones(YEAR_WEEKS)
    factors: npt.NDArray[np.float64] = np.maximum(smooth / smooth.mean(), LEAST_FACTOR)
    return factors


def city_course(
    totals: npt.NDArray[np.float64], season: npt.NDArray[np.float64], coming: float
) -> tuple[npt.NDArray[np.float64], float]:
    """
    Follow the city through some weeks, and on to the next.

    Parameters
    ----------
    totals
        Cases of the city in the weeks observed, oldest first.
    season
        Factor of each of these weeks.
    coming
        That of the week to come.

    Returns
    -------
    course, expected
        Cases of each of these weeks without the city's own chance: smoothed over
        `SEASON_WEEKS`, season put back. Of the week to come: the mean of the last
        `RECENT_WEEKS` without season, times its factor. So a trend is followed, some weeks late.
    """
    level = totals / season
    window = np.ones(SEASON_WEEKS)
    smooth = np.convolve(level, window, mode="same") / np.convolve(
        np.ones(len(level)), window, mode="same"
    )
    return smooth * season, float(level[-RECENT_WEEKS:].mean() * coming)


def weekly_alerts(
    issue_set: IssueSet, selection: Selection = ALL_ISSUES, *, weeks: int = WEEKS
) -> pd.DataFrame:
    """
    Compare each community's last weeks with what its own year before them expects.

    Parameters
    ----------
    issue_set
        The whole register.
    selection
        Category, and the day on which or before which the last week judged ends. Its first
        day does not count: what is expected rests on all that came before.
    weeks
        Weeks judged at most: those before which a whole year is known.

    Returns
    -------
    alerts
        `ALERT_COLUMNS`, last week first, communities in their order; weeks run from Monday to
        Sunday and are named by their Monday. `alert` is `above`, `below` or `within` the
        limits of `expected_range`. A week that was called stays in the history of the weeks
        after it with its limit, not with its count, so that a lasting rise is called for
        longer than its first week. Observation starts with `begun_in_earnest`, and a week
        without any report in the city is not observed: it judges no community and is in no
        history. Where that is less likely than `STOPPED`, it has one row with an empty
        community and the alert `no_feed`: the feed itself has stopped.

    Raises
    ------
    SettingsError
        If the category cannot be.
    SampleError
        If there is no week with a whole year of reports before it, or no report lies in or
        names a community.
    """
    observed = observe_weeks(issue_set, selection)
    _check_weeks(int(observed.seen.sum()))
    tables = _judged_weeks(observed.counts, observed.seen, first=observed.first, weeks=weeks)
    named = [_named(table, issue_set.communities) for table in tables[::-1][:weeks]]
    return pd.concat(named, ignore_index=True)[list(ALERT_COLUMNS)]


@dataclass(frozen=True, eq=False)
class Weeks:
    """
    Cases of whole weeks since reports come in earnest.

    Attributes
    ----------
    first
        Monday of the first of them.
    counts
        Of each week and community.
    seen
        Whether the city reported anything at all in a week.
    """

    first: pd.Timestamp
    counts: npt.NDArray[np.int64]
    seen: npt.NDArray[np.bool_]


def observe_weeks(issue_set: IssueSet, selection: Selection = ALL_ISSUES) -> Weeks:
    """
    Count the cases of every week that was observed, by community.

    Parameters
    ----------
    issue_set, selection
        As in `weekly_alerts`.

    Returns
    -------
    weeks
        Up to the last whole week.

    Raises
    ------
    SettingsError, SampleError
        As there.
    """
    issues = issue_set.issues
    check_communities_known(issues, issue_set.membership)
    register = issue_set.register
    first = _monday(register["reported_at"].min()) + pd.Timedelta(days=7)
    ends = (issue_set.as_of, selection.until)
    days = [pd.Timestamp(day).tz_localize(None).normalize() for day in ends if day is not None]
    after_last = _monday(min(days) + pd.Timedelta(days=1))
    known = (after_last - first).days // 7 if pd.notna(first) else 0
    _check_weeks(known)
    reported = _city_weeks(register, first, known)
    begun = begun_in_earnest(reported)
    first, known, reported = first + pd.Timedelta(weeks=begun), known - begun, reported[begun:]
    chosen = select_issues(issues, Selection(selection.category))
    return Weeks(first, _counts(chosen, issue_set, first, known), reported > 0)


def _check_weeks(known: int) -> None:
    if known <= YEAR_WEEKS:
        msg = f"alerts: {max(known, 0)} whole weeks; at least {YEAR_WEEKS + 1} are needed."
        raise SampleError(
            msg,
            problem="weeks_too_few",
            hint="Come back when the register holds a year.",
            found=max(known, 0),
            least=YEAR_WEEKS + 1,
        )


def _city_weeks(issues: pd.DataFrame, first: pd.Timestamp, known: int) -> npt.NDArray[np.int64]:
    """Reports of every category in each week: they tell which weeks were observed."""
    week = (issues["reported_at"].dt.tz_localize(None) - first).dt.days // 7
    inside = week[week.between(0, known - 1)].to_numpy(dtype=np.int64)
    return np.bincount(inside, minlength=max(known, 0))


def _judged_weeks(
    counts: npt.NDArray[np.int64],
    seen: npt.NDArray[np.bool_],
    *,
    first: pd.Timestamp,
    weeks: int,
) -> list[pd.DataFrame]:
    """One table a week that can be judged; called weeks stay in the history with their limit."""
    kept = counts.copy()
    totals = np.where(seen, counts.sum(axis=1), np.nan)
    tables = []
    for week in range(max(len(counts) - weeks - YEAR_WEEKS, YEAR_WEEKS), len(counts)):
        past = np.flatnonzero(seen[:week])[-YEAR_WEEKS:]
        if len(past) < YEAR_WEEKS:
            continue
        season = season_factors(totals[:week])
        of_past, of_next = season[(past - week) % YEAR_WEEKS], float(season[0])
        history = kept[past]
        course, coming = city_course(history.sum(axis=1).astype(float), of_past, of_next)
        monday = first + pd.Timedelta(weeks=week)
        if not seen[week]:
            tables.append(_stopped(coming, monday))
            continue
        expected, low, high = expected_range(
            history, places=counts.shape[1], course=course, coming=coming
        )
        kept[week] = np.clip(counts[week], low, high)
        tables.append(_week(counts[week], expected, low, high, monday))
    return tables


def _stopped(coming: float, monday: pd.Timestamp) -> pd.DataFrame:
    """One row for a week in which the whole city reported nothing, if that is no chance."""
    none = np.zeros(1, dtype=np.int64)
    law = scipy.stats.poisson(coming)
    limits = (np.array([law.ppf(STOPPED)]), np.array([law.isf(STOPPED)]))
    row = _week(none, np.array([coming]), *limits, monday).assign(alert=NO_FEED)
    return row if np.exp(-coming) <= STOPPED else row.iloc[:0]


def _monday(moment: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(moment):
        return moment
    day = moment.tz_localize(None).normalize()
    return day - pd.Timedelta(days=day.dayofweek)


def _counts(
    issues: pd.DataFrame, issue_set: IssueSet, first: pd.Timestamp, known: int
) -> npt.NDArray[np.int64]:
    """Cases by week and community."""
    communities = issue_set.communities
    week = (issues["reported_at"].dt.tz_localize(None) - first).dt.days // 7
    place = communities.index.get_indexer(issue_set.communities_of(issues.index))
    kept = week.between(0, known - 1).to_numpy() & (place >= 0)
    flat = week[kept].to_numpy(dtype=np.int64) * len(communities) + place[kept]
    counts = np.bincount(flat, minlength=known * len(communities))
    return counts.reshape(known, len(communities))


def _week(
    cases: npt.NDArray[np.int64],
    expected: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    monday: pd.Timestamp,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": f"{monday:%Y-%m-%d}",
            "cases": cases,
            "expected": expected,
            "range_low": low.astype(np.int64),
            "range_high": high.astype(np.int64),
            "alert": np.select([cases > high, cases < low], ["above", "below"], default="within"),
        }
    )


def _named(table: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    if not table["alert"].ne(NO_FEED).any():
        return table.assign(community_id="", community="", parent="")
    return table.assign(
        community_id=communities.index,
        community=communities["name"].to_numpy(),
        parent=communities["parent"].to_numpy(),
    )
