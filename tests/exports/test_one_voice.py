"""One share reads the same in every file that is written, and on the page."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from analysis.handling.ranking import rank_shares
from exports.bulletin import bulletin_html
from exports.formats.terminal import plain_table
from exports.formats.xlsx import Book
from exports.tables.bulletin import bulletin_table
from layers.knowledge.dictionary import load_dictionary
from layers.languages import LANGUAGES
from tests.exports.reading import cell_shows
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
CASES = [(2499, 2500, "99.9%"), (2500, 2500, "100.0%"), (1, 2500, "0.1%"), (0, 2500, "0.0%")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("hits", "n", "reads"), CASES)
def test_a_share_reads_the_same_in_bulletin_workbook_terminal_and_page(
    city, hits, n, reads, language
):
    cases = pd.DataFrame({"hits": {"u": hits, "v": 9}, "n": {"u": n, "v": 90}})
    ranks = rank_shares(cases["hits"], cases["n"], more_is_better=True)
    units = ranks.assign(level="unit", indicator="on_time", unit_id=ranks.index, name=ranks.index)
    table = bulletin_table(units.assign(parent=""), city, WORDS, language)
    mine = table[table["name"] == "u"]
    columns = load_dictionary().tables["bulletin"].columns
    share = next(column for column in columns if column.id == "share")
    html = bulletin_html(mine, city, WORDS, language, period="")
    assert f'<td class="number">{reads}</td>' in html
    assert f"{reads}" in mine["reason"].iloc[0]
    shown = plain_table(mine, [share], language=language)
    assert shown.splitlines()[-1].strip() == reads
    book = Book(
        language=language, heading="", created=city.as_of.to_pydatetime().replace(tzinfo=None)
    )
    book.table("bulletin", mine, columns)
    sheet = openpyxl.load_workbook(io.BytesIO(book.content())).worksheets[0]
    row = {head.value: cell for head, cell in zip(sheet[2], sheet[4], strict=True)}
    assert row["share"].value == pytest.approx(hits / n)
    assert cell_shows(row["share"].number_format, row["share"].value) == reads
    assert reads in row["reason"].value
    assert Speaker(WORDS, language).share(hits / n) == reads


def test_cells_group_digits_as_their_language_does(city):
    columns = [
        column for column in load_dictionary().tables["bulletin"].columns if column.id == "n"
    ]
    for language, form in (("en", "#,##0"), ("zh", "0")):
        book = Book(
            language=language, heading="", created=city.as_of.to_pydatetime().replace(tzinfo=None)
        )
        book.table("bulletin", pd.DataFrame({"n": [38200]}), columns)
        cell = openpyxl.load_workbook(io.BytesIO(book.content())).worksheets[0]["A4"]
        assert (cell.value, cell.number_format) == (38200, form)
