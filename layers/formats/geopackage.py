"""Reads GeoPackage with SQLite alone, from memory, and runs nothing that it holds."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.formats.boundary import reading
from layers.formats.geodata import from_wkb, named_crs
from layers.formats.table import Table, as_text
from layers.sources.opened import Opened, check_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

MAX_STEPS = 50_000_000
"""Steps of SQLite after which reading one file is given up."""


def read_gpkg(opened: Opened, *, layer: str) -> Table:
    """Read one feature table of a GeoPackage, without GDAL."""
    check_content(opened, expected="sqlite", format_name="GeoPackage")
    with closing(sqlite3.connect(":memory:")) as base, reading(opened, "is not a sound GeoPackage"):
        base.deserialize(_out_of_wal(opened.data))
        base.set_progress_handler(lambda: 1, MAX_STEPS)
        _refuse_active(opened, base)
        return _feature_table(opened, base, layer)


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
        geometry=from_wkb(opened, [_without_header(row[at]) for row in values]),
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


def _gpkg_crs(opened: Opened, stated: Sequence[object]) -> CRS | None:
    organization, code, definition = stated
    if organization and str(organization).upper() not in {"NONE", ""}:
        return named_crs(opened, f"{organization}:{code}")
    if definition and str(definition).lower() != "undefined":
        return named_crs(opened, str(definition))
    return None
