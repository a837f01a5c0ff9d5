"""Reads geometry formats: GeoJSON, GeoPackage, shapefile and the geometry of GeoParquet."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.files import Opened, check_content, unzip
from layers.table import Table, as_text, text_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

WGS84 = "EPSG:4326"
_NAMED_CRS = re.compile(
    r"(urn:ogc:def:crs:(OGC|EPSG):[0-9.]*:\w+|EPSG:\d+|OGC:\w+"
    r"|https?://www\.opengis\.net/def/crs/(OGC|EPSG)/[0-9.]+/\w+)",
    re.IGNORECASE,
)
_SQLITE_SECONDS_OF_STEPS = 50_000_000


def named_crs(opened: Opened, text: str) -> CRS:
    """
    Look up a coordinate reference system by the name a file or recipe gives it.

    Parameters
    ----------
    opened
        The file, for messages.
    text
        Such as `EPSG:2263`, `urn:ogc:def:crs:EPSG::2263` or WKT.

    Returns
    -------
    crs
        From the definitions installed; nothing is fetched.

    Raises
    ------
    SourceError
        If no such system is known.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise opened.error(
            text=f"states the coordinate reference system {text[:80]!r}, which is unknown.",
            problem="crs_unknown",
            hint="State `crs` in the recipe, for example EPSG:4326.",
            found=text[:80],
        ) from error


def read_geojson(opened: Opened, *, content: object) -> Table:
    """
    Take the features of a GeoJSON apart, without GDAL.

    Parameters
    ----------
    opened
        The file, for messages.
    content
        The JSON it holds.

    Returns
    -------
    table
        Properties as text; a geometry that cannot be built is `None`.

    Raises
    ------
    SourceError
        If it is not a FeatureCollection, or its CRS is a link or unknown.
    """
    features = content.get("features") if isinstance(content, dict) else None
    kind = content.get("type") if isinstance(content, dict) else type(content).__name__
    if (
        not isinstance(content, dict)
        or kind != "FeatureCollection"
        or not isinstance(features, list)
    ):
        raise opened.error(
            text=f"is JSON of type {str(kind)[:40]!r}; allowed is a GeoJSON FeatureCollection.",
            problem="format_mismatch",
            hint="Get the file as GeoJSON, or correct `format` in the recipe.",
            found=str(kind)[:40],
            allowed="FeatureCollection",
            format="GeoJSON",
        )
    crs = _geojson_crs(opened, content)
    features = [feature if isinstance(feature, dict) else {} for feature in features]
    rows = text_frame([_properties(feature) for feature in features])
    geometry = np.array([_geometry_text(feature) for feature in features], dtype=object)
    return Table(
        rows=rows,
        numbers=np.arange(1, len(features) + 1),
        geometry=shapely.force_2d(shapely.from_geojson(geometry, on_invalid="ignore")),
        crs=crs,
        crs_stated=content.get("crs") is not None,
    )


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
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        for name, value in values.items()
    }


def _geometry_text(feature: Mapping[str, Any]) -> str | None:
    geometry = feature.get("geometry")
    return json.dumps(geometry) if isinstance(geometry, dict) else None


def read_gpkg(opened: Opened, *, layer: str) -> Table:
    """
    Read one feature table of a GeoPackage, without GDAL.

    Parameters
    ----------
    opened
        The file.
    layer
        Name of the table, or `""` if there is only one.

    Returns
    -------
    table
        Values as text; a geometry that cannot be built is `None`.

    Raises
    ------
    SourceError
        If it is not a sound GeoPackage, holds views or foreign triggers or virtual
        tables, or lacks the layer.
    """
    check_content(opened, expected="sqlite", format_name="GeoPackage")
    base = sqlite3.connect(":memory:")
    try:
        base.deserialize(_out_of_wal(opened.data))
        base.set_progress_handler(lambda: 1, _SQLITE_SECONDS_OF_STEPS)
        _refuse_active(opened, base)
        return _feature_table(opened, base, layer)
    except NotImplementedError as error:
        raise opened.error(
            text="holds curved geometry; allowed are straight segments.",
            problem="geometry_curved",
            hint="Convert its curves to segments in a desktop GIS.",
        ) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise opened.error(
            text=f"is not a sound GeoPackage: {error}.",
            problem="file_broken",
            hint="Get the file again.",
            found=str(error),
        ) from error
    finally:
        base.close()


def _out_of_wal(data: bytes) -> bytes:
    """Mark a database as one without a write-ahead log: in memory there is no such file."""
    return data[:18] + b"\x01\x01" + data[20:]


def _refuse_active(opened: Opened, base: sqlite3.Connection) -> None:
    active = base.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
        " OR sql LIKE 'CREATE VIRTUAL%'"
    ).fetchall()
    for kind, name, sql in active:
        usual = re.match(r"(gpkg_|rtree_|trigger_|geom_cols_|feature_count_)", str(name))
        is_index = kind == "table" and re.search(r"USING\s+rtree\b", str(sql), re.IGNORECASE)
        if not (is_index or (kind == "trigger" and usual)):
            raise opened.error(
                text=f"holds the {kind} {name!r}, which would run when it is read.",
                problem="active_content",
                hint="Save the layer again as a plain GeoPackage.",
                found=f"{kind} {name}",
            )


def _feature_table(opened: Opened, base: sqlite3.Connection, layer: str) -> Table:
    found = base.execute(
        "SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id,"
        " s.definition FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name)"
        " LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id"
    ).fetchall()
    present = {str(row[0]): row for row in found}
    if (layer and layer not in present) or (not layer and len(present) != 1):
        allowed = ", ".join(present)
        raise opened.error(
            text=f"has no layer {layer!r}; present are {allowed}."
            if layer
            else f"has the layers {allowed}; the recipe must say which.",
            problem="layer_unknown",
            hint="Name one of them as `layer` in the recipe.",
            found=layer,
            allowed=allowed,
        )
    name, column, *stated = present[layer or next(iter(present))]
    quoted = str(name).replace('"', '""')
    cursor = base.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608  a name from the file's own list
    names = [str(entry[0]) for entry in cursor.description]
    values = cursor.fetchall()
    at = names.index(column)
    rows = pd.DataFrame(
        {n: [_cell(row[i]) for row in values] for i, n in enumerate(names) if i != at},
        index=pd.RangeIndex(len(values)),
        dtype="str",
    )
    return Table(
        rows=rows,
        numbers=np.arange(1, len(values) + 1),
        geometry=_from_wkb([_without_header(row[at]) for row in values]),
        crs=_gpkg_crs(opened, stated),
    )


def _cell(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else as_text(value)


def _without_header(blob: object) -> bytes | None:
    """Strip a GeoPackage geometry to its WKB: 8 bytes, then an envelope of known length."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":  # noqa: PLR2004
        return None
    envelope = (blob[3] >> 1) & 0b111
    length = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}.get(envelope)
    return None if length is None else blob[8 + length :]


def _from_wkb(blobs: Sequence[bytes | None]) -> NDArray[np.object_]:
    wkb = np.array(blobs, dtype=object)
    geometry: NDArray[np.object_] = shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore"))
    return geometry


def _gpkg_crs(opened: Opened, stated: Sequence[object]) -> CRS | None:
    organization, code, definition = stated
    if organization and str(organization).upper() not in {"NONE", ""}:
        return named_crs(opened, f"{organization}:{code}")
    if definition and str(definition).lower() != "undefined":
        return named_crs(opened, str(definition))
    return None


_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def shapefile_parts(opened: Opened) -> dict[str, bytes]:
    """
    Pick the parts of the one shapefile in a zip.

    Parameters
    ----------
    opened
        The archive.

    Returns
    -------
    parts
        Bytes by suffix.

    Raises
    ------
    SourceError
        If it holds no shapefile, or several.
    """
    check_content(opened, expected="zip", format_name="zipped shapefile")
    members = {
        name: data for name, data in unzip(opened).items() if not name.startswith("__MACOSX/")
    }
    shapes = [name for name in members if name.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise opened.error(
            text=f"holds {len(shapes)} shapefiles; allowed is one.",
            problem="archive_layers",
            hint="Pack one shapefile a zip.",
            found=", ".join(shapes) or "none",
        )
    stem = shapes[0][:-4]
    return {
        name[len(stem) :].lower(): data for name, data in members.items() if name.startswith(stem)
    }


def read_shapefile(opened: Opened, *, parts: Mapping[str, bytes], encoding: str) -> Table:
    """
    Read a shapefile through GDAL, from memory and under a name of our own.

    Parameters
    ----------
    opened
        The file, for messages.
    parts
        Bytes of `.shp`, `.shx`, `.dbf` and perhaps `.prj` and `.cpg`.
    encoding
        Of its texts, or `""` for what `.cpg` says.

    Returns
    -------
    table
        Values as text.

    Raises
    ------
    SourceError
        If a part is missing or the parts do not fit together.
    """
    missing = [suffix for suffix in (".shp", ".shx", ".dbf") if suffix not in parts]
    if missing:
        raise opened.error(
            text=f"lacks its part {', '.join(missing)}.",
            problem="shapefile_part",
            hint="A shapefile is .shp, .shx, .dbf and .prj together: get all of them.",
            missing=", ".join(missing),
        )
    _check_parts(opened, parts)
    crs = _prj_crs(opened, parts.get(".prj"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in _SHAPEFILE_PARTS:
            if suffix in parts and suffix != ".prj":
                archive.writestr(f"layer{suffix}", parts[suffix])
    try:
        _, _, geometry, fields = pyogrio.raw.read(
            packed.getvalue(), encoding=encoding or None, datetime_as_string=True
        )[:4]
        names = pyogrio.read_info(packed.getvalue(), encoding=encoding or None)["fields"]
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        raise opened.error(
            text=f"cannot be read as a shapefile: {error}.",
            problem="file_broken",
            hint="Get the file again, or state its `encoding` in the recipe.",
            found=str(error),
        ) from error
    rows = pd.DataFrame(
        {str(n): [as_text(v) for v in field] for n, field in zip(names, fields, strict=True)},
        index=pd.RangeIndex(len(geometry)),
        dtype="str",
    )
    return Table(
        rows=rows, numbers=np.arange(1, len(rows) + 1), geometry=_from_wkb(geometry), crs=crs
    )


def _check_parts(opened: Opened, parts: Mapping[str, bytes]) -> None:
    """Compare the counts of the three parts: records of .shx and .dbf, length of .shp."""
    shapes, index, attributes = parts[".shp"], parts[".shx"], parts[".dbf"]
    heads = min(len(shapes), len(index)) >= 100 and len(attributes) >= 32  # noqa: PLR2004
    if heads:
        announced = struct.unpack(">i", shapes[24:28])[0] * 2
        in_index = (len(index) - 100) // 8
        in_table = struct.unpack("<I", attributes[4:8])[0]
        offsets = np.frombuffer(index[100 : 100 + 8 * in_index], dtype=">i4")[::2]
        heads = (
            announced == len(shapes) and in_index == in_table and bool((np.diff(offsets) > 0).all())
        )
    if not heads:
        raise opened.error(
            text="is a shapefile whose parts do not fit together (lengths or counts differ).",
            problem="shapefile_parts",
            hint="Get all its parts again, from one download.",
        )


def _prj_crs(opened: Opened, prj: bytes | None) -> CRS | None:
    if prj is None:
        return None
    text = prj.decode("utf-8", errors="strict") if prj.isascii() else prj.decode("latin-1")
    if not re.match(r"\s*(PROJ|GEOG|BOUND|COMPD|LOCAL)", text, re.IGNORECASE):
        raise opened.error(
            text=f"has a .prj that is not a coordinate reference system: {text[:60]!r}.",
            problem="crs_unknown",
            hint="Get the .prj again, or remove it and state `crs` in the recipe.",
            found=text[:60],
        )
    return named_crs(opened, text)


def parquet_geometry(
    opened: Opened, arrow: pa.Table
) -> tuple[str | None, NDArray[np.object_] | None, CRS | None]:
    """
    Build the primary geometry of a GeoParquet table.

    Parameters
    ----------
    opened
        The file, for messages.
    arrow
        The table as read.

    Returns
    -------
    column, geometry, crs
        All `None` for plain Parquet.

    Raises
    ------
    SourceError
        If its geo metadata are wrong, or the geometry is not stored as WKB.
    """
    text = (arrow.schema.metadata or {}).get(b"geo")
    if text is None:
        return None, None, None
    try:
        geo = json.loads(text)
        name = geo["primary_column"]
        stated = geo["columns"][name]
        blobs = arrow.column(name).to_pylist()
        if stated["encoding"] != "WKB":
            raise _wrong_geo(opened, f"encoding {stated['encoding']}")
        crs = CRS.from_json_dict(stated["crs"]) if stated.get("crs") else None
    except (ValueError, KeyError, TypeError, AttributeError, CRSError) as error:
        if hasattr(error, "problem"):
            raise
        raise _wrong_geo(opened, str(error)) from error
    if "crs" not in stated:
        crs = CRS.from_user_input(WGS84)
    blobs = [blob if isinstance(blob, bytes) else None for blob in blobs]
    return name, _from_wkb(blobs), crs


def _wrong_geo(opened: Opened, found: str) -> Exception:
    return opened.error(
        text=f"has wrong GeoParquet metadata ({found}); allowed is one WKB column with its CRS.",
        problem="geoparquet_metadata",
        hint="Write it again with a current program.",
        found=found,
    )
