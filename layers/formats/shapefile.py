"""Reads shapefiles through GDAL, after their parts were compared with each other."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
import struct
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio

from layers.formats.boundary import reading
from layers.formats.charset import decoded
from layers.formats.geodata import from_wkb, named_crs
from layers.formats.table import Table
from layers.texts.written import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS

    from layers.sources.opened import Opened

_LANGUAGE_MARK = 29
"""Byte of a .dbf that may name its code page."""
_UNSTATED = (0x00, 0x57)
"""Marks that name none: nothing, and whatever the machine that wrote it used."""
_PAGE = re.compile(r"^(?:ansi|oem|windows)[ _-]*", re.IGNORECASE)
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_shapefile(opened: Opened, *, parts: Mapping[str, bytes], encoding: str) -> Table:
    """Read a shapefile through GDAL, from memory and under a name of our own."""
    _check_parts(opened, parts)
    crs = _prj_crs(opened, parts.get(".prj"))
    guessed = "" if encoding else _guessed(opened, parts)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in _SHAPEFILE_PARTS:
            if suffix in parts and suffix != ".prj":
                archive.writestr(f"layer{suffix}", parts[suffix])
    hint = "Get the file again, or state its `encoding` in the recipe."
    with reading(opened, "cannot be read as a shapefile", hint=hint):
        try:
            names, geometry, fields = _read(packed.getvalue(), encoding or guessed)
        except UnicodeDecodeError:
            if encoding:
                _decoded(opened, parts[".dbf"], encoding)  # tells what is wrong
                raise
            guessed = _decoded(opened, parts[".dbf"], "")  # what the file says of itself is wrong
            names, geometry, fields = _read(packed.getvalue(), guessed)
    rows = pd.DataFrame(
        {str(n): [as_text(v) for v in field] for n, field in zip(names, fields, strict=True)},
        index=pd.RangeIndex(len(geometry)),
        dtype="str",
    )
    return Table(
        rows=rows,
        numbers=np.arange(1, len(rows) + 1),
        geometry=from_wkb(opened, geometry)[0],  # the format has no arcs
        crs=crs,
        guessed=guessed,
    )


def _read(packed: bytes, encoding: str) -> tuple[Any, Any, Any]:
    """Read names of fields, shapes as well-known binary, and fields."""
    how = {"encoding": encoding or None}
    _, _, geometry, fields = pyogrio.raw.read(packed, datetime_as_string=True, **how)[:4]
    return pyogrio.read_info(packed, **how)["fields"], geometry, fields


def _decoded(opened: Opened, table: bytes, encoding: str) -> str:
    """Decode the records of a table strictly, and tell which encoding had to be guessed."""
    return decoded(replace(opened, data=_records(table)), encoding=encoding)[1] or "utf-8"


def _records(table: bytes) -> bytes:
    """Take the records of a table, without what it says of itself."""
    return table[int.from_bytes(table[8:10], "little") :]


def _guessed(opened: Opened, parts: Mapping[str, bytes]) -> str:
    """Guess the encoding of a table that states none, by `.cpg` or by its own mark."""
    table = parts[".dbf"]
    stated = parts.get(".cpg", b"").decode("ascii", errors="ignore").strip()
    with contextlib.suppress(LookupError, ValueError):
        codecs.lookup(stated)
        return ""
    with contextlib.suppress(LookupError, ValueError):  # ANSI 936
        return codecs.lookup(f"cp{_PAGE.sub('', stated)}").name
    if table[_LANGUAGE_MARK] not in _UNSTATED or _records(table).isascii():
        return ""
    return _decoded(opened, table, "")


def _check_parts(opened: Opened, parts: Mapping[str, bytes]) -> None:
    """Compare the counts of the three parts: records of .shx and .dbf, length of .shp."""
    missing = [suffix for suffix in (".shp", ".shx", ".dbf") if suffix not in parts]
    if missing:
        raise opened.error(
            text=f"lacks its part {', '.join(missing)}.",
            problem="shapefile_part",
            hint="A shapefile is .shp, .shx, .dbf and .prj together: get all of them.",
            missing=", ".join(missing),
        )
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
