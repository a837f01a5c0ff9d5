"""Reads GeoPackage with SQLite alone, from memory, and runs nothing that it holds."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from layers.formats.boundary import reading
from layers.formats.geodata import from_wkb, named_crs
from layers.formats.table import Table, chosen_layer
from layers.sources.opened import Opened, check_content
from layers.texts.proofs import with_values
from layers.texts.stored import quoted, row_number, text_columns
from layers.texts.valued import column_of
from layers.texts.written import cells_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS

MAX_STEPS = 50_000_000
"""Steps of SQLite after which reading one file is given up."""
MAX_VALUE = 1 << 28
"""Bytes of the longest value, stored or computed."""
_ENVELOPES = {0: 8, 1: 40, 2: 56, 3: 56, 4: 72}
"""Bytes before the WKB, by the number of the envelope's form."""


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
    return data if data[18:20] == b"\x01\x01" else data[:18] + b"\x01\x01" + data[20:]


def _refuse_active(opened: Opened, base: sqlite3.Connection, table: str) -> None:
    """Refuse what would compute when it is read: a view, a virtual table, a generated column."""
    kind, sql = base.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ? AND type IN ('table', 'view')", (table,)
    ).fetchone() or ("nothing", "")
    hidden = [row[6] for row in base.execute(f"PRAGMA table_xinfo({quoted(table)})")]
    virtual = re.match(r"CREATE\s+VIRTUAL", str(sql), re.IGNORECASE)
    if kind != "table" or virtual or any(hidden):
        what = "virtual table" if virtual else kind if kind != "table" else "computed column of"
        raise opened.error(
            text=f"holds the {what} {table!r}, which would run when it is read.",
            problem="active_content",
            hint="Save the layer again as a plain table of a GeoPackage.",
            found=f"{what} {table}",
        )


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
    cursor = base.execute(f"SELECT * FROM {quoted(name)} LIMIT 0")  # noqa: S608  a name from the file's own list
    names = [str(entry[0]) for entry in cursor.description]
    at = names[names.index(str(shape[0]))] if shape else ""
    number = row_number(base, name, names)
    columns = [each for each in names if not shape or each != at]
    texts = text_columns(base, name, columns, number=number, most=MAX_STEPS)
    cells = _cells(base, name, [each for each in names if each not in texts], number=number)
    count = len(next(iter({**texts, **cells}.values())))
    rows = {each: _column(texts.get(each), cells.get(each, ())) for each in columns}
    geometry, remarks = from_wkb(opened, _without_headers(cells[at])) if shape else (None, {})
    return Table(
        rows=pd.DataFrame(rows, index=pd.RangeIndex(count), dtype="str"),
        numbers=np.arange(1, count + 1),
        geometry=geometry,
        remarks=remarks,
        crs=_gpkg_crs(opened, shape[1:]) if shape else None,
    )


def _cells(
    base: sqlite3.Connection, table: str, names: Sequence[str], *, number: str
) -> dict[str, Sequence[object]]:
    """Read columns value by value."""
    if not names:
        return {}
    order = f" ORDER BY {number}" if number else ""
    listed = ", ".join(map(quoted, names))
    values = base.execute(f"SELECT {listed} FROM {quoted(table)}{order}").fetchall()  # noqa: S608  names from the file's own list
    columns = [*zip(*values, strict=True)] or [()] * len(names)
    return dict(zip(names, columns, strict=True))


def _column(texts: pa.ChunkedArray | None, cells: Sequence[object]) -> pd.Series[str]:
    """Make a column of texts, or of the cells of one that has others; decimals stay unwritten."""
    if texts is not None:
        return with_values(pd.Series(texts.to_pandas(), dtype="str"))
    if {*map(type, cells)} - {type(None)} == {float}:
        return column_of(pa.chunked_array([pa.array(cells, pa.float64())]))
    return cells_text(cells)


def _without_headers(blobs: Sequence[Any]) -> list[bytes | None]:
    """Strip geometries of a GeoPackage to their WKB: 8 bytes, then an envelope of known length."""
    sound = {*map(type, blobs)} == {bytes}
    whole = blobs if sound else [blob if isinstance(blob, bytes) else b"" for blob in blobs]
    starts = {
        head: _ENVELOPES.get((head[3] >> 1) & 0b111) if head[:2] == b"GP" and head[3:] else None
        for head in {blob[:4] for blob in whole}
    }
    return [blob[start:] if (start := starts[blob[:4]]) else None for blob in whole]


def _gpkg_crs(opened: Opened, stated: Sequence[object]) -> CRS | None:
    organization, code, definition = stated
    if organization and str(organization).upper() not in {"NONE", ""}:
        return named_crs(opened, f"{organization}:{code}")
    if definition and str(definition).lower() != "undefined":
        return named_crs(opened, str(definition))
    return None
