"""
The uncovered part of each community, drawn from where its border meets the reach.

The outline of a gap is made of uncovered stretches of the community's border and of the
exposed arcs that run through the community. `analysis.geometry.crossings` knows the ends of all
of them, so the lines are laid down as they are, with the gap on their left, and each is
followed by the one that starts where it ends (`analysis.geometry.polygonize`): nothing is united or
cut. Arcs become chords that enclose the same area. Each drawing must be valid and have
the exact area (`analysis.geometry.disc_cover`); else that community is drawn by overlay of
discs. ::

    d───────────c
    │           │      The gap, anticlockwise: from a along the border to the crossing X, along
    │   gap ╭───Y      the arc to the crossing Y, along the border by c and d back to a.
    │       │   │
    a───────X───b
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree

from analysis.geometry.buffers import FINE_QUAD_SEGS, QUAD_SEGS, union_of_discs
from analysis.geometry.crossings import sums
from analysis.geometry.disc_cover import enclosed_area
from analysis.geometry.polygonize import Lines, closed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.geometry.arcs import Centres
    from analysis.geometry.crossings import Meeting
    from analysis.geometry.disc_cover import DiscCover
    from analysis.geometry.edges import Borders

MAX_CHORD = np.pi / 2 / QUAD_SEGS
"""Radians; chords stray from their circle by at most 5e-5 of its radius."""
_FINE_STEP = np.pi / 2 / FINE_QUAD_SEGS
_SAME_AREA = float(np.sqrt(_FINE_STEP / np.sin(_FINE_STEP)))
"""A polygon of so many corners in a circle so much larger has the area of the circle."""
AREA_TOLERANCE = 1e-9
"""Share of a community, beside a thousandth of a square metre."""


class _Ends(NamedTuple):
    """Ends of arcs: of which arc in which community, the angle, the place and its number."""

    community: NDArray[np.int64]
    arc: NDArray[np.int64]
    angle: NDArray[np.float64]
    place: NDArray[np.float64]
    number: NDArray[np.int64]


def _crossing_points(borders: Borders, meeting: Meeting) -> NDArray[np.float64]:
    crossings = meeting.crossings
    return borders.start[crossings.edge] + crossings.place[:, None] * borders.step[crossings.edge]


class _Pieces(NamedTuple):
    """Uncovered pieces of border edges: their edge, where they start and end, with numbers."""

    edge: NDArray[np.int64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def _pieces(
    borders: Borders, meeting: Meeting, crossed: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> _Pieces:
    """Uncovered pieces of the chosen communities' edges, along their borders."""
    crossings, covered, corners = meeting.crossings, meeting.covered, len(borders.start)
    wanted = chosen[borders.community]
    begins = np.flatnonzero(wanted & ~covered)
    ends = np.flatnonzero(wanted & ~covered[borders.following])
    leaving = np.flatnonzero(wanted[crossings.edge] & (crossings.sign < 0))
    entering = np.flatnonzero(wanted[crossings.edge] & (crossings.sign > 0))

    # A piece begins in an uncovered corner or where the edge leaves the reach …
    edge = np.concatenate([begins, crossings.edge[leaving]])
    at = np.lexsort([np.concatenate([np.zeros(len(begins)), crossings.place[leaving]]), edge])
    first = np.concatenate([borders.start[begins], crossed[leaving]])
    start = np.concatenate([begins, corners + leaving])

    # … and ends in an uncovered corner or where the edge enters it. Sorted by edge and place
    # along it, beginnings and ends come in the same order: row n of both is one piece.
    of_end = np.concatenate([ends, crossings.edge[entering]])
    to = np.lexsort([np.concatenate([np.ones(len(ends)), crossings.place[entering]]), of_end])
    corner = borders.following[ends]
    last = np.concatenate([borders.start[corner], crossed[entering]])
    end = np.concatenate([corner, corners + entering])
    return _Pieces(edge[at], first[at], last[to], start[at], end[to])


def _stretches(
    borders: Borders, meeting: Meeting, crossed: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> Lines:
    """
    Uncovered stretches of the border of the chosen communities.

    Their ends are numbered: corners of the border first, then the crossings.
    """
    edge, first, last, start, end = _pieces(borders, meeting, crossed, chosen)
    # Pieces that meet in a corner are one line: its head is a piece that none before it meets,
    # its tail the piece before the next head.
    head = np.ones(len(edge), dtype=bool)
    head[1:] = start[1:] != end[:-1]
    tail = np.append(head[1:], True)[: len(head)]
    line = np.cumsum(head) - 1
    # Within a line the start of a piece is the end of the one before it, and stands once.
    points = np.stack([first, last], axis=1).reshape(-1, 2)
    once = np.stack([head, np.ones_like(head)], axis=1).ravel()
    return Lines(
        points=points[once],
        line=np.repeat(line, 2)[once],
        community=borders.community[edge[head]],
        start=start[head],
        end=end[tail],
    )


def _arc_starts(
    meeting: Meeting, centres: Centres
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Start of every arc, and which arc starts where it ends."""
    arcs = meeting.arcs
    centre = centres.points[arcs.circle]
    start, end = (
        centre + meeting.radius * np.column_stack([np.cos(angle), np.sin(angle)])
        for angle in (arcs.start, arcs.end)
    )
    # Where one disc's arc ends the next one's begins, at the same point but for rounding.
    return start, cKDTree(start).query(end)[1]


def _arc_ends(
    borders: Borders,
    centres: Centres,
    meeting: Meeting,
    crossed: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> tuple[_Ends, _Ends]:
    """
    Ends of the stretches of arcs within the chosen communities, their starts first.

    Sorted alike: row n of the starts and row n of the ends are one stretch.
    """
    arcs, crossings, passages = meeting.arcs, meeting.crossings, meeting.passages
    arc_start, following = _arc_starts(meeting, centres)
    at_community = borders.community[crossings.edge]
    corners, count = len(borders.start), len(borders.polygons)

    def sorted_ends(
        inside: NDArray[np.float64], angle: NDArray[np.float64], at: NDArray[np.int64], sign: int
    ) -> _Ends:
        """By community, arc and angle."""
        own = np.flatnonzero((inside > 0) & chosen[passages.community])
        met = np.flatnonzero((crossings.sign == sign) & chosen[at_community])
        of = at[passages.arc[own]]
        arc = np.concatenate([passages.arc[own], crossings.arc[met]])
        community = np.concatenate([passages.community[own], at_community[met]])
        turned = np.concatenate([angle[passages.arc[own]], crossings.angle[met]])
        place = np.concatenate([arc_start[of], crossed[met]])
        apart = corners + len(crossed) + of * count + passages.community[own]
        number = np.concatenate([apart, corners + met])
        order = np.lexsort([turned, arc, community])
        return _Ends(community[order], arc[order], turned[order], place[order], number[order])

    here = np.arange(len(arcs.circle))
    return (
        sorted_ends(passages.starts, arcs.start, here, -1),
        sorted_ends(passages.ends, arcs.end, following, 1),
    )


def _chords(
    borders: Borders,
    centres: Centres,
    meeting: Meeting,
    crossed: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> Lines:
    """
    Arcs within the chosen communities, clockwise, as chords.

    Their ends are numbered: crossings as `_stretches` has them, then the starts of arcs,
    apart for each community.
    """
    # A stretch is drawn from its end back to its start, so that the gap lies on its left.
    low, high = _arc_ends(borders, centres, meeting, crossed, chosen)
    turn = high.angle - low.angle
    chords = np.maximum(np.ceil(turn / MAX_CHORD), 2).astype(np.int64)
    # Points 0 … chords of every line, in one array: `at` counts them line by line.
    line = np.repeat(np.arange(len(turn)), chords + 1)
    at = np.arange(len(line)) - np.repeat(np.cumsum(chords + 1) - chords - 1, chords + 1)
    angle = high.angle[line] - (turn / chords)[line] * at
    stretched = (meeting.radius * _stretch(turn, chords))[line]
    points = centres.points[meeting.arcs.circle[low.arc]][line]
    points[:, 0] += stretched * np.cos(angle)
    points[:, 1] += stretched * np.sin(angle)
    # Ends are the very points that the neighbouring lines have, not computed anew.
    points[at == 0], points[at == chords[line]] = high.place, low.place
    return Lines(points, line, low.community, start=high.number, end=low.number)


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


def _drawn(
    cover: DiscCover, centres: Centres, meeting: Meeting, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_]]:
    """Uncovered parts of the chosen communities, of which each is, and which came out right."""
    borders, count = cover.borders, len(chosen)
    crossed = _crossing_points(borders, meeting)
    lines = (
        _stretches(borders, meeting, crossed, chosen),
        _chords(borders, centres, meeting, crossed, chosen),
    )
    parts, of = closed(lines, origin=borders.origin)
    # A drawing counts if it is valid and has exactly the area that Green's theorem gives.
    expected = cover.area - enclosed_area(borders, centres, meeting)
    close = np.abs(sums(of, shapely.area(parts), count) - expected)
    right = chosen & (close <= AREA_TOLERANCE * cover.area + 1e-3)
    right[of[~shapely.is_valid(parts)]] = False
    return parts[right[of]], of[right[of]], right


def _touched(borders: Borders, meeting: Meeting) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Communities that are covered in part, and those not covered at all."""
    count = len(borders.polygons)
    # No corner in reach: untouched; every corner: covered whole. A crossing or an arc inside
    # says otherwise.
    starts = sums(borders.community, meeting.covered.astype(float), count)
    untouched = starts == 0
    partly = meeting.doubtful | ~(
        untouched | (starts == np.bincount(borders.community, minlength=count))
    )
    partly[meeting.passages.community] = True
    partly[borders.community[meeting.crossings.edge]] = True
    return partly, untouched & ~partly


def uncovered_parts(
    polygons: NDArray[np.object_], cover: DiscCover, *, service_radius: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """
    Draw the parts of each community that no facility reaches.

    Parameters
    ----------
    polygons
        The communities that `cover` was prepared for, in the same order.
    cover
        Prepared communities and facilities.
    service_radius
        Greatest distance served, in metres.

    Returns
    -------
    parts
        Valid polygons, none where all is covered, and the parts of the community itself
        where nothing is. Areas are exact: circles are 256-gons of equal area.
    of
        Position of the community of each part.
    """
    if cover.centres is None:
        return _parts(polygons, np.arange(len(polygons)))
    borders, centres = cover.borders, cover.centres
    meeting = cover.meeting(service_radius)
    partly, untouched = _touched(borders, meeting)
    drawn, of, right = _drawn(cover, centres, meeting, partly & ~meeting.doubtful)
    found = [(drawn, of), _parts(polygons[untouched], np.flatnonzero(untouched))]
    again = np.flatnonzero(partly & ~right)
    if len(again):
        discs = union_of_discs(
            polygons[again],
            centres.points + borders.origin,
            service_radius=service_radius * _SAME_AREA,
            quad_segs=FINE_QUAD_SEGS,
        )
        found.append(_parts(shapely.difference(polygons[again], discs), again))
    parts, of = (np.concatenate(each) for each in zip(*found, strict=True))
    return parts, of


def _parts(
    shapes: NDArray[np.object_], of: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    parts, member = shapely.get_parts(shapes, return_index=True)
    return parts, of[member]
