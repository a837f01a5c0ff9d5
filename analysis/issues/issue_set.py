"""Issues with the community each belongs to, and as of when: what every recipe of issues takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.issues.location import locate_cases, with_community_names

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, eq=False)
class IssueSet:
    """
    The issues of one city, located once.

    Attributes
    ----------
    issues, communities
        Frames of one city (`analysis.model.contracts`).
    membership
        Community of each issue, on the index of `issues`; missing outside them all.
    as_of
        Last day of the data, and the moment at which an open case counts as overdue.
    register
        All issues of the city, of which `issues` may be some: what was reported at all tells
        which days were observed.
    """

    issues: pd.DataFrame
    communities: gpd.GeoDataFrame
    membership: pd.Series[str]
    as_of: dt.date
    register: pd.DataFrame

    def communities_of(self, cases: pd.Index) -> pd.Series[str]:
        """
        Find the communities of some of the issues.

        Parameters
        ----------
        cases
            Identifiers, each once.

        Returns
        -------
        membership
            On these identifiers.
        """
        same = self.membership.index.is_(cases)
        return self.membership if same else self.membership.reindex(cases)


def issue_set(issues: pd.DataFrame, communities: gpd.GeoDataFrame, *, as_of: dt.date) -> IssueSet:
    """
    Locate the issues of a city.

    Parameters
    ----------
    issues, communities
        Frames of one city (`analysis.model.contracts`).
    as_of
        Last day of the data.

    Returns
    -------
    issue_set
        On the index of `issues`.
    """
    return IssueSet(issues, communities, locate_cases(issues, communities), as_of, issues)


def with_communities(rows: pd.DataFrame, issue_set: IssueSet) -> pd.DataFrame:
    """
    Tell in which community each case lies.

    Parameters
    ----------
    rows
        On `issue_id`.
    issue_set
        These issues, or more.

    Returns
    -------
    rows
        With `community_id`, `community` and `parent`; missing outside every community.
    """
    located = rows.assign(community_id=issue_set.communities_of(rows.index))
    return with_community_names(located, issue_set.communities)
