"""Every format is read as text, says clearly what is wrong, and reaches nothing outside."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from analysis.model.errors import PlanningError, SourceError
from layers.formats import read as reader
from layers.formats import shapefile, tabular
from layers.formats.known import FORMATS, SUFFIXES
from layers.formats.read import READERS, How, read_table
from layers.sources import files
from layers.sources.gdal_limits import DRIVERS
from tests.conftest import listening

ROOT = Path(__file__).resolve().parents[3]
IDS = ["000001", "NA", "123456789012345678"]
NAMES = ["东门公厕", "=1+1", "None"]


def points():
    return gpd.GeoDataFrame(
        {"id": IDS, "name": NAMES},
        geometry=shapely.points([116.30, 116.40, 116.50], [39.85, 39.90, 39.95]),
        crs="EPSG:4326",
    )


def read(path, **how):
    return read_table(path, name=path.name, entry="city.toml, layer 1 (toilet)", how=How(**how))


def write_csv(path):
    text = points().drop(columns="geometry").to_csv(index=False)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def write_xlsx(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "厕所"
    sheet.append([])
    sheet.append(["id", "name"])
    for row in zip(IDS, NAMES, strict=True):
        sheet.append(["'" + row[1] if row[1].startswith("=") else value for value in row])
    for row, (key, name) in enumerate(zip(IDS, NAMES, strict=True), start=3):
        sheet.cell(row, 1, key)
        sheet.cell(row, 2, name).data_type = "s"
    book.save(path)


def write_shapefile(path):
    folder = path.parent / "parts"
    folder.mkdir()
    points().to_file(folder / "toilets.shp", encoding="utf-8")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.iterdir():
                archive.write(part, f"inside/{part.name}")
    else:
        for part in folder.iterdir():
            shutil.copy(part, path.with_suffix(part.suffix))


WRITERS = {
    "t.geojson": lambda path: points().to_file(path, driver="GeoJSON"),
    "t.gpkg": lambda path: points().to_file(path, driver="GPKG"),
    "t.shp": write_shapefile,
    "t.zip": write_shapefile,
    "t.parquet": lambda path: points().to_parquet(path),
    "t.csv": write_csv,
    "t.csv.gz": write_csv,
    "t.xlsx": write_xlsx,
    "t.json": lambda path: path.write_text(
        json.dumps([{"id": i, "name": n} for i, n in zip(IDS, NAMES, strict=True)])
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_reads_every_format_as_text(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    table = read(path)
    assert table.rows["id"].tolist() == IDS
    assert table.rows["name"].tolist() == NAMES
    assert table.numbers.tolist() == [1, 2, 3]
    if table.geometry is not None:
        assert shapely.get_coordinates(table.geometry).tolist() == pytest.approx(
            np.array([[116.30, 39.85], [116.40, 39.90], [116.50, 39.95]])
        )
        assert table.crs.is_geographic
        assert table.crs.datum.name.startswith("World Geodetic System 1984")


@pytest.mark.parametrize("name", WRITERS)
def test_says_that_a_file_is_not_there_or_empty(tmp_path, name):
    with pytest.raises(SourceError, match=rf"layer 1 \(toilet\): {name} cannot be read"):
        read(tmp_path / name)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(SourceError, match=r"is empty \(0 bytes\)"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", WRITERS)
def test_says_that_a_file_is_cut_short(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.6)])
    if name == "t.csv":  # a cut CSV is a shorter CSV: its last row lacks a field or letters
        assert len(read(path).rows) < 3
        return
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.hint
    assert caught.value.facts["file"] == name


DISGUISES = {
    "vrt": b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>%s</SrcDataSource>'
    b"</OGRVRTLayer></OGRVRTDataSource>",
    "vrt_mark": b"\xef\xbb\xbf \n<OGRVRTDataSource/>",
    "gdalg": b'{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read %s"}',
    "wfs": b"<OGRWFSDataSource><URL>http://127.0.0.1:%d/</URL></OGRWFSDataSource>",
    "path": b"/etc/hostname",
    "vsicurl": b"/vsicurl/http://127.0.0.1:%d/x.geojson",
    "crs_link": b'{"type":"FeatureCollection","features":[],"crs":{"type":"link","properties":'
    b'{"href":"http://127.0.0.1:%d/crs.wkt","type":"ogcwkt"}}}',
    "crs_url": b'{"type":"FeatureCollection","features":[],"crs":{"type":"name","properties":'
    b'{"name":"http://127.0.0.1:%d/crs.wkt"}}}',
    "topojson": b'{"type":"Topology","objects":{},"arcs":[]}',
    "png": b"\x89PNG\r\n\x1a\n0000",
}


@pytest.fixture
def listener():
    with listening() as (port, requests):
        yield port, requests


@pytest.mark.parametrize("name", ["x.geojson", "x.gpkg", "x.parquet", "x.xlsx", "x.zip", "x.shp"])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_refuses_a_disguise_and_asks_nobody(tmp_path, listener, name, disguise):
    port, requests = listener
    secret = tmp_path / "secret.csv"
    secret.write_text("id,name\n1,planted\n")
    text = DISGUISES[disguise].replace(b"%d", str(port).encode())
    (tmp_path / name).write_bytes(text.replace(b"%s", str(secret).encode()))
    with pytest.raises(SourceError) as caught:
        read(tmp_path / name)
    assert caught.value.problem in {
        "format_mismatch", "workbook_web", "crs_unknown", "layer_none"
    }  # fmt: skip
    assert "planted" not in str(caught.value)
    assert requests == []


def test_reads_the_table_beside_a_view_and_refuses_the_view(tmp_path):
    path = tmp_path / "t.gpkg"
    points().to_file(path, driver="GPKG")
    base = sqlite3.connect(path)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n"
    base.execute(f"CREATE VIEW endless AS {endless}")
    base.commit()
    base.close()
    assert len(read(path).rows) == 3
    with pytest.raises(SourceError, match="view 'endless'") as caught:
        read(path, layer="endless")
    assert caught.value.problem == "active_content"


def test_counts_the_rows_of_a_geopackage_itself(tmp_path):
    path = tmp_path / "t.gpkg"
    points().to_file(path, driver="GPKG")
    base = sqlite3.connect(path)
    base.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
    base.commit()
    base.close()
    assert len(read(path).rows) == 3


def test_refuses_links_pipes_folders_and_paths_outside(tmp_path):
    (tmp_path / "real.csv").write_text("id\n1\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("link.csv", "pipe.csv", "folder.csv"):
        with pytest.raises(SourceError) as caught:
            read(tmp_path / name)
        assert caught.value.problem == "file_special"
    for name in ("../real.csv", "/etc/passwd", "a\\b.csv"):
        with pytest.raises(SourceError) as caught:
            files.find_files(name, folders=[tmp_path / "x"], entry="e", url="")
        assert caught.value.problem == "file_outside"


def test_names_the_folders_looked_in_and_the_address(tmp_path):
    with pytest.raises(SourceError) as caught:
        files.find_files("t.csv", folders=[tmp_path], entry="e", url="https://example.org/t")
    assert str(tmp_path) in str(caught.value)
    assert "https://example.org/t" in caught.value.hint


@pytest.mark.parametrize("name", ["bomb.csv.gz", "bomb.zip", "bomb.xlsx"])
def test_refuses_what_unpacks_without_end(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(b"0" * (200 << 20), compresslevel=9))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.shp", b"0" * (100 << 20))
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.problem == "file_bomb"


@pytest.mark.parametrize(
    ("member", "problem"),
    [("../t.shp", "archive_unsafe"), ("/t.shp", "archive_unsafe"), ("in.zip", "archive_nested")],
)
def test_refuses_a_zip_whose_members_leave_it(tmp_path, member, problem):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr(member, b"0")
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.zip")
    assert caught.value.problem == problem


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
HIGH = {"type": "Polygon", "coordinates": [[[*place, 5, 7] for place in SQUARE["coordinates"][0]]]}
UNSOUND = [
    {"type": "Polygon", "coordinates": SQUARE["coordinates"][0]},
    {"type": "Polygon", "coordinates": [[["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]]]},
    {"type": "Point", "coordinates": [0, None]},
]


def feature(shape):
    return {"type": "Feature", "properties": {"id": "1"}, "geometry": shape}


def test_a_shape_that_is_written_but_is_none_is_told_and_one_with_measures_was_never_open(tmp_path):
    shapes = [SQUARE, HIGH, *UNSOUND, None]
    text = json.dumps({"type": "FeatureCollection", "features": [*map(feature, shapes)]})
    (tmp_path / "t.geojson").write_text(text, encoding="utf-8")
    table = read(tmp_path / "t.geojson")
    assert table.remarks == {"shapes_unsound": {"count": 3, "row": "3"}}
    assert table.geometry[1].equals(table.geometry[0])
    assert not table.closed.any()


def test_features_behind_separators_may_stand_on_several_lines(tmp_path):
    texts = [json.dumps(feature(SQUARE), indent=1) for _ in range(2)]
    (tmp_path / "t.geojsons").write_text("".join(f"\x1e{t}\n" for t in texts), encoding="utf-8")
    assert len(read(tmp_path / "t.geojsons").rows) == 2


@pytest.mark.parametrize(
    ("text", "problem", "word"),
    [
        ('[{"a": NaN}]', "json_constant", "NaN"),
        ('{"error": {"code": 400, "message": "no such layer"}}', "reply_error", "no such layer"),
        ('{"success": false, "error": "rows"}', "reply_error", "rows"),
        ('[{"code": 400, "description": "jurisdiction_id"}]', "reply_error", "jurisdiction_id"),
        ('{"rows": {}}', "records_none", "list of records"),
    ],
)
def test_what_a_program_or_a_server_wrote_instead_of_data_is_named(tmp_path, text, problem, word):
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=word) as caught:
        read(tmp_path / "t.json")
    assert caught.value.problem == problem


def test_a_row_with_too_many_or_few_fields_is_set_aside_not_shifted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('id,name\n1,a\n2\n\n3,"b\nc"\n4,d,e\n5,f\n')
    table = read(path)
    assert table.rows["id"].tolist() == ["1", "3", "5"]
    assert table.numbers.tolist() == [1, 3, 5]
    assert [(bad.row, bad.content) for _, bad in table.broken] == [(2, "2"), (4, "4,d,e")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_reads_every_usual_separator(tmp_path, delimiter, ending):
    path = tmp_path / "t.csv"
    rows = [["id", " name "], ["01", "a b"], ["02", ""]]
    path.write_bytes(ending.join(delimiter.join(row) for row in rows).encode())
    assert read(path).rows.to_dict("list") == {"id": ["01", "02"], "name": ["a b", ""]}


@pytest.mark.parametrize(
    ("encoding", "stated", "guessed"),
    [
        ("utf-8", "", ""),
        ("utf-8-sig", "", ""),
        ("utf-16", "", ""),
        ("gb18030", "", "gb18030"),
        ("big5hkscs", "big5hkscs", ""),
        ("cp1252", "cp1252", ""),
    ],
)
def test_decodes_strictly_and_says_what_it_guessed(tmp_path, encoding, stated, guessed):
    name = "Zürich" if encoding == "cp1252" else "臺北市公廁"
    (tmp_path / "t.csv").write_bytes(f"name\n{name}\n".encode(encoding))
    table = read(tmp_path / "t.csv", encoding=stated)
    assert table.rows["name"].tolist() == [name]
    assert table.guessed == guessed


def test_never_replaces_a_character(tmp_path):
    (tmp_path / "t.csv").write_bytes("id,name\n1,Zürich\n".encode("cp1252"))
    with pytest.raises(SourceError, match="line 2, byte 0xfc") as caught:
        read(tmp_path / "t.csv", encoding="utf-8")
    assert caught.value.problem == "encoding_wrong"
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.csv", encoding="klingon")
    assert caught.value.problem == "encoding_unknown"


def test_puts_back_quotation_marks_that_an_export_forgot(tmp_path):
    (tmp_path / "t.csv").write_text('"name","geometry","type"\n"A",c(-73.9, 40.8),"x"\n')
    table = read(tmp_path / "t.csv", quote_pattern=r'c\([^"]*?\)(?=,")')
    assert table.rows["geometry"].tolist() == ["c(-73.9, 40.8)"]


def test_a_column_name_twice_is_refused_only_where_it_is_wanted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,name,id\n1,a,2\n")
    entry = "city.toml, layer 1 (toilet)"
    with pytest.raises(SourceError, match="several columns called 'id'"):
        read_table(path, name=path.name, entry=entry, how=How(), columns=("id",))
    rows = read_table(path, name=path.name, entry=entry, how=How(), columns=("name",)).rows
    assert rows["name"].tolist() == ["a"]
    assert [*rows.iloc[0]].count("1") == [*rows.iloc[0]].count("2") == 1


def test_names_the_layers_and_sheets_there_are(tmp_path):
    write_xlsx(tmp_path / "t.xlsx")
    points().to_file(tmp_path / "t.gpkg", driver="GPKG", layer="a")
    points().to_file(tmp_path / "t.gpkg", driver="GPKG", layer="b")
    with pytest.raises(SourceError, match="present are 厕所"):
        read(tmp_path / "t.xlsx", layer="toilets")
    with pytest.raises(SourceError, match="present are a, b"):
        read(tmp_path / "t.gpkg", layer="c")
    with pytest.raises(SourceError, match="has the layers a, b"):
        read(tmp_path / "t.gpkg")
    assert len(read(tmp_path / "t.gpkg", layer="b").rows) == 3


def test_names_the_missing_part_of_a_shapefile(tmp_path):
    write_shapefile(tmp_path / "t.shp")
    (tmp_path / "t.dbf").unlink()
    with pytest.raises(SourceError, match=r"lacks its part \.dbf"):
        read(tmp_path / "t.shp")


def test_refuses_a_shapefile_whose_index_is_shuffled(tmp_path):
    write_shapefile(tmp_path / "t.shp")
    index = bytearray((tmp_path / "t.shx").read_bytes())
    index[100:108], index[108:116] = index[108:116], index[100:108]
    (tmp_path / "t.shx").write_bytes(bytes(index))
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.shp")
    assert caught.value.problem == "shapefile_parts"


def test_a_parquet_footer_that_announces_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("layers.formats.tabular.MAX_ROWS", 2)
    pq.write_table(pa.table({"id": ["1", "2", "3"]}), tmp_path / "t.parquet")
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.parquet")
    assert caught.value.problem == "file_large"


def test_wrong_geoparquet_metadata_are_named(tmp_path):
    table = pa.table({"id": ["1"]}).replace_schema_metadata({"geo": '{"primary_column": "where"}'})
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.parquet")
    assert caught.value.problem == "geoparquet_metadata"


def test_a_path_to_no_records_is_named(tmp_path):
    (tmp_path / "t.json").write_text('{"result": {"rows": []}}')
    with pytest.raises(SourceError, match=r"no list of records at 'result\.results'"):
        read(tmp_path / "t.json", records="result.results")


def test_a_broken_geometry_costs_its_row_only(tmp_path):
    features = [
        {"type": "Feature", "properties": {"id": i}, "geometry": geometry}
        for i, geometry in enumerate(
            [
                {"type": "Point", "coordinates": [116.3, 39.9]},
                {"type": "Point", "coordinates": ["east", 39.9]},
                {"type": "Pint", "coordinates": [116.3, 39.9]},
                None,
            ]
        )
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (tmp_path / "t.geojson").write_text(json.dumps(collection))
    table = read(tmp_path / "t.geojson")
    assert shapely.is_missing(table.geometry).tolist() == [False, True, True, True]
    assert table.rows["id"].tolist() == ["0", "1", "2", "3"]


def test_every_known_format_has_a_reader():
    assert {each.name for each in FORMATS} == set(READERS)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_of_no_format_is_refused_under_any_suffix(tmp_path, suffix):
    for number, data in enumerate((b"\x7fELF" + bytes(64), b"%PDF-1.7", b"<a><b/></a>")):
        path = tmp_path / f"t{number}{suffix}"
        path.write_bytes(data)
        if suffix == ".xml" and data.startswith(b"<"):
            assert len(read(path).rows) == 1
            continue
        with pytest.raises(SourceError) as caught:
            read(path)
        assert caught.value.hint


def test_gdal_has_the_drivers_meant_and_no_others():
    """In a fresh process, as GDAL reads its settings once."""
    code = (
        "import layers, pyogrio, os;"
        "print(','.join(sorted(pyogrio.list_drivers())));"
        "print(os.environ['GDAL_HTTP_PROXY'], os.environ['PROJ_NETWORK'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    drivers, settings = done.stdout.splitlines()
    assert drivers.split(",") == sorted(DRIVERS)
    assert settings == "127.0.0.1:9 OFF"
    assert done.stderr == ""


def test_the_shapefile_reader_never_hands_a_path_to_gdal(tmp_path, monkeypatch):
    write_shapefile(tmp_path / "t.zip")
    handed = []
    original = shapefile.pyogrio.raw.read

    def watch(source, **keywords):
        handed.append(type(source))
        return original(source, **keywords)

    monkeypatch.setattr(shapefile.pyogrio.raw, "read", watch)
    read(tmp_path / "t.zip")
    assert handed == [bytes]


def test_counts_of_shapefile_parts_are_compared(tmp_path):
    write_shapefile(tmp_path / "t.shp")
    table = bytearray((tmp_path / "t.dbf").read_bytes())
    table[4:8] = struct.pack("<I", 2)
    (tmp_path / "t.dbf").write_bytes(bytes(table))
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.shp")
    assert caught.value.problem == "shapefile_parts"


@pytest.mark.parametrize("rows", [0, 5])
def test_parquet_is_the_same_however_its_rows_are_grouped(tmp_path, rows):
    days = pd.date_range("2026-05-01", periods=rows, tz="Asia/Shanghai")
    table = pa.table(
        {
            "id": pa.array([f"i{n}" for n in range(rows)], pa.string()),
            "kind": pa.array(["a", None, "b", "b", ""][:rows]).dictionary_encode(),
            "share": pa.array([0.5, None, 1e-7, 2.0, -0.0][:rows], pa.float64()),
            "day": pa.array(days),
        }
    )
    pq.write_table(table, tmp_path / "one.parquet")
    pq.write_table(table, tmp_path / "many.parquet", row_group_size=2)
    one, many = read(tmp_path / "one.parquet"), read(tmp_path / "many.parquet")
    assert one.rows.astype(object).equals(many.rows.astype(object))
    assert one.rows["kind"].tolist() == ["a", "", "b", "b", ""][:rows]
    assert one.numbers.tolist() == many.numbers.tolist() == [*range(1, rows + 1)]


def test_numbers_of_parquet_and_workbooks_become_plain_text(tmp_path):
    frame = pd.DataFrame(
        {"id": [1, 2], "share": [0.5, None], "day": pd.to_datetime(["2026-01-02"] * 2)}
    )
    frame.to_parquet(tmp_path / "t.parquet")
    rows = read(tmp_path / "t.parquet").rows
    assert rows["id"].tolist() == ["1", "2"]
    assert rows["share"].tolist() == ["0.5", ""]
    assert rows["day"].tolist() == ["2026-01-02T00:00:00"] * 2
    buffer = io.BytesIO()
    frame.to_excel(buffer, index=False, engine="openpyxl")
    (tmp_path / "t.xlsx").write_bytes(buffer.getvalue())
    assert read(tmp_path / "t.xlsx").rows["id"].tolist() == ["1", "2"]


ROW = "a,甲 乙,2024-03-05 10:05:06\n".encode()
PIECED = {
    "plain": (b"id,b,c\n" + ROW * 40, True),
    "marked": (codecs.BOM_UTF8 + b"sep=,\r\nid,b,c\r\n" + ROW.replace(b"\n", b"\r\n") * 40, True),
    "open end": (b"id,b,c\n" + ROW * 40 + "b,丙,".encode(), True),
    "quoted": (b"id,b,c\n" + b'a,"x\ny",2024-03-05 10:05:06\n' * 20 + ROW * 9, True),
    "broken": (b"id,b,c\n" + ROW * 20 + b"a\na,b,c,\na,b,c,d\n" + ROW + "合计,9\n".encode(), True),
    "other times": (b"id,b,c\n" + ROW * 40 + "b,丙,2024-03-05\n".encode(), True),
    "late GBK": (b"id,b,c\n" + ROW * 40 + "b,丙丁,\n".encode("gbk"), False),
    "half a sign": (b"id,b,c\n" + ROW * 40 + "b,丙".encode()[:-1], False),
    "no sign": (b"id,b,c\n" + ROW * 20 + b"b,\xff,\n" + ROW * 20, False),
    "never closed": (b"id,b,c\n" + ROW * 40 + b'b,"x,\n' + ROW, False),
    "long row": (b"id,b,c\n" + ROW * 9 + b"b," + b"x" * 900 + b",\n" + ROW * 9, False),
    "one cell": (b"id\n" + b"x" * 900, False),
    "headings alone": (b"id,b,c\n" + b"\n" * 300, False),
    "twice": (b"id,b,id\n" + ROW * 40, False),
    "JSON": (b'[{"id": 1}]', False),
    "UTF-16": (b"\xff\xfe" + "id,b,c\na,b,c\n".encode("utf-16-le") * 9, False),
}


@pytest.mark.parametrize("what", PIECED)
def test_a_csv_reads_the_same_in_pieces_and_as_a_whole(tmp_path, what):
    data, in_pieces = PIECED[what]
    path = tmp_path / "a.csv"
    path.write_bytes(data)

    def seen():
        try:
            table = read_table(path, name="a.csv", entry="e", how=How(), columns=("id", "b", "c"))
        except PlanningError as error:
            return str(error)
        told = table.rows.to_dict("list"), table.numbers.tolist(), table.broken, table.files
        return *told, table.remarks, table.headings, table.separator, table.guessed

    pieces = tabular.read_csv_pieces
    taken = []

    def noted(*asked, **how):
        taken.append(pieces(*asked, **how))
        return taken[-1]

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"LARGE": 0, "_TOP": 64, "_BLOCK": 128, "_LONG_ROW": 4096}.items():
            patch.setattr(tabular, name, value)
        patch.setattr(reader, "PIECE", 96)
        patch.setattr(reader, "read_csv_pieces", noted)
        found = seen()
        patch.setattr(reader, "read_csv_pieces", lambda *_, **__: None)
        assert seen() == found
    assert any(each is not None for each in taken) == in_pieces
