"""Charts that the spreadsheet draws itself, each beside the numbers it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.formats.csv import safe_text
from exports.formats.terminal import width_of
from exports.tables.charts import BARS, LINE, PARETO, STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xlsxwriter

    from exports.tables.charts import NativeChart

WIDTH, ROW, LEAST = 760, 20, 320
"""Pixels of a chart, of a row, and of the lowest chart."""
GAP = 3
"""Rows between a chart and the next."""
WIDEST = 40
LONGEST_TEXT = 32_767
"""Characters that a cell can hold."""


def write_charts(
    book: xlsxwriter.Workbook,
    page: xlsxwriter.worksheet.Worksheet,
    charts: Sequence[NativeChart],
    *,
    first_row: int,
    bold: xlsxwriter.format.Format,
    styled: Callable[[str], xlsxwriter.format.Format],
) -> None:
    """Write the numbers of each chart at the left, and the chart beside them."""
    row, beside = first_row, max(len(each.table.columns) for each in charts) + 1
    longest = max(width_of(str(text)[:WIDEST]) for each in charts for text in each.table.iloc[:, 0])
    page.set_column(0, 0, longest + 2)
    for each in charts:
        page.write_string(row, 0, cell_text(each.title), bold)
        _numbers(page, each, row + 1, bold, styled)
        drawn = _drawn(book, page.get_name(), each, row + 1)
        page.insert_chart(row, beside, drawn, {"description": each.title})
        row += max(len(each.table) + 2, _height(each) // ROW) + GAP


def cell_text(text: str) -> str:
    """Write a text as a cell holds it: no formula, one sort of line ends, not too long."""
    text = safe_text(text).replace("\r\n", "\n").replace("\r", "\n")
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _numbers(
    page: xlsxwriter.worksheet.Worksheet,
    chart: NativeChart,
    row: int,
    bold: xlsxwriter.format.Format,
    styled: Callable[[str], xlsxwriter.format.Format],
) -> None:
    for number, name in enumerate(chart.table.columns):
        page.write_string(row, number, cell_text(str(name)), bold)
        form = "0.0%" if name in chart.shares else "General"
        for place, value in enumerate(chart.table[name].tolist(), start=row + 1):
            if number == 0:
                page.write_string(place, 0, cell_text(str(value)))
            elif value == value:  # noqa: PLR0124  a missing number differs from itself
                page.write_number(place, number, value, styled(form))


def _height(chart: NativeChart) -> int:
    upright = chart.form in {LINE, PARETO}
    return LEAST if upright else max(LEAST, ROW * len(chart.table) + 120)


def _drawn(
    book: xlsxwriter.Workbook, sheet: str, chart: NativeChart, row: int
) -> xlsxwriter.chart.Chart:
    """Make the chart: its series are the columns of numbers below `row`."""
    types = {
        LINE: {"type": "line"}, PARETO: {"type": "column"}, BARS: {"type": "bar"},
        STACK: {"type": "bar", "subtype": "stacked"},
    }  # fmt: skip
    drawn = book.add_chart(types[chart.form])
    places = list(range(1, len(chart.table.columns)))
    if chart.form == PARETO:
        share = book.add_chart({"type": "line"})
        _series(share, sheet, chart, row, places[1], second=True)
        share.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
        _series(drawn, sheet, chart, row, places[0])
        drawn.combine(share)
    else:
        for place in places:
            _series(drawn, sheet, chart, row, place)
    if chart.form in {BARS, STACK}:
        drawn.set_y_axis({"reverse": True})
    if chart.form == BARS:
        limits = {"min": 0, "max": 1, "num_format": "0%"} if chart.shares else {"min": 0}
        drawn.set_x_axis(limits)
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    drawn.set_legend({"none": True} if len(places) == 1 else {"position": "top"})
    drawn.set_size({"width": WIDTH, "height": _height(chart)})
    return drawn


def _series(
    drawn: xlsxwriter.chart.Chart,
    sheet: str,
    chart: NativeChart,
    row: int,
    place: int,
    *,
    second: bool = False,
) -> None:
    first, last = row + 1, row + len(chart.table)
    colour = {"color": chart.colours[place - 1]}
    look = {"line": {**colour, "width": 2}} if chart.form == LINE or second else {"fill": colour}
    drawn.add_series(
        {
            "name": [sheet, row, place],
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, place, last, place],
            "y2_axis": second,
            "gap": 40,
            **look,
        }
    )
