"""Counts of reported issues: which cases are meant, and what has become of them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from analysis.contracts import check_issues
from analysis.errors import SampleError, SettingsError
from analysis.people import OUTSIDE, community_of

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import numpy.typing as npt

FACTS = ("x", "status", "reported_at", "due_at", "closed_at")
"""What `count_facts` counts."""
LAST_DAY = pd.Timestamp(9999, 12, 30)
"""Last day that another can follow."""


@dataclass(frozen=True)
class Cases:
    """
    Counts of one selection of issues on one day.

    `total = open + closed + unknown_status`. The status is the one the city states, not
    what it was on that day.

    Attributes
    ----------
    open_with_due
        Open cases that have a due time: the denominator of `overdue`.
    overdue
        Open, and due before the moment counted.
    closed_with_due
        Closed cases with both a due and a closing time: the denominator of
        `closed_on_time`.
    closed_on_time
        Closed at or before the due time.
    without_due
        Cases of any status without a due time; they cannot be judged.
    unlocated
        Without coordinates: in these counts, but on no map.
    undated
        Without a time of report: in no period.
    """

    total: int
    open: int
    closed: int
    unknown_status: int
    open_with_due: int
    overdue: int
    closed_with_due: int
    closed_on_time: int
    without_due: int
    unlocated: int
    undated: int

    @property
    def states_known(self) -> bool:
        """Whether the source says of any case what became of it."""
        return self.unknown_status < self.total or not self.total

    @property
    def overdue_share(self) -> float | None:
        """Share of the open cases with a due time that are overdue; `None` without any."""
        return self.overdue / self.open_with_due if self.open_with_due else None

    @property
    def on_time_share(self) -> float | None:
        """Share of the closed cases with a due time closed by then; `None` without any."""
        return self.closed_on_time / self.closed_with_due if self.closed_with_due else None


@dataclass(frozen=True, eq=False)
class Placed:
    """
    The cases of the study area, and how many are not.

    Attributes
    ----------
    xy
        `x`, `y` in metres of those in a community, on their `issue_id`.
    rows
        Position of each of these among the issues given.
    unlocated
        Issues without coordinates.
    outside
        Located, but in no community.
    """

    xy: pd.DataFrame
    rows: npt.NDArray[np.int64]
    unlocated: int
    outside: int


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


def _in_zone(moment: dt.date, zone: dt.tzinfo) -> pd.Timestamp:
    stamp = pd.Timestamp(moment)
    return stamp.tz_localize(zone) if stamp.tzinfo is None else stamp.tz_convert(zone)


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
        As in `analysis.contracts`.
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
    return Located(facts[chosen], home, _placed(issues, home, chosen))


def check_placed(issues: pd.DataFrame) -> None:
    """
    Refuse issues of which none has coordinates: nothing can be said of places.

    Parameters
    ----------
    issues
        As in `analysis.contracts`; no rows at all are allowed.

    Raises
    ------
    SampleError
        If there are issues, but no coordinates.
    """
    if len(issues) and issues["x"].isna().all():
        msg = f"issues: none of {len(issues)} has coordinates."
        raise SampleError(
            msg,
            problem="no_places",
            hint="Give the layer of issues coordinates; it is counted without them.",
            found=len(issues),
        )


def aligned(membership: pd.Series[str], issues: pd.DataFrame) -> pd.Series[str]:
    """
    Bring the communities of cases onto the index of some of them.

    Parameters
    ----------
    membership
        `locate_cases` of these or more issues.
    issues
        Any.

    Returns
    -------
    membership
        The same object where it is on that index already.
    """
    same = membership.index.is_(issues.index)
    return membership if same else membership.reindex(issues.index)


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
        As in `analysis.contracts`.
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
    >>> from analysis.contracts import ISSUE_COLUMNS, TIME_COLUMNS
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
    first = None if since is None else _in_zone(since, reported.dt.tz).normalize()
    last = None if until is None else _in_zone(until, reported.dt.tz).normalize()
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
        As in `analysis.contracts`.
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
    first = reported.min() if since is None else _in_zone(since, reported.dt.tz)
    last = reported.max() if until is None else _in_zone(until, reported.dt.tz)
    last = min(last, _in_zone(LAST_DAY, reported.dt.tz))
    return first.normalize(), last.normalize() + pd.DateOffset(days=1)


def overdue(issues: pd.DataFrame, *, as_of: dt.date) -> pd.Series[bool]:
    """
    Tell which issues are open and were due before a moment.

    Parameters
    ----------
    issues
        With `status` and `due_at`.
    as_of
        The moment; a plain day means its first instant, in the zone of `due_at`.

    Returns
    -------
    overdue
        On the index of `issues`; false without a due time.
    """
    moment = _in_zone(as_of, issues["due_at"].dt.tz)
    late: pd.Series[bool] = issues["status"].eq("open") & (issues["due_at"] < moment)
    return late.rename("overdue")


def count_cases(issues: pd.DataFrame, *, as_of: dt.date) -> Cases:
    """
    Count issues by what has become of them.

    Parameters
    ----------
    issues
        As in `analysis.contracts`; no rows are allowed.
    as_of
        The moment at which a case counts as overdue, as in `overdue`.

    Returns
    -------
    cases
        The counts with their denominators.
    """
    check_issues(issues)
    return count_facts(issues, as_of=as_of)


def count_facts(issues: pd.DataFrame, *, as_of: dt.date) -> Cases:
    """
    Count cases of which only what is counted is at hand.

    Parameters
    ----------
    issues
        `FACTS` of issues that keep their contract.
    as_of
        As in `count_cases`.

    Returns
    -------
    cases
        As from there.
    """
    is_open, is_closed = issues["status"].eq("open"), issues["status"].eq("closed")
    has_due = issues["due_at"].notna()
    judged = is_closed & has_due & issues["closed_at"].notna()
    return Cases(
        total=len(issues),
        open=int(is_open.sum()),
        closed=int(is_closed.sum()),
        unknown_status=int((~is_open & ~is_closed).sum()),
        open_with_due=int((is_open & has_due).sum()),
        overdue=int(overdue(issues, as_of=as_of).sum()),
        closed_with_due=int(judged.sum()),
        closed_on_time=int((judged & (issues["closed_at"] <= issues["due_at"])).sum()),
        without_due=int((~has_due).sum()),
        unlocated=int(issues["x"].isna().sum()),
        undated=int(issues["reported_at"].isna().sum()),
    )


def locate_cases(issues: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.Series[str]:
    """
    Find the community that each issue lies in.

    Parameters
    ----------
    issues
        With `x` and `y` in the CRS of `communities`, or both missing.
    communities
        As in `analysis.contracts`.

    Returns
    -------
    community_id
        On the index of `issues`; missing without coordinates and outside every
        community. On a border or an overlap: the first of them.
    """
    located = issues["x"].notna().to_numpy()
    position = np.full(len(issues), OUTSIDE, dtype=np.int64)
    position[located] = community_of(
        issues["x"].to_numpy(dtype=float)[located],
        issues["y"].to_numpy(dtype=float)[located],
        communities,
    )
    names = communities.index.to_series().reset_index(drop=True)
    community: pd.Series[str] = names.reindex(position).set_axis(issues.index)
    return community.rename("community_id")


def with_communities(
    rows: pd.DataFrame, membership: pd.Series[str], communities: gpd.GeoDataFrame
) -> pd.DataFrame:
    """
    Tell in which community each case lies.

    Parameters
    ----------
    rows
        On `issue_id`.
    membership
        `locate_cases` of these or more issues.
    communities
        As in `analysis.contracts`.

    Returns
    -------
    rows
        With `community_id`, `community` and `parent`; missing outside every community.
    """
    return with_community_names(
        rows.assign(community_id=membership.reindex(rows.index)), communities
    )


def with_community_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Put the names beside the identifiers of communities.

    Parameters
    ----------
    rows
        With `community_id`.
    communities
        As in `analysis.contracts`.

    Returns
    -------
    rows
        With `community` and `parent`.
    """
    home = rows["community_id"]
    return rows.assign(
        community=home.map(communities["name"]), parent=home.map(communities["parent"])
    )


def place_cases(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    membership: pd.Series[str] | None = None,
) -> Placed:
    """
    Keep the issues that lie in a community, and count the others.

    Parameters
    ----------
    issues
        As in `analysis.contracts`.
    communities
        The study area, in the same CRS.
    membership
        `locate_cases` of these or more issues, if known; it is computed otherwise.

    Returns
    -------
    placed
        In the order of `issues`.
    """
    check_issues(issues)
    if membership is None:
        membership = locate_cases(issues, communities)
    return _placed(issues, aligned(membership, issues), np.ones(len(issues), dtype=bool))


def _placed(
    issues: pd.DataFrame, membership: pd.Series[str], chosen: npt.NDArray[np.bool_]
) -> Placed:
    located = issues["x"].notna().to_numpy() & chosen
    within = located & membership.notna().to_numpy()
    rows = np.flatnonzero(within)
    return Placed(
        xy=issues[["x", "y"]].iloc[rows],
        rows=rows,
        unlocated=int((chosen & ~located).sum()),
        outside=int((located & ~within).sum()),
    )


def cases_by_community(
    issues: pd.DataFrame,
    membership: pd.Series[str],
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
) -> pd.DataFrame:
    """
    Count the cases of every community.

    Parameters
    ----------
    issues
        As in `analysis.contracts`.
    membership
        Community of each issue, by `issue_id`, missing outside them all (`locate_cases`).
        It may hold more issues than these.
    communities
        Their `population`, if there is one, gives the rate.
    as_of
        The moment at which a case counts as overdue, as in `overdue`.

    Returns
    -------
    cases
        On the index of `communities`: `total`, `open`, `overdue` and, where the
        population is known, `per_10k_people` (cases; missing where nobody lives).
        A crude rate: chance is large where few people live.
    """
    community = membership.reindex(issues.index)
    facts = pd.DataFrame(
        {
            "total": 1,
            "open": issues["status"].eq("open").astype(int),
            "overdue": overdue(issues, as_of=as_of).astype(int),
        },
        index=issues.index,
    )
    cases = facts.groupby(community).sum().reindex(communities.index, fill_value=0)
    if "population" in communities.columns:
        people = communities["population"].where(communities["population"] > 0)
        cases["per_10k_people"] = cases["total"] / people * 10_000
    return cases
