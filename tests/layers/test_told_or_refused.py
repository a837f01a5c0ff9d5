"""What an office's file leaves open is told or refused: no value is lost or changed unnoticed."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analysis.model.errors import PlanningError
from layers.load import load_city
from tests.layers.test_as_they_come import COLLECTION, PLACED, RECORDS, SHAPED, TABLE, load
from tests.layers.toy import HEAD, NOWHERE, write_communities

REPORTS = """
[[layers]]
kind = "issues"
file = "{file}"
columns = {{ no = "id", day = "reported_at", hour = "reported_at", done = "closed_at" }}
"""
HEADINGS = ("no", "day", "hour", "done")


def workbook(rows, change=str):
    book, data = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(data)
    return data.getvalue()


def reports(folder, file, content):
    write_communities(folder)
    (folder / file).write_bytes(content)
    text = HEAD + REPORTS.format(file=file)
    (folder / "city.toml").write_text(text, encoding="utf-8")
    return load_city(folder, city_data=NOWHERE)


def written(city, column="reported_at"):
    return city.issues[column].dt.strftime("%m-%d %H:%M").fillna("").tolist()


def noted(city):
    return {note.rule: note.count for note in city.reports[-1].notes}


def test_a_merged_text_holds_for_each_of_its_rows_and_a_merged_number_for_none(tmp_path):
    rows = [
        ["id", "name", "lon", "lat", "men", "women"],
        ["a", "东门", 116.351, 39.901, 4, 1],
        ["b", None, 116.352, 39.902, None, 1],
        ["c", "南门", 116.353, 39.903, 2, 1],
    ]

    def merge(book):
        book.active.merge_cells("B2:B3")
        book.active.merge_cells("E2:E3")

    columns = {**PLACED, "men": "male_stalls"}
    city = load(tmp_path, "t.xlsx", workbook(rows, merge), columns)
    assert city.facilities["name"].tolist() == ["东门", "东门", "南门"]
    assert city.facilities["male_stalls"].isna().tolist() == [False, True, False]
    assert {"cells_merged", "numbers_merged"} <= noted(city).keys()


def test_day_and_hour_in_cells_of_a_workbook_are_one_time(tmp_path):
    rows = [
        HEADINGS,
        ["1", dt.date(2024, 3, 5), dt.time(9, 5), None],
        ["2", dt.date(2024, 3, 6), "下午2点", None],
        ["3", dt.date(2024, 3, 7), 0.5, None],
        ["4", dt.date(2024, 3, 8), None, None],
    ]
    city = reports(tmp_path, "i.xlsx", workbook(rows))
    assert written(city) == ["03-05 09:05", "03-06 14:00", "03-07 12:00", "03-08 00:00"]


def test_bare_days_of_a_workbook_count_as_it_says(tmp_path):
    rows = [HEADINGS, *[[str(n), 43894 + n, None, None] for n in range(3)]]
    epoch = CALENDAR_MAC_1904
    city = reports(tmp_path, "i.xlsx", workbook(rows, lambda book: setattr(book, "epoch", epoch)))
    assert city.issues["reported_at"].dt.strftime("%Y-%m-%d").iloc[0] == "2024-03-05"


def test_what_stands_for_no_time_refuses_no_layer(tmp_path):
    words = ["-", "无", "N/A", "0000-00-00", "2024-03-06"]
    rows = [f"{n},2024-03-05,,{word}" for n, word in enumerate(words)]
    city = reports(tmp_path, "i.csv", "\n".join([",".join(HEADINGS), *rows]).encode())
    assert written(city, "closed_at") == ["", "", "", "", "03-06 00:00"]
    assert "time_unreadable" not in noted(city)


ZIPPED = io.BytesIO()
with zipfile.ZipFile(ZIPPED, "w") as _archive:
    _place = "<Placemark><name>a</name><Point><coordinates>116.35,39.9</coordinates></Point>"
    _document = f"<kml>{_place}</Placemark></kml>"
    _archive.writestr("doc.kml", _document)
    _archive.writestr("more.kml", _document)
LINES = "\n".join(map(json.dumps, RECORDS))
PARTIAL = {"result": {"total": 9, "records": RECORDS}}


@pytest.mark.parametrize(
    ("file", "content", "columns", "rule"),
    [
        ("t.kmz", ZIPPED.getvalue(), {"name": "name"}, "files_unread"),
        ("t.json", json.dumps(PARTIAL), PLACED, "reply_partial"),
        ("t.geojson", json.dumps({**COLLECTION, "numberMatched": 9}), SHAPED, "reply_partial"),
        ("t.csv", TABLE.replace("id,name", "*编 号,名称：", 1), {'"编号"': "id", '"名称"': "name",
         "lon": "lon", "lat": "lat"}, "headings_alike"),
    ],
)  # fmt: skip
def test_what_was_left_or_taken_for_another_is_told(tmp_path, file, content, columns, rule):
    assert rule in noted(load(tmp_path, file, content, columns))


def test_pages_that_are_whole_together_are_not_called_partial(tmp_path):
    for page in ("t1.json", "t2.json"):
        part = RECORDS[:2] if page == "t1.json" else RECORDS[2:]
        (tmp_path / page).write_text(json.dumps({"result": {"total": 3, "records": part}}), "utf-8")
    write_communities(tmp_path)
    entry = '[[layers]]\nkind = "toilet"\nfiles = ["t1.json", "t2.json"]\n'
    columns = 'columns = { id = "id", lon = "lon", lat = "lat" }\n'
    (tmp_path / "city.toml").write_text(HEAD + entry + columns, encoding="utf-8")
    assert "reply_partial" not in noted(load_city(tmp_path, city_data=NOWHERE))


def test_records_a_line_and_collections_a_line_are_read(tmp_path):
    assert len(load(tmp_path, "t.jsonl", LINES, PLACED).facilities) == 3
    halves = [{**COLLECTION, "features": COLLECTION["features"][:n]} for n in (1, 2)]
    lines = "\n".join(map(json.dumps, halves))
    assert load(tmp_path, "t.geojson", lines, SHAPED).reports[-1].rows_in == 3


EXCHANGED = json.loads(json.dumps(COLLECTION))
for _feature in EXCHANGED["features"]:
    _feature["geometry"]["coordinates"].reverse()
EXCEPTION = "<ExceptionReport><ExceptionText>no such layer</ExceptionText></ExceptionReport>"


@pytest.mark.parametrize(
    ("file", "content", "problem", "advice"),
    [
        ("t.geojson", json.dumps(EXCHANGED), "places_swapped_shapes", "desktop GIS"),
        ("t.json", json.dumps({"a": [1, 2]}), "records_none", "list of objects"),
        ("t.csv", TABLE.replace(",", "，"), "column_separator", "tabs"),
        ("t.csv", TABLE.replace(",", "   "), "column_separator", "tabs"),
        ("t.gml", EXCEPTION, "reply_error", "fetch it again"),
        ("t.gml", "<a/>", "file_broken", "again"),
    ],
)
def test_a_refusal_says_what_helps(tmp_path, file, content, problem, advice):
    with pytest.raises(PlanningError) as caught:
        load(tmp_path, file, content, PLACED if file != "t.geojson" else SHAPED)
    assert (caught.value.problem, advice in caught.value.hint) == (problem, True)
    assert "/tmp" not in str(caught.value), "no path of a copy"


def test_a_join_gives_each_of_its_columns_one_of_ours(tmp_path):
    join = (
        '[layers.join]\nfile = "p.csv"\non = { id = "k" }\ncolumns = { z = ["operator", "name"] }'
    )
    with pytest.raises(PlanningError, match="one column of ours for each of theirs"):
        load(tmp_path, "t.csv", TABLE, {"id": "id", "lon": "lon", "lat": "lat"}, join)


@pytest.mark.parametrize("key", ['thousands = "."', 'decimal = ","'])
def test_what_is_stated_of_amounts_changes_no_degree(tmp_path, key):
    table = "id,lon,lat,n\na,116.351,39.905,1.200\nb,116.4,39.9,2.300\n"
    columns = {"id": "id", "lon": "lon", "lat": "lat", "n": "stalls"}
    city = load(tmp_path, "t.csv", table, columns, key)
    assert city.facilities["stalls"].tolist() == [1200, 2300]
    assert city.facilities.to_crs(4326).geometry.x.round(3).tolist() == [116.351, 116.4]


def test_a_second_place_that_cannot_be_read_is_told_as_not_compared(tmp_path):
    table = "id,lon,lat,e,n\na,116.351,39.905,116.351,39.905\nb,116.4,39.9,?,39.9\n"
    check = '[layers.check]\ncrs = "EPSG:4326"\nx = "e"\ny = "n"\n'
    city = load(tmp_path, "t.csv", table, {"id": "id", "lon": "lon", "lat": "lat"}, check)
    assert noted(city) == {"coordinates_uncompared": 1}


def test_streets_that_no_system_reaches_are_set_apart_for_that(tmp_path):
    write_communities(tmp_path)
    lines = [[[39.9, 116.4], [39.91, 116.41]], [[116.4, 39.9], [116.41, 39.91]]]
    features = [
        {
            "type": "Feature",
            "properties": {"id": str(n)},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for n, line in enumerate(lines)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "s.geojson").write_text(text, "utf-8")
    entry = '[[layers]]\nkind = "streets"\nfile = "s.geojson"\ncolumns = { id = "id" }\n'
    (tmp_path / "city.toml").write_text(HEAD + entry, encoding="utf-8")
    city = load_city(tmp_path, city_data=NOWHERE)
    assert city.quarantine["reason"].tolist() == ["geometry_outside_crs"]


def test_a_reading_that_cannot_be_read_is_told(tmp_path):
    table = "id,t,v,lon,lat\n1,2024-03-05,0.3±0.1,116.4,39.9\n2,2024-03-05,0.3,116.41,39.901\n"
    write_communities(tmp_path)
    (tmp_path / "m.csv").write_text(table, encoding="utf-8")
    columns = 'columns = { id = "id", t = "sampled_at", v = "value", lon = "lon", lat = "lat" }\n'
    entry = '[[layers]]\nkind = "monitoring"\nfile = "m.csv"\n' + columns
    (tmp_path / "city.toml").write_text(HEAD + entry, encoding="utf-8")
    assert noted(load_city(tmp_path, city_data=NOWHERE))["reading_unread"] == 1
