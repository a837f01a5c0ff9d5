"""A paper as a Word document that an office edits: styles of a template, real tables, pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Emu

from exports.formats.archive import packed, unpacked
from exports.papers.model import Fact, Facts, Heading, NewPage, Paragraph, Picture, Table
from exports.papers.widths import column_widths
from exports.pictures.draw import INSET
from exports.pictures.raster import png_bytes
from exports.pictures.svg import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document

    from exports.papers.model import Block, Paper

FOLDER = Path(__file__).resolve().parents[2] / "data" / "papers"
REPORT, NOTICE = "report.docx", "notice.docx"
"""Templates: their styles are what an office changes."""
SUBTITLE, NUMBER, SIGNATURE = "Subtitle", "Number", "Signature"
QUIET, CAPTION, FIGURE = "Quiet", "Caption", "Figure"
TWIP = 635
"""English Metric Units: a twentieth of a point, in which Word measures tables."""
DRAWN = 0.88
"""Width of a picture, of that of the text: two maps and a chart leave the brief two pages."""
ACROSS = 4
"""Facts in a row."""
LONGEST = 255
"""Characters of a title that the properties of a document hold; the paper itself has it whole."""


def docx_bytes(paper: Paper) -> bytes:
    """Write a paper."""
    document = docx.Document(str(FOLDER / (NOTICE if paper.notice else REPORT)))
    _properties(document, paper)
    if paper.number:
        document.add_paragraph(paper.number, style=NUMBER)
    document.add_paragraph(paper.title, style="Title")
    document.add_paragraph(paper.subtitle, style=SUBTITLE)
    for block in paper.blocks:
        _write(document, block)
    for line in paper.signature:
        document.add_paragraph(line, style=SIGNATURE)
    stream = io.BytesIO()
    document.save(stream)
    return packed(unpacked(stream.getvalue()))  # the same paper has the same bytes


def _properties(document: Document, paper: Paper) -> None:
    known = document.core_properties
    day = paper.day.to_pydatetime().replace(tzinfo=None)
    known.title, known.author, known.language = paper.title[:LONGEST], "", paper.language
    known.created = known.modified = day
    known.last_modified_by = known.comments = ""


def _write(document: Document, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_paragraph(block.text, style=f"Heading {block.level}")
    elif isinstance(block, Paragraph):
        document.add_paragraph(block.text, style=QUIET if block.quiet else "Normal")
    elif isinstance(block, Facts):
        _facts(document, block.facts)
    elif isinstance(block, Table):
        document.add_paragraph(block.caption, style=CAPTION).paragraph_format.keep_with_next = True
        _append(document, _table_xml(block, _width(document)))
    elif isinstance(block, Picture):
        _picture(document, block)
    elif isinstance(block, NewPage):
        document.add_page_break()  # type: ignore[no-untyped-call]


def _width(document: Document) -> int:
    """Width of the text on a page, in English Metric Units."""
    section = document.sections[-1]
    page, left, right = section.page_width, section.left_margin, section.right_margin
    return int((page or 0) - (left or 0) - (right or 0))


def _append(document: Document, xml: str) -> None:
    """Put an element at the end, before the settings of the page."""
    document.element.body.insert_element_before(parse_xml(xml), "w:sectPr")


def _table_xml(table: Table, width: int) -> str:
    """Write a table: one of thousands of rows, cell by cell, would take minutes by the library."""
    weights = column_widths(table)
    sizes = [round(width / TWIP * weight / sum(weights)) for weight in weights]
    grid = "".join(f'<w:gridCol w:w="{size}"/>' for size in sizes)
    last = len(table.rows) - 1
    rows = [_row(table.heads, sizes, table.numeric, head=True, keep=table.whole)]
    rows += [
        _row(row, sizes, table.numeric, keep=table.whole and place < last)
        for place, row in enumerate(table.rows)
    ]
    looks = (
        '<w:tblPr><w:tblStyle w:val="PaperTable"/><w:tblW w:w="0" w:type="auto"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:firstRow="1" w:noVBand="1"/></w:tblPr>'
    )
    return f"<w:tbl {nsdecls('w')}>{looks}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _row(
    cells: Sequence[str],
    sizes: Sequence[int],
    numeric: Sequence[bool],
    *,
    head: bool = False,
    keep: bool = False,
) -> str:
    """Write a row; `keep` holds it on the page of the next."""
    look = "<w:trPr><w:cantSplit/>" + ("<w:tblHeader/>" if head else "") + "</w:trPr>"
    style = "CellHead" if head else "Cell"
    written = "".join(
        _cell(text, size, style, right=right, shade=head, keep=keep)
        for text, size, right in zip(cells, sizes, numeric, strict=True)
    )
    return f"<w:tr>{look}{written}</w:tr>"


def _cell(text: str, size: int, style: str, *, right: bool, shade: bool, keep: bool) -> str:
    line = _line(text, style, right=right, keep=keep)
    ground = '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F4"/>' if shade else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{size}" w:type="dxa"/>{ground}</w:tcPr>{line}</w:tc>'


def _facts(document: Document, facts: Sequence[Fact]) -> None:
    """Set numbers that stand out side by side."""
    looks = (
        '<w:tblPr><w:tblStyle w:val="FactTable"/><w:tblW w:w="0" w:type="auto"/>'
        '<w:tblLayout w:type="fixed"/></w:tblPr>'
    )
    for start in range(0, len(facts), ACROSS):
        row = facts[start : start + ACROSS]
        size = round(_width(document) / TWIP / len(row))
        grid = f'<w:gridCol w:w="{size}"/>' * len(row)
        cells = "".join(_fact(fact, size) for fact in row)
        table = f"{looks}<w:tblGrid>{grid}</w:tblGrid><w:tr>{cells}</w:tr>"
        _append(document, f"<w:tbl {nsdecls('w')}>{table}</w:tbl>")
        document.add_paragraph("", style=QUIET)


def _fact(fact: Fact, size: int) -> str:
    lines = (("FactLabel", fact.label), ("FactValue", fact.value), ("FactLabel", fact.note))
    written = "".join(_line(text, style) for style, text in lines)
    return f'<w:tc><w:tcPr><w:tcW w:w="{size}" w:type="dxa"/></w:tcPr>{written}</w:tc>'


def _line(text: str, style: str, *, right: bool = False, keep: bool = False) -> str:
    side = ("<w:keepNext/>" if keep else "") + ('<w:jc w:val="right"/>' if right else "")
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(plain(text))}</w:t></w:r></w:p>'
    )


def _picture(document: Document, picture: Picture) -> None:
    paragraph = document.add_paragraph(style=FIGURE)
    drawn = io.BytesIO(png_bytes(picture.svg, INSET))
    shape = paragraph.add_run().add_picture(drawn, width=Emu(round(_width(document) * DRAWN)))
    shape._inline.docPr.set("descr", picture.alt)  # noqa: SLF001  the library has no name for it
    document.add_paragraph(picture.caption, style=CAPTION)
