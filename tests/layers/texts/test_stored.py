"""Columns that are taken at once are those that are read value by value."""

import sqlite3
from contextlib import closing

import hypothesis.strategies as st
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings

from layers.formats import geopackage
from layers.sources.opened import Opened
from layers.texts import bare_table, stored
from layers.texts.written import as_text, column_text

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
DECLARED = ["", "TEXT", "NUMERIC", "REAL", "TEXT COLLATE NOCASE"]


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


def taken(base, path):
    """Columns that are taken at once, out of a copy of a table."""
    known = stored.proved(base, "t", COLUMNS, number="rowid", shape="blobs", most=10**6)
    (root,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = 't'").fetchone()
    path.write_bytes(base.serialize())
    found = bare_table.taken(path, root, COLUMNS, known)
    assert {*found} == {*known.kinds}
    return found


def declared_as(base, declared):
    """Say that columns have another type, which their cells never took on."""
    base.execute("PRAGMA writable_schema = ON")
    base.execute("UPDATE sqlite_master SET sql = replace(sql, ' ,', ?)", (f" {declared},",))
    base.execute("PRAGMA writable_schema = RESET")
    return base


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.sampled_from(DECLARED), st.sampled_from(DECLARED))
@example({3: ("a\x1eb", 2**62, 0.1, b"", None, None), -1: ("", None, None, None, None, 1)}, "", "")
@example({1: ("a", 1, 0.1, b"", "", ""), 2: (0.1 + 0.2, 1, 0.1, b"", "", "")}, "", "TEXT")
@example({1: ("a", 1, 0.1, b"", "", ""), 2: (b"b", 1, 0.1, b"", "", "")}, "", "")
@example({1: ("a", 1, 0.1, b"", "", ""), 2: ("b", 9, 5, b"", "", "")}, "", "")
@example({1: ("a", 1, 0.1, b"", "", ""), 2: ("b", 9, 2**53 + 1, b"", "", "")}, "", "")
@example({1: ("a\0b", 1, 0.1, b"", "", ""), 2**62: ("", 2, None, b"GP\0", "", 0)}, "", "")
@example({1: ("a", 1, 0.1, b"GP", "", ""), 2: ("b", 2, 0.5, "GP", "", "")}, "REAL", "")
def test_columns_read_as_each_value_alone(tmp_path, rows, declared, said):
    with closing(made(rows, declared=declared)) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_CELLS", 6)
        patch.setattr(stored, "_FIRST", 1)
        if said:
            declared_as(base, said)
        values = base.execute('SELECT * FROM "t" ORDER BY rowid').fetchall()
        for name, found in taken(base, tmp_path / "t.gpkg").items():
            alone = [row[COLUMNS.index(name)] for row in values]
            if name == "blobs":
                assert found.to_pylist() == alone
            else:
                texts = found if isinstance(found, pd.Series) else column_text(found)
                assert texts.tolist() == [as_text(value) for value in alone]


def test_whole_tables_are_taken_at_once(tmp_path):
    rows = {n: (f"甲{n}", n, n / 8, b"x", "2024-01-01T08:00:00Z", None) for n in range(-9, 99, 3)}
    with closing(made(rows)) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_CELLS", 40)
        found = taken(base, tmp_path / "t.gpkg")
        assert [*found] == COLUMNS
        assert [len(column) for column in found.values()] == [len(rows)] * len(COLUMNS)
        few = stored.proved(base, "t", COLUMNS, number="rowid", shape="", most=100)
        assert not few.kinds


@pytest.mark.parametrize(
    ("declared", "at_once"),
    [
        ("fid INTEGER PRIMARY KEY, a", {"fid", "a"}),
        ("a, fid INTEGER PRIMARY KEY", {"fid", "a"}),
        ("fid INTEGER PRIMARY KEY DESC, a", {"a"}),  # a column of its own, by an old mistake
        ("fid INTEGER, a, PRIMARY KEY (a, fid)", {"a"}),
        ("fid INT PRIMARY KEY, a", {"fid", "a"}),
    ],
)
def test_a_column_that_is_the_number_of_the_row_is_taken(tmp_path, declared, at_once):
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute(f"CREATE TABLE t ({declared})")
        base.executemany("INSERT INTO t (fid, a) VALUES (?, ?)", [(7, "甲"), (-3, "乙"), (5, 1.5)])
        base.execute("DELETE FROM t WHERE fid = 5")
        names = [entry[0] for entry in base.execute("SELECT * FROM t").description]
        values = base.execute("SELECT fid, a FROM t ORDER BY rowid").fetchall()
        known = stored.proved(base, "t", names, number="rowid", shape="", most=100)
        assert {*known.kinds} == at_once
        (root,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = 't'").fetchone()
        path = tmp_path / "t.gpkg"
        path.write_bytes(base.serialize())
        found = bare_table.taken(path, root, names, known)
        for name, wanted in zip(("fid", "a"), zip(*values, strict=True), strict=True):
            if name in at_once:
                assert found[name].tolist() == [*map(str, wanted)]


def test_an_odd_cell_costs_its_column_alone(tmp_path):
    rows = {n: (f"甲{n}", n, n / 8, b"x", "2024-01-01T08:00:00Z", None) for n in range(9)}
    rows[8] = (b"\xff", 0.5, "oops", "GP", 1.5, b"")
    for at, name in enumerate(COLUMNS[:5]):
        changed = rows | {8: (*rows[7][:at], rows[8][at], *rows[7][at + 1 :])}
        with closing(made(changed)) as base, pytest.MonkeyPatch.context() as patch:
            patch.setattr(stored, "_FIRST", 3)
            assert [*taken(base, tmp_path / "t.gpkg")] == [each for each in COLUMNS if each != name]


def test_a_value_that_a_row_does_not_hold_itself_is_not_lost(tmp_path):
    path = tmp_path / "issues.gpkg"
    with closing(sqlite3.connect(path)) as base:
        base.executescript(
            "CREATE TABLE gpkg_contents (table_name, data_type);"
            "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id);"
            "CREATE TABLE gpkg_spatial_ref_sys"
            " (srs_id, organization, organization_coordsys_id, definition);"
            "INSERT INTO gpkg_contents VALUES ('t', 'attributes');"
            "CREATE TABLE t (a); INSERT INTO t VALUES ('x'), ('y');"
            "ALTER TABLE t ADD COLUMN later TEXT DEFAULT '垃圾'; INSERT INTO t VALUES ('z', '甲');"
        )
    table = geopackage.read_gpkg(Opened("entry", "file", path.read_bytes(), ""), layer="")
    assert table.rows.to_dict("list") == {"a": ["x", "y", "z"], "later": ["垃圾", "垃圾", "甲"]}


def test_rows_that_share_more_than_their_file_holds_are_not_taken(tmp_path):
    rows = {n: ("x" * 9000, n, 0.5, b"", "", "") for n in range(40)}
    with closing(made(rows)) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(bare_table, "_MOST", 0)
        patch.setattr(bare_table, "_CELL", 1)
        with pytest.raises(stored.Unproved):
            taken(base, tmp_path / "t.gpkg")


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
        known = stored.proved(base, "t", COLUMNS, number="rowid", shape="", most=10**6)
        assert not known.kinds


def test_texts_that_are_no_utf8_are_not_taken(tmp_path):
    rows = dict.fromkeys((1, 2), ("a", 1, 0.1, b"", "", ""))
    with closing(made(rows)) as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_FIRST", 1)
        base.execute("UPDATE t SET texts = CAST(x'ff' AS TEXT) WHERE rowid = 2")
        with pytest.raises(stored.Unproved):
            taken(base, tmp_path / "t.gpkg")


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

    wanted = [alone(blob) for blob in blobs]
    assert geopackage._without_headers(blobs).to_pylist() == wanted
    held = pa.chunked_array(
        [[blob if isinstance(blob, bytes) else None for blob in blobs]], "binary"
    )
    assert geopackage._without_headers(held).to_pylist() == wanted
