"""A column inside a column is read by its path, whatever the format that holds it."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from analysis.model.errors import ColumnError
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities

LAYER = """
[[layers]]
kind = "toilet"
file = "{file}"
columns = {{ "at.lon" = "lon", "at.lat" = "lat", "tags.name" = "name", "tags.ref.0" = "id" }}
"""
TAGS = [{"name": "甲厕", "ref": ["t1", "x"]}, {"name": "Zoo, north", "ref": ["t2"]}]
AT = [{"lon": 116.4, "lat": 39.9}, {"lon": 116.41, "lat": 39.91}]


def as_csv(path):
    cells = {"at": [json.dumps(each) for each in AT], "tags": [json.dumps(each) for each in TAGS]}
    pd.DataFrame(cells).to_csv(path, index=False)


def below_a_title(path):
    as_csv(path)
    path.write_text("登记表\n" + path.read_text("utf-8"), "utf-8")


def as_records(path):
    rows = [{"at": at, "tags": tags} for at, tags in zip(AT, TAGS, strict=True)]
    path.write_text(json.dumps(rows), "utf-8")


def as_parquet(path):
    pq.write_table(pa.table({"at": AT, "tags": TAGS}), path)


def as_workbook(path):
    book = Workbook()
    for row in [("at", "tags"), *((json.dumps(a), json.dumps(t)) for a, t in zip(AT, TAGS))]:  # noqa: B905
        book.active.append(row)
    book.save(path)


def city_of(folder, write, file, layer=LAYER):
    write_communities(folder)
    write(folder / file)
    (folder / "city.toml").write_text(HEAD + layer.format(file=file), "utf-8")
    return load_city(folder, city_data=NOWHERE)


@pytest.mark.parametrize(
    ("write", "file"),
    [
        (as_csv, "t.csv"),
        (below_a_title, "t.csv"),
        (as_records, "t.json"),
        (as_parquet, "t.parquet"),
        (as_workbook, "t.xlsx"),
    ],
)
def test_a_path_leads_into_a_cell(tmp_path, write, file):
    city = city_of(tmp_path, write, file)
    assert dict(city.facilities["name"]) == {"t1": "甲厕", "t2": "Zoo, north"}


def test_tags_as_postgresql_writes_them(tmp_path):
    layer = LAYER.replace('"at.lon"', '"lon"').replace('"at.lat"', '"lat"')
    layer = layer.replace("tags.ref.0", "tags.ref")
    text = (
        'lon,lat,tags\n116.4,39.9,"""name""=>""Tor \\""Ost\\"""", ""ref""=>""t1"", ""fee""=>NULL"\n'
    )
    city = city_of(tmp_path, lambda path: path.write_text(text, "utf-8"), "t.csv", layer)
    assert dict(city.facilities["name"]) == {"t1": 'Tor "Ost"'}


def test_a_heading_with_a_point_is_no_path_and_a_path_to_nothing_is_missing(tmp_path):
    rows = 'lon,lat,No.,tags\n116.4,39.9,7,"{""a"": 1}"\n'
    columns = '{{ lon = "lon", lat = "lat", "No." = "id"%s }}'
    layer = f'\n[[layers]]\nkind = "toilet"\nfile = "{{file}}"\ncolumns = {columns}\n'

    def write(path):
        path.write_text(rows, "utf-8")

    assert [*city_of(tmp_path, write, "t.csv", layer % "").facilities.index] == ["7"]
    with pytest.raises(ColumnError, match=r"tags\.name"):
        city_of(tmp_path, write, "t.csv", layer % ', "tags.name" = "name"')
