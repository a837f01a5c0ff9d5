"""Facilities counted by community, and the distance to the nearest one, in a straight line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.contracts import check_same_crs
from analysis.discs import check_measurable, check_service_radius

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray


Pairs: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64]]"

GROWTH = 1.25
"""Greatest ratio of radii that is a step, and how far beyond it distances are measured."""
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


def pairs_in_reach(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    service_radius: float,
) -> Pairs:
    """
    Find the facilities inside each community or at most a service radius from it.

    Distances are exact (no buffer polygons), in a straight line from the border. One
    facility stands with every community that it is near.

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
    community, facility
        Positions in the two frames, one a pair.

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
        community, facility = shapely.STRtree(points).query(
            polygons, "dwithin", distance=service_radius
        )
    else:
        facility, community = shapely.STRtree(polygons).query(
            points, "dwithin", distance=service_radius
        )
    return community, facility


class _Known(NamedTuple):
    """Pairs within a radius; with their distances, ascending, once they were measured."""

    radius: float
    pairs: Pairs
    distance: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Vicinity:
    """
    Communities and the facilities around them, for one service radius after another.

    Attributes
    ----------
    communities, facilities
        As for `pairs_in_reach`.
    known
        What was found last, if anything. A step to a radius nearby has the distances of all
        pairs measured, somewhat beyond it, so that the next steps only pick.
    """

    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    known: list[_Known] = field(default_factory=list)

    def pairs(self, service_radius: float) -> Pairs:
        """
        Find the facilities in reach of each community.

        Parameters
        ----------
        service_radius
            Metres.

        Returns
        -------
        community, facility
            As from `pairs_in_reach`, in any order.
        """
        known = self.known[0] if self.known else None
        if known is None:
            known = self._plain(service_radius)
        elif known.radius != service_radius and (
            known.distance is None or known.radius < service_radius
        ):
            step = known.radius / GROWTH <= service_radius <= known.radius * GROWTH
            known = self._measured(GROWTH * service_radius) if step else self._plain(service_radius)
        self.known[:] = [known]
        if known.distance is None:
            return known.pairs
        met = np.searchsorted(known.distance, service_radius, side="right")
        community, facility = known.pairs
        return community[:met], facility[:met]

    def _plain(self, radius: float) -> _Known:
        pairs = pairs_in_reach(self.communities, self.facilities, service_radius=radius)
        return _Known(radius, pairs)

    def _measured(self, radius: float) -> _Known:
        community, facility = self._plain(radius).pairs
        distance = shapely.distance(
            self.communities.geometry.to_numpy()[community],
            self.facilities.geometry.to_numpy()[facility],
        )
        order = np.argsort(distance, kind="stable")
        return _Known(radius, (community[order], facility[order]), distance[order])

    def counts(self, service_radius: float) -> NDArray[np.int64]:
        """
        Count the facilities in reach of each community.

        Parameters
        ----------
        service_radius
            Metres.

        Returns
        -------
        counts
            In the order of the communities.
        """
        community, _ = self.pairs(service_radius)
        return np.bincount(community, minlength=len(self.communities))


def facilities_in_reach(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    service_radius: float,
) -> pd.Series[int]:
    """
    Count the facilities inside each community or at most a service radius from it.

    Parameters
    ----------
    communities, facilities, service_radius
        As for `pairs_in_reach`.

    Returns
    -------
    facilities_in_reach
        Counts on the index of `communities`.
    """
    community, _ = pairs_in_reach(communities, facilities, service_radius=service_radius)
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
