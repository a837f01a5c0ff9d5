"""
Polygons from lines that follow one another: each starts where another one ends.

Ends are numbered, so rings are strung from lines by following numbers; no point is compared
and nothing is cut. ::

    line a: 4 → 7      line c: 9 → 4        ring: a, b, c (4 → 7 → 9 → 4)
    line b: 7 → 9
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Lines:
    """
    Lines one after the other, each with what it encloses on its left.

    Attributes
    ----------
    points, line
        x, y in metres, n × 2, and the line of each, ascending.
    community
        Of each line.
    start, end
        Number of the place where each line starts and ends. A place belongs to one
        community; one line ends in it and one starts, with the very same point.
    """

    points: NDArray[np.float64]
    line: NDArray[np.int64]
    community: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def closed(
    lines: tuple[Lines, ...], *, origin: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """
    Close lines to polygons, without cutting or uniting any.

    Parameters
    ----------
    lines
        Together they close. Communities in which they do not are left out.
    origin
        x, y that is added to all points.

    Returns
    -------
    polygons
        With their holes; not checked for validity.
    community
        Of each polygon.
    """
    together = _joined(lines)
    following, closing = _following(together)
    order, begins = _cycles(following, closing)
    of = together.community[order[begins]]
    if not len(of):
        return np.empty(0, dtype=object), of
    points, ring = _points(together, order, begins)
    points += origin
    return _polygons(np.asarray(shapely.linearrings(points, indices=ring), dtype=object), of)


def _joined(lines: tuple[Lines, ...]) -> Lines:
    before = np.cumsum([0, *(len(each.community) for each in lines)])
    return Lines(
        points=np.concatenate([each.points for each in lines]),
        line=np.concatenate([each.line + n for each, n in zip(lines, before, strict=False)]),
        community=np.concatenate([each.community for each in lines]),
        start=np.concatenate([each.start for each in lines]),
        end=np.concatenate([each.end for each in lines]),
    )


def _following(lines: Lines) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find the line that starts where each ends, and which lines are of communities that close."""
    # Where a line ends, look up the line that starts there.
    by_start, by_end = np.argsort(lines.start), np.argsort(lines.end)
    starts, ends = lines.start[by_start], lines.end[by_end]
    at = np.minimum(np.searchsorted(starts, lines.end), max(len(starts) - 1, 0))
    # A community does not close if an end has no start, or a number starts or ends two lines.
    wrong = np.zeros(lines.community.max(initial=0) + 1, dtype=bool)
    wrong[lines.community[starts[at] != lines.end]] = True
    for numbers, order in ((starts, by_start), (ends, by_end)):
        wrong[lines.community[order[1:][numbers[1:] == numbers[:-1]]]] = True
    return by_start[at], ~wrong[lines.community]


def _cycles(
    following: NDArray[np.int64], closing: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Closing lines ring by ring in the order of their run, and where each ring begins."""
    # Plain lists and bytes: following one number after the other is no work for arrays.
    then, free = following.tolist(), bytearray(closing.astype(np.uint8))
    order: list[int] = []
    begins: list[int] = []
    first = free.find(1)
    while first >= 0:
        begins.append(len(order))
        line = first
        while free[line]:
            free[line] = 0
            order.append(line)
            line = then[line]
        first = free.find(1, first)
    return np.array(order, dtype=np.int64), np.array(begins, dtype=np.int64)


def _points(
    lines: Lines, order: NDArray[np.int64], begins: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points of each ring; the last of a line is the first of the next and stands once."""
    # The points of line n are the rows offset[n] … offset[n + 1]; lines are taken in the order
    # of the rings, each without its last point.
    offset = np.searchsorted(lines.line, np.arange(len(lines.community) + 1))
    count = np.diff(offset)[order] - 1
    at = np.repeat(offset[order] - np.cumsum(count) + count, count) + np.arange(count.sum())
    ring = np.repeat(np.arange(len(begins)), np.add.reduceat(count, begins))
    return lines.points[at], ring


def _polygons(
    rings: NDArray[np.object_], of: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give each hole to the smallest shell of its community around it."""
    # What is enclosed lies left of every line: shells run counter-clockwise, holes clockwise.
    outer = shapely.is_ccw(rings)
    shells, holes = np.flatnonzero(outer), np.flatnonzero(~outer)
    hole, shell = _around(rings, of, holes=holes, shells=shells)
    # A hole without a shell around it says that the community was not drawn right.
    without_shell = np.zeros(of.max() + 1, dtype=bool)
    without_shell[of[np.setdiff1d(holes, hole)]] = True
    member = np.concatenate([shells, hole])
    polygon = np.concatenate([shells, shell])
    # By polygon, the shell first and then its holes, as shapely wants rings.
    order = np.lexsort([np.repeat([0, 1], [len(shells), len(hole)]), polygon])
    number = np.unique(polygon, return_inverse=True)[1]
    polygons = np.asarray(shapely.polygons(rings[member[order]], indices=number[order]))
    whole = ~without_shell[of[shells]]
    return polygons[whole], of[shells][whole]


def _around(
    rings: NDArray[np.object_],
    of: NDArray[np.int64],
    *,
    holes: NDArray[np.int64],
    shells: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a hole and the smallest shell of its community around it."""
    shells = shells[np.argsort(of[shells], kind="stable")]
    first = np.searchsorted(of[shells], of[holes], side="left")
    count = np.searchsorted(of[shells], of[holes], side="right") - first
    # Pair each hole with every shell of its community, and keep those that hold its first point.
    hole = np.repeat(holes, count)
    shell = shells[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
    x, y = shapely.get_coordinates(shapely.get_point(rings[hole], 0)).T
    inside = shapely.contains_xy(shapely.polygons(rings[shell]), x, y)
    hole, shell = hole[inside], shell[inside]
    # Of the shells around a hole the smallest is its own; the others lie around that one.
    smallest = np.lexsort([shapely.area(shapely.polygons(rings[shell])), hole])
    hole, shell = hole[smallest], shell[smallest]
    head = np.diff(hole, prepend=-1) != 0
    return hole[head], shell[head]
