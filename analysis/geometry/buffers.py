"""
Reach drawn as polygons: the plain way to coverage, kept as the reference.

Circles become polygons inside them, and each community is overlaid with the union of
the discs near it. `analysis.geometry.disc_cover` measures the same without polygons, faster and
exactly; it falls back on this module where it does not trust itself, and the tests hold
the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.model.contracts import check_same_crs
from analysis.model.crs import check_crs

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

QUAD_SEGS = 64
"""Segments a quarter circle: the polygon lacks 0.010 % of its disc's area."""
FINE_QUAD_SEGS = 256
"""For the few places where exact circles did not work out: 0.0006 %."""


def check_service_radius(service_radius: float) -> None:
    """
    Refuse a service radius that is not a positive, finite length.

    Parameters
    ----------
    service_radius
        Metres.

    Raises
    ------
    ValueError
        If it is not; standards and options are checked where they are read.
    """
    if not (service_radius > 0 and np.isfinite(service_radius)):
        msg = f"`service_radius` must be positive metres, got {service_radius!r}."
        raise ValueError(msg)


def check_measurable(communities: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> None:
    """
    Refuse frames between which distances would not be true metres.

    Parameters
    ----------
    communities, facilities
        Frames as in `analysis.model.contracts`.

    Raises
    ------
    CrsError
        If the CRS is not metric, or the two frames differ in it.
    """
    check_crs(communities.crs, bounds=communities.total_bounds, name="communities")
    check_same_crs(communities, facilities)


def unique_points(facilities: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """
    Take the distinct places of facilities.

    Parameters
    ----------
    facilities
        Points.

    Returns
    -------
    points
        x, y in metres, one row a place, sorted: the same for any order of the rows.
    """
    points: NDArray[np.float64] = shapely.get_coordinates(facilities.geometry.to_numpy()) + 0.0
    return np.unique(points, axis=0)


def union_of_discs(
    polygons: NDArray[np.object_],
    points: NDArray[np.float64],
    *,
    service_radius: float,
    quad_segs: int = QUAD_SEGS,
) -> NDArray[np.object_]:
    """
    Unite the discs that touch each polygon.

    Every disc near the polygon is united, also one whose circle the others cover: its
    middle may be covered by it alone.

    Parameters
    ----------
    polygons
        Areas, in metres.
    points
        Centres of the discs, n × 2, distinct.
    service_radius
        Radius of the discs, in metres.
    quad_segs
        Segments a quarter circle; discs are polygons inside their circles.

    Returns
    -------
    unions
        One a polygon; an empty collection where no disc touches it.
    """
    centres = np.asarray(shapely.points(points), dtype=object)
    # A disc touches a polygon that is no farther from its centre than the radius.
    of_polygon, of_point = shapely.STRtree(centres).query(
        polygons, predicate="dwithin", distance=service_radius
    )
    # Each disc is drawn once, however many polygons it touches, and the discs of a polygon
    # are gathered in one collection, so that one vectorised call unites them all.
    order = np.argsort(of_polygon, kind="stable")
    near, disc = np.unique(of_point[order], return_inverse=True)
    discs = np.asarray(shapely.buffer(centres[near], service_radius, quad_segs=quad_segs))
    touched, group = np.unique(of_polygon[order], return_inverse=True)
    groups = np.full(len(polygons), shapely.GeometryCollection(), dtype=object)
    groups[touched] = shapely.geometrycollections(discs[disc], indices=group)
    return np.asarray(shapely.union_all(groups[:, None], axis=1), dtype=object)


def covered_area_by_polygons(
    polygons: NDArray[np.object_],
    points: NDArray[np.float64],
    *,
    service_radius: float,
    quad_segs: int = QUAD_SEGS,
) -> NDArray[np.float64]:
    """
    Overlay polygons with the discs around points.

    Parameters
    ----------
    polygons
        Areas, in metres.
    points
        Centres of the discs, n × 2, distinct.
    service_radius
        Radius of the discs, in metres.
    quad_segs
        Segments a quarter circle.

    Returns
    -------
    covered_area
        m², one a polygon; low by up to the polygons' error.
    """
    unions = union_of_discs(polygons, points, service_radius=service_radius, quad_segs=quad_segs)
    covered: NDArray[np.float64] = shapely.area(shapely.intersection(polygons, unions))
    return covered


def covered_share_by_polygons(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    service_radius: float,
    quad_segs: int = QUAD_SEGS,
) -> pd.Series[float]:
    """
    Measure the share of each community's area within reach, by overlay of polygons.

    The measure of `analysis.geometry.disc_cover.covered_share`, by other means: the reference.

    Parameters
    ----------
    communities
        Polygons, in a metric CRS.
    facilities
        Points in the same CRS that count as supply; none at all is allowed.
    service_radius
        Greatest distance served, in metres.
    quad_segs
        Segments a quarter circle. A disc lacks 0.16 % of its area at 16, 0.010 % at 64;
        a share can be low by about twice that.

    Returns
    -------
    covered_share
        Share in [0, 1], on the index of `communities`.

    Raises
    ------
    CrsError
        If the CRS is not metric, or the two frames differ in it.
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    check_measurable(communities, facilities)
    polygons = communities.geometry.to_numpy()
    covered = covered_area_by_polygons(
        polygons, unique_points(facilities), service_radius=service_radius, quad_segs=quad_segs
    )
    share = np.clip(covered / shapely.area(polygons), 0.0, 1.0)
    return pd.Series(share, index=communities.index, name="covered_share")
