"""Counts of reported issues: which cases are meant, and what has become of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from analysis.issues.counts import FACTS
from analysis.issues.location import Placed, placed_among
from analysis.issues.moments import LAST_DAY, day_of, in_zone
from analysis.model.contracts import check_issues, stated
from analysis.model.errors import SettingsError
from analysis.model.question import ALL_ISSUES, Selection

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from analysis.issues.issue_set import IssueSet


class Located(NamedTuple):
    """
    A selection among issues, by their position: no identifier and no text is copied.

    Attributes
    ----------
    facts
        `FACTS` of those selected, on their positions.
    placed
        `place_cases` of those selected, with rows among the issues given.
    """

    facts: pd.DataFrame
    placed: Placed


def _check_category(issues: pd.DataFrame, category: str) -> None:
    known = sorted(issues.loc[stated(issues["category"]), "category"].unique())
    if category in known:
        return
    near = get_close_matches(category, known, n=1)
    msg = f"issues: no category {category!r}; there are {', '.join(known) or 'none'}."
    raise SettingsError(
        msg,
        problem="category_unknown",
        hint=f"did you mean {near[0]!r}?" if near else "Name one of these categories.",
        found=category,
        allowed=", ".join(known),
        near=near[0] if near else "",
    )


def select_located(issue_set: IssueSet, selection: Selection = ALL_ISSUES) -> Located:
    """
    Select issues where they stand, with the place of each.

    Parameters
    ----------
    issue_set
        Issues with their communities.
    selection
        Which of them.

    Returns
    -------
    located
        For what follows, which need not look up identifiers: for a million cases that takes
        longer than any sum over them.
    """
    issues = issue_set.issues
    chosen = _chosen(issues, selection)
    facts = issues[list(FACTS)].reset_index(drop=True)
    return Located(facts[chosen], placed_among(issues, issue_set.membership, chosen))


def select_issues(issues: pd.DataFrame, selection: Selection = ALL_ISSUES) -> pd.DataFrame:
    """
    Select the issues of a category that were reported in a period of whole days.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    selection
        Category and period.

    Returns
    -------
    issues
        The rows selected, in their order. With a first or last day, a case without a
        time of report is in no period; `Cases.undated` counts those.

    Raises
    ------
    SettingsError
        If the data have no such category, or the period ends before it begins.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
    >>> issues = pd.DataFrame(columns=list(ISSUE_COLUMNS), index=["a", "b"])
    >>> issues = issues.rename_axis("issue_id").assign(status="open")
    >>> issues = issues.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    >>> issues["reported_at"] = pd.to_datetime(
    ...     ["2026-01-31 23:59", "2026-02-01 00:00"]
    ... ).tz_localize("Asia/Shanghai")
    >>> list(select_issues(issues, Selection(until=pd.Timestamp("2026-01-31"))).index)
    ['a']
    """
    chosen = _chosen(issues, selection)
    return issues if chosen.all() else issues.loc[chosen]


def issues_within(issues: pd.DataFrame, area: shapely.Polygon) -> pd.DataFrame:
    """
    Select the issues that lie in an area.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    area
        In the CRS of their places.

    Returns
    -------
    issues
        Those inside or on the border, in their order; one without a place is in none.
    """
    shapely.prepare(area)
    x, y = (issues[name].to_numpy(dtype=float, na_value=np.nan) for name in ("x", "y"))
    return issues[shapely.intersects_xy(area, x, y)]


def _chosen(issues: pd.DataFrame, selection: Selection) -> npt.NDArray[np.bool_]:
    """Tell which issues `select_issues` selects."""
    check_issues(issues)
    category = selection.category
    chosen = in_period(issues["reported_at"], selection)
    if category is not None:
        among = issues["category"].eq(category).fillna(value=False).to_numpy(dtype=bool)
        if not among.any():
            _check_category(issues, category)
        chosen &= among
    return chosen


def in_period(times: pd.Series, selection: Selection) -> npt.NDArray[np.bool_]:
    """
    Tell which times fall on the days of a period.

    Parameters
    ----------
    times
        In the zone whose days are meant.
    selection
        Its first and last day.

    Returns
    -------
    chosen
        One truth value a time; false for a missing one, unless the period has no ends.

    Raises
    ------
    SettingsError
        If the period ends before it begins.
    """
    chosen = np.ones(len(times), dtype=bool)
    first = _day(selection.since, times)
    last = _day(selection.until, times)
    if first is not None and last is not None and last < first:
        msg = f"period: it ends on {last:%Y-%m-%d}, before it begins on {first:%Y-%m-%d}."
        raise SettingsError(
            msg,
            problem="period_reversed",
            hint="Give the earlier day first.",
            since=f"{first:%Y-%m-%d}",
            until=f"{last:%Y-%m-%d}",
        )
    if first is not None:
        chosen &= (times >= first).to_numpy()
    if last is not None:
        day = times.dt.tz_localize(None).dt.normalize()
        chosen &= (day <= last.tz_localize(None)).to_numpy()
    return chosen


def _day(day: dt.date | None, times: pd.Series) -> pd.Timestamp | None:
    return None if day is None else day_of(in_zone(day, times.dt.tz))


def period_of(
    issues: pd.DataFrame, selection: Selection = ALL_ISSUES
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """
    Give the whole days from which issues were taken.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    selection
        As in `select_issues`; where it has no first or last day, the first or last report
        stands for it.

    Returns
    -------
    start, end
        The end excluded; `None` where no issue has a time of report.
    """
    reported = issues["reported_at"]
    if not reported.notna().any():
        return None
    zone, since, until = reported.dt.tz, selection.since, selection.until
    first = reported.min() if since is None else in_zone(since, zone)
    last = reported.max() if until is None else in_zone(until, zone)
    last = min(last, in_zone(LAST_DAY, zone))
    after = last.tz_localize(None).normalize() + pd.Timedelta(days=1)
    return day_of(first), in_zone(after, zone)
