"""
Where the borders of communities and the edge of a reach meet.

Border edges far from the edge of the reach are covered whole or not at all, by the
distance of their ends to the nearest facility, which is the same for every radius. Only
the thin rest is crossed with exposed arcs. Every crossing is counted twice, along its
edge and along its arc, and both counts must agree with what lies at the ends; where they
do not, rounding has misplaced one, and the community is named as doubtful. ::

    a──────────b
    │     ╭────X──╮      ab: both ends far out of reach, so not covered
    │     │    │  │      bc: enters the reach at the crossing X, so thin
    d─────X────c  │      cd: leaves it at the other X, so thin
          ╰───────╯      the arc from X to X within the community: a passage
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from analysis.geometry.arcs import GROWTH, MAX_BLOCK, Arcs, Centres, exposed_arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.geometry.edges import Borders

FIRST_CANDIDATES = 4
SLACK = 1e-6
"""Metres that distances may be rounded by."""
GOLDEN = (5**0.5 - 1) / 2
"""Where along an arc its place is looked up: symmetric data has nothing special there."""


@dataclass(frozen=True, eq=False)
class Crossings:
    """
    Points in which border edges cross exposed arcs.

    Attributes
    ----------
    edge, place
        Which edge, and where on it: 0 at its start, 1 at its end.
    sign
        1 where the edge enters the reach and the arc leaves the community, else -1.
    arc, angle
        Which arc, and where on it, in radians.
    """

    edge: NDArray[np.int64]
    place: NDArray[np.float64]
    sign: NDArray[np.float64]
    arc: NDArray[np.int64]
    angle: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Passages:
    """
    Arcs that run through communities, one row an arc and community.

    Attributes
    ----------
    arc, community
        Which.
    starts, ends
        1 where the arc's start and its end lie in the community, else 0.
    """

    arc: NDArray[np.int64]
    community: NDArray[np.int64]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Meeting:
    """
    Borders and a reach of one radius, met.

    Attributes
    ----------
    radius
        Metres.
    arcs
        The edge of the reach.
    covered
        Truth for each border edge: its start is within reach.
    thin
        Edges that may be covered in part; any other is covered as its start is.
    crossings, passages
        Where they meet.
    doubtful
        Truth for each community: the counts of its crossings disagree.
    """

    radius: float
    arcs: Arcs
    covered: NDArray[np.bool_]
    thin: NDArray[np.int64]
    crossings: Crossings
    passages: Passages
    doubtful: NDArray[np.bool_]


def sums(group: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """
    Sum values by group.

    Parameters
    ----------
    group
        Group of each value, below `count`.
    values
        One a member of a group.
    count
        How many groups.

    Returns
    -------
    sums
        One a group; 0 for a group without members.
    """
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)


def _candidates(
    borders: Borders, centres: Centres, arcs: Arcs, thin: NDArray[np.int64], radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Pairs of thin edges and circles with exposed arcs that may cross.

    Seen from the middle of an edge, the circle's centre is no further than the radius and
    half the edge. A few nearest centres are all there are for most edges; the others ask
    for more.
    """
    # Circles without exposed arcs have nothing to cross.
    circles = np.unique(arcs.circle)
    tree = cKDTree(centres.points[circles])
    middle = borders.start[thin] + borders.step[thin] / 2
    furthest = radius + borders.length[thin] / 2 + SLACK
    found = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    waiting, count = np.arange(len(thin)), min(FIRST_CANDIDATES, len(circles))
    while len(waiting):
        unfinished = []
        # Blocks bound the memory of the edge × circle tables.
        for block in np.array_split(waiting, len(waiting) * count // MAX_BLOCK + 1):
            distance, circle = tree.query(middle[block], k=np.arange(1, count + 1))
            near = distance <= furthest[block, None]
            # Neighbours come nearest first: once one is too far, all later ones are.
            done = ~near[:, -1] | (count == len(circles))
            row, column = np.nonzero(near & done[:, None])
            found.append((thin[block[row]], circles[circle[row, column]]))
            unfinished.append(block[~done])
        waiting, count = np.concatenate(unfinished), min(GROWTH * count, len(circles))
    edge, circle = (np.concatenate(column) for column in zip(*found, strict=True))
    return edge, circle


def _on_arcs(
    arcs: Arcs, circle: NDArray[np.int64], angle: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of points on circles and the exposed arcs that they lie on."""
    # Arcs are sorted by circle: those of one circle are the rows first … first + count.
    first = np.searchsorted(arcs.circle, circle, side="left")
    count = np.searchsorted(arcs.circle, circle, side="right") - first
    # Pair each point with every arc of its circle: 0, 1, … count - 1 added to first.
    point = np.repeat(np.arange(len(circle)), count)
    arc = np.arange(len(point)) + np.repeat(first - np.cumsum(count) + count, count)
    exposed = (arcs.start[arc] <= angle[point]) & (angle[point] <= arcs.end[arc])
    return point[exposed], arc[exposed]


def _crossings(
    borders: Borders, centres: Centres, arcs: Arcs, thin: NDArray[np.int64], radius: float
) -> Crossings:
    """
    Cut the lines of thin edges with circles.

    With `arm` from the centre to the edge's start, the line passes the centre at a distance of
    `off`; the foot of that perpendicular lies at `middle` along the edge, and the circle is
    met at `half` before it (entering) and behind it (leaving). ::

          ╭──────c──────╮
          │      │ off  │        from s to the foot: middle
    s─────X──────┼──────X────e   from the foot to either X: half
          ╰─────────────╯        both in lengths of the edge
    """
    edge, circle = _candidates(borders, centres, arcs, thin, radius)
    arm = borders.start[edge] - centres.points[circle]
    step, length = borders.step[edge], borders.length[edge]
    off = (arm[:, 0] * step[:, 1] - arm[:, 1] * step[:, 0]) / length
    middle = -(arm * step).sum(axis=1) / length**2
    # (r - off)(r + off) keeps the digits that r² - off² would lose where a circle is grazed.
    half = np.sqrt(np.maximum((radius - off) * (radius + off), 0)) / length
    met = np.flatnonzero(half > 0)
    pair = np.concatenate([met, met])
    sign = np.repeat([1.0, -1.0], len(met))
    place = middle[pair] - sign * half[pair]
    # Half open, so that a crossing in a corner belongs to one of its two edges only.
    on_edge = (place > 0) & (place <= 1)
    pair, place, sign = pair[on_edge], place[on_edge], sign[on_edge]
    point = arm[pair] + place[:, None] * step[pair]
    angle = np.arctan2(point[:, 1], point[:, 0])
    # Where another disc hides the circle, the edge of the reach is not crossed.
    hit, arc = _on_arcs(arcs, circle[pair], angle)
    return Crossings(
        edge=edge[pair[hit]], place=place[hit], sign=sign[hit], arc=arc, angle=angle[hit]
    )


def _passages(
    borders: Borders, centres: Centres, arcs: Arcs, crossings: Crossings, radius: float
) -> Passages:
    """Look up one point of every arc; its crossings tell where the rest of it lies."""
    # Which communities hold one point of each arc is looked up, and nothing else.
    angle = arcs.start + GOLDEN * (arcs.end - arcs.start)
    compass = np.column_stack([np.cos(angle), np.sin(angle)])
    points = centres.points[arcs.circle] + radius * compass
    arc, community = borders.tree.query(shapely.points(points))
    inside = shapely.contains_xy(borders.polygons[community], points[arc])
    arc, community = arc[inside], community[inside]

    # From there on, crossings tell: one with sign 1 leaves the community in the sense of the
    # arc. Starts are counted back through the crossings before the point, ends on through
    # those after it; 1 means that this end of the arc lies in the community, 0 that it does not.
    crossed, sign = crossings.arc, crossings.sign
    later = crossings.angle > angle[crossed]
    # One number stands for a community and an arc; an arc may touch a community by crossings
    # alone, without its point.
    pairs = np.concatenate([community, borders.community[crossings.edge]]) * len(angle)
    pairs, member = np.unique(pairs + np.concatenate([arc, crossed]), return_inverse=True)
    known = np.ones(len(arc))
    starts = np.concatenate([known, np.where(later, 0, sign)])
    ends = np.concatenate([known, np.where(later, -sign, 0)])
    return Passages(
        arc=pairs % len(angle),
        community=pairs // len(angle),
        starts=sums(member, starts, len(pairs)),
        ends=sums(member, ends, len(pairs)),
    )


def _doubtful(
    borders: Borders,
    covered: NDArray[np.bool_],
    thin: NDArray[np.int64],
    crossings: Crossings,
    passages: Passages,
) -> NDArray[np.bool_]:
    """
    Name the communities whose crossings contradict each other.

    Along an edge, enterings less leavings must be what its end has on its start. Along an arc,
    starts and ends must come out as 0 or 1.
    """
    entered = sums(crossings.edge, crossings.sign, len(covered))[thin]
    gained = covered[borders.following[thin]].astype(float) - covered[thin]
    misplaced = ~np.isin(passages.starts, (0, 1)) | ~np.isin(passages.ends, (0, 1))
    doubtful = np.zeros(len(borders.polygons), dtype=bool)
    doubtful[borders.community[thin[entered != gained]]] = True
    doubtful[passages.community[misplaced]] = True
    return doubtful


def meet(
    borders: Borders, centres: Centres, nearest: NDArray[np.float64], *, radius: float
) -> Meeting:
    """
    Find where borders cross the edge of the discs around centres.

    Parameters
    ----------
    borders
        Edges of the communities.
    centres
        Centres of the discs, relative to the same origin.
    nearest
        Metres from the start of each edge to the nearest centre.
    radius
        Of the discs, in metres.

    Returns
    -------
    meeting
        Crossings, passages and the communities in which they do not add up.
    """
    arcs = exposed_arcs(centres, radius)
    covered = nearest <= radius
    # No point of an edge is nearer than (a + b - length) / 2 to a facility or farther than
    # (a + b + length) / 2, a and b being the distances at its ends: only where the radius lies
    # between can the edge be covered in part.
    ends, length = nearest + nearest[borders.following], borders.length
    thin = np.flatnonzero((ends + length > 2 * radius) & (ends - length < 2 * radius))
    crossings = _crossings(borders, centres, arcs, thin, radius)
    passages = _passages(borders, centres, arcs, crossings, radius)
    return Meeting(
        radius=radius,
        arcs=arcs,
        covered=covered,
        thin=thin,
        crossings=crossings,
        passages=passages,
        doubtful=_doubtful(borders, covered, thin, crossings, passages),
    )
