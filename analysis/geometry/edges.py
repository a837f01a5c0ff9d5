"""Communities as directed border edges, with what a covered area is summed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Borders:
    """
    Every edge of every ring, with the community on its left.

    Attributes
    ----------
    polygons
        The communities, oriented and moved by `-origin`; prepared for point location.
    tree
        Of the polygons.
    origin
        x, y that all coordinates here are relative to: short numbers keep their digits.
    centre
        x, y of a point near each community, n × 2: areas are summed about it.
    start, step, length
        First point, vector and length of each edge, in metres.
    following
        The next edge of the same ring.
    corners, corner
        Distinct first points of edges, n × 2, and which is that of each edge: neighbours
        share most of them.
    community
        Position of the community of each edge, ascending.
    twice_area
        Of the triangle that the edge makes with the community's centre, in m², signed.
    """

    polygons: NDArray[np.object_]
    tree: shapely.STRtree
    origin: NDArray[np.float64]
    centre: NDArray[np.float64]
    start: NDArray[np.float64]
    step: NDArray[np.float64]
    length: NDArray[np.float64]
    following: NDArray[np.int64]
    corners: NDArray[np.float64]
    corner: NDArray[np.int64]
    community: NDArray[np.int64]
    twice_area: NDArray[np.float64]


def _oriented(polygons: NDArray[np.object_], origin: NDArray[np.float64]) -> NDArray[np.object_]:
    moved = shapely.transform(polygons, lambda coordinates: coordinates - origin)
    return np.asarray(shapely.orient_polygons(moved), dtype=object)


def _prepare_location(polygons: NDArray[np.object_], inner: NDArray[np.float64]) -> None:
    """Build the indexes for point location now: the first look-up would, in any thread."""
    shapely.prepare(polygons)
    shapely.contains_xy(polygons, inner)


def _following(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    # The next row is the next edge, but at the end of a ring: there it is the ring's first.
    following = np.arange(1, len(ring) + 1)
    last = np.append(ring[1:] != ring[:-1], True)
    following[last] = np.searchsorted(ring, ring[last])
    return following


def prepare_borders(polygons: NDArray[np.object_]) -> Borders:
    """
    Take polygons apart into border edges.

    Parameters
    ----------
    polygons
        Valid polygons or multipolygons, in metres; holes and overlaps are allowed.

    Returns
    -------
    borders
        Their edges, those of no length left out.
    """
    west, south, east, north = shapely.total_bounds(polygons)
    origin = np.array([(west + east) / 2, (south + north) / 2])
    # Shells counter-clockwise and holes clockwise: the community lies left of every edge.
    oriented = _oriented(polygons, origin)
    bounds = shapely.bounds(oriented)
    centre = (bounds[:, :2] + bounds[:, 2:]) / 2
    _prepare_location(oriented, centre)
    parts, community_of_part = shapely.get_parts(oriented, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    # All rings lie in one array: the step from one ring to the next is no edge.
    step = np.diff(vertices, axis=0)
    is_edge = (ring[1:] == ring[:-1]) & step.any(axis=1)
    start, step = vertices[:-1][is_edge], step[is_edge]
    ring = ring[:-1][is_edge]
    community = community_of_part[part_of_ring[ring]]
    # x and y side by side read as one complex number, so that corners are found in one pass.
    corner, corners = pd.factorize(np.ascontiguousarray(start).view(complex).ravel())
    arm = start - centre[community]
    return Borders(
        polygons=oriented,
        tree=shapely.STRtree(oriented),
        origin=origin,
        centre=centre,
        start=start,
        step=step,
        length=np.hypot(step[:, 0], step[:, 1]),
        following=_following(ring),
        corners=corners.view(float).reshape(-1, 2),
        corner=corner,
        community=community,
        twice_area=arm[:, 0] * step[:, 1] - arm[:, 1] * step[:, 0],
    )
