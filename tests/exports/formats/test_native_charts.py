"""The charts of a workbook point at the numbers beside them, and those are the tables' own."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries

from analysis.handling.recipe import assess_handling
from analysis.issues.monthly import monthly_cases
from exports.formats.native_charts import cell_text
from exports.formats.xlsx import Book
from exports.tables.charts import case_charts, coverage_charts
from layers.languages import LANGUAGES
from tests.exports.toy import NOON, coverage_bundle, speaker
from tests.frames import issues_of
from wording.catalogue import load_words
from wording.speaker import Speaker


def cells(sheet, reference):
    left, top, right, bottom = range_boundaries(reference.rpartition("!")[2].replace("$", ""))
    rows = sheet.iter_rows(top, bottom, left, right, values_only=True)
    return [value for row in rows for value in row]


def read_back(charts, language="en"):
    book = Book(language=language, heading="toy", created=NOON)
    book.charts(charts)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(book.content())).worksheets
    found = []
    for chart in sheet._charts:
        series = [each for part in (chart, *chart._charts[1:]) for each in part.series]
        found.append(
            [
                (
                    cells(sheet, each.tx.strRef.f)[0],
                    cells(sheet, (each.cat.strRef or each.cat.numRef).f),
                    cells(sheet, each.val.numRef.f),
                )
                for each in series
            ]
        )
    return found


def shown(charts):
    return [
        [
            (
                name,
                [cell_text(str(text)) for text in each.table.iloc[:, 0]],
                pytest.approx(each.table[name].tolist()),
            )
            for name in each.table.columns[1:]
        ]
        for each in charts
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_series_is_the_column_it_is_named_after(city, assessment, language):
    charts = coverage_charts(assessment, city, speaker(language))
    assert len(charts) > 1
    assert read_back(charts, language) == shown(charts)


def test_communities_by_verdict_and_the_lowest_are_those_of_the_tables(city, assessment):
    first, *others = coverage_charts(assessment, city, speaker("en"))
    rules = len(assessment.standard.rules)
    assert first.table.iloc[:, 1:].sum(axis=1).tolist() == [len(city.communities)] * rules
    for each in others:
        values = each.table.iloc[:, 1]
        assert values.is_monotonic_increasing
        assert values.min() in set(assessment.coverage["value"])


def test_months_and_what_makes_up_most_are_counted_once(cities):
    demo = cities("demo")
    handling = assess_handling(
        issues_of(demo), taxonomy=demo.taxonomy, area_m2=demo.communities.area
    )
    charts = case_charts(handling.matrix, demo, Speaker(load_words(), "en"))
    months, *paretos = charts
    counted = monthly_cases(demo.issues, as_of=demo.as_of)
    assert months.table["Reported"].tolist() == counted["reported"].tolist()
    first = handling.matrix["level"] == demo.taxonomy.levels[0]
    cases = handling.matrix.loc[first, "cases"].sum()
    assert len(paretos) == 2
    for each in paretos:
        share = each.table[each.table.columns[2]]
        assert each.table["Cases"].sum() == pytest.approx(share.iloc[-1] * cases)
    assert read_back(charts) == shown(charts)


def test_the_sheet_of_charts_comes_first(city, assessment, gaps):
    book = openpyxl.load_workbook(io.BytesIO(coverage_bundle(city, language="zh")["coverage.xlsx"]))
    assert book.sheetnames[0] == "图表"
    assert len(book.worksheets[0]._charts) > 1
