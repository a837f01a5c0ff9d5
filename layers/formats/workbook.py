"""
Reads workbooks: stored values, no formula is computed and no macro is run.

XLSX is read by openpyxl; XLS, ODS and XLSB by calamine, which needs memory for every cell of a
sheet's extent. A few bytes can claim a billion cells, so the extent is told beforehand where the
format can lie.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
from defusedxml.ElementTree import iterparse
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from layers.formats.archives import unzip
from layers.formats.boundary import reading
from layers.formats.headings import SEARCHED, Stated, sheet_meant
from layers.formats.table import Table, chosen_layer
from layers.formats.tabular import below_headings
from layers.formats.xml_tree import local
from layers.sources.opened import check_content
from layers.texts.written import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from layers.sources.opened import Opened

MAX_CELLS = 20_000_000
_ROW_HEADING, _CELLS = 0, range(1, 12)
"""Kinds of records of XLSB: a row, and the kinds of cells."""
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
"""What a cell shows whose formula fails: no value."""
_HIDDEN_ROW = re.compile(rb"<row\b[^<>]*\bhidden=[\"'](?:1|true)[\"']")
_UNCOMPUTED = re.compile(
    rb"<c\b[^<>]*\br=\"([A-Z]+)(\d+)\"[^<>]*>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*"
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
"""A formula beside which no value is stored, with its column and row."""
_MERGED = re.compile(rb"<mergeCell\b[^<>]*\bref=\"([A-Z]+)(\d+):[A-Z]+(\d+)\"")
_UNSTORED = "#FORMULA?"
"""What stands for it until its place in the table is known; no program writes it."""
_HINT = "Save it again as XLSX from a spreadsheet program."
_REPEATED = re.compile(r"number-(rows|columns)-repeated$")


def read_workbook(
    opened: Opened,
    *,
    format_name: str,
    layer: str,
    columns: Collection[str] = (),
    stated: Stated = Stated(),  # noqa: B008  frozen
) -> Table:
    """Read one sheet of an XLS, ODS or XLSB."""
    packed = format_name != "XLS"
    check_content(opened, expected="zip" if packed else "ole", format_name=format_name)
    data = opened.data
    if packed:
        members = unzip(opened)
        _check_extent(opened, members, format_name)
        data = _table_alone(members) if format_name == "ODS" else data
    with reading(opened, "cannot be read as a workbook", hint=_HINT):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if layer:
            chosen_layer(opened, book.sheet_names, layer)
        names = [layer] if layer else book.sheet_names
        rows = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names}
        read = {name: _cells(rows[name]) for name in names}
        merged = {n: book.get_sheet_by_name(n).merged_cell_ranges or () for n in names}
        shown = {
            each.name: each.visible is SheetVisibleEnum.Visible for each in book.sheets_metadata
        }
    sheets = {name: (shown.get(name, True), [*cells.values()]) for name, cells in read.items()}
    title = layer or sheet_meant(sheets, columns)
    spans = [(top + 1, low + 1, left) for (top, left), (low, _) in merged.get(title, ())]
    table = below_headings(opened, read.get(title, {}), stated, columns, merged=spans)
    unread = tuple(name for name, (_, top) in sheets.items() if top and name != title)
    return replace(_with_values(table, columns), unread=unread)


def read_xlsx(
    opened: Opened,
    *,
    layer: str,
    columns: Collection[str] = (),
    stated: Stated = Stated(),  # noqa: B008  frozen
) -> Table:
    """Read one sheet of an XLSX."""
    check_content(opened, expected="zip", format_name="XLSX")
    parts = unzip(opened)
    _check_entities(opened, parts)
    with reading(opened, "cannot be read as a workbook", hint=_HINT):
        book = openpyxl.load_workbook(io.BytesIO(opened.data), read_only=True, data_only=True)
        if layer:
            chosen_layer(opened, book.sheetnames, layer)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a sheet says of its size may be stale
        sheets = {} if layer else {sheet.title: _top(sheet) for sheet in book.worksheets}
        title = layer or sheet_meant(sheets, columns)
        source = parts.get(book[title]._worksheet_path, b"")  # noqa: SLF001
        unstored = _UNCOMPUTED.findall(source) if b"<f" in source else []
        cells = _cells(book[title].iter_rows(values_only=True), unstored)
    unread = tuple(name for name, (_, top) in sheets.items() if top and name != title)
    spans = [
        (int(top), int(low), column_index_from_string(left.decode()) - 1)
        for left, top, low in _MERGED.findall(source)
    ]
    table = below_headings(opened, cells, stated, columns, merged=spans)
    table = _with_values(table, columns)
    hidden = _remarks({"rows_hidden": len(_HIDDEN_ROW.findall(source))})
    remarks = {**hidden, **table.remarks}
    return replace(table, unread=unread, remarks=remarks, from_1904=book.epoch == MAC_EPOCH)


def _check_entities(opened: Opened, parts: Mapping[str, bytes]) -> None:
    for part, data in parts.items():
        if part.endswith((".xml", ".rels", ".vml")) and _has_entities(data):
            raise opened.error(
                text=f"defines XML entities ({part}), which data never need.",
                problem="xml_entities",
                hint="Save it again from a current program, a workbook as XLSX.",
                found=part,
            )


def _has_entities(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        return True
    return b"<!DOCTYPE" in data or b"<!ENTITY" in data


def _top(sheet: ReadOnlyWorksheet) -> tuple[bool, list[list[str]]]:
    """Tell whether a sheet is shown, and take its first filled rows."""
    filled = itertools.islice(filter(any, sheet.values), SEARCHED)
    return sheet.sheet_state == "visible", [_texts(row) for row in filled]


def _remarks(counts: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """Make a remark of each thing that was found in a sheet."""
    return {rule: {"count": count} for rule, count in counts.items() if count}


def _with_values(table: Table, columns: Collection[str]) -> Table:
    """Empty the cells of formulas that failed or have no stored result, and say which they are."""
    found = table.rows.isin([*_ERRORS, _UNSTORED]).to_numpy(dtype=bool)
    if not found.any():
        return table
    names, texts = list(table.rows), table.rows.to_numpy(dtype=object)
    wanted = [not columns or name in columns for name in names]
    unstored = int((found & (texts == _UNSTORED))[:, wanted].sum())
    failed = int(found[:, wanted].sum()) - unstored
    cells = zip(*np.nonzero(found), strict=True)
    return replace(
        table,
        rows=table.rows.mask(found, ""),
        valueless=frozenset((int(table.numbers[row]), names[place]) for row, place in cells),
        remarks={
            **table.remarks,
            **_remarks({"formulas_uncomputed": unstored, "cells_failed": failed}),
        },
    )


def _cells(
    rows: Iterable[Sequence[object]], unstored: Iterable[tuple[bytes, bytes]] = ()
) -> dict[int, list[str]]:
    """Take the filled rows of a sheet, by number from 1."""
    formulas: dict[int, list[int]] = {}
    for letters, line in unstored:
        place = column_index_from_string(letters.decode()) - 1
        formulas.setdefault(int(line), []).append(place)
    cells = {}
    for number, row in enumerate(rows, start=1):
        if number in formulas:
            texts = _texts(row)
            texts += [""] * (max(formulas[number]) + 1 - len(texts))
            for place in formulas[number]:
                texts[place] = _UNSTORED
            cells[number] = texts
        elif any(value not in {None, ""} for value in row):
            cells[number] = _texts(row)
    return cells


def _texts(row: Iterable[object]) -> list[str]:
    return [as_text(value).strip() for value in row]


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
