"""Density clusters of points: DBSCAN, exact, without a list of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.hotspots.lattice import SQUARE, Lattice

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

BLOCK = 1 << 19
"""Pairs looked at in one go, which is what memory is spent on."""
NARROWER = 1e-9
"""Part by which squares are smaller than need be, so that rounding never makes two points of one
square too far apart."""
ASIDE = 2
"""Squares, each way, within which all points near a point lie."""


def squares(distance: float) -> Lattice:
    """
    Lay squares so small that all points of one are within the distance of each other.

    Parameters
    ----------
    distance
        In metres.

    Returns
    -------
    lattice
        Squares with a diagonal of that length.
    """
    return Lattice(SQUARE, distance / np.sqrt(2) * (1 - NARROWER))


@dataclass(frozen=True, eq=False)
class _Group:
    """Points sorted by square: their places, and every square's key, first point and box."""

    xy: Floats
    key: Whole
    start: Whole
    size: Whole
    low: Floats
    high: Floats


class _Numbered(NamedTuple):
    """Distinct points sorted by square: place, square, number of cases, and whose each case is."""

    xy: Floats
    key: Whole
    width: int
    weight: Whole
    of_case: Whole


def _numbered(xy: Floats, lattice: Lattice) -> _Numbered:
    col, row = lattice.cell_of(xy)
    order = np.lexsort((xy[:, 1], xy[:, 0], row))
    placed = xy[order]
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (placed[1:] != placed[:-1]).any(axis=1)
    of_case = np.empty(len(xy), dtype=np.int64)
    of_case[order] = np.cumsum(new) - 1
    col, row = (each - each.min() + ASIDE for each in (col, row))
    width = int(col.max()) + 2 * ASIDE
    key = (row * width + col)[order][new]
    return _Numbered(placed[new], key, width, np.bincount(of_case), of_case)


def _group(xy: Floats, key: Whole) -> _Group:
    start = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(key):
        return _Group(xy, key, start, start, xy, xy)
    size = np.diff(start, append=len(key))
    low, high = (way.reduceat(xy, start, axis=0) for way in (np.minimum, np.maximum))
    return _Group(xy, key[start], start, size, low, high)


def _spread(first: Whole, size: Whole) -> tuple[Whole, Whole]:
    """Which range, and which number in it, for ranges that begin somewhere and have a size."""
    owner = np.repeat(np.arange(len(size)), size)
    begun = np.cumsum(size) - size
    return owner, np.arange(len(owner)) + np.repeat(first - begun, size)


def _blocks(size: Whole) -> Iterator[slice]:
    """Cut rows into runs of about `BLOCK` in all."""
    part = np.cumsum(size) // BLOCK
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(size)]
    yield from (slice(one, other) for one, other in pairwise(edges))


def _near(asking: _Group, other_group: _Group, width: int) -> Iterator[tuple[Whole, Whole]]:
    """Squares of one group, each with those of the other that are at most `ASIDE` away."""
    steps = np.arange(-ASIDE, ASIDE + 1) * width
    for begin in range(0, len(asking.key), BLOCK // len(steps)):
        key = asking.key[begin : begin + BLOCK // len(steps), None] + steps
        first = np.searchsorted(other_group.key, key.ravel() - ASIDE)
        last = np.searchsorted(other_group.key, key.ravel() + ASIDE, side="right")
        row, found = _spread(first, last - first)
        yield begin + row // len(steps), found


def _squared(away: Floats) -> Floats:
    return away[:, 0] ** 2 + away[:, 1] ** 2


def _gap(low: Floats, high: Floats, group: _Group, cell: Whole) -> Floats:
    """Least squared distance from a box to the box of a square."""
    away = np.maximum(group.low[cell] - high, low - group.high[cell])
    return _squared(np.maximum(away, 0))


def _points_near(
    asking: _Group, other_group: _Group, a: Whole, b: Whole, most: float
) -> Iterator[tuple[Whole, Whole]]:
    """Points of squares `a` with the squares `b` whose box is near enough."""
    near = _gap(asking.low[a], asking.high[a], other_group, b) <= most
    a, b = a[near], b[near]
    for rows in _blocks(asking.size[a]):
        owner, point = _spread(asking.start[a[rows]], asking.size[a[rows]])
        cell = b[rows][owner]
        near = _gap(asking.xy[point], asking.xy[point], other_group, cell) <= most
        yield point[near], cell[near]


def _pairs(
    asking: _Group, other_group: _Group, point: Whole, cell: Whole, most: float
) -> Iterator[tuple[Whole, Whole, Floats]]:
    """Points with the points of squares that are near enough, and their squared distance."""
    for rows in _blocks(other_group.size[cell]):
        owner, other = _spread(other_group.start[cell[rows]], other_group.size[cell[rows]])
        one = point[rows][owner]
        away = _squared(asking.xy[one] - other_group.xy[other])
        near = away <= most
        yield one[near], other[near], away[near]


def _core_points(points: _Numbered, whole: _Group, *, most: float, least: int) -> Flags:
    """Tell which points have so many cases within the distance, their own among them."""
    cases = np.add.reduceat(points.weight, whole.start)
    is_core = np.repeat(cases >= least, whole.size)
    sparse = np.flatnonzero(~is_core)
    asking = _group(points.xy[sparse], points.key[sparse])
    count = np.zeros(len(sparse), dtype=np.int64)
    for a, b in _near(asking, whole, points.width):
        for point, cell in _points_near(asking, whole, a, b, most):
            far = np.maximum(
                np.abs(asking.xy[point] - whole.low[cell]),
                np.abs(asking.xy[point] - whole.high[cell]),
            )
            inside = _squared(far) <= most
            np.add.at(count, point[inside], cases[cell[inside]])
            open_ = ~inside & (count[point] < least)
            for one, other, _ in _pairs(asking, whole, point[open_], cell[open_], most):
                np.add.at(count, one, points.weight[other])
    is_core[sparse] = count >= least
    return is_core


def _extremes(core: _Group) -> list[Whole]:
    """Of every square the westernmost, easternmost, southernmost and northernmost point."""
    end = core.start + core.size - 1
    cell = np.repeat(np.arange(len(core.key)), core.size)
    by_y = np.lexsort((core.xy[:, 1], cell))
    return [core.start, end, by_y[core.start], by_y[end]]


def _linked(core: _Group, width: int, most: float) -> Whole:
    """
    Number the squares of core points that a chain of near points joins.

    Most joints show by the outermost points of two squares; all pairs are only compared where
    the two would not be joined without.
    """
    extremes = _extremes(core)
    joints, doubts = [], []
    for one, other in _near(core, core, width):
        a, b = one[one < other], other[one < other]
        close = np.zeros(len(a), dtype=bool)
        for i, j in product(extremes, extremes):
            close |= _squared(core.xy[i[a]] - core.xy[j[b]]) <= most
        joints.append(np.stack([a[close], b[close]]))
        doubts.append(np.stack([a[~close], b[~close]]))
    known, (a, b) = np.hstack(joints), np.hstack(doubts)
    label = _components(known, len(core.key))
    apart = label[a] != label[b]
    found = [known]
    home = np.repeat(np.arange(len(core.key)), core.size)
    for point, cell in _points_near(core, core, a[apart], b[apart], most):
        for p, q, _ in _pairs(core, core, point, cell, most):
            found.append(np.unique(np.stack([home[p], home[q]]), axis=1))
    return _components(np.hstack(found), len(core.key))


def _components(joints: Whole, size: int) -> Whole:
    graph = coo_array((np.ones(joints.shape[1], dtype=bool), tuple(joints)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _nearest(asking: _Group, core: _Group, width: int, most: float) -> tuple[Whole, Whole]:
    """Points with a core point near, and the nearest; of equals the westernmost, southernmost."""

    def best(one: Whole, other: Whole, away: Floats) -> tuple[Whole, Whole, Floats]:
        order = np.lexsort((core.xy[other, 1], core.xy[other, 0], away, one))
        first = order[np.flatnonzero(np.diff(one[order], prepend=-1))]
        return one[first], other[first], away[first]

    found = [
        best(*pairs)
        for a, b in _near(asking, core, width)
        for point, cell in _points_near(asking, core, a, b, most)
        for pairs in _pairs(asking, core, point, cell, most)
    ]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    one, other, _ = best(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    return one, other


def density_clusters(xy: Floats, *, distance: float, least: int) -> tuple[Whole, Flags]:
    """
    Join points that lie dense (DBSCAN).

    A core point has at least `least` points within `distance`, itself among them, the limit
    included. Core points within the distance of each other are of one cluster. Any other point
    within the distance of a core point belongs to the cluster of the nearest; of equally near
    ones the westernmost counts, then the southernmost.

    Parameters
    ----------
    xy
        Places, n × 2, in metres; points may share a place.
    distance
        In metres, positive.
    least
        1 or more.

    Returns
    -------
    cluster
        0 for points in none; 1 for the cluster of most points, and so on; of equally large
        ones the one with the westernmost core point first, then the southernmost.
    is_core
        Which points are core points.

    Raises
    ------
    ValueError
        If `distance` or `least` is not positive.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters,
    KDD-96, 226-231; on squares: Gunawan (2013), A faster algorithm for DBSCAN, Eindhoven.

    Examples
    --------
    Three points in a row, 1 m apart, and one alone: only the middle one has two others at 1 m.

    >>> import numpy as np
    >>> xy = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 0.0]])
    >>> cluster, is_core = density_clusters(xy, distance=1, least=3)
    >>> cluster.tolist(), is_core.tolist()
    ([1, 1, 1, 0], [False, True, False, False])
    """
    if not (distance > 0 and least >= 1):
        msg = f"`distance` and `least` must be positive, got {distance!r} and {least!r}."
        raise ValueError(msg)
    if not len(xy):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    points, most = _numbered(np.asarray(xy, dtype=float), squares(distance)), float(distance) ** 2
    is_core = _core_points(points, _group(points.xy, points.key), most=most, least=least)
    cluster = np.full(len(points.xy), -1, dtype=np.int64)
    if is_core.any():
        core, rest = (_group(points.xy[w], points.key[w]) for w in (is_core, ~is_core))
        home = np.repeat(_linked(core, points.width, most), core.size)
        cluster[is_core] = home
        edge, nearest = _nearest(rest, core, points.width, most)
        cluster[np.flatnonzero(~is_core)[edge]] = home[nearest]
    return _ranked(cluster, is_core, points)[points.of_case], is_core[points.of_case]


def _ranked(cluster: Whole, is_core: Flags, points: _Numbered) -> Whole:
    """Number clusters by their cases, 0 for none."""
    inside = cluster >= 0
    if not inside.any():
        return np.zeros(len(cluster), dtype=np.int64)
    cases = np.bincount(cluster[inside], weights=points.weight[inside])
    first = np.flatnonzero(is_core)
    first = first[np.lexsort((points.xy[first, 1], points.xy[first, 0]))]
    _, west = np.unique(cluster[first], return_index=True)
    rank = np.empty(len(cases), dtype=np.int64)
    rank[np.lexsort((west, -cases))] = np.arange(1, len(cases) + 1)
    return np.where(inside, rank[cluster], 0)
