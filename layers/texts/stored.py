"""
Proves of the columns of a table of SQLite what each of their cells is, some thousand at once.

SQLite lets any cell hold anything, whatever its column is declared to be. Only a column all of
whose cells are what its first ones are can be taken whole, by its type, without a loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

_CELLS = 1 << 19
"""Looked at by one question."""
_FIRST = 1000
"""Rows that tell what a column probably holds."""
_WIDEST = 500
"""Columns that are asked about; SQLite takes a thousand conditions at most."""


_EXACT = f"{{0}} BETWEEN {-(2**53)} AND {2**53}"
"""True of whole numbers that are told apart among those with decimals."""


class Kind(Enum):
    """
    What all cells of a column are that are not missing.

    First stands what is true of a cell that may be unlike, then what is true of one that is. A `+`
    takes the type off that a column is declared to have, so that each cell is compared as it is
    stored: numbers sort below texts, and bytes above.
    """

    TEXT = (
        "NOT (+{0} COLLATE BINARY BETWEEN '' AND x'')",
        "typeof({0}) = 'real' OR +{0} COLLATE BINARY > x''",
    )
    """Texts and whole numbers, which SQLite writes as Python does."""
    REAL = (
        "typeof({0}) NOT IN ('real', 'null')",
        f"typeof({{0}}) NOT IN ('real', 'null') AND NOT (typeof({{0}}) = 'integer' AND {_EXACT})",
    )
    """Numbers with decimals, and whole ones that are exact among them."""
    BYTES = ("+{0} COLLATE BINARY < x''",) * 2
    """Shapes."""
    NUMBER = ("+{0} IS NOT {1}",) * 2
    """The number of the row itself."""


class Unproved(Exception):  # noqa: N818  no error: the table is read value by value
    """What was taken at once is not what was proved."""


@dataclass(frozen=True)
class Proved:
    """
    What is known of a table.

    Attributes
    ----------
    rows
        How many it has.
    kinds
        What each column holds, of those that hold one kind of cell alone.
    """

    rows: int = 0
    kinds: Mapping[str, Kind] = field(default_factory=dict)


def quoted(name: str) -> str:
    """Write a name so that SQL takes it for nothing else."""
    return '"' + name.replace('"', '""') + '"'


def row_number(base: sqlite3.Connection, table: str, names: Sequence[str]) -> str:
    """Tell what a table calls the number of a row, in whose order it is read; empty for none."""
    (kept,) = base.execute(f"PRAGMA table_list({quoted(table)})").fetchall() or [(0,) * 6]
    taken = {name.lower() for name in names}
    free = [each for each in ("rowid", "_rowid_", "oid") if each not in taken]
    return free[0] if free and kept[2] == "table" and not kept[4] else ""


def proved(
    base: sqlite3.Connection,
    table: str,
    names: Sequence[str],
    *,
    number: str,
    shape: str,
    most: int,
) -> Proved:
    """
    Find which columns hold one kind of cell alone; none of a table of more than `most` cells.

    `number` is what the table calls the number of a row, `shape` its column of shapes.
    """
    kinds = _probable(base, table, names, shape=shape) if number else {}
    if not kinds:
        return Proved()
    first, last, rows = base.execute(
        f"SELECT min({number}), max({number}), total(1) FROM {quoted(table)}"  # noqa: S608  a name from the file's own list
    ).fetchone()
    if not rows or (last - first) * len(kinds) > most:
        return Proved()
    step = max(_CELLS // len(kinds), 1)
    spans = [(start, min(start + step - 1, last)) for start in range(first, last + 1, step)]
    doubtful, unlike = (
        [kind.value[at].format(quoted(name), number) for name, kind in kinds.items()]
        for at in (0, 1)
    )
    among = f"FROM {quoted(table)} WHERE {number} BETWEEN ? AND ?"
    one = f"SELECT EXISTS (SELECT 1 {among} AND ({' OR '.join(doubtful)}))"
    if any(base.execute(one, span).fetchone()[0] for span in spans):
        each = ", ".join(f"total({what})" for what in unlike)
        counts = [base.execute(f"SELECT {each} {among}", span).fetchone() for span in spans]
        odd = [any(found) for found in zip(*counts, strict=True)]
        kinds = {name: kinds[name] for name, more in zip(kinds, odd, strict=True) if not more}
    return Proved(int(rows), kinds)


def _probable(
    base: sqlite3.Connection, table: str, names: Sequence[str], *, shape: str
) -> dict[str, Kind]:
    """Tell from the first rows what columns probably hold."""
    if base.execute("PRAGMA encoding").fetchone() != ("UTF-8",):
        return {}
    about = base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    preset = {name for _, name, _, _, value, _ in about if value is not None}
    keys = {name for _, name, kind, _, _, key in about if key and kind.upper() == "INTEGER"}
    asked = [name for name in names if name not in preset][:_WIDEST]  # a row may lack a preset
    listed = ", ".join(map(quoted, asked)) or "NULL"
    rows = base.execute(f"SELECT {listed} FROM {quoted(table)} LIMIT {_FIRST}").fetchall()  # noqa: S608  names from the file's own list
    found = {
        name: Kind.NUMBER if name in keys else _kind(cells, is_shape=name == shape)
        for name, cells in zip(asked, zip(*rows, strict=True), strict=False)
    }
    return {name: kind for name, kind in found.items() if kind}


def _kind(cells: Sequence[object], *, is_shape: bool) -> Kind | None:
    held = set(map(type, cells)) - {type(None)}
    if is_shape:
        return Kind.BYTES if held <= {bytes} else None
    if held <= {str, int}:
        return Kind.TEXT
    return Kind.REAL if held <= {float, int} else None
