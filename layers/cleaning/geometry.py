"""Transforms polygons and lines to the city's CRS, and repairs what can be repaired."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.cleaning.crs import note_datum, transform_geometry

if TYPE_CHECKING:
    from collections.abc import Iterator

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


MAX_AREA_CHANGE = 0.05
"""A polygon whose area repairing would change by more is quarantined: nobody knows its shape."""


MAX_CROSSINGS = 400
"""A polygon that crosses itself more often is not repaired: that could take hours."""


def clean_polygons(
    geometry: NDArray[np.object_], account: RowAccount, *, crs: CRS, target: CRS
) -> NDArray[np.object_]:
    """Transform polygons to the city's CRS and repair those that are invalid."""
    account.quarantine(_missing(geometry), "geometry_missing")
    other = ~np.isin(np.asarray(shapely.get_type_id(geometry)), _POLYGONS)
    account.quarantine(other, "geometry_type", detail=_types(geometry), allowed="Polygon")
    note_datum(crs, target, account)
    transformed = transform_geometry(geometry, crs, target)
    lost = np.asarray(~np.isfinite(shapely.bounds(transformed)).all(axis=1))
    account.quarantine(lost, "geometry_outside_crs")
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
    lines = transform_geometry(lines, crs, target)
    account.quarantine(~(shapely.length(lines) > 0), "geometry_flat")
    return lines


def _repair(transformed: NDArray[np.object_], account: RowAccount) -> None:
    """Mend invalid polygons in place, unless that would make something else of them."""
    tangled = np.array([not valid and _is_tangled(shape) for valid, shape in _judged(transformed)])
    account.quarantine(tangled, "geometry_tangled", crossings=MAX_CROSSINGS)
    # a repair that changes the area much made another shape: nobody knows which was meant
    broken = account.alive & ~np.asarray(shapely.is_valid(transformed))
    if not broken.any():
        return
    reason = str(shapely.is_valid_reason(transformed[broken])[0])
    before = shapely.area(transformed[broken])
    transformed[broken] = _polygon_parts(shapely.make_valid(transformed[broken]))
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
    account.repair(broken, "geometry_repaired", found=reason, area_change_share=round(largest, 6))


def _judged(geometry: NDArray[np.object_]) -> Iterator[tuple[bool, Polygon | MultiPolygon | None]]:
    return zip(shapely.is_valid(geometry).tolist(), geometry.tolist(), strict=True)


def _is_tangled(shape: Polygon | MultiPolygon | None) -> bool:
    """Estimate from a sample of its segments how often a shape crosses itself."""
    if shape is None or shapely.get_num_coordinates(shape) < MAX_CROSSINGS:
        return False
    points = shapely.get_coordinates(shape)
    segments = np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)))
    # about 200 segments stand for all; each crossing is met by both segments that make it
    step = max(1, len(segments) // 200)
    pairs = shapely.STRtree(segments).query(segments[::step], predicate="crosses")
    return bool(pairs.shape[1] * step / 2 > MAX_CROSSINGS)


def _polygon_parts(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the polygons of what repairing left; lines and points have no area."""
    parts_of = np.empty(len(geometry), dtype=object)
    for position, shape in enumerate(geometry):
        parts = shapely.get_parts(shapely.get_parts(shape))
        parts = parts[np.isin(shapely.get_type_id(parts), _POLYGONS)]
        parts_of[position] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return parts_of


def _missing(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))


def _types(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    names = np.array([*(str(name) for name in _GEOMETRY_TYPES), ""], dtype=object)
    return np.asarray(names[shapely.get_type_id(geometry)])
