"""Tables in a terminal line up and hold no control characters."""

from __future__ import annotations

import pandas as pd

from exports.formats.terminal import plain_table, printable
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
