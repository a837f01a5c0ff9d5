"""Finds the headings of a table: below a title, in two rows, where the recipe says, or none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.formats.nested import are_held

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from layers.sources.opened import Opened

SEARCHED = 50
"""Rows from the top in which headings are looked for."""


@dataclass(frozen=True)
class Stated:
    """
    What a recipe says of the headings of a table.

    Attributes
    ----------
    header_row, skip_rows
        Row that has them, from 1, or rows above them; 0 where the recipe says nothing.
    names
        Headings of a table that has none.
    """

    header_row: int = 0
    skip_rows: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Headings:
    """
    The headings of a table.

    Attributes
    ----------
    row
        Number of the last row before the data, from 1; 0 for a table without headings.
    names
        As written.
    below
        Whether they were found below other rows though the recipe does not say so.
    """

    row: int
    names: list[str]
    below: bool = False


def sheet_meant(
    sheets: Mapping[str, tuple[bool, list[list[str]]]], columns: Collection[str]
) -> str:
    """
    Choose among sheets, each shown or hidden and with its first filled rows.

    It is the first that has the headings wanted, else that has a row below its headings; one that
    is shown goes before those that are hidden.
    """

    def rank(name: str) -> tuple[bool, bool, bool]:
        shown, top = sheets[name]
        held = bool(columns) and any(are_held(columns, row) for row in top[:SEARCHED])
        return held, shown, len(top) > 1

    return max(sheets, key=rank, default="")


def find_headings(
    opened: Opened, rows: Mapping[int, list[str]], stated: Stated, *, columns: Collection[str]
) -> Headings:
    """Find the headings among the first filled rows, by their number in the file."""
    if stated.names:
        return _named(opened, rows, stated)
    if stated.header_row or stated.skip_rows:
        row = stated.header_row or next((n for n in rows if n > stated.skip_rows), 0)
        if row not in rows:
            raise _no_row(opened, stated.header_row or stated.skip_rows + 1)
        return Headings(row, rows[row])
    first = next(iter(rows))
    for row, names in rows.items():
        if columns and are_held(columns, names):
            return Headings(row, names, below=row != first)
    for upper, lower in itertools.pairwise(rows):
        names = merged(rows[upper], rows[lower])
        if columns and are_held(columns, names):
            return Headings(lower, names, below=True)
    _check_first(opened, list(rows.values()), columns)
    return Headings(first, rows[first])


def merged(upper: list[str], lower: list[str]) -> list[str]:
    """
    Join headings that stand in two rows; none where the rows do not fit each other.

    Examples
    --------
    >>> merged(["编号", "坐标", "", "厕位"], ["", "经度", "纬度", ""])
    ['编号', '经度', '纬度', '厕位']
    >>> merged(["", "男厕", "", "女厕", ""], ["编号", "厕位", "面积", "厕位", "面积"])
    ['编号', '男厕 厕位', '男厕 面积', '女厕 厕位', '女厕 面积']
    """
    pairs = list(itertools.zip_longest(upper, lower, fillvalue=""))
    divided = any(not above and below for above, below in pairs)
    if not divided or any(_is_number(below) for _, below in pairs):
        return []
    names, group = [], ""
    for above, below in pairs:
        group = above or group
        twice = lower.count(below) > 1 or below in upper
        names.append(f"{group} {below}".strip() if below and twice else below or above)
    return names if all(names) and len(set(names)) == len(names) else []


def _named(opened: Opened, rows: Mapping[int, list[str]], stated: Stated) -> Headings:
    above = stated.header_row or stated.skip_rows
    data = next((cells for row, cells in rows.items() if row > above), None)
    if data is not None and len(data) != len(stated.names):
        raise opened.error(
            text=f"has {len(data)} columns, but the recipe names {len(stated.names)}.",
            problem="names_count",
            hint="Give `names` one heading for each column, from left to right.",
            found=len(data),
            allowed=len(stated.names),
        )
    return Headings(above, list(stated.names))


def _no_row(opened: Opened, row: int) -> Exception:
    return opened.error(
        text=f"has no headings in row {row}, where the recipe says that they stand.",
        problem="header_row_empty",
        hint=f"Correct `header_row` or `skip_rows`; it may be {SEARCHED} at most.",
        row=row,
        most=SEARCHED,
    )


def _check_first(opened: Opened, rows: list[list[str]], columns: Collection[str]) -> None:
    """Refuse a table whose first row is data: numbers stand where they stand in the second."""
    numeric = [tuple(map(_is_number, row)) for row in rows[:2]]
    if any(numeric[0]) and len(set(numeric)) == 1 and not set(columns) & set(rows[0]):
        found = ", ".join(rows[0])[:80]
        needed = ", ".join(sorted(columns))
        raise opened.error(
            text=f"has no headings: its first row is {found}.",
            problem="headings_missing",
            hint="State `names`, a heading for each column from left to right"
            f" ({len(rows[0])} in all); {needed} must be among them.",
            found=found,
            columns=len(rows[0]),
            needed=needed,
        )


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).replace(",", "", 1).isdecimal()
