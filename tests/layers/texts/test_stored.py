"""Columns that SQLite puts together are those that are read value by value."""

import sqlite3
from contextlib import closing

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from layers.formats import geopackage
from layers.texts import stored
from layers.texts.written import as_text

TEXTS = st.sampled_from(["", "垃圾", "a\x1eb", "\x1e", "1.50", " x ", "a\0b", "2024-01-01 08:00"])
VALUES = {
    "texts": st.none() | TEXTS | st.text(max_size=3),
    "counts": st.none() | st.integers(-(2**63), 2**63 - 1),
    "decimals": st.none() | st.floats(allow_nan=False),
    "blobs": st.none() | st.binary(max_size=3),
    "times": st.none() | st.sampled_from(["2024-01-01T08:00:00+08:00", "2024-03-05T00:00:00Z"]),
}
ODD = (
    st.none() | st.text(max_size=2) | st.integers(-9, 9) | st.floats(-1, 1) | st.binary(max_size=2)
)
COLUMNS = [*VALUES, "mixed"]


@st.composite
def tables(draw):
    """Rows, numbers of theirs, and which column has a value that none of the first ones is like."""
    row = st.tuples(*VALUES.values(), ODD)
    rows = draw(st.lists(row, max_size=9))
    odd = draw(st.none() | st.tuples(st.integers(0, 4), st.integers(0, 8), ODD))
    numbers = draw(
        st.lists(st.integers(-40, 40), min_size=len(rows), max_size=len(rows), unique=True)
    )
    if odd and odd[1] < len(rows):
        changed = [*rows[odd[1]]]
        changed[odd[0]] = odd[2]
        rows[odd[1]] = tuple(changed)
    return dict(zip(numbers, rows, strict=True))


def made(rows, *, declared="", head=""):
    """A table in memory, whose columns have no type of their own."""
    base = sqlite3.connect(":memory:")
    base.execute(f"{head}")
    base.execute(f'CREATE TABLE "t" ({", ".join(f"{name} {declared}" for name in COLUMNS)})')
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    for number, row in rows.items():
        base.execute(
            f'INSERT INTO "t"(rowid, {", ".join(COLUMNS)}) VALUES ({marks})', (number, *row)
        )
    return base


@settings(max_examples=40)
@given(tables(), st.sampled_from(["", "TEXT", "NUMERIC", "TEXT COLLATE NOCASE"]))
@example({3: ("a\x1eb", 2**62, 0.1, b"", None, None), -1: ("", None, None, None, None, 1)}, "")
@example({1: ("a", 1, 0.1, b"", "", ""), 2: ("b", 0.1 + 0.2, 0.1, b"", "", "")}, "")
@example({1: ("a", 1, 0.1, b"", "", ""), 2: (b"b", 1, 0.1, b"", "", "")}, "")
def test_columns_read_as_each_value_alone(rows, declared):
    with closing(made(rows, declared=declared)) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_CELLS", 6)
        patch.setattr(stored, "_FIRST", 1)
        values = base.execute('SELECT * FROM "t" ORDER BY rowid').fetchall()
        found = stored.text_columns(base, "t", COLUMNS, number="rowid", most=10**6)
        for at, name in enumerate(COLUMNS):
            if name in found:
                assert found[name].to_pylist() == [as_text(row[at]) for row in values]


def test_whole_tables_are_taken_at_once():
    rows = {n: (f"甲{n}", n, n / 8, b"x", "2024-01-01T08:00:00Z", None) for n in range(-9, 99, 3)}
    with closing(made(rows)) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_CELLS", 40)
        taken = stored.text_columns(base, "t", COLUMNS, number="rowid", most=10**6)
        assert set(taken) == {"texts", "counts", "times", "mixed"}
        assert [len(column) for column in taken.values()] == [len(rows)] * 4
        assert not stored.text_columns(base, "t", COLUMNS, number="rowid", most=100)


@pytest.mark.parametrize(
    ("head", "table", "names", "number"),
    [
        ("", "CREATE TABLE t (a)", ["a"], "rowid"),
        ("", "CREATE TABLE t (rowid, OID)", ["rowid", "OID"], "_rowid_"),
        ("", "CREATE TABLE t (rowid, oid, _RowId_)", ["rowid", "oid", "_RowId_"], ""),
        ("", "CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", ["a"], ""),
    ],
)
def test_rows_are_numbered_only_where_nothing_else_has_the_name(head, table, names, number):
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute(table)
        assert stored.row_number(base, "t", names) == number


def test_texts_of_another_encoding_go_one_by_one():
    with closing(made({1: ("a", 1, 0.1, b"", "", "")}, head="PRAGMA encoding = 'UTF-16'")) as base:
        assert stored.text_columns(base, "t", COLUMNS, number="rowid", most=10**6) == {}


@given(
    st.lists(
        st.none()
        | st.binary(max_size=80)
        | st.integers(0, 255).map(lambda flags: b"GP\0" + bytes([flags]) + bytes(80))
        | st.text(max_size=2),
        max_size=5,
    )
)
@example(
    [b"GP\0\x01" + bytes(4) + b"wkb", b"GP\0\x03" + bytes(36) + b"wkb", b"GP\0\x0f", b"XX\0\1"]
)
def test_headers_are_taken_off_by_their_envelope(blobs):
    def alone(blob):
        if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 4:
            return None
        length = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}.get((blob[3] >> 1) & 0b111)
        return None if length is None else blob[8 + length :]

    assert geopackage._without_headers(blobs) == [alone(blob) for blob in blobs]
