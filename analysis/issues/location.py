"""Where issues lie: the community of each, and those that are on no map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.model.contracts import check_issues
from analysis.model.errors import SampleError

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd


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


def check_placed(issues: pd.DataFrame) -> None:
    """
    Refuse issues of which none has coordinates: nothing can be said of places.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`; no rows at all are allowed.

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


def check_communities_known(issues: pd.DataFrame, membership: pd.Series[str]) -> None:
    """
    Refuse issues of which none lies in a community or names one.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`; no rows at all are allowed.
    membership
        Community of each, on the same index or a greater one.

    Raises
    ------
    SampleError
        If there are issues without coordinates alone, and none names a community.
    """
    if not membership.notna().any():
        check_placed(issues)


def locate_cases(issues: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.Series[str]:
    """
    Find the community that each issue lies in, or names if it has no place.

    Parameters
    ----------
    issues
        With `x` and `y` in the CRS of `communities`, or both missing; then the
        `community_id` that the source names counts, if there is such a column.
    communities
        As in `analysis.model.contracts`.

    Returns
    -------
    community_id
        On the index of `issues`; missing outside every community, and without coordinates
        for those that name none. On a border or an overlap: the first of them.
    """
    located = issues["x"].notna().to_numpy()
    position = np.full(len(issues), OUTSIDE, dtype=np.int64)
    position[located] = community_of(
        issues["x"].to_numpy(dtype=float)[located],
        issues["y"].to_numpy(dtype=float)[located],
        communities,
    )
    if "community_id" in issues:
        named = communities.index.get_indexer(issues["community_id"])
        position = np.where(located, position, named)
    names = communities.index.to_series().reset_index(drop=True)
    community: pd.Series[str] = names.reindex(position).set_axis(issues.index)
    return community.rename("community_id")


def with_community_names(rows: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Put the names beside the identifiers of communities.

    Parameters
    ----------
    rows
        With `community_id`.
    communities
        As in `analysis.model.contracts`.

    Returns
    -------
    rows
        With `community` and `parent`.
    """
    home = rows["community_id"]
    return rows.assign(
        community=home.map(communities["name"]), parent=home.map(communities["parent"])
    )


def place_cases(issues: pd.DataFrame, communities: gpd.GeoDataFrame) -> Placed:
    """
    Keep the issues that lie in a community, and count the others.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    communities
        The study area, in the same CRS.

    Returns
    -------
    placed
        In the order of `issues`.
    """
    check_issues(issues)
    home = locate_cases(issues, communities)
    return placed_among(issues, home, np.ones(len(issues), dtype=bool))


def placed_among(
    issues: pd.DataFrame, membership: pd.Series[str], chosen: npt.NDArray[np.bool_]
) -> Placed:
    """
    Keep those of the issues chosen that lie in a community, and count the others.

    Parameters
    ----------
    issues
        With `x` and `y`.
    membership
        Community of each, on the same index.
    chosen
        One truth value an issue.

    Returns
    -------
    placed
        With rows among the issues given.
    """
    located = issues["x"].notna().to_numpy() & chosen
    within = located & membership.notna().to_numpy()
    rows = np.flatnonzero(within)
    return Placed(
        xy=issues[["x", "y"]].iloc[rows],
        rows=rows,
        unlocated=int((chosen & ~located).sum()),
        outside=int((located & ~within).sum()),
    )
