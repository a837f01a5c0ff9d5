"""Reads GeoJSON and the geometry of GeoParquet, without GDAL."""

from __future__ import annotations

import contextlib
import json
import re
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from layers.formats.boundary import held, reading
from layers.formats.table import Table, text_frame
from layers.formats.text import sound_records, unsent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from layers.sources.opened import Opened

    Floats = NDArray[np.float64]

WGS84 = "EPSG:4326"
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
           "MultiPolygon": 3}  # fmt: skip
"""How deep the positions of each geometry lie in its lists."""
_POINT, _LINE, _POLYGON, _ARCS, _JOINED, _CURVED_POLYGON = 1, 2, 3, 8, 9, 10
_SEVERAL: dict[int, Any] = {
    4: shapely.MultiPoint, 5: shapely.MultiLineString, 6: shapely.MultiPolygon,
    7: shapely.GeometryCollection, 11: shapely.MultiLineString, 12: shapely.MultiPolygon,
}  # fmt: skip
"""Types of well-known binary."""
_WITH_Z, _WITH_M, _WITH_SYSTEM = 1 << 31, 1 << 30, 1 << 29
"""Flags of PostGIS beside the type."""
_POINT_HEAD = b"\1\1\0\0\0"
_POINT_BYTES = len(_POINT_HEAD) + 16
"""Of a point in the plane, the last byte of each number last."""
_STEP = np.radians(1.0)
_FLAT = 1e-9
"""Of a square: an arc that is flatter is a line."""
_NAMED_CRS = re.compile(
    r"(urn:ogc:def:crs:(OGC|EPSG):[0-9.]*:\w+|(EPSG|ESRI):\d+|OGC:\w+|(PROJ|GEOG)CR?S\[.*"
    r"|https?://www\.opengis\.net/def/crs/(OGC|EPSG)/[0-9.]+/\w+)",
    re.IGNORECASE | re.DOTALL,
)


def named_crs(opened: Opened, text: str) -> CRS:
    """Look up a coordinate reference system by the name a file or recipe gives it."""
    unknown = opened.error(
        text=f"states the coordinate reference system {text[:80]!r}, which is unknown.",
        problem="crs_unknown",
        hint="State `crs` in the recipe, for example EPSG:4326.",
        found=text[:80],
    )
    with held(lambda _: unknown):
        return CRS.from_user_input(text)


def read_geojson(opened: Opened, *, content: object) -> Table:
    """Take the features of a GeoJSON apart, without GDAL."""
    content = _as_collection(content)
    features = content.get("features") if isinstance(content, dict) else None
    kind = content.get("type") if isinstance(content, dict) else type(content).__name__
    if (
        not isinstance(content, dict)
        or kind != "FeatureCollection"
        or not isinstance(features, list)
    ):
        raise opened.error(
            text=f"is JSON of type {repr(kind)[:40]}; allowed is a GeoJSON FeatureCollection.",
            problem="format_mismatch",
            hint="Get the file as GeoJSON, or correct `format` in the recipe.",
            found=repr(kind)[:40],
            allowed="FeatureCollection",
            format="GeoJSON",
        )
    crs = _geojson_crs(opened, content)
    features = [feature if isinstance(feature, dict) else {} for feature in features]
    features, numbers, broken = sound_records(opened, features)
    with reading(opened, "is not sound GeoJSON"):
        written = [feature.get("geometry") for feature in features]
        geometry, closed = _geometries(written)
    return Table(
        rows=text_frame([_properties(feature) for feature in features]),
        numbers=numbers,
        geometry=geometry,
        crs=crs,
        crs_stated=content.get("crs") is not None,
        broken=broken,
        closed=closed,
        remarks=_remarks(content, written, geometry, numbers),
    )


def _remarks(
    content: Mapping[str, Any],
    written: Sequence[object],
    geometry: NDArray[np.object_],
    numbers: NDArray[np.int64],
) -> dict[str, dict[str, object]]:
    """Remark on a reply that is not whole, and on shapes that are written but are none."""
    remarks = unsent((content, content.get("properties")), len(written))
    lost = shapely.is_missing(geometry) & np.array([bool(shape) for shape in written], dtype=bool)
    if lost.any():
        remarks["shapes_unsound"] = {"count": int(lost.sum()), "row": str(numbers[lost.argmax()])}
    return remarks


def is_geojson(content: object) -> bool:
    """Tell whether JSON is GeoJSON of any type."""
    types = ("FeatureCollection", "Feature", "GeometryCollection", *_DEPTHS)
    return isinstance(content, dict) and content.get("type") in types


def _as_collection(content: object) -> object:
    """Take one feature or one shape for a collection of one."""
    if not isinstance(content, dict) or not is_geojson(content):
        return content
    if content["type"] == "FeatureCollection":
        return content
    bare = {"type": "Feature", "properties": {}, "geometry": content}
    feature = content if content["type"] == "Feature" else bare
    return {"type": "FeatureCollection", "features": [feature]}


def _geojson_crs(opened: Opened, content: Mapping[str, Any]) -> CRS:
    stated = content.get("crs")
    if stated is None:
        return CRS.from_user_input(WGS84)
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not _NAMED_CRS.fullmatch(name):
        found = str(name or stated)[:80]
        raise opened.error(
            text=f"states its coordinate reference system as {found!r}; allowed is a name"
            " such as urn:ogc:def:crs:EPSG::2263, never a link.",
            problem="crs_unknown",
            hint="Remove its `crs` member and state `crs` in the recipe.",
            found=found,
        )
    return named_crs(opened, name)


def _properties(feature: Mapping[str, Any]) -> dict[str, object]:
    properties = feature.get("properties")
    values = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        values.setdefault("id", feature["id"])
    return values


def _geometries(written: Sequence[object]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Build geometries, and tell whose rings had to be closed."""
    texts = [json.dumps(each) if isinstance(each, dict) else None for each in written]
    geometry = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    closed = np.zeros(len(written), dtype=bool)
    for position in np.flatnonzero(shapely.is_missing(geometry)).tolist():
        repaired = _repaired(written[position])
        if repaired is not None:
            shape, was_open = repaired
            geometry[position] = shapely.from_geojson(json.dumps(shape), on_invalid="ignore")
            closed[position] = geometry[position] is not None and was_open
    return geometry, closed


def _repaired(geometry: object) -> tuple[dict[str, Any], bool] | None:
    """Leave out ordinates beyond x and y, close rings, and tell whether one was open."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in _DEPTHS or not isinstance(geometry, dict):
        return None
    flat = closed = _flattened(geometry.get("coordinates"), _DEPTHS[kind])
    if kind == "Polygon":
        closed = _closed(flat)
    elif kind == "MultiPolygon" and isinstance(flat, list):
        closed = [_closed(part) for part in flat]
    return {"type": kind, "coordinates": closed}, closed != flat


def _flattened(value: object, depth: int) -> object:
    if not isinstance(value, list):
        return value
    if depth:
        return [_flattened(each, depth - 1) for each in value]
    return value[:2] if all(isinstance(number, int | float) for number in value) else value


def _closed(rings: object) -> object:
    if not isinstance(rings, list):
        return rings
    return [
        [*ring, ring[0]] if isinstance(ring, list) and ring and ring[0] != ring[-1] else ring
        for ring in rings
    ]


def from_wkb(
    opened: Opened, blobs: pa.ChunkedArray | Sequence[bytes | None]
) -> tuple[NDArray[np.object_], dict[str, dict[str, object]]]:
    """Build geometries from well-known binary; remark on those with arcs, which are cut."""
    if isinstance(blobs, pa.ChunkedArray):
        points = _points(blobs)
        if points is not None:
            return points, {}
        blobs = blobs.to_pylist()
    wkb = np.array(blobs, dtype=object)
    with reading(opened, "holds geometry that cannot be read"), np.errstate(all="ignore"):
        try:
            return shapely.from_wkb(wkb, on_invalid="ignore"), {}
        except NotImplementedError:
            found = [_with_arcs(blob) for blob in blobs]
            geometry = np.array([shape for shape, _ in found] + [None], dtype=object)[:-1]
            return geometry, {"arcs_cut": {"rows": sum(curved for _, curved in found)}}


def _points(blobs: pa.ChunkedArray) -> NDArray[np.object_] | None:
    """Build shapes all of which are points in the plane, without an object for the bytes of one."""
    parts = []
    for part in blobs.chunks:
        whole = part.cast(pa.large_binary())
        _, ends, data = whole.buffers()
        starts = np.frombuffer(ends, dtype=np.int64)[whole.offset :][: len(whole) + 1]
        if whole.null_count or (np.diff(starts) != _POINT_BYTES).any():
            return None
        rows = np.frombuffer(data or b"", dtype=np.uint8)[starts[0] : starts[-1]]
        rows = rows.reshape(-1, _POINT_BYTES)
        if (rows[:, : len(_POINT_HEAD)] != np.frombuffer(_POINT_HEAD, dtype=np.uint8)).any():
            return None
        parts.append(np.ascontiguousarray(rows[:, len(_POINT_HEAD) :]).view("<f8"))
    places = np.concatenate(parts) if parts else np.zeros((0, 2))
    return np.asarray(shapely.points(places), dtype=object) if np.isfinite(places).all() else None


def _with_arcs(blob: bytes | None) -> tuple[shapely.Geometry | None, bool]:
    """Build one geometry, and tell whether it has arcs; what is none is missing."""
    if blob is None:
        return None, False
    with contextlib.suppress(NotImplementedError):
        return shapely.from_wkb(blob, on_invalid="ignore"), False
    try:
        return _shape(blob, 0)[0], True
    except (ValueError, struct.error, shapely.errors.GEOSException):
        return None, False


def _shape(data: bytes, at: int) -> tuple[shapely.Geometry, int]:
    """Read the shape that begins at a byte, arcs as straight pieces, and where it ends."""
    order = "<" if data[at : at + 1] == b"\1" else ">"
    (code,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 9 if code & _WITH_SYSTEM else 5
    plain = code & 0xFFFFFFF
    width = 2 + (plain // 1000 + 1) // 2 + bool(code & _WITH_Z) + bool(code & _WITH_M)
    kind = plain % 1000

    def points(at: int) -> tuple[Floats, int]:
        (count,) = struct.unpack_from(f"{order}I", data, at)
        end = at + 4 + 8 * width * count
        numbers = np.frombuffer(data[at + 4 : end], f"{order}f8").reshape(count, width)
        return numbers[:, :2].astype(float), end

    if kind == _POINT:
        return shapely.Point(*struct.unpack_from(f"{order}2d", data, at)), at + 8 * width
    if kind in {_LINE, _ARCS}:
        line, at = points(at)
        return shapely.LineString(cut_arcs(line) if kind == _ARCS else line), at
    (count,) = struct.unpack_from(f"{order}I", data, at)
    at, parts = at + 4, []
    for _ in range(count):
        part, at = points(at) if kind == _POLYGON else _shape(data, at)
        parts.append(part)
    return _assembled(kind, parts), at


def _assembled(kind: int, parts: list[Any]) -> shapely.Geometry:
    """Put parts together: rings to a polygon, arcs and lines to one line, or several of a kind."""
    if kind in {_POLYGON, _CURVED_POLYGON}:
        rings = [part if kind == _POLYGON else shapely.get_coordinates(part) for part in parts]
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
    if kind == _JOINED:
        lines = [shapely.get_coordinates(part)[bool(i) :] for i, part in enumerate(parts)]
        return shapely.LineString(np.concatenate(lines)) if lines else shapely.LineString()
    if kind not in _SEVERAL:
        msg = f"geometry of type {kind}"
        raise ValueError(msg)
    several: shapely.Geometry = _SEVERAL[kind](parts)
    return several


def cut_arcs(points: Floats) -> Floats:
    """
    Cut arcs, each from a point by way of the next to the one after it, into straight pieces.

    None spans more than a degree, so that it leaves its arc by 0.004 % of the radius at most. An
    arc that two neighbours share is cut alike from either side.
    """
    if len(points) and (len(points) < 3 or len(points) % 2 == 0):  # noqa: PLR2004
        msg = "an arc needs three points"
        raise ValueError(msg)
    arcs = [_arc(*points[i : i + 3]) for i in range(0, len(points) - 2, 2)]
    return np.concatenate([points[:1], *(arc[1:] for arc in arcs)])


def _arc(start: Floats, by: Floats, end: Floats) -> Floats:
    if tuple(end) < tuple(start):
        return _arc(end, by, start)[::-1]
    one, two = by - start, end - start
    twice = 2 * (one[0] * two[1] - one[1] * two[0])
    if (start == end).all():  # a whole circle, whose other end is `by`
        centre, turns = (start + by) / 2, (np.pi, np.pi)
    elif abs(twice) <= _FLAT * (two @ two) or not np.isfinite(twice):
        return np.stack([start, by, end])
    else:
        squares = np.array([one @ one, two @ two])
        away = np.array([two[1], -two[0]]) * squares[0] + np.array([-one[1], one[0]]) * squares[1]
        centre = start + away / twice
        angles = [np.arctan2(*(point - centre)[::-1]) for point in (start, by, end)]
        turns = tuple(np.mod(np.diff(angles) * np.sign(twice), 2 * np.pi) * np.sign(twice))
    pieces = [start[None]]
    for begin, turn, stop in ((start, turns[0], by), (by, turns[1], end)):
        count = max(1, int(np.ceil(abs(turn) / _STEP)))
        turned = np.arange(1, count)[:, None] / count * turn
        (x, y) = begin - centre
        cos, sin = np.cos(turned), np.sin(turned)
        pieces += [centre + np.hstack([x * cos - y * sin, x * sin + y * cos]), stop[None]]
    return np.concatenate(pieces)
