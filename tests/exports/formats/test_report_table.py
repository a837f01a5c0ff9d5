"""The report table is the coverage table in words: no machine names, the same figures."""

from __future__ import annotations

import io

import numpy as np
import openpyxl
import pytest

from exports.formats.csv import safe_text
from exports.formats.xlsx import REPORT_COLUMNS, report_workbook
from layers.languages import LANGUAGES
from tests.exports.toy import TABLES, speaker


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_table_is_one_sheet_in_words_with_the_figures_of_the_table(
    city, assessment, language
):
    content = report_workbook(city, assessment, words=speaker(language).words, language=language)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == 1
    lines = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    known = {column.id: column for column in TABLES["coverage"].columns}
    assert lines[2] == [known[name].title_read(language) for name in REPORT_COLUMNS]
    written = {str(value) for line in lines for value in line if value is not None}
    assert not written & {*REPORT_COLUMNS, "toilet-300", "fails", "straight"}
    rows = assessment.coverage[assessment.coverage["kind"] == "toilet"]
    assert len(lines) - 3 == len(rows)
    place = REPORT_COLUMNS.index
    for line, row in zip(lines[3:], rows.to_dict("records"), strict=True):
        assert line[place("community")] == safe_text(row["community"]).replace("\r\n", "\n")
        share = line[place("population_covered_share")]
        assert (share is None) == bool(np.isnan(row["population_covered_share"]))
        if share is not None:
            assert share == pytest.approx(row["population_covered_share"], abs=5e-5)
