"""Places for the public that many share: a dot on a map tells of no single household."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.privacy.suppression import PUBLIC_MINIMUM

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEEPEST = 20
"""How often a square is halved at most: a millionth of its side."""


def shared_places(
    x: pd.Series[float], y: pd.Series[float], *, minimum: int = PUBLIC_MINIMUM, finest: float
) -> pd.DataFrame:
    """
    Move points to the middles of squares of which each holds many.

    Parameters
    ----------
    x, y
        Shape (n,) each, on one index: metres in a metric CRS. Missing ones have no place.
    minimum
        Least number of points that share a place; at least 1.
    finest
        Side below which no square is divided, in metres: its middle is told no more precisely.

    Returns
    -------
    places
        On the same index: `x` and `y` of the middle of the square, in metres, and `side` of it.
        All missing where fewer than `minimum` points have a place.

    Raises
    ------
    ValueError
        If `minimum` is below 1 or `finest` not positive.

    Notes
    -----
    A square around all is cut into four, and each quarter that holds `minimum` points again, down
    to `finest`. Quarters that hold fewer stay together at the middle of the whole, with the next
    larger one if they are too few themselves. Where squares lie depends on `finest` and the extent
    alone, not on single points. Who publishes categories beside the places must call this for each
    category. Not modelled: several reports of one household count as several.

    References
    ----------
    Gruteser and Grunwald (2003), Anonymous usage of location-based services through spatial and
    temporal cloaking, doi:10.1145/1066116.1189037.

    Examples
    --------
    >>> x = pd.Series([1.0, 2.0, 90.0, 95.0])
    >>> shared_places(x, x, minimum=2, finest=10.0)["x"].tolist()
    [5.0, 5.0, 95.0, 95.0]
    """
    if minimum < 1 or not finest > 0:
        msg = f"`minimum` must be 1 or more and `finest` positive, got {minimum!r}, {finest!r}."
        raise ValueError(msg)
    columns = x.to_numpy(np.float64), y.to_numpy(np.float64)
    placed = np.isfinite(columns[0]) & np.isfinite(columns[1])
    told = np.full((len(x), 3), np.nan)
    if placed.sum() >= minimum:
        points = np.stack([column[placed] for column in columns], axis=1).astype(np.float64)
        told[placed] = _squares(points, minimum, finest)
    return pd.DataFrame(told, index=x.index, columns=["x", "y", "side"])


def _squares(points: NDArray[np.float64], minimum: int, finest: float) -> NDArray[np.float64]:
    """Cut squares into quarters while these still hold enough."""
    low = np.floor(points.min(axis=0) / finest) * finest
    extent = max(float((points.max(axis=0) - low).max()), finest)
    halvings = min(int(np.ceil(np.log2(extent / finest + 1e-12))), DEEPEST)
    side = finest * 2.0 ** max(halvings, 0)
    while side < extent or np.any(points.max(axis=0) >= low + side):
        side *= 2
    told = np.empty((len(points), 3))
    open_squares = [(np.arange(len(points)), low, side)]
    while open_squares:
        members, corner, side = open_squares.pop()
        half = side / 2
        quarter = ((points[members] >= corner + half) * [1, 2]).sum(axis=1)
        sizes = np.bincount(quarter, minlength=4)
        stays = _staying(sizes, minimum) if half >= finest else sizes > 0
        told[members[stays[quarter]]] = [*(corner + half), side]
        open_squares += [
            (members[quarter == place], corner + half * np.array([place % 2, place // 2]), half)
            for place in np.flatnonzero((sizes > 0) & ~stays)
        ]
    return told


def _staying(sizes: NDArray[np.int64], minimum: int) -> NDArray[np.bool_]:
    """Tell which quarters stay with the whole square: small ones, and others until they suffice."""
    stays = (sizes > 0) & (sizes < minimum)
    for place in np.argsort(sizes, kind="stable"):
        if not 0 < sizes[stays].sum() < minimum:
            break
        stays[place] = sizes[place] > 0
    return stays
