"""Word and PDF say the same, by the numbers of the tables, and nothing from data runs in them."""

from __future__ import annotations

import ctypes
import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import docx
import numpy as np
import pandas as pd
import pypdfium2
import pytest
from pypdfium2 import raw

from analysis.model.question import Question
from exports.papers.docx import docx_bytes
from exports.papers.model import WHOLE, Facts, Heading, Paragraph, Picture, Table
from exports.papers.pdf import page_pictures, pdf_bytes
from exports.papers.widths import column_widths
from exports.pictures.svg import plain
from exports.recipes.report import begin_report, papers, report_files
from layers.languages import LANGUAGES, spoken
from tests.exports.reading import read_csv
from tests.exports.toy import HOSTILE, NOON, TABLES, coverage_bundle, speaker, toy_answers
from tests.languages import SPOKEN

QUESTION = Question(cell=100.0)


@pytest.fixture(scope="module", params=SPOKEN)
def composed(city, request):
    report = begin_report(toy_answers(city), QUESTION, speaker(request.param))
    return {paper.name: paper for paper in papers(report, ["c0"])}


@pytest.fixture(scope="module")
def written(composed):
    return {name: (docx_bytes(each), pdf_bytes(each)) for name, each in composed.items()}


def blocks_of(paper, kind):
    return [block for block in paper.blocks if isinstance(block, kind)]


def texts_of(paper):
    """Every text of a paper, in order."""
    yield paper.title
    yield paper.subtitle
    for block in paper.blocks:
        if isinstance(block, Heading | Paragraph):
            yield block.text
        elif isinstance(block, Facts):
            for fact in block.facts:
                yield from (fact.label, fact.value, fact.note)
        elif isinstance(block, Table):
            yield block.caption
            yield from block.heads
            for row in block.rows:
                yield from row
        elif isinstance(block, Picture):
            yield block.caption
    yield from paper.signature


def squeezed(text):
    return re.sub(r"[\s\u00ad\ufffe\uffff]+", "", text)


def word_text(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tree = ET.fromstring(archive.read("word/document.xml"))
    return squeezed("".join(node.text or "" for node in tree.iter() if node.tag.endswith("}t")))


def pdf_text(content):
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    without_numbers = [re.sub(r"\s*— \d+ —\s*$", "", page) for page in pages]
    return squeezed("".join(without_numbers))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_says_in_which_language_it_is(composed, language):
    content = pdf_bytes(replace(composed["community-c0"], language=language))
    said, room = pypdfium2.PdfDocument(content), (ctypes.c_ushort * 16)()
    raw.FPDFCatalog_GetLanguage(said.raw, room, len(room) * 2)
    tag = "".join(map(chr, room)).rstrip("\0")
    assert spoken(tag) == language


def test_there_is_a_paper_of_each_sort(composed):
    assert list(composed) == ["brief", "notice", "coverage", "community-c0"]


def test_word_says_all_that_the_paper_says_in_its_order(composed, written):
    for name, paper in composed.items():
        said, at = word_text(written[name][0]), 0
        for text in texts_of(paper):
            at = said.index(squeezed(plain(text)), at)


def test_pdf_says_all_that_the_paper_says(composed, written):
    for name, paper in composed.items():
        said = pdf_text(written[name][1])
        for text in texts_of(paper):
            # a cell broken into lines beside others is read line by line: its words are all there
            for word in squeezed(plain(text)) if len(text) > 12 else [squeezed(plain(text))]:
                assert word in said, (name, text)


def test_the_numbers_of_the_papers_are_those_of_the_tables(city, composed):
    files = coverage_bundle(city)
    rows = read_csv(files["coverage.csv"], TABLES["coverage"].columns)
    summary = read_csv(files["summary.csv"], TABLES["summary"].columns)
    whole = summary[(summary["level"] == "city") & (summary["kind"] == "toilet")]
    listed = blocks_of(composed["coverage"], Table)
    assert [row[4] for row in listed[0].rows] == [
        f"{meets} / {n}" for meets, n in zip(whole["meets"], whole["communities"], strict=True)
    ]
    people = whole[whole["figure"] == "population_covered_share"].iloc[0]
    assert f"{people['population_covered_share']:.1%}" == listed[0].rows[0][2]
    beyond = people["population"] - people["population_covered"]
    assert listed[0].rows[0][3] == f"{beyond:.0f}"
    for table, rule in zip(listed[1:], whole["rule"], strict=True):
        found = rows[rows["rule"] == rule]
        assert len(table.rows) == len(found) == len(city.communities)
        for cells in table.rows:
            (row,) = found[
                [plain(str(name)) == cells[1] for name in city.communities["name"]]
            ].to_dict("records")
            if row["figure"].endswith("share"):
                assert cells[3] == ("—" if np.isnan(row["value"]) else f"{row['value']:.1%}")


def test_tables_in_word_are_the_tables_of_the_paper(composed, written):
    for name, paper in composed.items():
        read = docx.Document(io.BytesIO(written[name][0])).tables
        read = [each for each in read if each.style.name == "Paper Table"]
        for table, made in zip(read, blocks_of(paper, Table), strict=True):
            lines = [[cell.text for cell in row.cells] for row in table.rows]
            assert lines == [list(made.heads), *map(list, made.rows)]


@pytest.mark.parametrize("rows", [3, 8, 9])
def test_a_small_table_is_not_parted_by_the_end_of_a_page(composed, rows):
    lead = Paragraph("above")
    small = Table("caption", ("head",), [(f"row {n}",) for n in range(rows)], (False,))
    together = rows <= WHOLE
    for before in range(24, 44):  # the table comes to the end of a page at one of them
        paper = replace(composed["brief"], blocks=[*[lead] * before, small])
        pages = pypdfium2.PdfDocument(pdf_bytes(paper))
        first, *others = [page.get_textpage().get_text_range() for page in pages]
        if others and "caption" in first:
            break
        if others and together:
            continue
    parted = bool(others) and "row 0" in first and f"row {rows - 1}" not in first
    assert parted is not together
    table = docx.Document(io.BytesIO(docx_bytes(paper))).tables[-1]
    held = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
    assert held == ([True] * rows + [None] if together else [None] * (rows + 1))


def test_a_title_from_data_may_be_of_any_length(composed):
    paper = replace(composed["brief"], title="题" * 300)
    written = docx_bytes(paper)
    assert docx.Document(io.BytesIO(written)).core_properties.title == "题" * 255
    assert "题" * 300 in word_text(written)


def test_a_hostile_name_stands_as_it_is(city, composed, written):
    report = composed["coverage"]
    names = {row[1] for table in blocks_of(report, Table)[1:] for row in table.rows}
    assert names == {plain(name) for name in city.communities["name"]}
    assert plain(HOSTILE) in {
        cell.text
        for table in docx.Document(io.BytesIO(written["coverage"][0])).tables
        for row in table.rows
        for cell in row.cells
    }
    with zipfile.ZipFile(io.BytesIO(written["coverage"][0])) as archive:
        links = [archive.read(name) for name in archive.namelist() if name.endswith(".rels")]
    assert b"External" not in b"".join(links)


@pytest.mark.parametrize(
    "text",
    [
        "#panic(1)",
        "$x$ *b* _i_ <l> @ref",
        "</w:t><w:p/>",
        "a\x00\x0b\ufffe\ud800",
        '\\u{41} ``` "]',
    ],
)
def test_no_text_is_read_as_markup(composed, text):
    paper = composed["brief"]
    hostile = replace(
        paper,
        title=plain(text) or "x",
        blocks=[
            Heading(plain(text)),
            Paragraph(plain(text)),
            Table(plain(text), [plain(text)] * 2, [[plain(text)] * 2], (False, True)),
        ],
    )
    assert squeezed(plain(text)) in word_text(docx_bytes(hostile))
    read = pdf_text(pdf_bytes(hostile))
    letters = [sign for sign in squeezed(plain(text)) if sign != "\ufffd"]
    assert not set(letters) - set(read)


def test_a_pdf_can_be_read_out_and_carries_its_fonts(written):
    for _, content in written.values():
        document = pypdfium2.PdfDocument(content)
        assert raw.FPDFCatalog_IsTagged(document)
        page = document[0]
        texts = [item for item in page.get_objects() if item.type == raw.FPDF_PAGEOBJ_TEXT]
        assert texts
        for item in texts:
            assert raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(item)) == 1


def test_pictures_have_words_for_those_who_cannot_see_them(composed, written):
    for name, paper in composed.items():
        with zipfile.ZipFile(io.BytesIO(written[name][0])) as archive:
            tree = ET.fromstring(archive.read("word/document.xml"))
        described = [node.get("descr") for node in tree.iter() if node.tag.endswith("}docPr")]
        assert described == [picture.alt for picture in blocks_of(paper, Picture)]
        assert all(described)


def test_the_same_paper_has_the_same_bytes(composed, written):
    assert docx_bytes(composed["brief"]) == written["brief"][0]
    assert pdf_bytes(composed["brief"]) == written["brief"][1]


def test_a_preview_is_the_pages_of_the_pdf(composed, written):
    pages = page_pictures(composed["brief"])
    assert len(pages) == len(pypdfium2.PdfDocument(written["brief"][1]))
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_a_report_holds_what_was_asked_for_and_says_so(city):
    files = report_files(
        toy_answers(city), QUESTION, speaker("en"), ["pdf"], communities=["0001"], created=NOON
    )
    expected = ["brief.pdf", "notice.pdf", "coverage.pdf", "community-0001.pdf", "run.json"]
    assert list(files) == expected


def test_a_city_without_issues_has_papers_too(city):
    quiet = toy_answers(replace(city, issues=None))
    report = begin_report(quiet, Question(), speaker("en"))
    for paper in papers(report):
        assert not any("nan" in text for text in texts_of(paper))
        assert pdf_bytes(paper)


def test_columns_are_as_wide_as_what_stands_in_them():
    table = Table("", ["n", "name"], [["1", "Old Town and more"], ["22", ""]], (True, False))
    first, second = column_widths(table)
    assert second > 2 * first
    frame = pd.DataFrame({"a": []})
    assert len(frame) == 0
    assert column_widths(Table("", ["n"], [], (True,))) == [6.0]
