"""Reads CSV, workbooks and Parquet, every value as text."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from layers.formats.archives import unzip
from layers.formats.boundary import reading
from layers.formats.geodata import parquet_geometry
from layers.formats.table import Broken, Table, as_text, unique_names
from layers.formats.text import decode, guess
from layers.sources.opened import Opened, check_content, content_of

if TYPE_CHECKING:
    from collections.abc import Collection

LARGE = 50 << 20
MANY = 1000
"""From this many bytes or columns on, only the columns that the recipe names are read."""
MAX_ROWS = 20_000_000
_LONG_ROW = 16 << 20
_SEPARATOR_LINE = re.compile(rb"\A(\xef\xbb\xbf)?sep=.\r?\n")
"""What a spreadsheet program puts before the headings."""


def read_csv(
    opened: Opened, *, encoding: str, columns: Collection[str], quote_pattern: str
) -> Table:
    """Read a table of comma, semicolon or tab separated text."""
    if content_of(opened.data) not in {"text", "json"}:
        check_content(opened, expected="text", format_name="CSV")
    data = opened.data
    if quote_pattern or not data.isascii():
        text = decode(opened, encoding=encoding)
        if quote_pattern:
            text = re.sub(quote_pattern, lambda match: f'"{match.group(0)}"', text)
        data = text.encode()
    data = _SEPARATOR_LINE.sub(b"", data, count=1)
    names, delimiter = _headings(opened, data[: 1 << 20].decode(errors="ignore"))
    used = names
    if len(data) > LARGE or len(names) > MANY:
        used = [name for name in names if name.strip() in columns] or names[:1]
    broken: list[Broken] = []
    hint = "Look for a quotation mark that is never closed."
    with reading(opened, "cannot be taken apart as CSV", hint=hint):
        arrow = _parse(data, used, delimiter, None)
        if arrow is None:
            arrow = _parse(data, used, delimiter, broken)
    rows = pd.DataFrame() if arrow is None else arrow.to_pandas()
    rows.columns = rows.columns.str.strip()
    if data.count(b'"') % 2 and len(rows) + len(broken):
        _check_closed(opened, rows, broken)
    numbers = np.arange(1, len(rows) + len(broken) + 1)
    if broken:
        numbers = np.setdiff1d(numbers, [bad.row for bad in broken])
    guessed = "" if data is opened.data or encoding else guess(opened)
    held = tuple((0, bad) for bad in broken)
    return Table(rows=rows, numbers=numbers, broken=held, guessed=guessed, separator=delimiter)


def _check_closed(opened: Opened, rows: pd.DataFrame, broken: list[Broken]) -> None:
    """Refuse a table whose last row ends within quotation marks: it swallowed all that follows."""
    last = broken[-1].row if broken else 0
    number = max(last, len(rows) + len(broken))
    text = broken[-1].content if number == last else "".join(rows.iloc[-1])
    if "\n" in text or "\r" in text:
        raise opened.error(
            text=f"has a quotation mark in row {number} that is never closed.",
            problem="quote_open",
            hint="Close it, or take it out.",
            row=number,
        )


def _headings(opened: Opened, start: str) -> tuple[list[str], str]:
    line = next((line for line in start.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=line.count)
    names = next(
        (row for row in csv.reader(io.StringIO(start, None), delimiter=delimiter) if row), []
    )
    plain = [name.strip() for name in names]
    twice = [name for name, number in Counter(plain).items() if number > 1]
    if twice:
        raise _column_twice(opened, twice[0])
    return names, delimiter


def _parse(
    data: bytes, columns: list[str], delimiter: str, broken: list[Broken] | None
) -> pa.Table | None:
    """Parse; without a list for the broken rows, stop with `None` at the first of them."""
    met: list[object] = []

    def on_broken(row: pc.InvalidRow) -> str:
        met.append(row)
        if broken is not None:
            detail = f"{row.actual_columns} fields under {row.expected_columns} headings"
            broken.append(Broken(row=row.number - 1, detail=detail, content=row.text))
        return "skip"

    table = pc.read_csv(
        io.BytesIO(data),
        read_options=pc.ReadOptions(use_threads=broken is None, block_size=_LONG_ROW),
        parse_options=pc.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=on_broken
        ),
        convert_options=pc.ConvertOptions(
            include_columns=columns,
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return None if met and broken is None else table


def read_xlsx(opened: Opened, *, layer: str) -> Table:
    """Read one sheet of a workbook: stored values, no formula is computed."""
    check_content(opened, expected="zip", format_name="XLSX")
    for part, data in unzip(opened).items():
        if part.endswith((".xml", ".rels", ".vml")) and _has_entities(data):
            raise opened.error(
                text=f"defines XML entities in {part}, which a workbook never needs.",
                problem="xml_entities",
                hint="Save it again as XLSX from a spreadsheet program.",
                found=part,
            )
    hint = "Save it again as XLSX from a spreadsheet program."
    with reading(opened, "cannot be read as a workbook", hint=hint):
        book = openpyxl.load_workbook(io.BytesIO(opened.data), read_only=True, data_only=True)
        if layer and layer not in book.sheetnames:
            raise _no_layer(opened, layer, book.sheetnames)
        title, unread = (layer, ()) if layer else _sheet_meant(book)
        cells = {
            number: [as_text(value).strip() for value in row]
            for number, row in enumerate(book[title].iter_rows(values_only=True))
            if any(value is not None for value in row)
        }
    return replace(_below_headings(opened, cells), unread=unread)


def _sheet_meant(book: openpyxl.Workbook) -> tuple[str, tuple[str, ...]]:
    """Choose the first sheet with a row below its headings; name the others that hold anything."""
    heights = {
        sheet.title: sum(1 for _ in itertools.islice(filter(any, sheet.values), 2))
        for sheet in book.worksheets
    }
    title = max(heights, key=lambda name: heights[name])
    return title, tuple(name for name, height in heights.items() if height and name != title)


def _has_entities(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        return True
    return b"<!DOCTYPE" in data or b"<!ENTITY" in data


def _no_layer(opened: Opened, layer: str, present: Collection[str]) -> Exception:
    allowed = ", ".join(present)
    return opened.error(
        text=f"has no layer or sheet {layer!r}; present are {allowed}.",
        problem="layer_unknown",
        hint="Correct `layer` in the recipe.",
        found=layer,
        allowed=allowed,
    )


def _below_headings(opened: Opened, cells: dict[int, list[str]]) -> Table:
    """Split rows by number into the headings, which come first, and the rows below."""
    if not cells:
        return Table(rows=pd.DataFrame(), numbers=np.zeros(0, dtype=np.int64))
    start = next(iter(cells))
    names = cells.pop(start)
    while names and not names[-1]:
        names.pop()
    twice = [name for name, number in Counter(names).items() if name and number > 1]
    if twice:
        raise _column_twice(opened, twice[0])
    body = [(row + [""] * len(names))[: len(names)] for row in cells.values()]
    numbers = np.array(list(cells), dtype=np.int64) - start
    return Table(rows=pd.DataFrame(body, columns=names, dtype="str"), numbers=numbers)


def _column_twice(opened: Opened, column: str) -> Exception:
    return opened.error(
        text=f"has several columns called {column!r}.",
        problem="column_twice",
        hint="Give each column its own heading.",
        column=column,
    )


def read_parquet(opened: Opened, *, columns: Collection[str] = ()) -> Table:
    """Read Parquet, with the geometry of GeoParquet if it has one."""
    check_content(opened, expected="parquet", format_name="Parquet")
    with reading(opened, "is not sound Parquet"):
        file = pq.ParquetFile(io.BytesIO(opened.data))
        _check_footer(opened, file.metadata)
        arrow = file.read()
    name, geometry, crs = parquet_geometry(opened, arrow)
    with reading(opened, "is not sound Parquet"):
        fields = [i for i, column in enumerate(arrow.column_names) if column != name]
        names = unique_names(opened, [arrow.column_names[i] for i in fields], columns=columns)
        rows = pd.DataFrame({i: _column_text(arrow.column(i)) for i in fields})
        rows = rows.set_axis(names, axis=1)
    rows.index = pd.RangeIndex(arrow.num_rows)
    numbers = np.arange(1, arrow.num_rows + 1)
    return Table(rows=rows, numbers=numbers, geometry=geometry, crs=crs)


def _check_footer(opened: Opened, footer: pq.FileMetaData) -> None:
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    cells = footer.num_rows * max(footer.num_columns, 1)
    if footer.num_rows > MAX_ROWS or cells > 10 * MAX_ROWS or size > (1 << 31):
        raise opened.error(
            text=f"announces {footer.num_rows:,} rows; at most {MAX_ROWS:,} are read.",
            problem="file_large",
            hint="Split it, or leave out columns that are not needed.",
            found=footer.num_rows,
            allowed=MAX_ROWS,
        )


def _column_text(column: pa.ChunkedArray) -> pd.Series[str]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pd.Series(column.fill_null("").to_pandas(), dtype="str")
    return pd.Series([as_text(value) for value in column.to_pylist()], dtype="str")
