"""Workbooks of other programs: the same rows as from XLSX, and no memory for what is not there."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile

import openpyxl
import pytest

from analysis.model.errors import SourceError
from layers.formats.read import How, read_table

HEAD = ["id", "名称", "day", "share", "note"]
BODY = [
    ["007", "东门", dt.datetime.fromisoformat("2024-03-05T14:30:00"), 0.5, None],
    ["008", "西门", dt.datetime.fromisoformat("2024-03-06T00:00:00"), 12, "x"],
]
ODS = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"""


def ods_cell(value, more=""):
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, dt.datetime):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        )
    if isinstance(value, str):
        text = f"<text:p>{value}</text:p>"
        return f'<table:table-cell office:value-type="string"{more}>{text}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def ods(rows, more=""):
    """A workbook of one sheet with a title above its headings, as OpenDocument."""
    lines = [
        "<table:table-row>" + "".join(map(ods_cell, row)) + "</table:table-row>" for row in rows
    ]
    tables = f'<table:table table:name="厕所">{"".join(lines)}{more}</table:table>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.replace("{tables}", tables))
    return stream.getvalue()


def record(kind, data=b""):
    """One record of a binary workbook: its kind and size, seven bits a byte."""
    packed = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size = len(data)
    return packed + bytes([size & 127 | 128, size >> 7]) + data


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(cells):
    """A binary workbook of texts, by row and column from 0."""
    last = max(row for row, _ in cells), max(column for _, column in cells)
    sheet = record(129) + record(148, struct.pack("<4I", 0, last[0], 0, last[1])) + record(145)
    for row in sorted({row for row, _ in cells}):
        sheet += record(0, struct.pack("<I", row) + bytes(13))
        for (own, column), text in sorted(cells.items()):
            sheet += record(6, struct.pack("<II", column, 0) + wide(text)) if own == row else b""
    sheet += record(146) + record(130)
    bundle = struct.pack("<II", 0, 1) + wide("rId1") + wide("Data")
    book = record(131) + record(143) + record(156, bundle) + record(144) + record(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    links = f"<Relationships>{link}</Relationships>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", links)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return stream.getvalue()


def xlsx(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(tmp_path, name, data, *, columns=(), **how):
    (tmp_path / name).write_bytes(data)
    return read_table(tmp_path / name, name=name, entry="e", how=How(**how), columns=columns)


@pytest.mark.parametrize("name", ["t.xlsm", "t.ods"])
def test_another_program_gives_the_same_rows(tmp_path, name):
    rows = [["公厕一览"], HEAD, *BODY]
    data = ods(rows) if name == "t.ods" else xlsx(rows)
    table = read(tmp_path, name, data, columns=HEAD)
    plain = read(tmp_path, "t.xlsx", xlsx(rows), columns=HEAD)
    assert table.rows.to_dict("list") == plain.rows.to_dict("list")
    assert table.rows["id"].tolist() == ["007", "008"]
    assert table.rows["share"].tolist() == ["0.5", "12"]
    assert table.rows["day"].str.slice(0, 16).tolist() == ["2024-03-05T14:30", "2024-03-06T00:00"]
    assert (table.headings, table.numbers.tolist()) == (2, plain.numbers.tolist())


def test_a_binary_workbook_is_read(tmp_path):
    cells = {(0, 0): "id", (0, 1): "名称", (1, 0): "007", (1, 1): "东门"}
    assert read(tmp_path, "t.xlsb", xlsb(cells)).rows.to_dict("list") == {
        "id": ["007"],
        "名称": ["东门"],
    }


def test_the_sheet_that_is_shown_or_has_the_headings_is_read(tmp_path):
    book = openpyxl.Workbook()
    rows = {"old": [["id", "n"], ["9", "x"]], "about": [["text"], ["more"], ["more"]],
            "data": [["id", "n"], ["1", "y"]]}  # fmt: skip
    for title, cells in rows.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(row)
    book["old"].sheet_state = "hidden"
    del book["Sheet"]
    book.active = book["about"]
    book.save(tmp_path / "b.xlsx")
    data = (tmp_path / "b.xlsx").read_bytes()
    table = read(tmp_path, "t.xlsx", data, columns=["id", "n"])
    assert (table.rows["n"].tolist(), table.unread) == (["y"], ("old", "about"))
    assert [*read(tmp_path, "t.xlsx", data).rows] == ["text"]
    assert read(tmp_path, "t.xlsx", data, layer="old").rows["n"].tolist() == ["x"]


@pytest.mark.parametrize("name", ["t.xls", "t.xlsx"])
def test_a_web_page_under_the_name_of_a_workbook_is_named(tmp_path, name):
    with pytest.raises(SourceError, match="web page") as caught:
        read(tmp_path, name, b"<html><table><tr><td>id</td></tr></table></html>")
    assert "XLSX" in caught.value.hint


def test_failed_and_uncomputed_formulas_are_empty_and_told(tmp_path):
    table = read(tmp_path, "t.xlsx", xlsx([["id", "n", "m"], ["1", "#N/A", "=1+1"], ["2", "x", 3]]))
    assert table.rows["n"].tolist() == ["", "x"]
    assert table.rows["m"].tolist() == ["", "3"]
    assert table.remarks == {"cells_failed": {"count": 1}, "formulas_uncomputed": {"count": 1}}
    assert table.valueless == {(1, "n"), (1, "m")}
    linked = read(tmp_path, "t.xlsx", xlsx([["id", "n"], ["=x!A1", "=x!B1"], ["2", "y"]]))
    assert linked.rows["id"].tolist() == ["", "2"], "a row of formulas is a row"
    data = xlsx([["id", "n", "m"], ["1", "#N/A", "=1+1"]])
    assert not read(tmp_path, "t.xlsx", data, columns=["id"]).remarks, "no column that is asked for"


def test_a_long_number_has_the_digits_of_its_file_and_zeros(tmp_path):
    table = read(tmp_path, "t.xlsx", xlsx([["id"], [3.3010820240305e17], [12.0]]))
    assert table.rows["id"].tolist() == ["330108202403050000", "12"]


FAR = ods_cell("x", ' table:number-columns-repeated="16384"')
BOMBS = {
    "t.ods": ods(
        [HEAD], f'<table:table-row table:number-rows-repeated="1048576">{FAR}</table:table-row>'
    ),
    "t.xlsb": xlsb({(0, 0): "id", (1_048_575, 16_383): "x"}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_sheet_that_claims_too_many_cells_is_refused(tmp_path, name):
    with pytest.raises(SourceError) as caught:
        read(tmp_path, name, BOMBS[name])
    assert caught.value.problem == "file_large"


def test_rows_that_a_program_repeats_to_the_end_of_a_sheet_are_none(tmp_path):
    cell = '<table:table-cell table:number-columns-repeated="1024"/>'
    blank = f'<table:table-row table:number-rows-repeated="1048000">{cell}</table:table-row>'
    assert len(read(tmp_path, "t.ods", ods([HEAD, *BODY], blank)).rows) == 2


@pytest.mark.parametrize("name", ["t.xls", "t.ods", "t.xlsb"])
@pytest.mark.parametrize(
    "content",
    [bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), b"PK\x05\x06" + bytes(18), b"text"],
)
def test_what_is_no_workbook_is_refused(tmp_path, name, content):
    with pytest.raises(SourceError) as caught:
        read(tmp_path, name, content)
    assert caught.value.problem in {"file_broken", "format_mismatch"}


def test_of_several_sheets_the_recipe_names_one(tmp_path):
    with pytest.raises(SourceError, match="厕所"):
        read(tmp_path, "t.ods", ods([HEAD, *BODY]), layer="toilets")
    assert len(read(tmp_path, "t.ods", ods([HEAD, *BODY]), layer="厕所").rows) == 2
