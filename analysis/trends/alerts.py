"""Weekly alerts: communities whose reports leave the range that their own history expects."""

from __future__ import annotations

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
"""Weeks over which the city's season is smoothed."""
WEEKS = 26
"""Weeks judged, the last ones."""
FALSE_ALARMS = 0.05
"""Share of the weeks without any change in which some community of the city is called."""
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


def expected_range(
    history: npt.NDArray[np.int64], *, places: int, season: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Tell how many cases the next week should bring, and between which limits.

    The level of a place is its mean over a year; its spread beyond chance is what its own
    weeks show against the season, by moments, and no less than that of the middle place: half
    of such estimates fall short. The next count then is negative binomial, with the
    uncertainty of the level in its spread.

    Parameters
    ----------
    history
        Cases of the last 52 weeks, weeks × places, oldest first.
    places
        Number of places judged together: the limits hold for all of them at once.
    season
        Factor of each of the 52 weeks, mean 1; the week to come is like the first of them.

    Returns
    -------
    expected, low, high
        One a place. In at least 1 − `FALSE_ALARMS` of the weeks without change all places lie
        within their limits.
    """
    weeks = len(history)
    level = (history.sum(axis=0) + 0.5) / weeks
    mean = season[:, None] * level
    beyond = ((history - mean) ** 2 - mean).sum(axis=0) / (mean**2).sum(axis=0)
    common = max(float(np.median(beyond)), 0.0)
    spread = np.maximum(beyond, common) * weeks / (weeks - 1) + 1 / (weeks * level)
    expected = season[0] * level
    size = 1 / spread
    law = scipy.stats.nbinom(size, size / (size + expected))
    tail = FALSE_ALARMS / places / 2
    return expected, law.ppf(tail), law.isf(tail)


def season_factors(totals: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """
    Find how the weeks of a year differ, from the whole city's cases.

    Parameters
    ----------
    totals
        Cases of the city in 52 weeks or more, oldest first, up to the week to be judged.

    Returns
    -------
    season
        Factor of each of the 52 weeks, mean 1, smoothed over `SEASON_WEEKS` weeks around the year;
        the mean of the whole years at the end of `totals`.
    """
    years = len(totals) // YEAR_WEEKS
    by_week = totals[len(totals) - years * YEAR_WEEKS :].reshape(years, YEAR_WEEKS).sum(axis=0)
    half = SEASON_WEEKS // 2
    around = np.concatenate([by_week[-half:], by_week, by_week[:half]])
    smooth = np.convolve(around, np.ones(SEASON_WEEKS), mode="valid")
    factors: npt.NDArray[np.float64] = smooth / smooth.mean() if smooth.any() else smooth + 1.0
    return factors


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
        longer than its first week.

    Raises
    ------
    SettingsError
        If the category cannot be.
    SampleError
        If there is no week with a whole year of reports before it, or no report lies in or
        names a community.
    """
    issues, communities = issue_set.issues, issue_set.communities
    check_communities_known(issues, issue_set.membership)
    first = _monday(issues["reported_at"].min()) + pd.Timedelta(days=7)
    ends = (issue_set.as_of, selection.until)
    end = min(pd.Timestamp(day).tz_localize(None) for day in ends if day is not None)
    after_last = _monday(end.normalize() + pd.Timedelta(days=1))
    known = (after_last - first).days // 7 if pd.notna(first) else 0
    if known <= YEAR_WEEKS:
        msg = f"alerts: {max(known, 0)} whole weeks; at least {YEAR_WEEKS + 1} are needed."
        raise SampleError(
            msg,
            problem="weeks_too_few",
            hint="Come back when the register holds a year.",
            found=max(known, 0),
            least=YEAR_WEEKS + 1,
        )
    chosen = select_issues(issues, Selection(selection.category))
    counts = _counts(chosen, issue_set, first, known)
    tables = []
    kept = counts.copy()
    for week in range(max(known - weeks - YEAR_WEEKS, YEAR_WEEKS), known):
        season = season_factors(counts[:week].sum(axis=1))
        history = kept[week - YEAR_WEEKS : week]
        expected, low, high = expected_range(history, places=len(communities), season=season)
        kept[week] = np.clip(counts[week], low, high)
        tables.append(_week(counts[week], expected, low, high, first + pd.Timedelta(weeks=week)))
    named = [_named(table, communities) for table in tables[::-1][:weeks]]
    return pd.concat(named, ignore_index=True)[list(ALERT_COLUMNS)]


def _monday(moment: pd.Timestamp) -> pd.Timestamp:
    day = moment.tz_localize(None).normalize()
    return day - pd.Timedelta(days=day.dayofweek) if pd.notna(day) else day


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
    return table.assign(
        community_id=communities.index,
        community=communities["name"].to_numpy(),
        parent=communities["parent"].to_numpy(),
    )
