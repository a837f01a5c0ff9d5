"""
Make the Word templates of papers anew: `data/papers/report.docx` and `notice.docx`.

    python -m tools.paper_templates

An office opens a template, changes its styles, margins and footer, and saves it under the same
name; papers take the styles by their names. The notice is laid out as GB/T 9704-2012 has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle

FOLDER = Path(__file__).resolve().parent.parent / "data" / "papers"
SONG, HEI, FANG, KAI, TITLE = "宋体", "黑体", "仿宋", "楷体", "方正小标宋简体"
"""Fonts of offices; Word takes the nearest where one is not installed."""
LATIN = "Times New Roman"
INK, GREY = RGBColor(0x11, 0x18, 0x27), RGBColor(0x4B, 0x55, 0x63)
LEADING = 1.25
"""Line to line, of the size: stated, for what a font asks differs, and a page would hold less."""
LINE = Pt(28)
"""Of the notice: 22 lines to a page."""


def main() -> None:
    """Write both templates."""
    for name, make in (("report.docx", _report), ("notice.docx", _notice)):
        document = docx.Document()
        _shared(document)
        make(document)
        document.save(str(FOLDER / name))


def _shared(document: Document) -> None:
    """Give what both have: A4, small type of tables, a page number."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name in (
        "Number",
        "Signature",
        "Cell",
        "Cell Head",
        "Quiet",
        "Figure",
        "Fact Label",
        "Fact Value",
    ):
        if name not in [style.name for style in document.styles]:
            document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    _style(document, "Cell", SONG, 9)
    _style(document, "Cell Head", HEI, 9, bold=True)
    _style(document, "Quiet", SONG, 9, colour=GREY, after=3)
    _style(document, "Caption", SONG, 9, colour=GREY, after=4)
    figure = _style(document, "Figure", SONG, 9, before=4)
    figure.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    figure.paragraph_format.keep_with_next = True
    _style(document, "Fact Label", SONG, 8.5, colour=GREY)
    _style(document, "Fact Value", HEI, 18, bold=True)
    for name, borders in (
        ("Paper Table", _lines(("top", "bottom", "insideH"))),
        ("Fact Table", _lines(("top", "left", "bottom", "right", "insideV"))),
    ):
        style = document.styles.add_style(name, WD_STYLE_TYPE.TABLE)
        style.element.append(parse_xml(borders))
    _page_number(document)


def _lines(edges: tuple[str, ...]) -> str:
    drawn = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="C3CAD4"/>' for side in edges)
    sides = "".join(f'<w:{side} w:w="60" w:type="dxa"/>' for side in ("left", "right"))
    margins = f"<w:tblCellMar>{sides}</w:tblCellMar>"
    return f"<w:tblPr {nsdecls('w')}><w:tblBorders>{drawn}</w:tblBorders>{margins}</w:tblPr>"


def _report(document: Document) -> None:
    section = document.sections[0]
    section.top_margin = section.bottom_margin = Mm(18)
    section.left_margin = section.right_margin = Mm(20)
    _style(document, "Normal", SONG, 10.5, after=5)
    _style(document, "Title", HEI, 20, bold=True, after=4)
    _style(document, "Subtitle", SONG, 10, colour=GREY, after=8)
    _style(document, "Heading 1", HEI, 13, bold=True, before=10, after=5)
    _style(document, "Heading 2", HEI, 11.5, bold=True, before=8, after=4)


def _notice(document: Document) -> None:
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    for name, font in (("Normal", FANG), ("Heading 1", HEI), ("Heading 2", KAI)):
        style = _style(document, name, font, 16)
        style.paragraph_format.first_line_indent = Pt(32)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = LINE
    title = _style(document, "Title", TITLE, 22, before=28, after=8)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    subtitle = _style(document, "Subtitle", KAI, 12, colour=GREY, after=14)
    subtitle.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number = _style(document, "Number", FANG, 16)
    number.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    signature = _style(document, "Signature", FANG, 16, before=6)
    signature.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    signature.paragraph_format.right_indent = Pt(64)


def _style(
    document: Document,
    name: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor = INK,
    before: float = 0,
    after: float = 0,
) -> ParagraphStyle:
    style: ParagraphStyle = document.styles[name]  # type: ignore[assignment]
    style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), bold
    style.font.italic, style.font.color.rgb = False, colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    for key, value in (("eastAsia", font), ("ascii", LATIN), ("hAnsi", LATIN)):
        fonts.set(qn(f"w:{key}"), value)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    if name != "Figure":  # a picture must not be cut to a line
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = Pt(round(size * LEADING, 1))
    borders = style.element.find(f"{qn('w:pPr')}/{qn('w:pBdr')}")
    if borders is not None:
        borders.getparent().remove(borders)
    return style


def _page_number(document: Document) -> None:
    """Number the pages as offices do: — 1 —."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph.add_run("— ")
    paragraph._p.append(parse_xml(field))  # noqa: SLF001  the library has no fields
    paragraph.add_run(" —")


if __name__ == "__main__":
    main()
