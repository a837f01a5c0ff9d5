"""Tables in a terminal line up and hold no control characters."""

from __future__ import annotations

import pandas as pd
import pytest

from exports.formats.terminal import plain_table, printable, written_cells
from tests.exports.toy import (
    TABLES,
)


def test_terminal_text_holds_no_control_characters():
    assert printable("\x1b[31mred\nline\u202e") == "\ufffd[31mred\ufffdline\ufffd"


def test_plain_table_lines_up_wide_characters(assessment):
    columns = [TABLES["summary"].columns[0], TABLES["summary"].columns[9]]
    frame = pd.DataFrame({"level": ["city", "parent"], "population_covered_share": [0.5, None]})
    assert plain_table(frame, columns, language="zh").split("\n") == [
        "层级  人口覆盖率",
        "----  ----------",
        "全市       50.0%",
        "街道           —",
    ]


COLUMNS = {each.unit.id: each for table in TABLES.values() for each in table.columns}
NUMBERS = [unit for unit, each in COLUMNS.items() if each.unit.format]


@pytest.mark.parametrize("unit", NUMBERS)
def test_a_number_has_the_decimals_that_a_workbook_shows(unit):
    known = COLUMNS[unit].unit
    (text,) = written_cells(pd.Series([0.123456789]), COLUMNS[unit], "zh")
    shown = known.significant or len(known.format.rstrip("%").partition(".")[2])
    assert len(text.rstrip("%").partition(".")[2]) == shown


def test_rates_and_days_are_short_in_a_terminal():
    for table, column, text in [
        ("frontage_streets", "issues_per_100m", "1.86"),
        ("campaign_periods", "per_day", "1.86"),
        ("sites", "nearest_facility_m", "2"),
    ]:
        (found,) = [each for each in TABLES[table].columns if each.id == column]
        assert written_cells(pd.Series([1.85551]), found, "zh") == [text]
