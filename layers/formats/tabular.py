"""Reads CSV, workbooks and Parquet, every value as text."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from analysis.model.errors import PlanningError
from layers.formats.boundary import reading
from layers.formats.charset import decoded, utf8_mark, utf8_start, wide_of
from layers.formats.footers import is_note, is_total
from layers.formats.geoparquet import parquet_geometry
from layers.formats.headings import SEARCHED, Headings, Stated, find_headings
from layers.formats.nested import are_held, with_containers
from layers.formats.table import Broken, Table, unique_names
from layers.sources.opened import Opened, check_content, content_of
from layers.texts.gathered import Gathered
from layers.texts.proofs import is_utf8
from layers.texts.valued import column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

LARGE = 50 << 20
MANY = 1000
"""From this many bytes or columns on, only the columns that the recipe names are read."""
MAX_ROWS = 20_000_000
csv.field_size_limit(1 << 24)
_BLOCK, _LONG_ROW = 2 << 20, 16 << 20
"""Bytes parsed at once, and the longest row."""
_TOP = 1 << 20
"""Bytes in which the headings are looked for."""
PIECE = _TOP + (1 << 12)
"""Bytes in which they are, with what may stand before them."""
_NUMBER = re.compile(r"[+\-]?[\d.,\s]+%?")
_FILLED = re.compile(rb"\S")
_SEPARATOR_LINE = re.compile(rb"(\xef\xbb\xbf)?sep=.\r?\n")
"""What a spreadsheet program puts before the headings."""


@dataclass(frozen=True)
class _Top:
    """What stands above the rows: names, what separates them, where they end, the row found."""

    names: list[str]
    delimiter: str
    end: int
    headings: int


def read_csv(
    opened: Opened,
    *,
    encoding: str,
    columns: Collection[str],
    quote_pattern: str,
    stated: Stated = Stated(),  # noqa: B008  frozen
) -> Table:
    """Read a table of comma, semicolon or tab separated text."""
    if content_of(opened.data) not in {"text", "json"} and not wide_of(opened.data):
        check_content(opened, expected="text", format_name="CSV")
    data, start, guessed = _as_utf8(opened, encoding=encoding, quote_pattern=quote_pattern)
    top = _top(opened, data, start, stated, columns)
    used = _used(top.names, columns, size=len(data) - top.end)
    broken: list[Broken] = []
    rows = _rows(opened, pa.py_buffer(data).slice(top.end), used, top.delimiter, broken)
    if len(rows) + len(broken):
        _check_closed(opened, rows, broken, data, top.end)
    return replace(_whole(rows, broken, used, top), guessed=guessed)


def is_large(size: int) -> bool:
    """Tell whether so many bytes are a lot to hold."""
    return size > LARGE


def read_csv_pieces(
    start: Opened,
    more: Callable[[int], bytes],
    *,
    size: int,
    encoding: str,
    columns: Collection[str],
    stated: Stated,
) -> Table | None:
    """
    Read a large table of UTF-8 piece by piece; nothing where it has to be looked at as a whole.

    `start` has the first `PIECE` bytes of `size`, `more` gives those behind. What is wrong with a
    table is not told here: whoever reads it as a whole finds it.
    """
    mark = utf8_mark(start, encoding=encoding)
    if mark is None or b"\0" in start.data or content_of(start.data) != "text":
        return None
    with contextlib.suppress(PlanningError, pa.ArrowInvalid):
        top = _top(start, start.data, mark, stated, columns)
        if not _FILLED.search(start.data, top.end):
            return None
        used = _used(top.names, columns, size=size - top.end)
        places = {place: name for place, name in used.items() if place}
        source = _Source(start.data, top.end, more)
        every = [str(place) for place in range(int(used[""]))]
        batches, broken = _batches(
            pa.PythonFile(source, "r"), every, list(places), top.delimiter, size=_BLOCK
        )
        rows = _gathered(batches, list(places)).set_axis(list(places.values()), axis=1)
        if source.is_sound() and not _last_breaks(rows, broken):
            return _whole(rows, broken, used, top)
    return None


class _Source:
    """A text from one byte on: lines that are proved to be UTF-8, as long as all of them are."""

    closed = False

    def __init__(self, start: bytes, at: int, more: Callable[[int], bytes]) -> None:
        self._rest, self._more = start[at:], more
        self._sound, self._ended = is_utf8(start[:at]), False

    def read(self, size: int) -> memoryview:
        """Read on to the end of a line; a text that is no UTF-8, or has too long a line, ends."""
        held, self._rest = self._rest, b""
        if not self._sound or len(held) >= size:
            self._sound = False
            return memoryview(b"")
        new = self._more(size - len(held))
        block = held + new
        self._ended = not new
        end = len(block) if self._ended else block.rfind(b"\n") + 1
        self._rest, lines = block[end:], memoryview(block)[:end]
        self._sound = is_utf8(lines) and (self._ended or end > 0)
        return lines if self._sound else lines[:0]

    def is_sound(self) -> bool:
        """Tell whether all of it was read, and is UTF-8."""
        return self._ended and self._sound

    def close(self) -> None:
        """Leave the file open."""


def _as_utf8(opened: Opened, *, encoding: str, quote_pattern: str) -> tuple[bytes, int, str]:
    """Give a text as UTF-8, at which byte it begins, and which encoding was guessed."""
    data = opened.data
    if not quote_pattern:
        if data.isascii() and b"\0" not in data[:4]:
            return data, 0, ""
        start = utf8_start(opened, encoding=encoding)
        if start is not None:
            return data, start, ""
    text, guessed = decoded(opened, encoding=encoding)
    if quote_pattern:
        text = re.sub(quote_pattern, lambda match: f'"{match.group(0)}"', text)
    return text.encode(), 0, guessed


def _top(opened: Opened, data: bytes, start: int, stated: Stated, columns: Collection[str]) -> _Top:
    """Find the headings of a text that begins at a byte."""
    separator = _SEPARATOR_LINE.match(data, start)
    start = separator.end() if separator else start
    headings, delimiter, length = _headings(opened, data[start : start + _TOP], stated, columns)
    names = unique_names(opened, headings.names, columns=columns)
    end = len(data) if length is None else start + length
    return _Top(names, delimiter, end, headings.row if headings.below else 0)


def _whole(rows: pd.DataFrame, broken: list[Broken], used: Mapping[str, str], top: _Top) -> Table:
    """Make a table of the rows that were taken apart and those that could not be."""
    numbers = np.arange(1, len(rows) + len(broken) + 1)
    if broken:
        numbers = np.setdiff1d(numbers, [bad.row for bad in broken])
    rows, numbers, broken = _with_footers(rows, numbers, broken, top.delimiter)
    rows, numbers, broken, cut = _without_surplus(rows, numbers, broken, used, top.delimiter)
    return Table(
        rows=_without_blank(rows),
        remarks={"cells_beyond": {"rows": cut}} if cut else {},
        numbers=numbers,
        broken=tuple((0, bad) for bad in broken),
        separator=top.delimiter,
        headings=top.headings,
    )


def _used(names: list[str], columns: Collection[str], *, size: int) -> dict[str, str]:
    """Choose the columns to read, by their place from the left."""
    places = {str(place): name for place, name in enumerate(names)}
    if size > LARGE or len(names) > MANY:
        wanted = with_containers(columns)
        needed = {place: name for place, name in places.items() if name in wanted}
        places = needed or {"0": names[0]}
    return places | {"": str(len(names))}


def _rows(
    opened: Opened, data: pa.Buffer, used: dict[str, str], delimiter: str, broken: list[Broken]
) -> pd.DataFrame:
    """Take the text below the headings apart."""
    places = {place: name for place, name in used.items() if place}
    every = [str(place) for place in range(int(used[""]))]
    if not _FILLED.search(data):
        return pd.DataFrame(columns=list(places.values()), dtype="str")
    hint = "Look for a quotation mark that is never closed."
    with reading(opened, "cannot be taken apart as CSV", hint=hint):
        rows, met = _parse(data, every, list(places), delimiter)
    broken += met
    return rows.set_axis(list(places.values()), axis=1)


def _without_blank(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns without heading and without a value."""
    bare = [name for name in rows if re.fullmatch(r"(\(\d+\))?", str(name))]
    return rows.drop(columns=[name for name in bare if not rows[name].str.strip().any()])


def _with_footers(
    rows: pd.DataFrame, numbers: NDArray[np.int64], broken: list[Broken], delimiter: str
) -> tuple[pd.DataFrame, NDArray[np.int64], list[Broken]]:
    """Take totals and notes that are shorter than the headings for rows, with blank cells."""
    short: dict[int, list[str]] = {}
    for bad in broken:
        cells = _cells(bad, delimiter)
        first = next((cell for cell in cells if cell.strip()), "")
        if len(cells) < len(rows.columns) and (is_total(first) or is_note(first)):
            short[bad.row] = cells + [""] * (len(rows.columns) - len(cells))
    if not short:
        return rows, numbers, broken
    rows, numbers = _with_rows(rows, numbers, short)
    return rows, numbers, [bad for bad in broken if bad.row not in short]


def _cells(bad: Broken, delimiter: str) -> list[str]:
    """Take a row apart that does not fit; one that cannot be has no cells."""
    with contextlib.suppress(csv.Error):
        lines = bad.content.splitlines(keepends=True)
        return next(csv.reader(lines, delimiter=delimiter), [])
    return []


def _without_surplus(
    rows: pd.DataFrame,
    numbers: NDArray[np.int64],
    broken: list[Broken],
    used: Mapping[str, str],
    delimiter: str,
) -> tuple[pd.DataFrame, NDArray[np.int64], list[Broken], int]:
    """Take rows whose cells beyond the headings are all empty: nothing is lost with those."""
    width = int(used[""])
    places = [int(place) for place in used if place]
    whole: dict[int, list[str]] = {}
    for bad in broken:
        cells = _cells(bad, delimiter)
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            whole[bad.row] = [cells[place] for place in places]
    if not whole:
        return rows, numbers, broken, 0
    rows, numbers = _with_rows(rows, numbers, whole)
    return rows, numbers, [bad for bad in broken if bad.row not in whole], len(whole)


def _with_rows(
    rows: pd.DataFrame, numbers: NDArray[np.int64], more: Mapping[int, list[str]]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Put rows in their places by number."""
    added = pd.DataFrame(list(more.values()), columns=rows.columns, dtype="str")
    numbers = np.concatenate([numbers, np.array(list(more), dtype=np.int64)])
    order = np.argsort(numbers, kind="stable")
    rows = pd.concat([rows, added], ignore_index=True).iloc[order].reset_index(drop=True)
    return rows, numbers[order]


def _last_breaks(rows: pd.DataFrame, broken: list[Broken]) -> bool:
    """Tell whether lines break within the last row."""
    if not len(rows) + len(broken):
        return False
    last = broken[-1].row if broken else 0
    text = broken[-1].content if last >= len(rows) + len(broken) else "".join(rows.iloc[-1])
    return "\n" in text or "\r" in text


def _check_closed(
    opened: Opened, rows: pd.DataFrame, broken: list[Broken], data: bytes, start: int
) -> None:
    """Refuse a table whose last row ends within quotation marks: it swallowed all that follows."""
    last = broken[-1].row if broken else 0
    number = max(last, len(rows) + len(broken))
    if _last_breaks(rows, broken) and data.count(b'"', start) % 2:
        raise opened.error(
            text=f"has a quotation mark in row {number} that is never closed.",
            problem="quote_open",
            hint="Close it, or take it out.",
            row=number,
        )


def _headings(
    opened: Opened, top: bytes, stated: Stated, columns: Collection[str]
) -> tuple[Headings, str, int | None]:
    """Find the headings, what separates them, and how many bytes they take; `None` for all."""
    start = top.decode(errors="ignore")
    line = next((line for line in start.splitlines() if line.strip()), "")
    signs = sorted(",;\t|", key=line.count, reverse=True)
    shown = {sign: _first_rows(opened, start, sign) for sign in signs}
    sign = next((s for s in signs if columns and _holds(shown[s][0], columns)), signs[0])
    rows, ends = shown[sign]
    if not rows:
        return Headings(0, []), sign, None
    headings = find_headings(opened, rows, stated, columns=columns)
    return headings, sign, ends[headings.row]


def _holds(rows: Mapping[int, list[str]], columns: Collection[str]) -> bool:
    return any(are_held(columns, cells) for cells in rows.values())


def _first_rows(
    opened: Opened, start: str, delimiter: str
) -> tuple[dict[int, list[str]], dict[int, int]]:
    """Take the first rows apart, by number from 1, and tell at which byte each ends."""
    lines = list(io.StringIO(start, newline=""))
    rows: dict[int, list[str]] = {}
    ends, line = {0: 0}, 0
    with reading(opened, "cannot be taken apart as CSV"):
        reader = csv.reader(lines, delimiter=delimiter)
        for number, cells in enumerate(itertools.islice(reader, SEARCHED), start=1):
            new = lines[line : reader.line_num]
            ends[number] = ends[number - 1] + sum(len(text.encode()) for text in new)
            line = reader.line_num
            if any(cell.strip() for cell in cells):
                rows[number] = [cell.strip() for cell in cells]
    return rows, ends


def _parse(
    data: pa.Buffer, names: list[str], used: list[str], delimiter: str
) -> tuple[pd.DataFrame, list[Broken]]:
    """Take rows apart, and tell which are broken; a row longer than a block needs greater ones."""
    with contextlib.suppress(pa.ArrowInvalid):
        return _by_blocks(data, names, used, delimiter, size=_BLOCK)
    return _by_blocks(data, names, used, delimiter, size=_LONG_ROW)


def _by_blocks(
    data: pa.Buffer, names: list[str], used: list[str], delimiter: str, *, size: int
) -> tuple[pd.DataFrame, list[Broken]]:
    batches, broken = _batches(pa.BufferReader(data), names, used, delimiter, size=size)
    if data.size <= LARGE:
        return batches.read_all().to_pandas(), broken
    return _gathered(batches, used), broken


def _batches(
    source: pa.NativeFile, names: list[str], used: list[str], delimiter: str, *, size: int
) -> tuple[pc.CSVStreamingReader, list[Broken]]:
    """Take rows apart, some at a time; the list of those that are broken grows meanwhile."""
    broken: list[Broken] = []

    def on_broken(row: pc.InvalidRow) -> str:
        detail = f"{row.actual_columns} fields under {row.expected_columns} headings"
        broken.append(Broken(row=row.number, detail=detail, content=row.text))
        return "skip"

    batches = pc.open_csv(
        source,
        # one thread: it takes half the time of two, and only it numbers the broken rows
        read_options=pc.ReadOptions(use_threads=False, block_size=size, column_names=names),
        parse_options=pc.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=on_broken
        ),
        convert_options=pc.ConvertOptions(
            include_columns=used,
            column_types=dict.fromkeys(used, pa.large_string()),  # as pandas has them
            strings_can_be_null=False,
            check_utf8=False,  # all of it was
        ),
    )
    return batches, broken


def _gathered(batches: pc.CSVStreamingReader, used: list[str]) -> pd.DataFrame:
    columns = {name: Gathered() for name in used}
    for batch in batches:
        for name, column in columns.items():
            column.add(batch.column(name))
    return pd.DataFrame({name: column.column() for name, column in columns.items()})


def below_headings(
    opened: Opened,
    cells: dict[int, list[str]],
    stated: Stated,
    columns: Collection[str],
    *,
    merged: Iterable[tuple[int, int, int]] = (),
) -> Table:
    """
    Split rows by number into the headings and the rows below.

    Cells that are merged, by first row, last row and place of the column, say their text in each
    of their rows.
    """
    if not cells:
        return Table(rows=pd.DataFrame(), numbers=np.zeros(0, dtype=np.int64))
    top = dict(itertools.islice(cells.items(), SEARCHED))
    headings = find_headings(opened, top, stated, columns=columns)
    below = {number: row for number, row in cells.items() if number > headings.row}
    width = len(headings.names)
    wanted = [not columns or name in columns for name in headings.names]
    remarks = _repeat_merged(below, merged, wanted)
    beyond = {i for row in below.values() for i, cell in enumerate(row[width:], width) if cell}
    places = [*range(width), *sorted(beyond)]  # cells without a heading are kept, too
    names = headings.names + [""] * len(beyond)
    names = unique_names(opened, names, columns=columns)
    body = [[row[i] if i < len(row) else "" for i in places] for row in below.values()]
    rows = pd.DataFrame(body, columns=names, dtype="str")
    numbers = np.array(list(below), dtype=np.int64) - headings.row
    row = headings.row if headings.below else 0
    return Table(rows=_without_blank(rows), numbers=numbers, headings=row, remarks=remarks)


def _repeat_merged(
    below: dict[int, list[str]], merged: Iterable[tuple[int, int, int]], wanted: Sequence[bool]
) -> dict[str, dict[str, object]]:
    """Write the text of a merged cell into each of its rows; a number may be of all together."""
    told = Counter[str]()
    last_row = max(below, default=0)
    for first, last, place in merged:
        of_columns = place < len(wanted) and wanted[place] and first in below
        if not of_columns or last == first or len(below[first]) <= place:
            continue
        text = below[first][place]
        number = _NUMBER.fullmatch(text)
        for row in range(first + 1, min(last, last_row) + 1):
            if row in below and text and len(below[row]) > place and not below[row][place]:
                told["numbers_merged" if number else "cells_merged"] += 1
                below[row][place] = "" if number else text
    return {rule: {"count": count} for rule, count in told.items()}


def read_parquet(opened: Opened, *, columns: Collection[str] = ()) -> Table:
    """Read Parquet, with the geometry of GeoParquet if it has one."""
    check_content(opened, expected="parquet", format_name="Parquet")
    with reading(opened, "is not sound Parquet"):
        file = pq.ParquetFile(pa.BufferReader(opened.data))
        _check_footer(opened, file.metadata)
        arrow = _by_groups(file)
    name, geometry, crs, remarks = parquet_geometry(opened, arrow)
    with reading(opened, "is not sound Parquet"):
        fields = [i for i, column in enumerate(arrow.column_names) if column != name]
        names = unique_names(opened, [arrow.column_names[i] for i in fields], columns=columns)
        rows = pd.DataFrame({i: column_of(arrow.column(i)) for i in fields})
        rows = rows.set_axis(names, axis=1)
    rows.index = pd.RangeIndex(arrow.num_rows)
    numbers = np.arange(1, arrow.num_rows + 1)
    return Table(rows=rows, numbers=numbers, geometry=geometry, crs=crs, remarks=remarks)


def _by_groups(file: pq.ParquetFile) -> pa.Table:
    """Read group of rows by group of rows: what unpacking takes meanwhile is of one alone."""
    # two threads take twice the time
    groups = [file.read_row_group(i, use_threads=False) for i in range(file.num_row_groups)]
    return pa.concat_tables(groups) if groups else file.read(use_threads=False)


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
