"""
Reads XLS, ODS and XLSB by calamine, which needs memory for every cell of a sheet's extent.

A few bytes can claim a billion cells, so the extent is told beforehand where the format can lie.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

from defusedxml.ElementTree import iterparse
from python_calamine import CalamineWorkbook

from layers.formats.archives import unzip
from layers.formats.boundary import reading
from layers.formats.headings import Stated
from layers.formats.table import Table, chosen_layer
from layers.formats.tabular import below_headings
from layers.formats.xml_tree import local
from layers.sources.opened import check_content
from layers.texts.written import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from layers.sources.opened import Opened

MAX_CELLS = 20_000_000
_ROW_HEADING, _CELLS = 0, range(1, 12)
"""Kinds of records of XLSB: a row, and the kinds of cells."""
_REPEATED = re.compile(r"number-(rows|columns)-repeated$")


def read_workbook(
    opened: Opened,
    *,
    format_name: str,
    layer: str,
    columns: Collection[str] = (),
    stated: Stated = Stated(),  # noqa: B008  frozen
) -> Table:
    """Read one sheet: stored values, no formula is computed and no macro is run."""
    packed = format_name != "XLS"
    check_content(opened, expected="zip" if packed else "ole", format_name=format_name)
    data = opened.data
    if packed:
        members = unzip(opened)
        _check_extent(opened, members, format_name)
        data = _table_alone(members) if format_name == "ODS" else data
    hint = "Save it again as XLSX from a spreadsheet program."
    with reading(opened, "cannot be read as a workbook", hint=hint):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if layer:
            chosen_layer(opened, book.sheet_names, layer)
        sheets = {name: _cells(book, name) for name in ([layer] if layer else book.sheet_names)}
    heights = {name: min(len(cells), 2) for name, cells in sheets.items()}
    title = max(heights, key=lambda name: heights[name], default="")
    others = tuple(name for name, height in heights.items() if height and name != title)
    table = below_headings(opened, sheets.get(title, {}), stated, columns)
    return replace(table, unread=others)


def _cells(book: CalamineWorkbook, name: str) -> dict[int, list[str]]:
    """Take the filled rows of a sheet, by number from 1."""
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return {
        number: [as_text(value).strip() for value in row]
        for number, row in enumerate(rows, start=1)
        if any(value not in {None, ""} for value in row)
    }


def _table_alone(members: Mapping[str, bytes]) -> bytes:
    """Pack the content of an ODS alone: some programs leave out the list by which it is known."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", members["content.xml"])
    return stream.getvalue()


def _check_extent(opened: Opened, members: Mapping[str, bytes], format_name: str) -> None:
    with reading(opened, "cannot be read as a workbook"):
        if format_name == "ODS":
            extents = list(_ods_extents(members["content.xml"]))
        else:
            sheets = [data for name, data in members.items() if name.startswith("xl/worksheets/")]
            extents = [_xlsb_extent(data) for data in sheets if data]
    if max(extents, default=0) > MAX_CELLS:
        raise opened.error(
            text=f"claims {max(extents):,} cells; at most {MAX_CELLS:,} are read.",
            problem="file_large",
            hint="Split it, or leave out columns that are not needed.",
            found=max(extents),
            allowed=MAX_CELLS,
        )


def _ods_extents(content: bytes) -> Iterator[int]:
    """Count the cells of each table: rows and cells that say that they are repeated, multiplied."""
    rows = width = line = 0
    for _, element in iterparse(io.BytesIO(content), forbid_dtd=True):
        match local(element):
            case "table-cell" | "covered-table-cell":
                filled = len(element) > 0 or any(
                    name.endswith("}value-type") for name in element.attrib
                )
                line += _repeated(element.items()) if filled else 1
            case "table-row":
                rows += _repeated(element.items()) if line > 1 or len(element) > 1 else 1
                width, line = max(width, line), 0
                element.clear()
            case "table":
                yield rows * width
                rows = width = 0
            case _:
                pass


def _repeated(attributes: Collection[tuple[str, str]]) -> int:
    return next((int(value) for name, value in attributes if _REPEATED.search(name)), 1)


def _xlsb_extent(sheet: bytes) -> int:
    """Tell by its records how many cells the extent of a sheet has."""
    rows: list[int] = []
    places: set[int] = set()
    at = 0
    while at < len(sheet):
        kind, at = _packed(sheet, at, most=2)
        size, at = _packed(sheet, at, most=4)
        first = int.from_bytes(sheet[at : at + 4], "little")
        if kind == _ROW_HEADING:
            rows.append(first)
        elif kind in _CELLS:
            places.add(first)
        at += size
    return (max(rows, default=0) + 1) * (max(places, default=0) + 1)


def _packed(data: bytes, at: int, *, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and where it ends."""
    value = 0
    for place, byte in enumerate(itertools.islice(data, at, at + most)):
        value |= (byte & 0x7F) << (7 * place)
        at += 1
        if byte < 0x80:  # noqa: PLR2004  the last byte of the number
            break
    return value, at
