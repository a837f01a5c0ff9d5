"""A city that is kept is the city that its files make, or it is loaded anew."""

from __future__ import annotations

import shutil
import stat
import weakref
from dataclasses import fields
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from analysis.access.land import Land
from layers import city_cache, load
from layers.city import City
from layers.knowledge.standards import DATA
from layers.load import load_city
from layers.sources import files

DEMO = DATA / "demo"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Say whether a load made the city from its files; the cache is a folder of the test."""
    monkeypatch.setenv("CITY_CACHE", str(tmp_path / "cache"))
    made, original = [], load._made

    def counted(*given):
        made.append(1)
        return original(*given)

    monkeypatch.setattr(load, "_made", counted)

    def anew(folder):
        before = len(made)
        return load_city(folder), len(made) > before

    return anew


@pytest.fixture
def small(tmp_path):
    """A city of two layers, one of them a glob and one optional."""
    folder = tmp_path / "small"
    folder.mkdir()
    shutil.copy(DEMO / "communities.geojson", folder)
    (folder / "toilets-1.csv").write_text("id,lon,lat\n1,112.62,30.72\n", "utf-8")
    (folder / "city.toml").write_text(
        """
time_zone = "Asia/Shanghai"
as_of = "2026-06-30"
[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { code = "id", name = "name", street = "parent" }
[[layers]]
kind = "toilet"
file = "toilets-*.csv"
columns = { id = "id", lon = "lon", lat = "lat" }
[[layers]]
kind = "market"
file = "markets.csv"
optional = true
columns = { id = "id", lon = "lon", lat = "lat" }
""",
        "utf-8",
    )
    return folder


def assert_same(found, expected):
    """Every field, each frame with index, order and types."""
    for name in (field.name for field in fields(City)):
        one, other = getattr(found, name), getattr(expected, name)
        if name in {"earlier", "background"}:
            assert list(one) == list(other)
            pairs = [(one[each], other[each]) for each in one]
        elif isinstance(other, Land):
            pairs = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(Land)]
        else:
            pairs = [(one, other)]
        for left, right in pairs:
            if isinstance(right, gpd.GeoDataFrame):
                assert_geodataframe_equal(left, right)
            elif isinstance(right, pd.DataFrame):
                assert_frame_equal(left, right)
            else:
                assert left == right, name


def test_the_demo_city_is_the_same_from_the_cache(kept, tmp_path):
    first, anew = kept(DEMO)
    assert anew
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "cache").rglob("*")}
    assert {modes[path] for path in modes if path.is_dir()} == {0o700}
    assert {modes[path] for path in modes if path.is_file()} == {0o600}
    again, anew = kept(DEMO)
    assert not anew
    assert_same(again, first)


@pytest.mark.real_city("nyc", "taipei", "zurich")
@pytest.mark.full
@pytest.mark.parametrize("name", ["nyc", "taipei", "zurich"])
def test_a_real_city_is_the_same_from_the_cache(kept, name):
    first, _ = kept(DATA / name)
    again, anew = kept(DATA / name)
    assert not anew
    assert_same(again, first)


def test_nothing_is_kept_where_no_folder_is_named(kept, small, monkeypatch, tmp_path):
    monkeypatch.delenv("CITY_CACHE")
    assert kept(small)[1]
    assert kept(small)[1]
    assert not (tmp_path / "cache").exists()


def test_a_city_made_of_more_than_files_is_not_kept(kept, small, monkeypatch):
    monkeypatch.setattr(files, "note_read", lambda *_: None)  # as a database reads
    assert kept(small)[1]
    assert kept(small)[1]


def more_rows(folder, row):
    (folder / "toilets-1.csv").write_text(f"id,lon,lat\n2{row[1:]}{row}", "utf-8")


def file_of_the_glob(folder, row):
    (folder / "toilets-2.csv").write_text(f"id,lon,lat\n{row}", "utf-8")


def optional_file(folder, row):
    (folder / "markets.csv").write_text(f"id,lon,lat\n{row}", "utf-8")


def recipe(folder, _):
    text = (folder / "city.toml").read_text("utf-8")
    (folder / "city.toml").write_text(text + "remark = { en = 'x' }\n", "utf-8")


@pytest.mark.parametrize("change", [more_rows, file_of_the_glob, optional_file, recipe])
def test_whatever_changes_the_city_is_loaded_anew(kept, small, change):
    kept(small)
    assert not kept(small)[1]
    change(small, "1,112.621,30.721\n")
    found, anew = kept(small)
    assert anew
    assert not kept(small)[1]
    expected = {"more_rows": 2, "file_of_the_glob": 2, "optional_file": 2, "recipe": 1}
    assert len(found.facilities) == expected[change.__name__]


def cut(file):
    file.write_bytes(file.read_bytes()[:-9])


def turned(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, turned, Path.unlink])
def test_a_damaged_cache_is_passed_over(kept, small, tmp_path, damage):
    expected, _ = kept(small)
    (slot,) = (tmp_path / "cache").iterdir()
    assert len(list(slot.iterdir())) == 4
    for name in ("city.json", "facilities"):
        assert not kept(small)[1]
        damage(slot / name)
        found, anew = kept(small)
        # a letter of the notes may change without harm; columns may not
        assert anew or name == "city.json"
        assert_same(found, expected) if name != "city.json" else None
        shutil.rmtree(slot)
        kept(small)


def test_a_cache_that_cannot_be_written_is_no_fault(kept, small, tmp_path):
    (tmp_path / "cache").write_text("a file", "utf-8")
    assert kept(small)[1]
    assert kept(small)[1]


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(2),
        pd.RangeIndex(4, 8, 2, name="row"),
        pd.Index(["b", "a"], name="issue_id", dtype="str"),
        pd.Index(["b", "a"], name="x", dtype="str"),
        pd.Index(["b", "a"], dtype="str"),
    ],
)
def test_columns_are_those_that_arrow_takes_of_a_frame(index):
    at = pd.to_datetime(["2026-05-01", None]).tz_localize("Asia/Shanghai").as_unit("us")
    columns = {"x": [1.5, None], "at": at, "text": pd.array(["a", ""], "str"), "wkb": [b"1", None]}
    frame = pd.DataFrame(columns, index=index)
    assert city_cache._columns(frame).equals(pa.Table.from_pandas(frame), check_metadata=True)
    assert_frame_equal(city_cache._columns(frame).to_pandas(), frame)


def test_what_was_read_is_let_go_before_the_frames_are_compared(kept, small, monkeypatch):
    read, alive = [], []

    def noted(*given, original=load.read_layer, **named):
        layer = original(*given, **named)
        if layer:
            read.append(weakref.ref(layer))
        return layer

    def compared(*given, original=load.with_findings):
        alive.extend(each() for each in read)
        return original(*given)

    monkeypatch.setattr(load, "read_layer", noted)
    monkeypatch.setattr(load, "with_findings", compared)
    kept(small)
    assert alive == [None, None]
