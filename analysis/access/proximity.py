"""Facilities counted by community, and the distance to the nearest one, in a straight line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.geometry.buffers import check_measurable, check_service_radius
from analysis.model.contracts import check_same_crs

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
    # Of the communities that hold a facility the first in order is its own.
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
    # Either side can do the asking; the one that asks is prepared for many distances.
    if shapely.get_num_coordinates(polygons).mean() > MANY_CORNERS:
        community, facility = shapely.STRtree(points).query(
            polygons, "dwithin", distance=service_radius
        )
    else:
        facility, community = shapely.STRtree(polygons).query(
            points, "dwithin", distance=service_radius
        )
    return community, facility


_NONE: Pairs = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def _joined(first: Pairs, second: Pairs) -> Pairs:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


class _Known(NamedTuple):
    """Pairs within `low`, unordered; and those up to `high`, by their distance."""

    low: float
    within: Pairs
    high: float
    beyond: Pairs
    distance: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Vicinity:
    """
    Communities and the facilities around them, for one service radius after another.

    Attributes
    ----------
    communities, facilities
        As for `pairs_in_reach`.
    known
        What was found last, if anything. A step to a radius nearby has distances measured
        somewhat beyond it, of the pairs that come in between, so that the next steps only pick.
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
        if known is None or not known.low <= service_radius <= known.high:
            known = self._step(known, service_radius)
            self.known[:] = [known]
        if service_radius == known.low:
            return known.within
        met = np.searchsorted(known.distance, service_radius, side="right")
        community, facility = _joined(known.within, (known.beyond[0][:met], known.beyond[1][:met]))
        return community, facility

    def with_others(
        self,
        facilities: gpd.GeoDataFrame,
        came_from: NDArray[np.int64],
        pairs: Pairs,
        radius: float,
    ) -> Vicinity:
        """
        Put other facilities in place of some; the pairs of those that stay are taken over.

        Parameters
        ----------
        facilities
            All there are then.
        came_from
            Position in `self.facilities` of each that has not moved, or -1.
        pairs
            From `self.pairs` at this radius.
        radius
            Metres.

        Returns
        -------
        vicinity
            That knows its pairs at this radius.
        """
        stay = np.full(len(self.facilities), -1)
        stay[came_from[came_from >= 0]] = np.flatnonzero(came_from >= 0)
        community, facility = pairs[0], stay[pairs[1]]
        kept = facility >= 0
        new = np.flatnonzero(came_from < 0)
        found = _NONE
        if len(new):
            found = pairs_in_reach(self.communities, facilities.iloc[new], service_radius=radius)
        within = _joined((community[kept], facility[kept]), (found[0], new[found[1]]))
        known = _Known(radius, within, radius, _NONE, np.empty(0))
        return Vicinity(self.communities, facilities, [known])

    # The pairs known cover radii from low to high; a step nearby widens that range. ::
    #
    #     0 ────────── low ═══════ high ────────>      within: up to low, unordered
    #                   └─ beyond ──┘                  beyond: by distance, so a radius picks
    def _step(self, known: _Known | None, radius: float) -> _Known:
        if known is not None and known.high < radius <= known.high * GROWTH:
            return self._outward(known, GROWTH * radius)
        if known is not None and known.low / GROWTH <= radius < known.low:
            return self._inward(known)
        within = pairs_in_reach(self.communities, self.facilities, service_radius=radius)
        return _Known(radius, within, radius, _NONE, np.empty(0))

    def _outward(self, known: _Known, radius: float) -> _Known:
        """Measure the pairs that come in up to a greater radius."""
        # Boxes find some pairs too many; those known already are not measured again.
        pairs = self._perhaps(radius)
        here, there = map(self._numbered, (pairs, _joined(known.within, known.beyond)))
        new = ~np.isin(here, there)
        (community, facility), distance = self._measured((pairs[0][new], pairs[1][new]))
        met = slice(np.searchsorted(distance, radius, side="right"))
        beyond = _joined(known.beyond, (community[met], facility[met]))
        distance = np.concatenate([known.distance, distance[met]])
        return _Known(known.low, known.within, radius, beyond, distance)

    def _perhaps(self, radius: float) -> Pairs:
        """All pairs within a radius, and some beyond it."""
        west, south, east, north = shapely.bounds(self.facilities.geometry.to_numpy()).T
        around = shapely.box(west - radius, south - radius, east + radius, north + radius)
        facility, community = shapely.STRtree(self.communities.geometry.to_numpy()).query(around)
        return community, facility

    def _inward(self, known: _Known) -> _Known:
        """Measure the pairs within: any smaller radius then only picks."""
        within, distance = self._measured(known.within)
        distance = np.concatenate([distance, known.distance])
        return _Known(0.0, _NONE, known.high, _joined(within, known.beyond), distance)

    def _numbered(self, pairs: Pairs) -> NDArray[np.int64]:
        return pairs[0] * len(self.facilities) + pairs[1]

    def _measured(self, pairs: Pairs) -> tuple[Pairs, NDArray[np.float64]]:
        community, facility = pairs
        distance = shapely.distance(
            self.communities.geometry.to_numpy()[community],
            self.facilities.geometry.to_numpy()[facility],
        )
        order = np.argsort(distance, kind="stable")
        return (community[order], facility[order]), distance[order]

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
