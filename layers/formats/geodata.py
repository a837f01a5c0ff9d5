"""Reads GeoJSON and the geometry of GeoParquet, without GDAL."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from layers.formats.boundary import held, reading
from layers.formats.table import Table, text_frame
from layers.formats.text import sound_records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from layers.sources.opened import Opened

WGS84 = "EPSG:4326"
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
           "MultiPolygon": 3}  # fmt: skip
"""How deep the positions of each geometry lie in its lists."""
_NAMED_CRS = re.compile(
    r"(urn:ogc:def:crs:(OGC|EPSG):[0-9.]*:\w+|(EPSG|ESRI):\d+|OGC:\w+|(PROJ|GEOG)C[RS]S\[.*"
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
        geometry, closed = _geometries([feature.get("geometry") for feature in features])
    return Table(
        rows=text_frame([_properties(feature) for feature in features]),
        numbers=numbers,
        geometry=geometry,
        crs=crs,
        crs_stated=content.get("crs") is not None,
        broken=broken,
        closed=closed,
        remarks={"reply_partial": {}} if _is_partial(content) else {},
    )


def _is_partial(content: Mapping[str, Any]) -> bool:
    """Tell whether a server says that it has more rows than it sent."""
    told = content.get("properties")
    inner = told if isinstance(told, dict) else {}
    return any(each.get("exceededTransferLimit") is True for each in (content, inner))


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
        raise opened.error(
            text=f"states its coordinate reference system as {str(stated)[:80]!r}; allowed is a"
            " name such as urn:ogc:def:crs:EPSG::2263, never a link.",
            problem="crs_unknown",
            hint="Remove its `crs` member and state `crs` in the recipe.",
            found=str(stated)[:80],
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
            geometry[position] = shapely.from_geojson(json.dumps(repaired), on_invalid="ignore")
            closed[position] = geometry[position] is not None and "Polygon" in repaired["type"]
    return geometry, closed


def _repaired(geometry: object) -> dict[str, Any] | None:
    """Leave out ordinates beyond x and y, and end each ring where it begins."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in _DEPTHS or not isinstance(geometry, dict):
        return None
    flat = _flattened(geometry.get("coordinates"), _DEPTHS[kind])
    if kind == "Polygon":
        flat = _closed(flat)
    elif kind == "MultiPolygon" and isinstance(flat, list):
        flat = [_closed(part) for part in flat]
    return {"type": kind, "coordinates": flat}


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


def from_wkb(opened: Opened, blobs: Sequence[bytes | None]) -> NDArray[np.object_]:
    """Build geometries from well-known binary."""
    wkb = np.array(blobs, dtype=object)
    with reading(opened, "holds geometry that cannot be read"):
        try:
            geometry: NDArray[np.object_] = shapely.from_wkb(wkb, on_invalid="ignore")
        except NotImplementedError as error:
            raise opened.error(
                text="holds curved geometry; allowed are straight segments.",
                problem="geometry_curved",
                hint="Convert its curves to segments in a desktop GIS.",
            ) from error
    return geometry
