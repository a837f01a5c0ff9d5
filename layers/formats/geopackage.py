"""Reads GeoPackage with SQLite alone, from memory, and runs nothing that it holds."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.formats.boundary import reading
from layers.formats.geodata import from_wkb, named_crs
from layers.formats.table import Table, chosen_layer
from layers.sources.opened import Opened, check_content
from layers.texts.written import cells_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS

MAX_STEPS = 50_000_000
"""Steps of SQLite after which reading one file is given up."""
MAX_VALUE = 1 << 28
"""Bytes of the longest value, stored or computed."""


def read_gpkg(opened: Opened, *, layer: str, beside: Mapping[str, bytes] | None = None) -> Table:
    """
    Read one table of a GeoPackage, of features or of attributes alone, without GDAL.

    `beside` are the files of changes that a program left beside it, by suffix.
    """
    check_content(opened, expected="sqlite", format_name="GeoPackage")
    data = _with_changes(opened, beside) if beside else opened.data
    with closing(sqlite3.connect(":memory:")) as base, reading(opened, "is not a sound GeoPackage"):
        base.deserialize(_out_of_wal(data))
        _limit(base)
        return _table(opened, base, layer)


def _limit(base: sqlite3.Connection) -> None:
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)


def _with_changes(opened: Opened, beside: Mapping[str, bytes]) -> bytes:
    """Let SQLite take in, in a folder of our own, what a program wrote beside the file."""
    with tempfile.TemporaryDirectory() as folder, reading(opened, "is not a sound GeoPackage"):
        path = Path(folder, "layer.gpkg")
        path.write_bytes(opened.data)
        for suffix, data in beside.items():
            Path(f"{path}{suffix}").write_bytes(data)
        with closing(sqlite3.connect(path)) as base:
            _limit(base)
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            whole: bytes = base.serialize()
            return whole


def _out_of_wal(data: bytes) -> bytes:
    """Mark a database as one without a write-ahead log: in memory there is no such file."""
    return data[:18] + b"\x01\x01" + data[20:]


def _refuse_active(opened: Opened, base: sqlite3.Connection, table: str) -> None:
    """Refuse what would compute when it is read: a view, a virtual table, a generated column."""
    kind, sql = base.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ? AND type IN ('table', 'view')", (table,)
    ).fetchone() or ("nothing", "")
    hidden = [row[6] for row in base.execute(f"PRAGMA table_xinfo({_quoted(table)})")]
    virtual = re.match(r"CREATE\s+VIRTUAL", str(sql), re.IGNORECASE)
    if kind != "table" or virtual or any(hidden):
        what = "virtual table" if virtual else kind if kind != "table" else "computed column of"
        raise opened.error(
            text=f"holds the {what} {table!r}, which would run when it is read.",
            problem="active_content",
            hint="Save the layer again as a plain table of a GeoPackage.",
            found=f"{what} {table}",
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(opened: Opened, base: sqlite3.Connection, layer: str) -> Table:
    for system in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"):
        _refuse_active(opened, base, system)
    shaped = {
        str(row[0]): row[1:]
        for row in base.execute(
            "SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id,"
            " s.definition FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name)"
            " LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id"
        )
    }
    plain = [
        str(row[0])
        for row in base.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type = 'attributes'"
        )
    ]
    views = {
        str(row[0]) for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
    }
    if not layer and len(shaped) > 1:
        shaped = {name: shape for name, shape in shaped.items() if name not in views}
    named = [*shaped, *plain, *(views & {layer})] if layer or not shaped else [*shaped]
    name = chosen_layer(opened, named, layer)
    _refuse_active(opened, base, name)
    return _rows(opened, base, name, shaped.get(name))


def _rows(
    opened: Opened, base: sqlite3.Connection, name: str, shape: Sequence[object] | None
) -> Table:
    cursor = base.execute(f"SELECT * FROM {_quoted(name)}")  # noqa: S608  a name from the file's own list
    names = [str(entry[0]) for entry in cursor.description]
    values = cursor.fetchall()
    at = names.index(str(shape[0])) if shape else -1
    columns = [*zip(*values, strict=True)] or [()] * len(names)
    rows = pd.DataFrame(
        {name: cells_text(columns[i]) for i, name in enumerate(names) if i != at},
        index=pd.RangeIndex(len(values)),
        dtype="str",
    )
    blobs = [_without_header(blob) for blob in columns[at]]
    geometry, remarks = from_wkb(opened, blobs) if shape else (None, {})
    return Table(
        rows=rows,
        numbers=np.arange(1, len(values) + 1),
        geometry=geometry,
        remarks=remarks,
        crs=_gpkg_crs(opened, shape[1:]) if shape else None,
    )


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
