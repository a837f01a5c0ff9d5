"""
Takes columns of texts and whole numbers out of a table of SQLite, thousands of rows at once.

SQLite itself puts the texts of many rows one behind the other, with a sign between them, so that
no object of Python is made for a cell. It does so in the order of the rows' numbers, and only with
columns that it finds to hold texts, or whole numbers, and nothing else: a number with decimals
would not be written with all its digits, and bytes are no text.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

_CELLS = 1 << 19
"""Taken out at once."""
_FIRST = 1000
"""Rows that tell what a column probably holds."""
_SIGN = "\x1e"
"""Between two texts; a table in which a text holds it is not taken this way."""
_UNLIKE = {
    str: "NOT ({0} COLLATE BINARY BETWEEN '' AND x'')",  # numbers sort below texts, bytes above
    int: "({0} IS NOT NULL AND typeof({0}) <> 'integer')",
}
"""What is true of a value that is not of the type of its column's first ones."""


class _Unproved(Exception):  # noqa: N818  no error: the table is read value by value
    """A column holds something else than it seemed to."""


def quoted(name: str) -> str:
    """Write a name so that SQL takes it for nothing else."""
    return '"' + name.replace('"', '""') + '"'


def row_number(base: sqlite3.Connection, table: str, names: Sequence[str]) -> str:
    """Tell what a table calls the number of a row, in whose order it is read; empty for none."""
    (kept,) = base.execute(f"PRAGMA table_list({quoted(table)})").fetchall() or [(0,) * 6]
    taken = {name.lower() for name in names}
    free = [each for each in ("rowid", "_rowid_", "oid") if each not in taken]
    return free[0] if free and kept[2] == "table" and not kept[4] else ""


def text_columns(
    base: sqlite3.Connection, table: str, names: Sequence[str], *, number: str, most: int
) -> dict[str, pa.ChunkedArray]:
    """
    Read those columns that hold texts or whole numbers alone, missing ones as empty texts.

    None where that is not proved of each that seems so, nor of a table of more than `most` cells.
    """
    kinds = _probable(base, table, names) if number else {}
    if not kinds:
        return {}
    with contextlib.suppress(_Unproved, sqlite3.DataError):  # together they may be too long
        rows, spans = _spans(base, table, len(kinds), number=number, most=most)
        query = _query(table, kinds, number)
        parts = [_piece(base.execute(query, span).fetchone()) for span in spans]
        if sum(len(part[0]) for part in parts) == rows:
            columns = zip(*parts, strict=True)
            return {name: pa.chunked_array(each) for name, each in zip(kinds, columns, strict=True)}
    return {}


def _probable(base: sqlite3.Connection, table: str, names: Sequence[str]) -> dict[str, type]:
    """Tell from the first rows which columns may hold only texts, or only whole numbers."""
    listed = ", ".join(map(quoted, names)) or "NULL"
    rows = base.execute(f"SELECT {listed} FROM {quoted(table)} LIMIT {_FIRST}").fetchall()  # noqa: S608  names from the file's own list
    (encoding,) = base.execute("PRAGMA encoding").fetchone()
    held = [set(map(type, cells)) - {type(None)} for cells in zip(*rows, strict=True)]
    return {
        name: next(iter(kinds), str)
        for name, kinds in zip(names, held, strict=False)
        if encoding == "UTF-8" and kinds in (set(), {str}, {int})
    }


def _spans(
    base: sqlite3.Connection, table: str, width: int, *, number: str, most: int
) -> tuple[int, list[tuple[int, int]]]:
    """Count the rows, and cut the range of their numbers into spans of some thousand."""
    first, last, rows = base.execute(
        f"SELECT min({number}), max({number}), total(1) FROM {quoted(table)}"  # noqa: S608  a name from the file's own list
    ).fetchone()
    if not rows or (last - first) * width > most:
        raise _Unproved
    step = max(_CELLS // width, 1)
    starts = range(first, last + 1, step)
    return int(rows), [(start, min(start + step - 1, last)) for start in starts]


def _query(table: str, kinds: dict[str, type], number: str) -> str:
    """Ask for the rows of a span: how many they are, how many are odd, and a text a column."""
    names = {quoted(name): kind for name, kind in kinds.items()}
    unlike = " OR ".join(_UNLIKE[kind].format(name) for name, kind in names.items())
    joined = (f"CAST(group_concat(ifnull({name}, ''), '{_SIGN}') AS BLOB)" for name in names)
    return (
        f"SELECT count(*), count(*) FILTER (WHERE {unlike}), {', '.join(joined)}"  # noqa: S608
        f" FROM {quoted(table)} WHERE {number} BETWEEN ? AND ?"
    )


def _piece(found: tuple[int, int, *tuple[bytes | None, ...]]) -> list[pa.Array]:
    """Take the texts of some rows apart, a column each."""
    count, odd, *joined = found
    if odd:
        raise _Unproved
    return [_apart(each or b"", count) for each in joined]


def _apart(joined: bytes, count: int) -> pa.Array:
    """Take texts apart again that stand one behind the other."""
    data = np.frombuffer(joined, dtype=np.uint8)
    signs = np.flatnonzero(data == ord(_SIGN))
    if len(signs) != max(count - 1, 0):
        raise _Unproved
    ends = np.concatenate([[0], signs - np.arange(len(signs)), [len(data) - len(signs)]])
    texts = np.ascontiguousarray(np.delete(data, signs) if len(signs) else data)
    starts = pa.py_buffer(ends[-count - 1 :].astype(np.int64))
    array = pa.LargeStringArray.from_buffers(count, starts, pa.py_buffer(texts))
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:  # no UTF-8, of which reading value by value tells
        raise _Unproved from error
    return array
