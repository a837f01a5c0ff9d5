"""Facilities counted by community, and the distance to the nearest one, in a straight line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.contracts import check_same_crs
from analysis.discs import check_measurable, check_service_radius

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray


MANY_CORNERS = 300
"""Corners of a polygon above which preparing it for many distances pays."""


def _count(positions: NDArray[np.int64], index: pd.Index, name: str) -> pd.Series[int]:
    counts = np.bincount(positions, minlength=len(index)).tolist()
    return pd.Series(counts, index=index, name=name, dtype="int64")


def facilities_inside(
    communities: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame
) -> pd.Series[int]:
    """
    Count the facilities that lie in each community.

    A facility on a shared border, or where communities overlap, counts once: for the
    first of them in the order of `communities`.

    Parameters
    ----------
    communities
        Polygons.
    facilities
        Points in the same CRS that count as supply; several at one place all count.

    Returns
    -------
    facilities_inside
        Counts on the index of `communities`; together at most `len(facilities)`.

    Raises
    ------
    CrsError
        If the two frames differ in their CRS.
    """
    check_same_crs(communities, facilities)
    tree = shapely.STRtree(communities.geometry.to_numpy())
    facility, community = tree.query(facilities.geometry.to_numpy(), predicate="intersects")
    first = np.full(len(facilities), len(communities), dtype=np.int64)
    np.minimum.at(first, facility, community)
    return _count(first[first < len(communities)], communities.index, "facilities_inside")


def facilities_in_reach(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    service_radius: float,
) -> pd.Series[int]:
    """
    Count the facilities inside each community or at most a service radius from it.

    Distances are exact (no buffer polygons), in a straight line from the border. One
    facility counts for every community that it is near.

    Parameters
    ----------
    communities
        Polygons, in a metric CRS.
    facilities
        Points in the same CRS that count as supply.
    service_radius
        Metres.

    Returns
    -------
    facilities_in_reach
        Counts on the index of `communities`.

    Raises
    ------
    CrsError
        If the CRS is not metric, or the two frames differ in it.
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    check_measurable(communities, facilities)
    polygons, points = communities.geometry.to_numpy(), facilities.geometry.to_numpy()
    if shapely.get_num_coordinates(polygons).mean() > MANY_CORNERS:
        near = shapely.STRtree(points).query(polygons, "dwithin", distance=service_radius)
        community = near[0]
    else:
        near = shapely.STRtree(polygons).query(points, "dwithin", distance=service_radius)
        community = near[1]
    return _count(community, communities.index, "facilities_in_reach")


def nearest_distance(
    x: ArrayLike, y: ArrayLike, facilities: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """
    Measure the straight line from each place to the nearest facility.

    Parameters
    ----------
    x, y
        Coordinates in metres, in the CRS of `facilities`; finite.
    facilities
        Points that count as supply.

    Returns
    -------
    distance
        Metres, one a place; infinite if there is no facility.
    """
    places = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    if facilities.empty or not len(places):
        return np.full(len(places), np.inf)
    tree = cKDTree(shapely.get_coordinates(facilities.geometry.to_numpy()))
    distance: NDArray[np.float64] = tree.query(places)[0]
    return distance
