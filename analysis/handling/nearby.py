"""Cases near each other, in blocks that fit into memory."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PAIRS = 4_000_000
"""Pairs held at once, unless one point alone has more."""


def near_pairs(
    points: NDArray[np.float64],
    others: NDArray[np.float64],
    *,
    distance_m: float,
    pairs: int = PAIRS,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """
    Give every pair of a point and another one within a straight distance.

    Parameters
    ----------
    points, others
        `x`, `y` in metres, one a row; none at all gives no pairs.
    distance_m
        Greatest distance of a pair, itself included.
    pairs
        How many pairs a block may hold; a single point's are never parted.

    Yields
    ------
    point, other
        Rows of `points` and of `others`, ordered by point; the blocks follow each other.
    """
    if not len(points) or not len(others):
        return
    tree = cKDTree(others)
    found = tree.query_ball_point(points, distance_m, return_length=True)
    block = np.cumsum(found) // pairs
    borders = np.flatnonzero(np.diff(block)) + 1
    for rows in np.split(np.arange(len(points)), borders):
        lists = tree.query_ball_point(points[rows], distance_m, return_sorted=True)
        other = np.fromiter(chain.from_iterable(lists), np.int64, count=int(found[rows].sum()))
        yield np.repeat(rows, found[rows]), other
