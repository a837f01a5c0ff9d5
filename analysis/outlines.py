"""
The uncovered part of each community, drawn from where its border meets the reach.

The outline of a gap is made of uncovered stretches of the community's border and of the
exposed arcs that run through the community. `analysis.crossings` knows the ends of all
of them, so the lines are laid down as they are and only closed to polygons: nothing is
united or cut. Arcs become chords that enclose the same area. Each drawing must be valid
and have the exact area (`analysis.reach`); else that community is drawn by overlay of discs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from analysis.crossings import meet, sums
from analysis.discs import FINE_QUAD_SEGS, QUAD_SEGS, local_reach
from analysis.reach import enclosed_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.arcs import Centres
    from analysis.borders import Borders
    from analysis.crossings import Meeting
    from analysis.reach import Reach

LARGEST_CHORD = np.pi / 2 / QUAD_SEGS
"""Radians; chords stray from their circle by at most 5e-5 of its radius."""
AREA_TOLERANCE = 1e-9
"""Share of a community, beside a thousandth of a square metre."""


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines one after the other: their points, the line of each, the community of each line."""

    points: NDArray[np.float64]
    line: NDArray[np.int64]
    community: NDArray[np.int64]


def _crossing_points(borders: Borders, meeting: Meeting) -> NDArray[np.float64]:
    crossings = meeting.crossings
    return borders.start[crossings.edge] + crossings.place[:, None] * borders.step[crossings.edge]


def _stretches(
    borders: Borders, meeting: Meeting, crossed: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> _Lines:
    """Uncovered stretches of the border of the chosen communities."""
    crossings, covered = meeting.crossings, meeting.covered
    wanted = chosen[borders.community]
    begins = np.flatnonzero(wanted & ~covered)
    ends = np.flatnonzero(wanted & ~covered[borders.following])
    leaving = np.flatnonzero(wanted[crossings.edge] & (crossings.sign < 0))
    entering = np.flatnonzero(wanted[crossings.edge] & (crossings.sign > 0))

    edge = np.concatenate([begins, crossings.edge[leaving]])
    order = np.lexsort([np.concatenate([np.zeros(len(begins)), crossings.place[leaving]]), edge])
    edge = edge[order]
    first = np.concatenate([borders.start[begins], crossed[leaving]])[order]
    at_start = order < len(begins)

    of_end = np.concatenate([ends, crossings.edge[entering]])
    order = np.lexsort([np.concatenate([np.ones(len(ends)), crossings.place[entering]]), of_end])
    last = np.concatenate([borders.start[borders.following[ends]], crossed[entering]])[order]
    at_end = order < len(ends)

    head = np.ones(len(edge), dtype=bool)
    head[1:] = ~(at_start[1:] & at_end[:-1] & (borders.following[edge[:-1]] == edge[1:]))
    line = np.cumsum(head) - 1
    points = np.stack([first, last], axis=1).reshape(-1, 2)
    kept = np.stack([head, np.ones_like(head)], axis=1).ravel()
    return _Lines(points[kept], np.repeat(line, 2)[kept], borders.community[edge[head]])


def _joints(meeting: Meeting, centres: Centres) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start and end of every arc; an end is the very point at which another arc starts."""
    arcs = meeting.arcs
    centre = centres.points[arcs.circle]
    start, end = (
        centre + meeting.radius * np.column_stack([np.cos(angle), np.sin(angle)])
        for angle in (arcs.start, arcs.end)
    )
    return start, start[cKDTree(start).query(end)[1]]


def _chords(
    borders: Borders,
    centres: Centres,
    meeting: Meeting,
    crossed: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> _Lines:
    """Arcs within the chosen communities, as chords."""
    arcs, crossings, passages = meeting.arcs, meeting.crossings, meeting.passages
    start, end = _joints(meeting, centres)
    at_community = borders.community[crossings.edge]

    def sorted_ends(
        inside: NDArray[np.float64],
        angle: NDArray[np.float64],
        points: NDArray[np.float64],
        sign: int,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        own = np.flatnonzero((inside > 0) & chosen[passages.community])
        met = np.flatnonzero((crossings.sign == sign) & chosen[at_community])
        arc = np.concatenate([passages.arc[own], crossings.arc[met]])
        community = np.concatenate([passages.community[own], at_community[met]])
        angle = np.concatenate([angle[passages.arc[own]], crossings.angle[met]])
        order = np.lexsort([angle, arc, community])
        place = np.concatenate([points[passages.arc[own]], crossed[met]])
        return community[order], arc[order], angle[order], place[order]

    community, arc, from_angle, first = sorted_ends(passages.starts, arcs.start, start, -1)
    _, _, to_angle, last = sorted_ends(passages.ends, arcs.end, end, 1)
    turn = to_angle - from_angle
    count = np.maximum(np.ceil(turn / LARGEST_CHORD), 2).astype(np.int64)
    line = np.repeat(np.arange(len(arc)), count + 1)
    at = np.arange(len(line)) - np.repeat(np.cumsum(count + 1) - count - 1, count + 1)
    angle = from_angle[line] + (turn / count)[line] * at
    compass = np.column_stack([np.cos(angle), np.sin(angle)])
    stretched = (meeting.radius * _stretch(turn, count))[line, None]
    points = centres.points[arcs.circle[arc]][line] + stretched * compass
    points[at == 0], points[at == count[line]] = first, last
    return _Lines(points, line, community)


def _stretch(turn: NDArray[np.float64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """
    Find how far out the inner points must lie for chords to enclose what the arc does.

    With the ends on the circle and the `count - 1` points between at s radii, the
    triangles to the centre have the sector's area if m s² + s = c, with
    m = count / 2 - 1 and c = turn / (2 sin(turn / count)).
    """
    m = count / 2 - 1
    c = count / 2 / np.sinc(turn / count / np.pi)
    stretch: NDArray[np.float64] = 2 * c / (1 + np.sqrt(1 + 4 * m * c))
    return stretch


def _built(bundles: NDArray[np.object_]) -> NDArray[np.object_]:
    """Areas within bundles of lines; empty where the lines of one cross each other."""
    try:
        return np.asarray(shapely.build_area(bundles), dtype=object)
    except shapely.errors.GEOSException:
        if len(bundles) == 1:
            return np.array([shapely.Polygon()], dtype=object)
    half = len(bundles) // 2
    return np.concatenate([_built(bundles[:half]), _built(bundles[half:])])


def _closed(lines: tuple[_Lines, ...], count: int) -> NDArray[np.object_]:
    """Polygons that the lines of each community enclose."""
    geometry = np.concatenate(
        [np.asarray(shapely.linestrings(of.points, indices=of.line)) for of in lines]
    )
    community = np.concatenate([of.community for of in lines])
    order = np.argsort(community, kind="stable")
    drawn, member = np.unique(community[order], return_inverse=True)
    bundles = np.asarray(shapely.multilinestrings(geometry[order], indices=member))
    polygons = np.full(count, shapely.Polygon(), dtype=object)
    polygons[drawn] = _built(bundles)
    return polygons


def _drawn(
    reach: Reach, centres: Centres, meeting: Meeting, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Uncovered parts of the chosen communities, in place, and which came out right."""
    borders = reach.borders
    crossed = _crossing_points(borders, meeting)
    stretches = _stretches(borders, meeting, crossed, chosen)
    chords = _chords(borders, centres, meeting, crossed, chosen)
    polygons = _closed((stretches, chords), len(chosen))
    polygons = shapely.transform(polygons, lambda points: points + borders.origin)
    expected = reach.area - enclosed_area(borders, centres, meeting)
    close = np.abs(shapely.area(polygons) - expected) <= AREA_TOLERANCE * reach.area + 1e-3
    return polygons, chosen & close & shapely.is_valid(polygons)


def _touched(borders: Borders, meeting: Meeting) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Communities that are covered in part, and those not covered at all."""
    count = len(borders.polygons)
    starts = sums(borders.community, meeting.covered.astype(float), count)
    untouched = starts == 0
    partly = meeting.doubtful | ~(
        untouched | (starts == np.bincount(borders.community, minlength=count))
    )
    partly[meeting.passages.community] = True
    partly[borders.community[meeting.crossings.edge]] = True
    return partly, untouched & ~partly


def uncovered_polygons(
    polygons: NDArray[np.object_], reach: Reach, *, service_radius: float
) -> NDArray[np.object_]:
    """
    Draw the part of each community that no facility reaches.

    Parameters
    ----------
    polygons
        The communities that `reach` was prepared for, in the same order.
    reach
        Prepared communities and facilities.
    service_radius
        Greatest distance served, in metres.

    Returns
    -------
    uncovered
        Valid polygons or multipolygons, empty where all is covered, and the community
        itself where nothing is. Areas are exact: circles are 256-gons of equal area.
    """
    if reach.centres is None:
        return polygons.copy()
    borders, centres = reach.borders, reach.centres
    meeting = meet(borders, centres, reach.nearest, radius=service_radius)
    partly, untouched = _touched(borders, meeting)

    uncovered, right = _drawn(reach, centres, meeting, partly & ~meeting.doubtful)
    again = np.flatnonzero(partly & ~right)
    if len(again):
        discs = local_reach(
            polygons[again],
            centres.points + borders.origin,
            service_radius=service_radius,
            quad_segs=FINE_QUAD_SEGS,
        )
        uncovered[again] = shapely.difference(polygons[again], discs)
    uncovered[untouched] = polygons[untouched]
    return uncovered
