"""Tables as plain text, for a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from exports.formats.csv import rounded
from wording import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from layers.knowledge.dictionary import Column

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """
    Take out what a terminal would act upon.

    Examples
    --------
    >>> printable("Old Town") , printable("red" + chr(27))
    ('Old Town', 'red�')
    """
    return CONTROL.sub("\ufffd", text)


def plain_table(frame: pd.DataFrame, columns: Sequence[Column], *, language: str) -> str:
    """Lay a table out in lines."""
    table = rounded(frame, columns)
    cells = [written_cells(table[column.id], column, language) for column in columns]
    titles = [column.title[language] for column in columns]
    widths = [max(map(width_of, [title, *each])) for title, each in zip(titles, cells, strict=True)]
    numeric = [bool(column.unit.format) for column in columns]
    lines = [titles, ["-" * width for width in widths], *zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(_aligned(*cell) for cell in zip(line, widths, numeric, strict=True)).rstrip()
        for line in lines
    )


def written_cells(values: pd.Series, column: Column, language: str) -> list[str]:
    """Write the values of a column as a reader sees them."""
    return [
        numbers.NOTHING if gone else _cell(value, column, language)
        for value, gone in zip(values.tolist(), values.isna().to_numpy(), strict=True)
    ]


def _cell(value: object, column: Column, language: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if column.unit.id == "share":
            return numbers.share(value)
        if column.unit.id == "people":
            return numbers.count(value, language=language)
        places, all_of_them = column.unit.shown
        if all_of_them:
            return numbers.decimal(value, digits=places, language=language)
        return numbers.number(value, most=places, language=language)
    code = column.codes.get(str(value))
    return printable(code[language][0] if code else str(value))


def width_of(text: str) -> int:
    """
    Count the places that a text takes on a screen.

    Examples
    --------
    >>> width_of("厕所 WC")
    7
    """
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _aligned(text: str, width: int, numeric: bool) -> str:  # noqa: FBT001
    space = " " * (width - width_of(text))
    return f"{space}{text}" if numeric else f"{text}{space}"
