"""
Reads GeoPackage, and runs nothing that it holds.

SQLite says what the file holds and proves of each column of the table asked for what its cells are;
what is proved is taken whole, what is not is read value by value.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layers.formats.boundary import reading
from layers.formats.geodata import from_wkb, named_crs
from layers.formats.table import Table, chosen_layer
from layers.sources.opened import Opened, check_content
from layers.texts.bare_table import taken
from layers.texts.stored import Proved, Unproved, proved, quoted, row_number
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
_OF_WAL = 18
"""Where a file says, twice, whether it has a write-ahead log."""


def read_gpkg(
    opened: Opened,
    *,
    layer: str,
    beside: Mapping[str, bytes] | None = None,
    copy: Path | None = None,
) -> Table:
    """
    Read one table of a GeoPackage, of features or of attributes alone.

    `beside` are the files of changes that a program left beside it, by suffix; `copy` is where its
    bytes lie if they are not in memory, which stay as they are.
    """
    check_content(opened, expected="sqlite", format_name="GeoPackage")
    with tempfile.TemporaryDirectory() as folder, reading(opened, "is not a sound GeoPackage"):
        path = Path(folder, "layer.gpkg")
        for at_once in (path, None):
            _write(path, copy or opened.data, beside or {})
            with _opened(path) as base, contextlib.suppress(Unproved):
                return _table(opened, base, layer, at_once)
    raise AssertionError  # value by value nothing needs a proof


def _opened(path: Path) -> closing[sqlite3.Connection]:
    base = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    _limit(base)
    return closing(base)


def _limit(base: sqlite3.Connection) -> None:
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)


def _write(path: Path, data: Path | bytes, beside: Mapping[str, bytes]) -> None:
    """Write a copy, let SQLite take in what a program wrote beside it, and mark it as whole."""
    if isinstance(data, bytes):
        path.write_bytes(data)
    else:
        shutil.copyfile(data, path)
    for suffix, changes in beside.items():
        Path(f"{path}{suffix}").write_bytes(changes)
    if beside:
        with closing(sqlite3.connect(path)) as base:
            _limit(base)
            base.execute("SELECT count(*) FROM sqlite_master").fetchall()  # undoes half a change
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with path.open("r+b") as file:  # as one without a write-ahead log, for there is none
        file.seek(_OF_WAL)
        file.write(b"\1\1")


def _refuse_active(opened: Opened, base: sqlite3.Connection, table: str) -> None:
    """Refuse what would compute when it is read: a view, a virtual table, a generated column."""
    kind, sql = base.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ? AND type IN ('table', 'view')", (table,)
    ).fetchone() or ("", "")
    if not kind:
        raise opened.error(
            text=f"is a database without the table {table!r}, which a GeoPackage has.",
            problem="gpkg_table",
            hint="Save the layer as a GeoPackage from a desktop GIS.",
            found=table,
        )
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


def _table(opened: Opened, base: sqlite3.Connection, layer: str, at_once: Path | None) -> Table:
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
    return _rows(opened, base, name, shaped.get(name), at_once)


def _rows(
    opened: Opened,
    base: sqlite3.Connection,
    table: str,
    shape: Sequence[object] | None,
    at_once: Path | None,
) -> Table:
    """Read a table, columns that are proved at once and the others value by value."""
    cursor = base.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")  # noqa: S608  a name from the file's own list
    names = [str(entry[0]) for entry in cursor.description]
    at = names[names.index(str(shape[0]))] if shape else ""
    number = row_number(base, table, names)
    known = Proved()
    if at_once:
        known = proved(base, table, names, number=number, shape=at, most=MAX_STEPS)
    others = [name for name in names if name not in known.kinds]
    cells: dict[str, Any] = {**_cells(base, table, others, number=number)}
    if at_once and known.kinds:
        cells |= taken(at_once, _root(base, table), names, known)
    count = len(next(iter(cells.values())))
    rows = {name: _column(cells.pop(name)) for name in names if not shape or name != at}
    geometry, remarks = from_wkb(opened, _without_headers(cells[at])) if shape else (None, {})
    return Table(
        rows=pd.DataFrame(rows, index=pd.RangeIndex(count), dtype="str"),
        numbers=np.arange(1, count + 1),
        geometry=geometry,
        remarks=remarks,
        crs=_gpkg_crs(opened, shape[1:]) if shape else None,
    )


def _root(base: sqlite3.Connection, table: str) -> int:
    """Tell at which page a table begins."""
    query = "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?"
    (page,) = base.execute(query, (table,)).fetchone()
    return int(page)


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


def _column(cells: pd.Series[str] | pa.ChunkedArray | Sequence[object]) -> pd.Series[str]:
    """Make a column of texts of what was taken at once, or of cells; decimals stay unwritten."""
    if isinstance(cells, pd.Series):
        return cells
    if isinstance(cells, pa.ChunkedArray):
        return column_of(cells)
    if {*map(type, cells)} - {type(None)} == {float}:
        return column_of(pa.chunked_array([pa.array(cells, pa.float64())]))
    return cells_text(cells)


def _without_headers(cells: pa.ChunkedArray | Sequence[object]) -> pa.ChunkedArray:
    """Strip geometries of a GeoPackage to their WKB: 8 bytes, then an envelope of known length."""
    if not isinstance(cells, pa.ChunkedArray):
        blobs = [cell if isinstance(cell, bytes) else None for cell in cells]
        cells = pa.chunked_array([pa.array(blobs, pa.large_binary())])
    heads = pc.binary_slice(cells, 0, 4)
    starts = {head: _start(head) for head in heads.unique().to_pylist()}
    if len(found := {*starts.values()}) == 1 and (start := found.pop()):
        return pc.binary_slice(cells, start, MAX_VALUE)
    pairs = zip(cells.to_pylist(), heads.to_pylist(), strict=True)
    wkb = [blob[start:] if (start := starts[head]) else None for blob, head in pairs]
    return pa.chunked_array([pa.array(wkb, cells.type)])


def _start(head: bytes | None) -> int | None:
    """Tell after how many bytes the WKB begins, by the first four."""
    sound = head and head[:2] == b"GP" and len(head) == 4  # noqa: PLR2004
    return _ENVELOPES.get((head[3] >> 1) & 0b111) if head and sound else None


def _gpkg_crs(opened: Opened, stated: Sequence[object]) -> CRS | None:
    organization, code, definition = stated
    if organization and str(organization).upper() not in {"NONE", ""}:
        return named_crs(opened, f"{organization}:{code}")
    if definition and str(definition).lower() != "undefined":
        return named_crs(opened, str(definition))
    return None
