"""
Frames in metres turned into what the map fetches: rings of whole numbers, and columns.

A ring is written as steps between its corners on the grid of the web map, so the browser
need neither project it nor make an object of each corner before it draws. Polygons are
simplified together, so that neighbours keep one common border. The result is for the screen
only; figures always come from the frames themselves.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from analysis.hotspots.lattice import SQUARE, Lattice
from analysis.model.contracts import FACILITY_STATUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import numpy.typing as npt
    from pyproj import CRS

DECIMALS = 5
"""Of a degree: about one metre."""
GRID_ZOOM = 17
"""Zoom of the web map at which one pixel, about one metre, is the unit of rings."""
GRID = 256 * 2**GRID_ZOOM
"""Units around the earth."""
SCREEN_STEPS = 2500
"""Parts into which the extent's diagonal is cut; detail finer than a part is left out."""
FINEST, COARSEST = 0.5, 20.0
"""Smallest and greatest simplification, in metres."""
NEIGHBOURS = 8
"""Around a point, by whose distance its spacing is judged."""


def screen_tolerance(bounds: Sequence[float]) -> float:
    """How much detail the map can do without."""
    diagonal = float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1]))
    return float(np.clip(diagonal / SCREEN_STEPS, FINEST, COARSEST))


def lonlat_bounds(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[float, float, float, float]:
    """Extent of a frame in degrees."""
    return degree_bounds(frame.crs, *(float(value) for value in frame.total_bounds))


@lru_cache(maxsize=64)
def degree_bounds(
    crs: CRS, west: float, south: float, east: float, north: float
) -> tuple[float, float, float, float]:
    """Turn metric bounds into degrees."""
    found = _degrees(crs).transform_bounds(west, south, east, north)
    left, right = (float(lon) for lon in _counted_on(np.array([found[0], found[2]]), crs))
    return left, float(found[1]), right, float(found[3])


def lonlat(
    x: npt.ArrayLike, y: npt.ArrayLike, *, crs: CRS
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Turn metric places into degrees."""
    lon, lat = _degrees(crs).transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return _counted_on(lon, crs), lat


def _counted_on(lon: npt.NDArray[np.float64], crs: CRS) -> npt.NDArray[np.float64]:
    """Count longitudes on beyond 180, where else a city would lie on both sides of the map."""
    away = lon - _middle(crs)
    if not (np.abs(away) > 180).any():  # noqa: PLR2004
        return lon
    counted: npt.NDArray[np.float64] = lon - 360 * np.sign(away) * (np.abs(away) > 180)  # noqa: PLR2004
    return counted


@lru_cache(maxsize=64)
def _middle(crs: CRS) -> float:
    """Longitude that a projection is centred on; 0 where it has none."""
    how = crs.coordinate_operation
    found = (
        [each.value for each in how.params if each.name.startswith("Longitude of")] if how else []
    )
    return float(found[0]) if found else 0.0


def _degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def polygons_json(
    polygons: gpd.GeoDataFrame | gpd.GeoSeries, *, tolerance: float | None = None
) -> bytes:
    """Write polygons for the map, one feature a row, in the order of the frame."""
    shapes = polygons.geometry.to_numpy()
    if len(shapes) == 0:
        return b"[]"
    if tolerance is None:
        tolerance = screen_tolerance(polygons.total_bounds)
    if tolerance > 0:  # all together, so that neighbours keep one common border
        shapes = shapely.coverage_simplify(shapes, tolerance)
    return _rings_json(shapes, polygons.crs)


def grid_json(
    x: npt.ArrayLike, y: npt.ArrayLike, *, cell: float, crs: CRS, shape: str = SQUARE
) -> bytes:
    """Write the cells of a metric grid for the map."""
    outlines = Lattice(shape, float(cell)).outlines(x, y)
    return _rings_json(np.atleast_1d(outlines), crs)


def points_columns(
    facilities: gpd.GeoDataFrame,
    *,
    kinds: Sequence[str],
    name: str = "name",
    details: Sequence[Sequence[str]] | None = None,
) -> dict[str, object]:
    """Arrange facilities in columns for the map."""
    degrees = shapely.get_coordinates(_to_degrees(facilities.geometry.to_numpy(), facilities.crs))
    kind_place = {kind: place for place, kind in enumerate(kinds)}
    status_place = {status: place for place, status in enumerate(FACILITY_STATUS)}
    names = facilities[name].astype(object)
    columns: dict[str, object] = {
        "lon": degrees[:, 0].tolist(),
        "lat": degrees[:, 1].tolist(),
        "kind": [kind_place[kind] for kind in facilities["kind"]],
        "status": [status_place[status] for status in facilities["status"]],
        "name": names.where(names.notna(), "").astype(str).tolist(),
        "spacing": _spacing(shapely.get_coordinates(facilities.geometry.to_numpy())),
    }
    if details is not None:
        columns["details"] = [list(lines) for lines in details]
    return columns


def _spacing(points: npt.NDArray[np.float64]) -> float | None:
    """
    Metres between neighbours where the points lie as close as they mostly do.

    As on a grid of the density that `NEIGHBOURS` around a point have; `None` of fewer points,
    which never crowd a map.
    """
    if len(points) <= NEIGHBOURS:
        return None
    furthest = cKDTree(points).query(points, k=[NEIGHBOURS + 1])[0]
    return round(float(np.median(furthest)) * math.sqrt(math.pi / NEIGHBOURS), 1)


def _to_degrees(shapes: npt.NDArray[np.object_], crs: CRS) -> npt.NDArray[np.object_]:
    def place(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        degrees = np.column_stack(lonlat(coordinates[:, 0], coordinates[:, 1], crs=crs))
        return np.round(degrees, DECIMALS)

    moved: npt.NDArray[np.object_] = np.atleast_1d(shapely.transform(shapes, place))
    return moved


def _rings_json(shapes: npt.NDArray[np.object_], crs: CRS) -> bytes:
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    rows: list[list[list[int]]] = [[] for _ in shapes]
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    grid = _on_grid(corners, crs)
    starts = np.searchsorted(ring, np.arange(len(rings) + 1))
    # each ring begins with its place on the grid and goes on in steps:
    #   (5 5) (8 5) (8 9) (5 5)  ->  5 5  3 0  0 4   (the way back to the start is not written)
    steps = np.diff(grid, axis=0, prepend=0)
    steps[starts[:-1]] = grid[starts[:-1]]
    for row, start, end in zip(shape[part], starts[:-1], starts[1:], strict=True):
        moves = steps[start : end - 1]
        rows[row].append(moves[moves.any(axis=1)].ravel().tolist())
    return json.dumps(rows, separators=(",", ":")).encode()


def _on_grid(metres: npt.NDArray[np.float64], crs: CRS) -> npt.NDArray[np.int64]:
    lon, lat = np.radians(lonlat(metres[:, 0], metres[:, 1], crs=crs))
    x, y = 0.5 + lon / (2 * np.pi), 0.5 - np.arctanh(np.sin(lat)) / (2 * np.pi)
    grid: npt.NDArray[np.int64] = np.rint(np.column_stack([x, y]) * GRID).astype(np.int64)
    return grid
