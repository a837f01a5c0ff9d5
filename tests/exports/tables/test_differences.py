"""Two editions of a table differ exactly where somebody changed one of them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.tables.differences import (
    CELL,
    COLUMN_GONE,
    COLUMN_NEW,
    ROW_GONE,
    ROW_NEW,
    Difference,
    table_differences,
)
from layers.knowledge.dictionary import load_dictionary

FEW = settings(max_examples=20)
TABLE = load_dictionary().tables["coverage"]
NAMES = ("community_id", "rule", "measure", "verdict", "value", "area_m2", "facilities_inside")
KEY = "community_id={}, rule={}, measure={}"


def written(rows, names=NAMES):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


TEXT = st.text("abc01,\"'é中 ", max_size=4)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "01", "a"]),
        st.sampled_from(["r", "s"]),
        st.sampled_from(["straight", "network"]),
        TEXT,
        st.integers(0, 10**6).map(lambda n: f"{n / 10**6:.6f}"),
        st.integers(0, 999).map(lambda n: f"{n / 10:.1f}"),
        st.integers(0, 99).map(str),
    ),
    min_size=1,
    max_size=6,
)


@FEW
@given(ROWS)
def test_a_table_is_the_same_as_itself(rows):
    assert table_differences(written(rows), written(rows), TABLE) == []


@FEW
@given(st.data())
def test_the_order_of_rows_of_different_keys_is_no_difference(data):
    rows = data.draw(ROWS.map(lambda rows: list({row[:3]: row for row in rows}.values())))
    other = data.draw(st.permutations(rows))
    assert table_differences(written(rows), written(other), TABLE) == []


@FEW
@given(ROWS, st.data())
def test_one_cell_is_told_with_its_row_and_both_values(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(NAMES[3:]))
    cell = NAMES.index(column)
    was, now = rows[place][cell], f"{rows[place][cell]}9x"
    other = [list(row) for row in rows]
    other[place][cell] = now
    (found,) = table_differences(written(rows), written(other), TABLE)
    number = sum(row[:3] == rows[place][:3] for row in rows[:place])
    name = KEY.format(*rows[place][:3]) + (f", #{number + 1}" if number else "")
    assert found == Difference(CELL, name, column, was, now)


@FEW
@given(ROWS, st.data())
def test_a_row_taken_out_is_told_and_nothing_else(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    other = [row for number, row in enumerate(rows) if number != place]
    if any(row[:3] == rows[place][:3] for row in other):
        return  # of several rows of one key nobody can say which is gone
    name = KEY.format(*rows[place][:3])
    assert table_differences(written(rows), written(other), TABLE) == [Difference(ROW_GONE, name)]
    assert table_differences(written(other), written(rows), TABLE) == [Difference(ROW_NEW, name)]


@pytest.mark.parametrize(
    ("column", "then", "now", "same"),
    [
        ("area_m2", "10.1", "10.2", True),  # one in the last of one place
        ("area_m2", "10.1", "10.3", False),
        ("area_m2", "10", "10.1", True),  # closing noughts are not written
        ("value", "0.5", "0.500001", True),
        ("value", "0.5", "0.500002", False),
        ("value", "0.5", "", False),
        ("value", "", "", True),
        ("facilities_inside", "3", "4", False),  # counted, not measured
        ("community_id", "01", "1", False),
    ],
)
def test_numbers_are_the_same_to_one_in_their_last_place(column, then, now, same):
    row = dict.fromkeys(NAMES, "")
    editions = [written([(row | {column: each}).values()]) for each in (then, now)]
    assert (table_differences(*editions, TABLE) == []) == same


def test_significant_digits_have_a_last_place_too():
    table = load_dictionary().tables["hotspots"]
    digits = next(each.unit.significant for each in table.columns if each.id == "p")
    assert digits == 6
    for then, now, same in (
        ("1.23456e-10", "1.23457e-10", True),
        ("1.23456e-10", "1.23458e-10", False),
        ("0.0123456", "0.0123457", True),
        ("0", "1e-10", False),
        ("0", "0.0", True),
    ):
        editions = [written([("c", each)], ("cell_id", "p")) for each in (then, now)]
        assert (table_differences(*editions, table) == []) == same, (then, now)


def test_columns_of_one_edition_alone_are_told():
    then, now = written([("c", "1")], ("cell_id", "old")), written([("c", "2")], ("cell_id", "new"))
    assert table_differences(then, now, load_dictionary().tables["hotspots"]) == [
        Difference(COLUMN_GONE, column="old"),
        Difference(COLUMN_NEW, column="new"),
    ]


def test_columns_of_a_rule_have_the_unit_of_their_kind():
    table = load_dictionary().tables["scorecard"]
    for column, now, same in (
        ("toilet_300_value", "0.500001", True),
        ("toilet_300_verdict", "1", False),
    ):
        names = ("community_id", column)
        assert (
            table_differences(written([("c", "0.5")], names), written([("c", now)], names), table)
            == []
        ) == same
