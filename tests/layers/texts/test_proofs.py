"""What is read at a glance is what the slower way reads, on texts of every kind."""

from __future__ import annotations

import codecs
import json
import sqlite3
import sys
from contextlib import closing

import hypothesis.strategies as st
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings

from analysis.model.errors import PlanningError
from analysis.privacy.recognise import classes_found
from layers.cleaning import columns, identifiers, times
from layers.findings import personal
from layers.formats import charset, geodata, geopackage, read, tabular
from layers.load import load_city
from layers.sources.opened import Opened
from layers.texts import gathered, proofs, stored
from layers.texts.written import as_text, column_text
from tests.layers.toy import HEAD, NOWHERE, write_communities

SPACES = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
SIGNS = st.sampled_from([*SPACES, *"aA耀ß0\ufeff\ufffd\u200b\x7f"])
TEXTS = st.lists(st.lists(SIGNS, max_size=3).map("".join) | st.text(max_size=3), max_size=6)
CLOCKS = ("", " 7", "T10:05", " 10:05:06", "T23:59:59.123456", " 24:00:00", "T1005", " 9:30")
OFFSETS = ("", "Z", "+08:00", "+0800", "-05", "+14:00", " +08:00")
DAYS = ("2024-03-05", "2024-02-30", "0001-01-01", "9999-12-31", "2024-3-5", "1986-05-04")
MOMENTS = st.tuples(*map(st.sampled_from, (DAYS, CLOCKS, OFFSETS))).map("".join)
PIECES = [codecs.BOM_UTF8, b"\0", b"\n", "甲".encode(), b"a", b"\xff", b"\xed\xa0\x80"]
ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York"])


def column(texts, parts=1):
    """A column of texts, in one piece or as slices of several."""
    whole = pd.Series(["before", *texts, "after"], dtype="str").iloc[1:-1].reset_index(drop=True)
    return whole if parts == 1 else pd.concat([whole[:1], whole[1:]])


@given(TEXTS | st.lists(st.integers(7, 12).map(str), max_size=6), st.integers(1, 2))
@example(["9", "10", "11"], 2)
@example(["9", "10", "10"], 1)
def test_columns(texts, parts):
    held = column(texts, parts)
    assert proofs.stripped(held).equals(held.str.strip())
    assert proofs.is_filled(held).tolist() == (held != "").tolist()
    assert proofs.casefolded(held).equals(held.str.casefold())
    assert proofs.all_differ(held) == held.is_unique
    assert proofs.different(held).tolist() == held.unique().tolist()
    written = "".join(texts).encode()
    for sign in (*b"aA\x7f", 0xC2, 0xE8, 0xFF):
        assert proofs.has_bytes(held, bytes([sign])) == (sign in written)
    for signs in (bytes(range(0x80, 0x100)), b"", b"\x00\x01\x1f a\xc2\xc3\xff"):
        assert proofs.has_bytes(held, signs) == (not {*signs}.isdisjoint(written))


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_every_space_at_either_end_is_seen(space):
    for text in (f"{space}a", f"a{space}", f"a{space}\u8000"):
        assert proofs.stripped(column([text, "a"])).tolist() == [text.strip(), "a"]


def test_a_column_without_spaces_is_not_copied():
    held = column(["甲", "b c", ""])
    assert proofs.stripped(held) is held


@given(st.lists(st.just("") | MOMENTS, max_size=5), ZONES)
@example(["1986-05-04 00:30:00", "2024-03-10T02:30", "2024-11-03 01:30:00"], "America/New_York")
@example(["9999-12-31T23:59:59", "0001-01-01"], "America/New_York")
@example(["9999-12-31T23:59:59", "0001-01-01"], "Asia/Shanghai")
@example(["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"], "America/New_York")
@example(["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"], "Asia/Shanghai")
def test_moments_are_those_of_the_slower_way(texts, zone):
    held = column(texts)
    found = times._by_iso_8601(held, zone=zone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "moments", lambda _: None)
        pd.testing.assert_series_equal(found, times._by_iso_8601(held, zone=zone))


@given(st.lists(MOMENTS | st.from_regex(personal._PLACE, fullmatch=True), min_size=1, max_size=4))
def test_places_and_moments_hold_no_personal_data(texts):
    left = set(personal._that_may_tell(column(texts)))
    apart = column([text for text in texts if text not in left])
    for heading in ("x", "电话", "联系人", "phone", "caller_name"):
        assert classes_found(apart, heading=heading) == {}


@given(
    st.lists(st.sampled_from(PIECES)).map(b"".join) | st.binary(max_size=6),
    st.sampled_from(["", "utf-8", "UTF8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_utf8_as_it_stands_is_what_decoding_and_encoding_give(data, encoding):
    opened = Opened("entry", "file", data, "")
    start = charset.utf8_start(opened, encoding=encoding)
    if start is not None:
        text, guessed = charset.decoded(opened, encoding=encoding)
        assert (data[start:], "") == (text.encode(), guessed)
    assert proofs.is_utf8(data) == (data.decode(errors="ignore").encode() == data)


RECIPE = f"""
{HEAD}
[[layers]]
kind = "issues"
file = "issues.csv"
[layers.columns]
id = "id"
lon = "lon"
lat = "lat"
what = "category"
day = "reported_at"
end = "closed_at"
unit = "unit"
"""
CELLS = {
    "id": ["1", "2", "a", "A", "", "3.30108E+17", "３", "b\u200b", " c", "330108202403050000"],
    "lon": ["116.4", "116.41234567", "116.45", "", "13812345678", "oops", " 116.42", "1,5"],
    "lat": ["39.9", "39.91234567", "", "0", "95"],
    "what": ["垃圾", "", "合计", "13812345678", "a\x07b", "\ufffd", "\u3000垃圾"],
    "day": ["", "2024/3/5", "1970-01-01", "soon", "2024-01-01", "13812345678"],
    "end": ["", "2024-02-01 08:00", "2099-01-01", "113/3/5"],
    "unit": ["环卫所", "", "浙A12345", "Total", "注：数据"],
    "电话": ["", "2024-01-01", "88886666", "116.41234567"],
}
ROWS = st.fixed_dictionaries(
    {
        name: st.sampled_from(some) | MOMENTS if name in {"day", "end"} else st.sampled_from(some)
        for name, some in CELLS.items()
    }
)
PLAIN = {name: some[0] for name, some in CELLS.items()}


def seen(folder):
    """What a reader sees of a city: frames, notes and quarantine, or the error."""
    try:
        city = load_city(folder, city_data=NOWHERE)
    except PlanningError as error:
        return str(error)
    told = [
        (note.layer, note.outcome, note.rule, note.count, note.first,
         {k: v for k, v in note.facts.items() if k not in {"looked", "different"}})
        for report in city.reports for note in report.notes
    ]  # fmt: skip
    counts = [(r.rows_in, r.loaded, r.repaired, r.quarantined) for r in city.reports]
    return city.issues.to_csv(), str(city.issues.dtypes), told, counts, city.quarantine.to_csv()


def slowly(patch):
    """Let no look at a column prove anything, and no value be known."""
    patch.setattr(tabular, "column_of", column_text)
    patch.setattr(read, "read_csv_pieces", lambda *_, **__: None)
    patch.setattr(gathered, "form_of", lambda *_: None)
    patch.setattr(gathered, "with_values", lambda held: held)
    patch.setattr(tabular, "utf8_start", lambda *_, **__: None)
    for name, instead in {
        "proved": lambda *_, **__: stored.Proved(),
        "column_of": column_text,
        "cells_text": lambda cells: pd.Series([as_text(cell) for cell in cells], dtype="str"),
    }.items():
        patch.setattr(geopackage, name, instead)
    patch.setattr(geodata, "_points", lambda _: None)
    patch.setattr(times, "moments", lambda _: None)
    patch.setattr(columns, "stripped", lambda held: held.str.strip())
    patch.setattr(columns, "has_bytes", lambda *_: True)
    patch.setattr(identifiers, "all_differ", lambda _: False)
    patch.setattr(identifiers, "casefolded", lambda held: held.str.casefold())
    patch.setattr(personal, "_that_may_tell", lambda held: held)
    patch.setattr(personal, "different", lambda held: held.drop_duplicates())


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=8))
@example([PLAIN, PLAIN, PLAIN | {"id": "3", "电话": "2024-01-01"}])
@example([PLAIN | {"end": "2024-02-30T23:59:59.123456"}, PLAIN | {"end": "9999-12-31 24:00:00"}])
def test_a_hostile_register_reads_the_same_fast_and_slowly(tmp_path, rows):
    write_communities(tmp_path)
    (tmp_path / "city.toml").write_text(RECIPE, "utf-8")
    pd.DataFrame(rows).to_csv(tmp_path / "issues.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabular, "LARGE", 0)
        fast = seen(tmp_path)
        slowly(patch)
        assert json.dumps(seen(tmp_path), default=str) == json.dumps(fast, default=str)


REGISTER = RECIPE.replace("issues.csv", "issues.parquet")
EDGES = (-1e15, -0.0, 1e-5, 1e10, 12345.6, 116.41234567, 116.4, 39.9, float("nan"), float("inf"))
DEGREES = st.none() | st.sampled_from(EDGES)
SECONDS = (-2_500_000_000, 0, 94_694_400, 1_709_600_000, 1_730_611_801, 4_102_444_800)
INSTANTS = st.none() | st.sampled_from(SECONDS)
TYPED = st.tuples(st.sampled_from("1aA"), DEGREES, DEGREES, INSTANTS, INSTANTS)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(TYPED, min_size=1, max_size=6),
    st.sampled_from(["s", "us", "ns"]),
    st.none() | ZONES,
    st.sampled_from([pa.float32(), pa.float64()]),
)
@example([("1", 116.4, 39.9, 1_730_611_801, -2_500_000_000)], "ns", "Asia/Shanghai", pa.float64())
def test_typed_columns_read_as_their_texts(tmp_path, rows, unit, zone, decimals):
    write_communities(tmp_path)
    (tmp_path / "city.toml").write_text(REGISTER, "utf-8")
    named, lon, lat, day, end = zip(*rows, strict=True)
    per = {"s": 1, "us": 10**6, "ns": 10**9}[unit]
    columns = {
        "id": pa.array(named),
        "lon": pa.array(lon, decimals),
        "lat": pa.array(lat, decimals),
    }
    for name, counts in (("day", day), ("end", end)):
        moved = [count if count is None else count * per + (count % 2) for count in counts]
        columns[name] = pa.array(moved, pa.timestamp(unit, zone))
    columns |= {name: pa.array(["垃圾"] * len(rows)) for name in ("what", "unit")}
    pq.write_table(pa.table(columns), tmp_path / "issues.parquet")
    with pytest.MonkeyPatch.context() as patch:
        fast = seen(tmp_path)
        slowly(patch)
        assert json.dumps(seen(tmp_path), default=str) == json.dumps(fast, default=str)


PACKED = RECIPE.replace("issues.csv", "issues.gpkg")
STORED = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "a", "A", 7, 2.5, "", None, "a\x1eb"]),
        "lon": st.sampled_from(["116.4", 116.41234567, 116.45, None, "oops", 116, b"1"]),
        "lat": st.sampled_from([39.9, 39.91234567, "", 0, "95", None]),
        "what": st.sampled_from(["垃圾", "", None, "合计", "13812345678", 5, b"\xff", "a\x07b"]),
        "day": MOMENTS | st.sampled_from(["", None, "soon", 20240305, 45356.5]),
        "end": st.none() | st.sampled_from(["2024-02-01T08:00:00Z", "2099-01-01", 1.5]),
        "unit": st.sampled_from(["环卫所", "", None, "浙A12345"]),
        "shape": st.sampled_from([b"", b"GP\0\1", b"oops", None, "GP"])
        | st.tuples(st.floats(116.3, 116.5), st.floats(39.8, 40)).map(
            lambda xy: b"GP\0\1\xe6\x10\0\0" + shapely.Point(xy).wkb
        ),
    }
)


def write_package(path, rows):
    """A GeoPackage as small as one can be, whose columns may hold anything."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(
            "CREATE TABLE gpkg_contents (table_name, data_type);"
            "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id);"
            "CREATE TABLE gpkg_spatial_ref_sys"
            " (srs_id, organization, organization_coordsys_id, definition);"
            "INSERT INTO gpkg_contents VALUES ('t', 'features');"
            "INSERT INTO gpkg_geometry_columns VALUES ('t', 'shape', 4326);"
            "INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'EPSG', 4326, '');"
            f"CREATE TABLE t ({', '.join(rows[0])})"
        )
        marks = ", ".join("?" * len(rows[0]))
        base.executemany(f"INSERT INTO t VALUES ({marks})", [[*row.values()] for row in rows])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STORED, min_size=1, max_size=7), st.booleans())
def test_a_hostile_geopackage_reads_the_same_fast_and_slowly(tmp_path, rows, by_shape):
    write_communities(tmp_path)
    recipe = PACKED.replace('lon = "lon"\nlat = "lat"\n', "") if by_shape else PACKED
    (tmp_path / "city.toml").write_text(recipe, "utf-8")
    write_package(tmp_path / "issues.gpkg", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_CELLS", 14)
        patch.setattr(stored, "_FIRST", 1)
        fast = seen(tmp_path)
        slowly(patch)
        assert json.dumps(seen(tmp_path), default=str) == json.dumps(fast, default=str)


DAMAGE = st.lists(st.tuples(st.integers(16, 1 << 20), st.integers(0, 255)), max_size=3)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAMAGE)
@example([(59, 196)])
def test_a_damaged_geopackage_reads_the_same_fast_and_slowly(tmp_path, damage):
    path = tmp_path / "issues.gpkg"
    if not path.exists():
        shape = b"GP\0\1\xe6\x10\0\0" + shapely.Point(116.4, 39.9).wkb
        rows = [{"id": f"甲{n}" * 30, "n": n * 7, "x": n / 7, "shape": shape} for n in range(90)]
        write_package(path, rows)
    data = bytearray(path.read_bytes())
    for at, byte in damage:
        data[at % len(data)] = byte
    opened = Opened("entry", "file", bytes(data), "")

    def read():
        try:
            table = geopackage.read_gpkg(opened, layer="")
        except PlanningError as error:
            return error.problem
        return table.rows.to_csv(), shapely.to_wkt(table.geometry).tolist()

    with pytest.MonkeyPatch.context() as patch:
        fast = read()
        slowly(patch)
        assert read() == fast
        assert damage or len(fast[1]) == 90
