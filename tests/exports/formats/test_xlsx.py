"""The workbook is read back and compared with the frames it was made from."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from analysis.model.levels import NOT_GIVEN
from exports.formats import native_charts, xlsx
from exports.formats.csv import rounded, safe_text
from exports.tables.data import public_quarantine
from exports.tables.facilities import (
    gap_table,
)
from layers.cleaning.row_account import QUARANTINE_COLUMNS
from layers.knowledge.dictionary import load_dictionary
from layers.languages import LANGUAGES
from tests.exports.reading import as_shown, assert_same, read_csv
from tests.exports.toy import (
    CRS,
    NAMES,
    STANDARD,
    TABLES,
    coverage_bundle,
)


def _sheet(book, key, language):
    return book[load_dictionary().labels[key][language]]


def _rows(sheet):
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    names = [each for each in values[xlsx.NAMES_ROW] if each is not None]
    body = [row[: len(names)] for row in values[xlsx.TITLES_ROW + 1 :]]
    return pd.DataFrame(body, columns=names, dtype=object)


def _in_words(table, columns, language, city):
    names = {
        "kind": {kind.id: kind.name[language] for kind in city.kinds.values()},
        "rule": {rule.id: rule.title[language] for rule in STANDARD.rules},
        "standard": {"toy": STANDARD.title[language]},
    }
    shown = table.copy()
    for each in columns:
        codes = {code: pair[language][0] for code, pair in each.codes.items()}
        codes = names.get(each.id, codes)
        if codes:
            shown[each.id] = [codes.get(value, value) for value in table[each.id]]
    return as_shown(shown).replace({"\r\n": "\n"}, regex=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_holds_every_table(city, assessment, gaps, language):
    content = coverage_bundle(city, language=language)["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    labels = load_dictionary().labels
    assert book.sheetnames == [labels[key][language] for key in xlsx.SHEETS]
    frames = {
        "coverage": assessment.coverage,
        "summary": assessment.summary,
        "gaps": pd.DataFrame(gap_table(STANDARD, gaps, crs=CRS).drop(columns="geometry")),
    }
    for key, frame in frames.items():
        columns = TABLES[key].columns
        expected = _in_words(rounded(frame, columns), columns, language, city)
        assert_same(_rows(_sheet(book, key, language)), expected)


def test_workbook_has_no_live_formula_and_no_link(files):
    book = openpyxl.load_workbook(io.BytesIO(files["coverage.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert any("HYPERLINK" in text for text in texts)
    assert not [text for text in texts if text[:1] in set("=+-@\t\r\n＝＋－＠")]


def test_workbook_is_laid_out_for_reading(city, assessment, gaps):
    content = coverage_bundle(city, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Coverage"]
    assert sheet["A1"].value == (
        "Toy City · standard: Toy standard (toy) · data as of 2026-06-30 · "
        "These rows could not be loaded, and no figure has them: Toilets 2 of 5. Sources says why."
    )
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref == f"A3:BI{3 + len(assessment.coverage)}"
    titles = [cell.value for cell in sheet[3]]
    place = titles.index("Share of people covered (0–1)")
    assert sheet.cell(4, place + 1).number_format == "0.0%"
    assert sheet.column_dimensions["A"].width > 8


def test_workbook_holds_no_text_of_reports_that_were_kept_aside(city, assessment, gaps):
    report = replace(city.reports[0], id="issues", kind="issues")
    secret = ["issues", "i.csv", 4, "i4", "identifier_twice", "secret", '{"text": "secret"}']
    rows = pd.DataFrame([secret], columns=list(QUARANTINE_COLUMNS))
    aside = pd.concat([city.quarantine, rows], ignore_index=True)
    with_issues = replace(city, reports=(*city.reports, report), quarantine=aside)
    content = coverage_bundle(with_issues, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    last = _rows(book["Quarantine"]).iloc[-1]
    assert (last["id"], last["reason"]) == ("i4", "identifier_twice")
    cells = [str(cell) for sheet in book for row in sheet.values for cell in row]
    assert not any("secret" in cell for cell in cells)
    assert list(public_quarantine(with_issues).columns) == list(with_issues.quarantine.columns)


def test_workbook_tells_notes_method_and_sources(city, assessment, gaps):
    content = coverage_bundle(city, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    notes = _rows(book["Data notes"]).iloc[0].to_dict()
    assert notes["message"] == "column easting is wrong"
    assert (notes["outcome"], notes["count"], notes["first"]) == ("Quarantined", 2, "'=a; row 3")
    quarantine = _rows(book["Quarantine"])
    assert quarantine["id"].tolist() == ["'=a", None]
    assert len(quarantine["content"][0]) == native_charts.LONGEST_TEXT
    source = _rows(book["Source"]).iloc[0].to_dict()
    assert source["sha256"] == f"{'ab' * 32}; {'cd' * 32}"
    assert [source[name] for name in ("rows_in", "not_selected", "loaded", "quarantined")] == [
        6, 1, 3, 2,
    ]  # fmt: skip
    method = {cell.value for row in book["Method"].iter_rows() for cell in row}
    assert {"'@clause", "a book", "Low", "This project", f"'{CRS.to_string()}"} <= method
    assert load_dictionary().methods[0]["en"] in method


def test_workbook_in_english_shows_the_english_names(city, assessment, gaps):
    english = city.communities.assign(name_en=["=East", "Bell", "", "Two"], parent_en="North")
    renamed = replace(city, communities=english)
    content = coverage_bundle(renamed, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    shown = _rows(book["Coverage"])["community"].tolist()[:4]
    assert shown == ["'=East", "Bell", _as_written(NAMES[2]), "Two"]
    assert set(_rows(book["Summary"])["name"].dropna()) == {"North", NOT_GIVEN}
    table = read_csv(coverage_bundle(renamed)["coverage.csv"], [])
    assert table["community"][0] == safe_text(NAMES[0])


def _as_written(text):
    return safe_text(text).replace("\r\n", "\n")


def test_workbook_says_when_it_cuts_a_table(city, assessment, gaps, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 5)
    content = coverage_bundle(city, language="en")["coverage.xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Coverage"]
    assert sheet["A1"].value.endswith("only the first 5 of 16 rows are shown")
    assert sheet.max_row == 3 + 5
