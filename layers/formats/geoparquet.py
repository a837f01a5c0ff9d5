"""Finds and builds the geometry of a Parquet table: GeoParquet, in WKB or native, and GeoArrow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from layers.formats.boundary import held, reading
from layers.formats.geodata import WGS84, from_wkb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.sources.opened import Opened

_NATIVE = {
    "point": shapely.GeometryType.POINT,
    "linestring": shapely.GeometryType.LINESTRING,
    "polygon": shapely.GeometryType.POLYGON,
    "multipoint": shapely.GeometryType.MULTIPOINT,
    "multilinestring": shapely.GeometryType.MULTILINESTRING,
    "multipolygon": shapely.GeometryType.MULTIPOLYGON,
}
_EXTENSION = b"ARROW:extension:name"


def parquet_geometry(
    opened: Opened, arrow: pa.Table
) -> tuple[str | None, NDArray[np.object_] | None, CRS | None, dict[str, dict[str, object]]]:
    """Build the primary geometry of a table, and give its column, CRS and remarks."""
    with held(lambda found: _wrong_geo(opened, found)):
        found = _told(arrow)
        if found is None:
            return None, None, None, {}
        name, encoding, stated = found
        column = arrow.column(name).combine_chunks()
        crs = _crs(stated)
        if encoding not in {"wkb", "wkt", *_NATIVE}:
            raise _wrong_geo(opened, f"encoding {encoding}")
    with reading(opened, "holds geometry that cannot be read"):
        if encoding in _NATIVE:
            return name, _native(column, encoding), crs, {}
        if encoding == "wkt":
            texts = np.array(column.to_pylist(), dtype=object)
            return name, shapely.from_wkt(texts, on_invalid="ignore"), crs, {}
    blobs = [blob if isinstance(blob, bytes) else None for blob in column.to_pylist()]
    geometry, remarks = from_wkb(opened, blobs)
    return name, geometry, crs, remarks


def _told(arrow: pa.Table) -> tuple[str, str, Any] | None:
    """Read what the file says of its geometry: column, encoding, and its CRS or `None` for none."""
    text = (arrow.schema.metadata or {}).get(b"geo")
    if text is not None:
        geo = json.loads(text)
        name = geo["primary_column"]
        stated = geo["columns"][name]
        return name, str(stated["encoding"]).lower(), stated.get("crs", WGS84)
    for each in arrow.schema:
        extension = (each.metadata or {}).get(_EXTENSION, b"").decode()
        if extension.startswith("geoarrow."):
            more = json.loads((each.metadata or {}).get(b"ARROW:extension:metadata") or b"{}")
            return each.name, extension.removeprefix("geoarrow."), more.get("crs")
    return None


def _crs(stated: object) -> CRS | None:
    if not stated:
        return None
    return CRS.from_json_dict(stated) if isinstance(stated, dict) else CRS.from_user_input(stated)


def _native(column: pa.Array, encoding: str) -> NDArray[np.object_]:
    """Build shapes of lists of lists of places, as their lists are nested in Arrow."""
    filled = column.is_valid().to_numpy(zero_copy_only=False)
    inner = column.drop_null()
    offsets: list[NDArray[np.int64]] = []
    while pa.types.is_list(inner.type) or pa.types.is_large_list(inner.type):
        ends = inner.offsets.to_numpy().astype(np.int64)
        offsets.insert(0, ends - ends[0])
        inner = inner.values.slice(int(ends[0]), int(ends[-1] - ends[0]))
    geometry = np.full(len(column), None, dtype=object)
    places = _places(inner)
    geometry[filled] = shapely.from_ragged_array(_NATIVE[encoding], places, tuple(offsets) or None)
    return geometry


def _places(inner: pa.Array) -> NDArray[np.float64]:
    if pa.types.is_struct(inner.type):
        axes = [inner.field(axis).to_numpy(zero_copy_only=False) for axis in ("x", "y")]
        return np.column_stack(axes).astype(float)
    width = inner.type.list_size
    start = inner.offset * width
    values = inner.values.slice(start, len(inner) * width).to_numpy(zero_copy_only=False)
    return np.asarray(values.reshape(-1, width)[:, :2], dtype=float)


def _wrong_geo(opened: Opened, found: str) -> Exception:
    return opened.error(
        text=f"has wrong GeoParquet metadata ({found}); allowed is a geometry column with its CRS.",
        problem="geoparquet_metadata",
        hint="Write it again with a current program.",
        found=found,
    )
