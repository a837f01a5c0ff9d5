"""Files as portals and offices hand them out are loaded rightly, or refused with what helps."""

from __future__ import annotations

import io
import json

import numpy as np
import openpyxl
import pytest
import shapely

from analysis.model.errors import PlanningError
from layers.load import load_city
from layers.places.chinese_shifts import to_wgs84
from tests.layers.toy import HEAD, NOWHERE, write_communities

ROWS = ["id,name,lon,lat", "a,东门,116.35,39.90", "b,西门,116.36,39.91", "c,南门,116.37,39.92"]
TABLE = "\n".join(ROWS) + "\n"
PLACED = {"id": "id", "name": "name", "lon": "lon", "lat": "lat"}
SHAPED = {"id": "id", "name": "name"}
FEATURES = [
    {
        "type": "Feature",
        "properties": {"id": name, "name": name},
        "geometry": {"type": "Point", "coordinates": place},
    }
    for name, place in (("a", [116.35, 39.90]), ("b", [116.36, 39.91]), ("c", [116.37, 39.92]))
]
COLLECTION = {"type": "FeatureCollection", "features": FEATURES}
RECORDS = [dict(zip(ROWS[0].split(","), row.split(","), strict=True)) for row in ROWS[1:]]
NODES = [
    {"type": "node", "id": n, "lat": float(row["lat"]), "lon": float(row["lon"]), "tags": row}
    for n, row in enumerate(RECORDS)
]


def workbook():
    book, data = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row.split(","))
    book.save(data)
    return data.getvalue()


def load(folder, file, content, columns, more=""):
    write_communities(folder)
    content = content if isinstance(content, bytes) else content.encode()
    (folder / file).write_bytes(content)
    pairs = ", ".join(f'{theirs} = "{ours}"' for theirs, ours in columns.items())
    entry = f'[[layers]]\nkind = "toilet"\nfile = "{file}"\ncolumns = {{ {pairs} }}\n{more}'
    (folder / "city.toml").write_text(HEAD + entry, encoding="utf-8")
    return load_city(folder, city_data=NOWHERE)


ISSUES = """
[[layers]]
kind = "issues"
file = "i.csv"
columns = { no = "id", what = "category", lon = "lon", lat = "lat" }
"""


def issues_of(folder, *numbers):
    write_communities(folder)
    rows = [f"{number},暴露垃圾,116.40{i % 10},39.905" for i, number in enumerate(numbers)]
    (folder / "i.csv").write_text("\n".join(["no,what,lon,lat", *rows]), encoding="utf-8")
    (folder / "city.toml").write_text(HEAD + ISSUES, encoding="utf-8")
    return load_city(folder, city_data=NOWHERE).reports[-1]


@pytest.mark.parametrize("none", ["-", "0", "N/A", "无"])
def test_what_stands_for_no_identifier_costs_no_row(tmp_path, none):
    report = issues_of(tmp_path, *[none] * 5, *range(1, 5))
    assert (report.loaded, report.quarantined) == (9, 0)
    assert {note.rule: note.count for note in report.notes}["identifier_missing"] == 5


def test_a_column_that_numbers_nothing_is_refused_before_it_costs_most_rows(tmp_path):
    with pytest.raises(PlanningError, match="6 of 8 rows repeat an identifier of 'no'") as caught:
        issues_of(tmp_path, *"ABABABAB")
    assert "`id`" in caught.value.hint
    assert issues_of(tmp_path, *"ABAB", *range(4)).quarantined == 2


def test_a_file_is_found_though_its_accents_are_written_apart_and_a_near_name_is_told(tmp_path):
    city = load(tmp_path, "e\u0301cole.csv", TABLE, PLACED)
    recipe = (tmp_path / "city.toml").read_text(encoding="utf-8")
    (tmp_path / "city.toml").write_text(recipe.replace("e\u0301", "é"), encoding="utf-8")
    again = load_city(tmp_path, city_data=NOWHERE)
    assert len(again.facilities) == len(city.facilities) == 3
    (tmp_path / "e\u0301cole.csv").rename(tmp_path / "Ecole.CSV")
    with pytest.raises(PlanningError, match=r"école\.csv") as caught:
        load_city(tmp_path, city_data=NOWHERE)
    assert "Ecole.CSV" in caught.value.hint


@pytest.mark.parametrize(
    ("file", "content", "columns", "rules"),
    [
        ("t.xls", TABLE.replace(",", "\t").encode("gbk"), PLACED, {"format_by_content"}),
        ("t.xls", workbook(), PLACED, {"format_by_content"}),
        ("t.xlsx", TABLE, PLACED, {"format_by_content"}),
        ("t.csv", json.dumps(RECORDS), PLACED, {"format_by_content"}),
        ("t.txt", json.dumps(COLLECTION), SHAPED, {"format_by_content"}),
        ("t.csv", TABLE.replace(",", "|"), PLACED, set()),
        ("t.json", json.dumps(FEATURES), SHAPED, set()),
        ("t.json", json.dumps({"version": 0.6, "elements": NODES}), SHAPED, set()),
        ("t.csv", TABLE, PLACED, set()),
    ],
    ids=[
        *("text.xls", "workbook.xls", "text.xlsx", "records.csv", "collection.txt"),
        *("bars.csv", "features.json", "overpass.json", "text.csv"),
    ],
)
def test_a_table_is_read_whatever_its_file_is_called(tmp_path, file, content, columns, rules):
    city = load(tmp_path, file, content, columns)
    toilets = city.facilities.to_crs("EPSG:4326")
    places = [(round(p.x, 6), round(p.y, 6)) for p in toilets.geometry]
    assert places == [(116.35, 39.90), (116.36, 39.91), (116.37, 39.92)]
    told = {note.rule for note in city.reports[1].notes}
    assert told & {"format_by_content"} == rules


@pytest.mark.parametrize(
    ("file", "content", "problem", "advice"),
    [
        ("t.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
         "workbook_password", "without a password"),
        ("t.json", json.dumps({"code": 0, "data": {"list": RECORDS}}), "records_elsewhere",
         "`records`, for example data.list."),
        ("t.json", json.dumps({"code": 0, "rows": []}), "records_none", "list of objects"),
        ("t.csv", TABLE.replace("116.3", "无"), "nothing_loaded", "columns"),
        ("t.csv", "[id],name,lon,lat\na,b,1,2\n", "column_missing", "[id]"),
    ],
    ids=str,
)  # fmt: skip
def test_the_advice_names_what_helps(tmp_path, file, content, problem, advice):
    with pytest.raises(PlanningError) as caught:
        load(tmp_path, file, content, PLACED)
    assert caught.value.problem == problem
    assert advice in caught.value.hint


def test_the_path_that_is_advised_works(tmp_path):
    content = json.dumps({"code": 0, "data": {"list": RECORDS}})
    assert len(load(tmp_path, "t.json", content, PLACED, 'records = "data.list"').facilities) == 3


def test_what_could_not_be_read_is_shown(tmp_path):
    with pytest.raises(PlanningError, match=r"coordinates_unreadable \(3, 无5, 39.90\)"):
        load(tmp_path, "t.csv", TABLE.replace("116.3", "无"), PLACED)


def test_hidden_rows_are_read_and_told(tmp_path):
    book, data = openpyxl.load_workbook(io.BytesIO(workbook())), io.BytesIO()
    for row in (2, 4):
        book.active.row_dimensions[row].hidden = True
    book.save(data)
    city = load(tmp_path, "t.xlsx", data.getvalue(), PLACED)
    notes = {note.rule: note.facts for note in city.reports[1].notes}
    assert (len(city.facilities), notes["rows_hidden"]) == (3, {"count": 2})


def in_systems(*systems):
    return "\n".join(f"{row},{name}" for row, name in zip(ROWS, ["系统", *systems], strict=True))


def test_a_column_that_names_the_system_is_heeded(tmp_path):
    city = load(tmp_path, "t.csv", in_systems(*["GCJ-02"] * 3), PLACED)
    first = city.facilities.to_crs("EPSG:4326").geometry.iloc[0]
    lon, lat = to_wgs84(np.array([116.35]), np.array([39.90]), crs="GCJ-02")
    assert (first.x, first.y) == pytest.approx((lon[0], lat[0]), abs=1e-6)
    assert "system_declared" in {note.rule for note in city.reports[1].notes}


def test_several_systems_are_refused_and_part_by_where(tmp_path):
    content = in_systems("WGS84", "火星坐标系", "WGS-84")
    with pytest.raises(PlanningError) as caught:
        load(tmp_path, "t.csv", content, PLACED)
    assert caught.value.problem == "systems_several"
    more = 'where = { "系统" = ["WGS84", "WGS-84"] }\ncrs = "EPSG:4326"'
    assert len(load(tmp_path, "t.csv", content, PLACED, more).facilities) == 2


@pytest.mark.parametrize("codes", [("BD09", "BD10", "BD11"), ("甲", "乙", "丙")])
def test_codes_that_only_look_like_systems_are_left_alone(tmp_path, codes):
    city = load(tmp_path, "t.csv", in_systems(*codes), PLACED)
    assert {note.rule for note in city.reports[1].notes} == set()


@pytest.mark.parametrize(
    ("shape", "problem", "advice"),
    [
        (None, "communities_shapeless", "boundaries"),
        (shapely.box(39_444_000, 4_416_000, 39_447_000, 4_419_000), "extent_zone", "EPSG:4527"),
        (shapely.box(12_952_000, 4_851_000, 12_955_000, 4_854_000), "extent_wrong", "EPSG:3857"),
    ],
)
def test_communities_without_a_place_are_told_why(tmp_path, shape, problem, advice):
    write_communities(tmp_path, shapes=(shape,))
    (tmp_path / "city.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(PlanningError) as caught:
        load_city(tmp_path, city_data=NOWHERE)
    assert caught.value.problem == problem
    assert advice in caught.value.hint
    if problem != "communities_shapeless":
        more = f'crs = "{advice}"\n'
        (tmp_path / "city.toml").write_text(HEAD + more, encoding="utf-8")
        assert len(load_city(tmp_path, city_data=NOWHERE).communities) == 1
