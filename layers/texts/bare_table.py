"""
Lets GDAL take columns out of a table of SQLite whose cells are proved to be of one kind each.

GDAL sees no list, name, type, view, trigger, extension or system of the file: in a private copy all
that it would look up is replaced by what stands here, so that nothing is left of the file but the
cells of one table. Texts and shapes are bytes to it, which it neither reads nor cuts.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyogrio import open_arrow

from layers.texts.gathered import Gathered
from layers.texts.stored import Kind, Proved, Unproved

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

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
_ROWS = 1 << 14
"""Handed out at once."""


def taken(
    path: Path, root: int, names: Sequence[str], known: Proved
) -> dict[str, pd.Series[str] | pa.ChunkedArray]:
    """
    Take those columns of a table that are proved, in the order of its rows' numbers.

    `root` is the page at which the table begins, `names` are all its columns. The file is written
    into. Numbers with decimals and bytes come as they are, all else as texts, missing ones empty.
    Raises `Unproved` where anything is not as it was.
    """
    if not known.kinds:
        return {}
    places = {name: f"c{at}" for at, name in enumerate(names) if name in known.kinds}
    places |= {name: _NUMBER for name, kind in known.kinds.items() if kind is Kind.NUMBER}
    columns = {name: _Column(known.kinds[name]) for name in places}
    last, rows, most = None, 0, known.rows * len(places) * _CELL + _MOST * path.stat().st_size
    try:
        _bare(path, root, [known.kinds.get(name) for name in names])
        with _opened(path, {*places.values()} - {_NUMBER}) as (_, reader):
            for batch in reader:
                most -= batch.nbytes  # rows may share what is long
                numbers = batch.column(_NUMBER).to_numpy()
                if most < 0 or not _rise(last, numbers):
                    raise Unproved
                last, rows = numbers[-1:], rows + len(numbers)
                for name, column in columns.items():
                    column.add(batch.column(places[name]))
    except (sqlite3.Error, RuntimeError, pa.ArrowInvalid) as error:  # GDAL; texts that are no UTF-8
        raise Unproved from error
    if rows != known.rows:
        raise Unproved
    return {name: column.whole() for name, column in columns.items()}


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


def _opened(path: Path, columns: Collection[str]) -> AbstractContextManager[Any]:
    """Let GDAL read, some thousand rows at a time."""
    opened: AbstractContextManager[Any] = open_arrow(
        path,
        layer=_TABLE,
        columns=sorted(columns),
        return_fids=True,
        use_pyarrow=True,
        batch_size=_ROWS,
    )
    return opened


def _rise(last: NDArray[np.int64] | None, numbers: NDArray[np.int64]) -> bool:
    """Tell whether rows come in the order of their numbers, behind the last one before them."""
    every = numbers if last is None else np.concatenate([last, numbers])
    return bool((every[1:] > every[:-1]).all())


class _Column:
    """A column that comes in pieces."""

    def __init__(self, kind: Kind) -> None:
        self._plain: list[pa.Array] | None = [] if kind in {Kind.REAL, Kind.BYTES} else None
        self._texts = Gathered()

    def add(self, values: pa.Array) -> None:
        """Take the next piece."""
        own = pa.concat_arrays([values, values[:0]])  # else all that GDAL handed out would stay
        if self._plain is not None:
            self._plain.append(own)
            return
        texts = own.cast(pa.large_string())
        self._texts.add(pc.fill_null(texts, "") if texts.null_count else texts)

    def whole(self) -> pd.Series[str] | pa.ChunkedArray:
        """Give all of it."""
        return self._texts.column() if self._plain is None else pa.chunked_array(self._plain)
