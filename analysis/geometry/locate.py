"""Find the community of each place: exact, by a raster for many places at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray


OUTSIDE = -1
FEW_PLACES, CORNERS_A_PLACE = 10_000, 8
"""Below so many places, or where borders have more corners a place, each is tested by itself."""
CELLS_PER_PLACE, MAX_CELLS = 6, 16_000_000
"""Cells of the raster: fine enough that few places are near a border, in 100 MB at most."""
POLYGONS_AT_A_TIME = 500
"""Whose borders are drawn into the raster together, to spare memory."""
NEAR_BORDER = 0
"""Patch of a place that has to be tested by itself."""


def community_of(x: ArrayLike, y: ArrayLike, communities: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """
    Find the community of each place.

    Parameters
    ----------
    x, y
        Coordinates in metres, in the CRS of `communities`.
    communities
        Polygons.

    Returns
    -------
    position
        Position in `communities`, one a place; `OUTSIDE` (-1) where there is none. A
        place on a border, or where communities overlap, belongs to the first of them.
    """
    coordinates = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    polygons = communities.geometry.to_numpy()
    patch = _patches(coordinates, polygons)
    # One place of each patch, whichever comes last, is tested for all of them; places near a
    # border are tested themselves.
    sample = np.full(patch.max(initial=NEAR_BORDER) + 1, -1)
    sample[patch] = np.arange(len(patch))
    sample[NEAR_BORDER] = -1
    tested = np.concatenate([np.flatnonzero(patch == NEAR_BORDER), sample[sample >= 0]])
    position = np.full(len(patch), OUTSIDE, dtype=np.int64)
    position[tested] = _one_by_one(coordinates[tested], polygons)
    source = np.where(patch == NEAR_BORDER, np.arange(len(patch)), sample[patch])
    return position[source]


def _one_by_one(
    coordinates: NDArray[np.float64], polygons: NDArray[np.object_]
) -> NDArray[np.int64]:
    """First polygon that each place lies in or on."""
    places = np.asarray(shapely.points(coordinates), dtype=object)
    polygon, place = shapely.STRtree(places).query(polygons, predicate="intersects")
    position = np.full(len(coordinates), OUTSIDE, dtype=np.int64)
    # Pairs come by polygon; written backwards, the first polygon of a place is written last.
    position[place[::-1]] = polygon[::-1]
    return position


def _patches(coordinates: NDArray[np.float64], polygons: NDArray[np.object_]) -> NDArray[np.int64]:
    """
    Number the patch of each place: cells of a raster that hang together without a border.

    All places of a patch lie in the same polygons, so one of them stands for all; only
    those in a cell that a border may touch, `NEAR_BORDER`, have to be tested themselves. ::

        1 1 1 . 2      a border runs through the cells marked ·
        1 1 . 2 2      places in 1 lie on one side of it, places in 2 on the other
        . . 2 2 2
    """
    patch = np.full(len(coordinates), NEAR_BORDER, dtype=np.int64)
    finite = np.isfinite(coordinates).all(axis=1)
    corners = int(shapely.get_num_coordinates(polygons).sum())
    if finite.sum() < max(FEW_PLACES, corners // CORNERS_A_PLACE) or not len(polygons):
        return patch
    west, south, east, north = shapely.total_bounds(polygons)
    cells = min(CELLS_PER_PLACE * int(finite.sum()), MAX_CELLS)
    width, height = east - west, north - south
    # Square cells; the second term keeps a long, thin extent from being all rim.
    side = float(max(np.sqrt(width * height / cells), 4 * (width + height) / cells))
    if not side > 0:
        return patch
    corner = np.array([west, south]) - 1.5 * side
    shape = tuple(int(extent / side) + 4 for extent in (height, width))

    def cell_of(points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column; what is beyond the polygons falls into the ring of cells around."""
        column, row = np.floor((points - corner) / side).T
        return tuple(
            np.clip(place, 0, size - 1).astype(np.int64)
            for place, size in zip((row, column), shape, strict=True)
        )

    # A piece of border shorter than a cell touches only the cells of its box's four corners.
    free = np.ones(shape, dtype=bool)
    for some in np.array_split(polygons, 1 + len(polygons) // POLYGONS_AT_A_TIME):
        low, high = _pieces(some, longest=0.9 * side, margin=1e-6 * side)
        (south_row, west_column), (north_row, east_column) = cell_of(low), cell_of(high)
        for row in (south_row, north_row):
            for column in (west_column, east_column):
                free[row, column] = False
    patch[finite] = scipy.ndimage.label(free)[0][cell_of(coordinates[finite])]
    return patch


def _pieces(
    polygons: NDArray[np.object_], *, longest: float, margin: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    South-west and north-east corners around short pieces of all borders.

    The jump from one ring to the next counts as a piece too: a few cells more are tested.
    """
    points = shapely.get_coordinates(shapely.segmentize(polygons, longest))
    start, end = points[:-1], points[1:]
    return np.minimum(start, end) - margin, np.maximum(start, end) + margin
