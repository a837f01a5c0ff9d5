"""
Lets GDAL take columns out of a table of SQLite whose cells are proved to be of one kind each.

GDAL sees no list, name, type, view, trigger, extension or system of the file: in a private copy all
that it would look up is replaced by what stands here, so that nothing is left of the file but the
cells of one table. Texts and shapes are bytes to it, which it neither reads nor cuts.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyogrio import open_arrow

from layers.texts.stored import Kind, Proved, Unproved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TABLE, _NUMBER = "layer", "fid"
_LISTS = """
CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT, description TEXT,
    last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER, organization TEXT,
    organization_coordsys_id INTEGER, definition TEXT, description TEXT);
CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,
    srs_id INTEGER, z INTEGER, m INTEGER);
INSERT INTO gpkg_contents (table_name, data_type) VALUES ('layer', 'attributes');
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
"""
_FREE, _MOVED, _VACUUM = slice(32, 40), slice(52, 56), slice(64, 68)
"""Where the first page says which pages are free to be written into, or may be moved."""
_MOST = 3
"""Bytes taken out for a byte of the file: a whole number is longer as a text."""
_CELL = 16
"""Bytes of a cell beside those of a text."""


def taken(path: Path, root: int, names: Sequence[str], known: Proved) -> dict[str, pa.ChunkedArray]:
    """
    Take those columns of a table that are proved, in the order of its rows' numbers.

    `root` is the page at which the table begins, `names` are all its columns. The file is written
    into. Texts that are missing are empty. Raises `Unproved` where anything is not as it was.
    """
    if not known.kinds:
        return {}
    places = {f"c{at}": name for at, name in enumerate(names) if name in known.kinds}
    try:
        _bare(path, root, [known.kinds.get(name) for name in names])
        arrow = _read(path, [*places], most=known.rows * len(places) * _CELL)
        _check_numbers(arrow, known.rows)
        numbers = arrow.column(_NUMBER)
        return {
            name: _column(
                numbers if known.kinds[name] is Kind.NUMBER else arrow.column(place),
                known.kinds[name],
            )
            for place, name in places.items()
        }
    except (sqlite3.Error, RuntimeError, pa.ArrowInvalid) as error:  # GDAL; texts that are no UTF-8
        raise Unproved from error


def _bare(path: Path, root: int, kinds: Sequence[Kind | None]) -> None:
    """Leave nothing in a file but one table, with columns and lists of our own."""
    with path.open("r+b") as file:
        for part in (_FREE, _MOVED, _VACUUM):
            file.seek(part.start)
            file.write(bytes(part.stop - part.start))
    columns = [f"c{at} {'REAL' if kind is Kind.REAL else 'BLOB'}" for at, kind in enumerate(kinds)]
    sql = f"CREATE TABLE {_TABLE} ({', '.join(columns)}, {_NUMBER} INTEGER PRIMARY KEY)"
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA writable_schema = ON;"
            "DELETE FROM sqlite_master;"
        )
        listed = ("table", _TABLE, _TABLE, root, sql)
        base.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", listed)
        base.execute("PRAGMA writable_schema = RESET")
        base.executescript(_LISTS)


def _read(path: Path, columns: Sequence[str], *, most: int) -> pa.Table:
    """Let GDAL read, but no more than the file can hold: rows may share what is long."""
    most += _MOST * path.stat().st_size
    opened = open_arrow(path, layer=_TABLE, columns=columns, return_fids=True, use_pyarrow=True)
    with opened as (_, reader):
        batches = []
        for batch in reader:
            batches.append(batch)
            most -= batch.nbytes
            if most < 0:
                raise Unproved
        return pa.Table.from_batches(batches, reader.schema)


def _check_numbers(arrow: pa.Table, rows: int) -> None:
    """Check that each row was read, and in its order."""
    numbers = arrow.column(_NUMBER).to_numpy()
    if len(numbers) != rows or not (numbers[1:] > numbers[:-1]).all():
        raise Unproved


def _column(values: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray:
    if kind in {Kind.REAL, Kind.BYTES}:
        return values
    texts = values.cast(pa.large_string())
    return pc.fill_null(texts, "") if texts.null_count else texts
