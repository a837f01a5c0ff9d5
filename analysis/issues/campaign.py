"""The cases of a campaign: its categories and its area, cut from the register."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    from analysis.issues.issue_set import IssueSet
    from analysis.model.campaign import Campaign

AREA_DIMENSION = 2


def in_area(
    campaign: Campaign, *, x: npt.ArrayLike, y: npt.ArrayLike, community: pd.Series[str]
) -> npt.NDArray[np.bool_]:
    """
    Tell what lies in the area of a campaign.

    Parameters
    ----------
    campaign
        Communities, polygons, both, or the whole city.
    x, y
        Places in the CRS of the city, metres; missing where there is none.
    community
        Identifier of the community of each, as long; missing outside every community.

    Returns
    -------
    inside
        In one of its communities, or on or inside its polygons. Without a place only the
        community counts; with neither, only a campaign of the whole city has it.
    """
    if campaign.everywhere:
        return np.ones(len(community), dtype=bool)
    inside = community.isin(campaign.communities).to_numpy(dtype=bool)
    if campaign.shape is not None:
        places = (np.asarray(each, dtype=float) for each in (x, y))
        shapely.prepare(campaign.shape)
        inside = inside | shapely.intersects_xy(campaign.shape, *places)
    return inside


def within_campaign(issue_set: IssueSet, campaign: Campaign) -> IssueSet:
    """
    Narrow issues to the categories and the area of a campaign; its dates narrow nothing here.

    Parameters
    ----------
    issue_set
        The whole register.
    campaign
        Of the same city.

    Returns
    -------
    issue_set
        Its issues, and the communities of its area, cut to its polygons; a community that is
        cut has no `population`, as nobody knows how many live in the part. `register` stays
        the whole one: it tells which days were observed.
    """
    issues = issue_set.issues
    meant = in_area(campaign, x=issues["x"], y=issues["y"], community=issue_set.membership)
    if campaign.categories:
        meant = meant & issues["category"].isin(campaign.categories).to_numpy(dtype=bool)
    return replace(
        issue_set,
        issues=issues[meant],
        communities=_of_area(issue_set.communities, campaign),
        membership=issue_set.membership[meant],
        register=issue_set.register,
    )


def _of_area(communities: gpd.GeoDataFrame, campaign: Campaign) -> gpd.GeoDataFrame:
    if campaign.everywhere:
        return communities
    whole = communities.index.isin(campaign.communities)
    if campaign.shape is None:
        return communities[whole]
    parts = shapely.intersection(communities.geometry.to_numpy(), campaign.shape)
    touched = ~whole & (shapely.area(parts) > 0)
    cut = communities[whole | touched].copy()
    some = touched[whole | touched]
    shapes = np.where(touched, _polygons(parts), communities.geometry.to_numpy())
    cut = cut.set_geometry(shapes[whole | touched], crs=communities.crs)
    if "population" in cut.columns:
        cut["population"] = cut["population"].astype(float).mask(some)
    return cut


def _polygons(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Leave lines and points out of what a cut leaves."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    cleaned = shapes.copy()
    for place in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[place])
        cleaned[place] = shapely.multipolygons(
            [each for part in parts[shapely.get_dimensions(parts) == AREA_DIMENSION]
             for each in shapely.get_parts(part)]
        )  # fmt: skip
    return cleaned
