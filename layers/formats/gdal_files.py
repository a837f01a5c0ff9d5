"""
Reads FlatGeobuf, File Geodatabase, MapInfo and GML through GDAL.

GDAL sees none of the names and folders of the data: what belongs together is written, after its
content was checked, under names of our own into a private folder that is deleted afterwards.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio

from layers.formats.boundary import reading
from layers.formats.charset import decoded
from layers.formats.geodata import from_wkb, named_crs
from layers.formats.table import Table, chosen_layer, unique_names
from layers.formats.xml_tree import parse_xml
from layers.sources.opened import check_content
from layers.texts.written import as_text, column_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pyarrow as pa
    from pyproj import CRS

    from layers.sources.opened import Opened

_GEODATABASE_PART = re.compile(
    r"a[0-9a-f]{8}\.(gdbtable|gdbtablx|gdbindexes|spx|atx|freelist|horizon)|gdb|timestamps"
)
_MAPINFO_PARTS = {".tab": (".tab", ".dat", ".map", ".id", ".ind"), ".mif": (".mif", ".mid")}
_NATIVE = re.compile(rb"^\s*type\s+native\b", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(rb'charset\s+"?(\w+)"?', re.IGNORECASE)
_CHARSETS = {
    "windowslatin1": "cp1252", "windowslatin2": "cp1250", "windowssimpchinese": "gb18030",
    "windowstradchinese": "big5hkscs", "windowsjapanese": "cp932", "windowskorean": "cp949",
    "windowscyrillic": "cp1251", "windowsgreek": "cp1253", "windowsturkish": "cp1254",
    "windowsthai": "cp874", "utf-8": "utf-8", "utf8": "utf-8",
}  # fmt: skip
_CRS_NAME = re.compile(
    r"(urn:(ogc|x-ogc):def:crs:|epsg:|https?://www\.opengis\.net/)[^\s]*", re.IGNORECASE
)
"""Names of systems that lead to no other address."""


def read_fgb(opened: Opened, *, columns: Collection[str]) -> Table:
    """Read a FlatGeobuf."""
    check_content(opened, expected="flatgeobuf", format_name="FlatGeobuf")
    return _read(opened, {"layer.fgb": opened.data}, columns=columns)


def read_geodatabase(
    opened: Opened, parts: Mapping[str, bytes], *, layer: str, columns: Collection[str]
) -> Table:
    """Read a feature class or a table of a File Geodatabase, given its files by name."""
    files = {
        f"layer.gdb/{name}": data
        for name, data in parts.items()
        if _GEODATABASE_PART.fullmatch(name)
    }
    if "layer.gdb/a00000001.gdbtable" not in files:
        raise opened.error(
            text="is no File Geodatabase: it lacks a00000001.gdbtable, its list of tables.",
            problem="geodatabase",
            hint="Get the whole .gdb folder again, with all its files.",
        )
    return _read(opened, files, layer=layer, columns=columns)


def read_mapinfo(opened: Opened, parts: Mapping[str, bytes], *, encoding: str) -> Table:
    """Read a MapInfo table, .tab or .mif, with its parts by suffix."""
    kind = ".tab" if ".tab" in parts else ".mif"
    needed = _MAPINFO_PARTS[kind][:2]
    missing = [suffix for suffix in needed if suffix not in parts]
    if missing:
        raise opened.error(
            text=f"lacks its part {', '.join(missing)}.",
            problem="mapinfo_part",
            hint="MapInfo writes .tab with .dat, .map and .id, or .mif with .mid: get all of them.",
            missing=", ".join(missing),
        )
    if kind == ".tab" and not _NATIVE.search(parts[kind]):
        raise opened.error(
            text="is a MapInfo table that only refers to other tables or databases.",
            problem="mapinfo_view",
            hint="Save a copy of it in MapInfo as a table of its own.",
        )
    guessed = "" if encoding else _mapinfo_guess(opened, parts, needed[1])
    files = {f"layer{suffix}": parts[suffix] for suffix in _MAPINFO_PARTS[kind] if suffix in parts}
    table = _read(opened, files, encoding=encoding or guessed or _mapinfo_charset(parts[kind]))
    return replace(table, guessed=guessed)


def _mapinfo_charset(head: bytes) -> str:
    named = _CHARSET.search(head[:4096])
    return _CHARSETS.get(named.group(1).decode().lower(), "") if named else ""


def _mapinfo_guess(opened: Opened, parts: Mapping[str, bytes], texts: str) -> str:
    """Guess the encoding of a table whose characters are those of the machine that wrote it."""
    data = parts[texts]
    kind = ".tab" if ".tab" in parts else ".mif"
    if data.isascii() or _mapinfo_charset(parts[kind]):
        return ""
    if texts == ".dat":  # a dBASE table: texts follow its heading
        data = data[int.from_bytes(data[8:10], "little") :]
    return decoded(replace(opened, data=data.replace(b"\0", b" ")), encoding="")[1] or "utf-8"


def read_gml(opened: Opened, *, layer: str, columns: Collection[str]) -> Table:
    """Read a GML, whose systems must be named and not linked; no schema is looked for."""
    root = parse_xml(opened, format_name="GML")
    named = {name for element in root.iter() if (name := element.get("srsName"))}
    unknown = sorted(name for name in named if not _CRS_NAME.fullmatch(name))
    if unknown:
        raise opened.error(
            text=f"states the coordinate reference system {unknown[0][:80]!r}, which is unknown.",
            problem="crs_unknown",
            hint="State `crs` in the recipe, for example EPSG:4326.",
            found=unknown[0][:80],
        )
    return _read(opened, {"layer.gml": opened.data}, layer=layer, columns=columns)


def _read(
    opened: Opened,
    files: Mapping[str, bytes],
    *,
    layer: str = "",
    encoding: str = "",
    columns: Collection[str] = (),
) -> Table:
    first = PurePosixPath(next(iter(files)))
    with tempfile.TemporaryDirectory() as folder, reading(opened, "cannot be read"):
        for name, data in files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        source = Path(folder, first.parts[0])
        present = [str(name) for name, _ in pyogrio.list_layers(source)]
        chosen = chosen_layer(opened, present, layer)
        if encoding:
            return _with_encoding(opened, source, encoding)
        meta, arrow = pyogrio.raw.read_arrow(source, layer=chosen, datetime_as_string=True)
        announced = pyogrio.read_info(source, layer=chosen)["features"]
        _check_whole(opened, announced, arrow.num_rows)
        return _table(opened, meta, arrow, columns)


def _check_whole(opened: Opened, announced: int, read: int) -> None:
    if announced > read:
        raise opened.error(
            text=f"announces {announced:,} rows, but only {read:,} could be read.",
            problem="file_short",
            hint="Get the file again.",
            announced=announced,
            found=read,
        )


def _table(
    opened: Opened, meta: Mapping[str, str], arrow: pa.Table, columns: Collection[str]
) -> Table:
    known = set(map(str, meta["fields"]))
    shapes = [name for name in arrow.column_names if name not in known]
    fields = [name for name in arrow.column_names if name in known]
    rows = pd.DataFrame({i: column_text(arrow.column(name)) for i, name in enumerate(fields)})
    rows = rows.set_axis(unique_names(opened, fields, columns=columns), axis=1)
    rows.index = pd.RangeIndex(arrow.num_rows)
    blobs = arrow.column(shapes[0]).to_pylist() if shapes else []
    geometry, remarks = from_wkb(opened, blobs)
    return Table(
        rows=rows,
        numbers=np.arange(1, arrow.num_rows + 1),
        geometry=geometry if shapes else None,
        crs=_crs(opened, meta),
        remarks=remarks,
    )


def _with_encoding(opened: Opened, source: Path, encoding: str) -> Table:
    meta, _, geometry, fields = pyogrio.raw.read(source, encoding=encoding, datetime_as_string=True)
    cells = {
        str(name): [as_text(value) for value in field]
        for name, field in zip(meta["fields"], fields, strict=True)
    }
    shapes, remarks = from_wkb(opened, geometry)
    return Table(
        rows=pd.DataFrame(cells, index=pd.RangeIndex(len(geometry)), dtype="str"),
        numbers=np.arange(1, len(geometry) + 1),
        geometry=shapes,
        crs=_crs(opened, meta),
        remarks=remarks,
    )


def _crs(opened: Opened, meta: Mapping[str, str]) -> CRS | None:
    return named_crs(opened, meta["crs"]) if meta["crs"] else None
