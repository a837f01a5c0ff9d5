"""Counts of reported issues: which cases are meant, and what has become of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from analysis.issues.counts import FACTS
from analysis.issues.location import Placed, aligned, locate_cases, placed_among
from analysis.issues.moments import LAST_DAY, in_zone
from analysis.model.contracts import check_issues
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import numpy.typing as npt


class Located(NamedTuple):
    """
    A selection among issues, by their position: no identifier and no text is copied.

    Attributes
    ----------
    facts
        `FACTS` of those selected, on their positions.
    membership
        Community of each of the issues given, on their index; those selected are located.
    placed
        `place_cases` of those selected, with rows among the issues given.
    """

    facts: pd.DataFrame
    membership: pd.Series[str]
    placed: Placed


def _check_category(issues: pd.DataFrame, category: str) -> None:
    known = sorted(map(str, issues["category"].dropna().unique()))
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


def select_located(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    membership: pd.Series[str] | None = None,
) -> Located:
    """
    Select issues where they stand, with the community and the place of each.

    Parameters
    ----------
    issues, communities
        As in `analysis.model.contracts`.
    category, since, until
        As in `select_issues`.
    membership
        `locate_cases` of these or more issues, if known.

    Returns
    -------
    located
        For what follows, which need not look up identifiers: for a million cases that takes
        longer than any sum over them.
    """
    chosen = _chosen(issues, category=category, since=since, until=until)
    if membership is None:
        membership = locate_cases(issues.loc[chosen], communities)
    home = aligned(membership, issues)
    facts = issues[list(FACTS)].reset_index(drop=True)
    return Located(facts[chosen], home, placed_among(issues, home, chosen))


def select_issues(
    issues: pd.DataFrame,
    *,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> pd.DataFrame:
    """
    Select the issues of a category that were reported in a period of whole days.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    category
        Exactly as in the data; `None` means every category.
    since, until
        First and last day, both included, in the time zone of `reported_at`. A moment
        with a zone means the day it falls on there.

    Returns
    -------
    issues
        The rows selected, in their order. With `since` or `until`, a case without a
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
    >>> list(select_issues(issues, until=pd.Timestamp("2026-01-31")).index)
    ['a']
    """
    chosen = _chosen(issues, category=category, since=since, until=until)
    return issues if chosen.all() else issues.loc[chosen]


def _chosen(
    issues: pd.DataFrame,
    *,
    category: str | None,
    since: dt.date | None,
    until: dt.date | None,
) -> npt.NDArray[np.bool_]:
    """Tell which issues `select_issues` selects."""
    check_issues(issues)
    chosen = np.ones(len(issues), dtype=bool)
    if category is not None:
        chosen &= issues["category"].eq(category).fillna(value=False).to_numpy(dtype=bool)
        if not chosen.any():
            _check_category(issues, category)
    reported = issues["reported_at"]
    first = None if since is None else in_zone(since, reported.dt.tz).normalize()
    last = None if until is None else in_zone(until, reported.dt.tz).normalize()
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
        chosen &= (reported >= first).to_numpy()
    if last is not None:
        day = reported.dt.tz_localize(None).dt.normalize()
        chosen &= (day <= last.tz_localize(None)).to_numpy()
    return chosen


def period_of(
    issues: pd.DataFrame, *, since: dt.date | None, until: dt.date | None
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """
    Give the whole days from which issues were taken.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    since, until
        As in `select_issues`; where one is `None`, the first or last report stands for it.

    Returns
    -------
    start, end
        The end excluded; `None` where no issue has a time of report.
    """
    reported = issues["reported_at"]
    if not reported.notna().any():
        return None
    first = reported.min() if since is None else in_zone(since, reported.dt.tz)
    last = reported.max() if until is None else in_zone(until, reported.dt.tz)
    last = min(last, in_zone(LAST_DAY, reported.dt.tz))
    return first.normalize(), last.normalize() + pd.DateOffset(days=1)
