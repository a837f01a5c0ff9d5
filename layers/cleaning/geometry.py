"""Transforms polygons and lines to the city's CRS, and repairs what can be repaired."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.cleaning.crs import note_datum, transform_geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely import MultiPolygon, Polygon

    from layers.cleaning.row_account import RowAccount
    from layers.formats.table import Table

_GEOMETRY_TYPES = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
    "MultiPolygon", "GeometryCollection",
)  # fmt: skip


_POLYGONS = (3, 6)


_LINE, _LINES = 1, 5
_COLLECTION = 7
_SEVERAL = (4, 5, 6, _COLLECTION)


MAX_AREA_CHANGE = 0.05
"""A polygon whose area repairing would change by more is quarantined: nobody knows its shape."""


MAX_CROSSINGS = 20_000
"""A polygon that crosses itself more often is not repaired: that could take minutes."""


_MANY_CROSSINGS = 400
"""From so many on, repairing works ring by ring: noding every line with every other takes hours."""


def clean_polygons(
    geometry: NDArray[np.object_], account: RowAccount, *, crs: CRS, target: CRS
) -> NDArray[np.object_]:
    """Transform polygons to the city's CRS and repair those that are invalid."""
    account.quarantine(_missing(geometry), "geometry_missing")
    geometry = _out_of_collections(geometry, account)
    other = ~np.isin(np.asarray(shapely.get_type_id(geometry)), _POLYGONS)
    account.quarantine(other, "geometry_type", detail=_types(geometry), allowed="Polygon")
    note_datum(crs, target, account)
    transformed = transform_geometry(geometry, crs, target)
    transformed = _within(transformed, account)
    _repair(transformed, account)
    return transformed


def line_parts(table: Table) -> Table:
    """Give each part of a line of several parts a row of its own."""
    if table.geometry is None:
        return table
    several = shapely.get_type_id(table.geometry) == _LINES
    count = np.where(several, np.maximum(shapely.get_num_geometries(table.geometry), 1), 1)
    row = np.repeat(np.arange(len(count)), count)
    geometry = table.geometry[row]
    # place of each part in its own line: rows 0 0 0 1 1 have the parts 0 1 2 0 1
    part = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    split = several[row] & ~shapely.is_empty(geometry)
    geometry[split] = shapely.get_geometry(geometry[split], part[split])
    return replace(
        table,
        rows=table.rows.iloc[row].reset_index(drop=True),
        numbers=table.numbers[row],
        geometry=geometry,
        file_of=table.file_of[row],
        closed=np.resize(table.closed, len(count))[row],
        gaps=np.resize(table.gaps, len(count))[row],
    )


def clean_lines(
    geometry: NDArray[np.object_], account: RowAccount, *, crs: CRS, target: CRS
) -> NDArray[np.object_]:
    """Transform lines to the city's CRS."""
    account.quarantine(_missing(geometry), "geometry_missing")
    single = shapely.get_num_geometries(geometry) == 1
    lines = np.full(len(geometry), None, dtype=object)
    lines[single] = shapely.get_geometry(geometry[single], 0)
    lines[shapely.get_type_id(lines) != _LINE] = None
    other = shapely.is_missing(lines)
    account.quarantine(other, "geometry_type", detail=_types(geometry), allowed="LineString")
    note_datum(crs, target, account)
    lines = _within(transform_geometry(lines, crs, target), account)
    account.quarantine(~(shapely.length(lines) > 0), "geometry_flat")
    return lines


def _within(transformed: NDArray[np.object_], account: RowAccount) -> NDArray[np.object_]:
    """Quarantine shapes that their CRS does not reach, and give none in their place."""
    lost = ~np.asarray(shapely.is_missing(transformed), dtype=bool)
    lost &= ~np.isfinite(shapely.bounds(transformed)).all(axis=1)
    account.quarantine(lost, "geometry_outside_crs")
    within = transformed.copy()
    within[lost] = None
    return within


def _repair(transformed: NDArray[np.object_], account: RowAccount) -> None:
    """Mend invalid polygons in place, unless that would make something else of them."""
    broken = ~np.asarray(shapely.is_valid(transformed))
    crossings = np.zeros(len(transformed), dtype=np.int64)
    crossings[broken] = [_crossings(shape) for shape in transformed[broken]]
    account.quarantine(crossings > MAX_CROSSINGS, "geometry_tangled", crossings=MAX_CROSSINGS)
    # a repair that changes the area much made another shape: nobody knows which was meant
    broken &= account.alive
    if not broken.any():
        return
    place = _first_fault(transformed[broken][0])
    transformed[broken] = [_with_rings_outside(shape) for shape in transformed[broken]]
    before = shapely.area(transformed[broken])
    much = broken & (crossings > _MANY_CROSSINGS)
    little = broken & ~much
    transformed[little] = _polygon_parts(shapely.make_valid(transformed[little]))
    transformed[much] = _polygon_parts(shapely.make_valid(transformed[much], method="structure"))
    after = shapely.area(transformed[broken])
    change = np.zeros(len(transformed))
    change[broken] = np.abs(after - before) / np.maximum(np.maximum(before, after), 1e-9)
    flat = broken.copy()
    flat[broken] = after == 0
    account.quarantine(flat, "geometry_flat")
    detail = np.array([f"{value:.1%}" for value in change], dtype=object)
    account.quarantine(
        change > MAX_AREA_CHANGE,
        "geometry_ambiguous",
        detail=detail,
        allowed=f"{MAX_AREA_CHANGE:.0%}",
    )
    largest = float(change[broken & account.alive].max(initial=0.0))
    account.repair(broken, "geometry_repaired", found=place, area_change_share=round(largest, 6))


def _first_fault(shape: shapely.Geometry) -> str:
    """Give the place that makes a polygon invalid, in metres, as GEOS puts it behind its reason."""
    reason = str(shapely.is_valid_reason(shape))
    return ", ".join(f"{float(each):.1f}" for each in reason[:-1].partition("[")[2].split())


def _out_of_collections(geometry: NDArray[np.object_], account: RowAccount) -> NDArray[np.object_]:
    """Take the polygons of collections; labels and lines beside them are no area."""
    collections = np.asarray(shapely.get_type_id(geometry)) == _COLLECTION
    if not collections.any():
        return geometry
    parts = _polygon_parts(geometry[collections])
    held = ~shapely.is_empty(parts)
    taken = geometry.copy()
    taken[np.flatnonzero(collections)[held]] = parts[held]
    account.repair(collections & (taken != geometry), "collection_parts")
    return taken


def _with_rings_outside(shape: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    """
    Make rings that are written as holes, but lie outside their shell, shells of their own.

        +------+  +--+        the second ring is a hole of nothing: both are land
        |      |  |  |
        +------+  +--+
    """
    shells = []
    for part in shapely.get_parts(shape):
        shell = shapely.Polygon(part.exterior)
        rings = [shapely.Polygon(ring) for ring in part.interiors]
        if not shell.is_valid or not all(ring.is_valid for ring in rings):
            return shape
        outside = [ring for ring in rings if not shell.intersects(ring.representative_point())]
        holes = [ring.exterior for ring in rings if ring not in outside]
        shells += [shapely.Polygon(shell.exterior, holes), *outside]
    whole: Polygon | MultiPolygon = shells[0] if len(shells) == 1 else shapely.MultiPolygon(shells)
    return whole


def _crossings(shape: Polygon | MultiPolygon | None) -> int:
    """Estimate from a sample of its segments how often a shape crosses itself."""
    if shape is None or shapely.get_num_coordinates(shape) < 2 * np.sqrt(_MANY_CROSSINGS):
        return 0
    points = shapely.get_coordinates(shape)
    segments = np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)))
    # about 200 segments stand for all; each crossing is met by both segments that make it
    step = max(1, len(segments) // 200)
    pairs = shapely.STRtree(segments).query(segments[::step], predicate="crosses")
    return int(pairs.shape[1] * step / 2)


def _polygon_parts(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the polygons of what repairing left; lines and points have no area."""
    parts_of = np.empty(len(geometry), dtype=object)
    for position, shape in enumerate(geometry):
        parts = np.asarray([shape], dtype=object)
        while np.isin(shapely.get_type_id(parts), _SEVERAL).any():
            parts = shapely.get_parts(parts)
        parts = parts[np.isin(shapely.get_type_id(parts), _POLYGONS)]
        parts_of[position] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return parts_of


def _missing(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))


def _types(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    names = np.array([*(str(name) for name in _GEOMETRY_TYPES), ""], dtype=object)
    return np.asarray(names[shapely.get_type_id(geometry)])
