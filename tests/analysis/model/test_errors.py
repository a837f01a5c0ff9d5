"""A message is one line of bounded length, whatever a damaged file put into it."""

from __future__ import annotations

import pytest

from analysis.model.errors import LONGEST_QUOTE, LONGEST_WORD, ColumnError
from layers.cleaning.columns import check_columns


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\t", "\x1b", "\x85", "\u2028"])
def test_headings_that_hold_line_breaks_stay_in_their_line(sign):
    with pytest.raises(ColumnError) as caught:
        check_columns(["id", f"lat{sign}le-cell"], ["lat"], entry="city.toml, layer 2")
    error = caught.value
    assert len(str(error).splitlines()) == 1
    assert sign not in error.facts["present"]
    assert error.hint


def test_a_long_quote_is_cut_and_a_number_stays_a_number():
    error = ColumnError("x" * 10**6, problem="column_missing", present="\u4e2d" * 10**6, rows=3)
    assert len(str(error)) == len(error.facts["present"]) == LONGEST_WORD + 1
    listed = ColumnError(", ".join(map(str, range(10**4))) + " found", problem="column_missing")
    assert len(str(listed)) == LONGEST_QUOTE + 1
    assert str(listed).endswith(" found")
    assert error.facts["rows"] == 3
    assert ColumnError("38\u202f200 m", problem="column_missing").args == ("38\u202f200 m",)
