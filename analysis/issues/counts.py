"""Counts of reported issues by what has become of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.issues.moments import in_zone
from analysis.model.contracts import check_issues, stated

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd

FACTS = ("x", "status", "reported_at", "due_at", "closed_at")
"""What `count_facts` counts."""


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
    def overdue_known(self) -> bool:
        """Whether the number that is overdue is known: none is, where none is open."""
        return self.states_known and bool(self.open_with_due or not self.open)

    @property
    def overdue_share(self) -> float | None:
        """Share of the open cases with a due time that are overdue; `None` without any."""
        return self.overdue / self.open_with_due if self.open_with_due else None

    @property
    def on_time_share(self) -> float | None:
        """Share of the closed cases with a due time closed by then; `None` without any."""
        return self.closed_on_time / self.closed_with_due if self.closed_with_due else None


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
    moment = in_zone(as_of, issues["due_at"].dt.tz)
    late: pd.Series[bool] = issues["status"].eq("open") & (issues["due_at"] < moment)
    return late.rename("overdue")


def open_cases(issues: pd.DataFrame, group: pd.Series) -> pd.Series[int]:
    """
    Count the open cases of every group.

    Parameters
    ----------
    issues
        With `status`.
    group
        On the same index; rows without one are in none.

    Returns
    -------
    open
        By group, `Int64`; missing where the source says of none of its cases what became of it.
    """
    is_open = issues["status"].eq("open")
    told = (is_open | issues["status"].eq("closed")).astype("Int64")
    sums = pd.DataFrame({"open": is_open.astype("Int64"), "told": told}).groupby(group).sum()
    return sums["open"].where(sums["told"] > 0)


def waiting_cases(issues: pd.DataFrame, group: pd.Series, *, as_of: dt.date) -> pd.DataFrame:
    """
    Count the open and the overdue cases of every group.

    Parameters
    ----------
    issues
        With `status` and `due_at`.
    group
        On the same index; rows without one are in none.
    as_of
        As in `overdue`.

    Returns
    -------
    waiting
        By group, `Int64`: `open` as from `open_cases`; `overdue`, missing where cases may wait
        and none that does has a due time.
    """
    facts = pd.DataFrame(
        {
            "overdue": overdue(issues, as_of=as_of),
            "may_wait": ~issues["status"].eq("closed"),
            "dated": issues["status"].eq("open") & issues["due_at"].notna(),
        },
        index=issues.index,
    )
    sums = facts.astype("Int64").groupby(group).sum()
    judged = (sums["dated"] > 0) | (sums["may_wait"] == 0)
    return pd.DataFrame(
        {"open": open_cases(issues, group), "overdue": sums["overdue"].where(judged)}
    )


def undated(issues: pd.DataFrame) -> bool:
    """
    Tell whether cases are there and of none is known when it was reported.

    Parameters
    ----------
    issues
        All cases of a register: of a period of such a one nothing can be said.

    Returns
    -------
    undated
        False without any case.
    """
    return bool(len(issues) and issues["reported_at"].isna().all())


def count_cases(issues: pd.DataFrame, *, as_of: dt.date) -> Cases:
    """
    Count issues by what has become of them.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`; no rows are allowed.
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
        As in `analysis.model.contracts`.
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
        On the index of `communities`: `total`, `open` and `overdue` as from `waiting_cases`
        (missing where unknown) and, where the
        population is known, `per_10k_people` (cases; missing where nobody lives).
        A crude rate: chance is large where few people live.
    """
    community = membership.reindex(issues.index)
    waiting = waiting_cases(issues, community, as_of=as_of)
    total = community.value_counts().reindex(waiting.index).astype("int64")
    cases = waiting.assign(total=total)[["total", "open", "overdue"]]
    cases = cases.reindex(communities.index, fill_value=0)
    if "population" in communities.columns:
        people = communities["population"].where(communities["population"] > 0)
        cases["per_10k_people"] = cases["total"] / people * 10_000
    return cases


def cases_by_category(issues: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """
    Count the cases of every category, the most frequent first.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`; no rows are allowed.
    as_of
        The moment at which a case counts as overdue, as in `overdue`.

    Returns
    -------
    cases
        By `category`: `cases`, and `open` and `overdue` as from `waiting_cases`. Cases without a
        category stand in a row of their own, whose category is missing.
    """
    check_issues(issues)
    category = issues["category"].where(stated(issues["category"]))
    counts = category.value_counts(dropna=False).rename("cases").rename_axis("category")
    waiting = waiting_cases(issues, category.fillna(""), as_of=as_of)
    keys = counts.index.to_series().fillna("")
    table = counts.reset_index().assign(
        open=waiting["open"].reindex(keys).to_numpy(),
        overdue=waiting["overdue"].reindex(keys).to_numpy(),
    )
    ordered = table.sort_values(["cases", "category"], ascending=[False, True])
    return ordered.reset_index(drop=True)


def most_frequent(values: pd.Series, group: pd.Series) -> pd.Series:
    """
    Find the most frequent value of every group.

    Parameters
    ----------
    values
        Missing and empty ones do not count.
    group
        On the same index.

    Returns
    -------
    most
        By group; of equally frequent ones the first by its order. A group without any
        value is absent.
    """
    values = values.where(stated(values))
    counts = values.groupby([group, values]).size().rename("n").rename_axis(["group", "value"])
    order = counts.reset_index().sort_values(["n", "value"], ascending=[False, True])
    most: pd.Series = order.drop_duplicates("group").set_index("group")["value"]
    return most
