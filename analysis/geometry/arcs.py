"""
The edge of a union of equal discs, as exposed arcs: parts of circles in no other disc.

A neighbour at distance d < 2r hides of a circle of radius r the angles β ± acos(d / 2r),
where β is its bearing. What no neighbour hides is exposed. ::

    ╭───────╭───╮───────╮
    │   c   │ h │   n   │      of c's circle the right side of h lies in n's disc: hidden
    ╰───────╰───╯───────╯
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

JITTER = 1e-5
"""Metres by which centres are moved, so that no three borders meet in one point."""
FIRST_NEIGHBOURS = 16
GROWTH = 4
MAX_BLOCK = 2_000_000


@dataclass(frozen=True, eq=False)
class Centres:
    """
    Distinct centres of discs, ready for any radius.

    Attributes
    ----------
    points
        x, y in metres, n × 2.
    tree
        Of the points.
    distance, bearing
        To the nearest other centres, nearest first: metres and radians from east,
        n × `FIRST_NEIGHBOURS`; infinite distance where there are fewer.
    """

    points: NDArray[np.float64]
    tree: cKDTree
    distance: NDArray[np.float64]
    bearing: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arcs:
    """
    Exposed arcs, each from `start` counter-clockwise to `end`.

    Attributes
    ----------
    circle
        Which centre, ascending.
    start, end
        Angles in [-pi, pi]. A circle that is cut at pi has two arcs there.
    """

    circle: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # SplitMix64's finaliser: every bit of the input may turn every bit of the result.
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    return bits ^ (bits >> np.uint64(31))


def jitter(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Draw small offsets for points, by a hash of their coordinates.

    Points on a lattice make circles touch, and meet borders in corners, where rounding
    decides what is inside. Moved a little they do not, and a share changes by some 1e-8.
    The same point moves the same way in any file, order and tile.

    Parameters
    ----------
    points
        x, y in metres, n × 2.

    Returns
    -------
    offset
        Metres within `JITTER` along each axis, n × 2.

    References
    ----------
    The hash is the finaliser of SplitMix64: Steele, Lea and Flood (2014),
    doi:10.1145/2714064.2660195.
    """
    # Adding 0.0 makes -0.0 and 0.0 one number, whose bits would else differ.
    bits = np.ascontiguousarray(points + 0.0).view(np.uint64)
    hashed = _mixed(_mixed(bits[:, 0]) + bits[:, 1])
    # The upper half of the hash moves x, the lower half y; each is scaled to [-1, 1).
    halves = np.column_stack([hashed >> np.uint64(32), hashed & np.uint64(0xFFFFFFFF)])
    return JITTER * (halves / 2.0**31 - 1.0)


def _neighbours(
    tree: cKDTree, circle: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points: NDArray[np.float64] = tree.data
    # The first neighbour of a centre is itself; where there are fewer, the tree gives infinity
    # and a position beyond the last, which must not be looked up.
    distance, other = tree.query(points[circle], k=np.arange(2, count + 2))
    step = points[np.minimum(other, len(points) - 1)] - points[circle][:, None]
    return distance, np.arctan2(step[..., 1], step[..., 0])


def prepare_centres(points: NDArray[np.float64]) -> Centres:
    """
    Find the neighbours of every centre, once for all radii.

    Parameters
    ----------
    points
        x, y in metres, n × 2, distinct, at least one.

    Returns
    -------
    centres
        The points with their nearest neighbours.
    """
    tree = cKDTree(points)
    distance, bearing = _neighbours(tree, np.arange(len(points)), FIRST_NEIGHBOURS)
    return Centres(points=points, tree=tree, distance=distance, bearing=bearing)


def _nearest(
    centres: Centres, circle: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if count == FIRST_NEIGHBOURS:
        return centres.distance[circle], centres.bearing[circle]
    return _neighbours(centres.tree, circle, count)


def _uncovered(
    distance: NDArray[np.float64], bearing: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Row, start and end of what the neighbours in each row leave of its circle."""
    # Each near neighbour hides [bearing - half, bearing + half]; the others hide nothing.
    near = distance < 2 * radius
    half = np.arccos(np.where(near, distance / (2 * radius), 1.0))
    low, high = bearing - half, bearing + half
    # Angles live in [-pi, pi]. An interval that leaves it is cut there: its rest is a second
    # interval at the other end. What hides nothing becomes the empty interval at pi, and one
    # more of these closes every row.
    nowhere = np.full((len(distance), 1), np.pi)
    wraps_below, wraps_above = low < -np.pi, high > np.pi
    start = np.hstack(
        [
            np.where(near, np.maximum(low, -np.pi), np.pi),
            np.where(near & wraps_below, low + 2 * np.pi, np.where(wraps_above, -np.pi, np.pi)),
            nowhere,
        ]
    )
    end = np.hstack(
        [
            np.where(near, np.minimum(high, np.pi), np.pi),
            np.where(near & wraps_above, high - 2 * np.pi, np.pi),
            nowhere,
        ]
    )
    # Sorted by start, a gap lies wherever an interval begins after all before it have ended.
    order = np.argsort(start, axis=1)
    start = np.take_along_axis(start, order, axis=1)
    end = np.maximum.accumulate(np.take_along_axis(end, order, axis=1), axis=1)
    before = np.hstack([-nowhere, end[:, :-1]])
    row, column = np.nonzero(start > before)
    return row, before[row, column], start[row, column]


def exposed_arcs(centres: Centres, radius: float) -> Arcs:
    """
    Find the parts of the circles around the centres that lie in no other disc.

    A few nearest neighbours cover most circles whole; only the others are asked for more.

    Parameters
    ----------
    centres
        Prepared centres.
    radius
        Of every circle, in metres.

    Returns
    -------
    arcs
        By circle and angle. They bound the union of the discs, whose inside is on
        their left.
    """
    found = [(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))]
    circle, count = np.arange(len(centres.points)), FIRST_NEIGHBOURS
    while len(circle):
        unfinished = []
        # Blocks bound the memory of the circle × neighbour tables.
        for block in np.array_split(circle, len(circle) * count // MAX_BLOCK + 1):
            distance, bearing = _nearest(centres, block, count)
            row, start, end = _uncovered(distance, bearing, radius)
            # Gaps are final where the farthest neighbour looked at is out of reach already;
            # circles without any gap drop out here, whatever farther neighbours there are.
            done = distance[row, -1] >= 2 * radius
            found.append((block[row[done]], start[done], end[done]))
            unfinished.append(block[np.unique(row[~done])])
        circle, count = np.concatenate(unfinished), min(GROWTH * count, len(centres.points))
    circle, start, end = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort([start, circle])
    return Arcs(circle=circle[order], start=start[order], end=end[order])
