"""Vector formats give the rows, shapes and systems that another program wrote into them."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given

from analysis.model.errors import SourceError
from layers.formats import geodata
from layers.formats.read import How, read_table
from layers.formats.table import Table, in_plane
from layers.formats.text_geometry import with_shapes
from layers.load import load_city
from layers.sources.opened import Opened
from layers.texts import bare_table
from tests.conftest import listening
from tests.layers.toy import HEAD, write_communities

SHAPES = {
    "point": shapely.Point(116.4, 39.9),
    "line": shapely.LineString([(116.4, 39.9), (116.41, 39.91)]),
    "holed": shapely.Polygon(
        [(116.3, 39.8), (116.5, 39.8), (116.5, 40.0), (116.3, 40.0)],
        [[(116.38, 39.88), (116.38, 39.92), (116.42, 39.92), (116.42, 39.88)]],
    ),
    "parts": shapely.MultiPolygon(
        [shapely.box(116.3, 39.8, 116.4, 39.9), shapely.box(116.45, 39.8, 116.5, 39.9)]
    ),
}
BIG = 2**53 + 1
"""No double-precision number holds it."""


def frame(shapes, *, crs="EPSG:4326"):
    rows = {"id": [f"t{n}" for n in range(len(shapes))], "名称": "东门", "big": BIG, "none": None}
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=crs).astype({"none": "str"})


def read(path, *, columns=(), kind="", **how):
    entry = "city.toml, layer 1 (toilet)"
    return read_table(path, name=path.name, entry=entry, how=How(**how), columns=columns, kind=kind)


def same(found, wanted):
    """Compare shapes whatever the order of their points and of the rows."""
    found = shapely.normalize(np.asarray(found))
    return all(
        any(shapely.equals_exact(w, f, 1e-7) for f in found) for w in shapely.normalize(wanted)
    )


# ------------------------------------------------- through GDAL


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263"])
@pytest.mark.parametrize(
    ("name", "driver"), [("t.fgb", "FlatGeobuf"), ("t.gml", "GML"), ("t.gdb", "OpenFileGDB")]
)
def test_files_of_gdal_are_read_whole(tmp_path, name, driver, crs):
    written = frame([SHAPES["holed"], SHAPES["holed"].buffer(-0.005)], crs="EPSG:4326").to_crs(crs)
    written = written.drop(columns="none")
    modern = {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"} if driver == "OpenFileGDB" else {}
    written.to_file(tmp_path / name, driver=driver, **modern)
    table = read(tmp_path / name)
    assert sorted(table.rows["id"]) == ["t0", "t1"]
    assert set(table.rows["名称"]) == {"东门"}
    assert set(table.rows["big"]) == {str(BIG)}
    assert table.crs.equals(written.crs, ignore_axis_order=True)
    areas = sorted(shapely.area(table.geometry))
    assert areas == pytest.approx(sorted(shapely.area(written.geometry.to_numpy())), rel=1e-6)
    corner = shapely.total_bounds(table.geometry)
    assert corner.tolist() == pytest.approx(written.total_bounds.tolist(), rel=1e-6)


def test_a_geodatabase_is_read_from_a_zip_by_the_layer_named(tmp_path):
    frame([SHAPES["point"]])[["id", "geometry"]].to_file(
        tmp_path / "c.gdb", driver="OpenFileGDB", layer="toilets"
    )
    frame([SHAPES["line"]])[["id", "geometry"]].to_file(
        tmp_path / "c.gdb", driver="OpenFileGDB", layer="streets"
    )
    (tmp_path / "c.gdb").rename(tmp_path / "C.GDB")
    shutil.make_archive(str(tmp_path / "c.gdb"), "zip", tmp_path, "C.GDB")
    assert read(tmp_path / "C.GDB", layer="streets").rows["id"].tolist() == ["t0"]
    shutil.rmtree(tmp_path / "C.GDB")
    with pytest.raises(SourceError, match="streets") as caught:
        read(tmp_path / "c.gdb.zip")
    assert caught.value.problem == "layer_several"
    assert read(tmp_path / "c.gdb.zip", layer="toilets").rows["id"].tolist() == ["t0"]


@pytest.mark.parametrize("suffix", [".tab", ".mif"])
@pytest.mark.parametrize("encoding", ["", "gb18030"])
def test_mapinfo_with_its_parts_beside_it_or_in_a_zip(tmp_path, suffix, encoding):
    path = tmp_path / f"t{suffix}"
    names = ["东门公厕", "人民广场公共厕所", "建设路社区"]
    points = gpd.GeoDataFrame({"name": names}, geometry=[SHAPES["point"]] * 3, crs="EPSG:4326")
    points.to_file(path, driver="MapInfo File", encoding="UTF-8")
    if encoding:  # as the Chinese edition of the program writes it
        text = path.with_suffix(".mid") if suffix == ".mif" else path.with_suffix(".dat")
        if suffix == ".tab":
            return
        text.write_bytes(text.read_bytes().decode("utf-8").encode(encoding))
    table = read(path)
    assert table.rows["name"].tolist() == names
    assert same(table.geometry, [SHAPES["point"]])
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for part in sorted(tmp_path.glob("t.*")):
            archive.write(part, f"folder/{part.name}")
    assert read(tmp_path / "z.zip").rows["name"].tolist() == names
    path.with_suffix(".mid" if suffix == ".mif" else ".dat").unlink()
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.problem == "mapinfo_part"


def test_a_mapinfo_table_that_names_others_is_refused(tmp_path):
    (tmp_path / "t.tab").write_text(
        '!table\n!version 300\nOpen Table "/etc/secret" Hide\nCreate View t As Select a From b\n'
    )
    (tmp_path / "t.dat").write_bytes(b"x")
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.tab")
    assert caught.value.problem == "mapinfo_view"


GML = """<?xml version="1.0"?>{dtd}
<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://ogr.maptools.org/ http://127.0.0.1:{port}/schema.xsd">
<gml:featureMember><ogr:t><ogr:geometryProperty xlink:href="http://127.0.0.1:{port}/a#b">
<gml:Point srsName="{srs}"><gml:coordinates>116.4,39.9</gml:coordinates></gml:Point>
</ogr:geometryProperty><ogr:id>a</ogr:id></ogr:t></gml:featureMember></ogr:FeatureCollection>"""


@pytest.mark.parametrize(
    ("srs", "dtd", "problem"),
    [
        ("EPSG:4326", "", ""),
        ("http://127.0.0.1:{port}/crs", "", "crs_unknown"),
        ("EPSG:4326", '<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">', "xml_entities"),
    ],
)
def test_gml_asks_nobody(tmp_path, srs, dtd, problem):
    with listening() as (port, requests):
        text = GML.replace("{dtd}", dtd).replace("{srs}", srs).replace("{port}", str(port))
        (tmp_path / "t.gml").write_text(text)
        if problem:
            with pytest.raises(SourceError) as caught:
                read(tmp_path / "t.gml")
            assert caught.value.problem == problem
        else:
            assert read(tmp_path / "t.gml").rows["id"].tolist() == ["a"]
        assert requests == []


# ------------------------------------------------- dialects of JSON


@pytest.mark.parametrize("mark", ["UTF-8", "ANSI 936", ""])
def test_a_shapefile_is_read_whatever_its_mark_says_wrongly(tmp_path, mark):
    names = ["东门公厕", "人民广场公共厕所", "建设路社区"]
    places = gpd.points_from_xy([1, 2, 3], [1, 2, 3])
    points = gpd.GeoDataFrame({"name": names}, geometry=places, crs="EPSG:4326")
    points.to_file(tmp_path / "t.shp", encoding="gbk")
    (tmp_path / "t.cpg").write_text(mark, encoding="ascii")
    table = read(tmp_path / "t.shp")
    assert table.rows["name"].tolist() == names
    assert table.guessed
    with pytest.raises(SourceError, match="not text in") as caught:
        read(tmp_path / "t.shp", encoding="utf-8")
    assert caught.value.problem == "encoding_wrong"


def test_topojson_shares_arcs_and_runs_them_backwards(tmp_path):
    """Two squares with a common side, on a grid of 0.1 degrees from 116, 39."""
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.1, 0.1], "translate": [116, 39]},
        "arcs": [
            [[1, 0], [0, 1]],  # the common side, upwards
            [[1, 1], [-1, 0], [0, -1], [1, 0]],  # the rest of the western square
            [[1, 1], [1, 0], [0, -1], [-1, 0]],  # the rest of the eastern square
        ],
        "objects": {
            "areas": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "id": "west", "properties": {"n": 1}},
                    {"type": "Polygon", "arcs": [[~0, ~2][::-1]], "id": "east"},
                    {"type": "Polygon", "arcs": [[0, 9]], "id": "broken"},
                    {"type": None, "id": "empty"},
                ],
            },
            "spots": {"type": "Point", "coordinates": [3, 4], "properties": {"id": "p"}},
        },
    }
    (tmp_path / "t.json").write_text(json.dumps(topology))
    table = read(tmp_path / "t.json", layer="areas")
    assert table.rows["id"].tolist() == ["west", "east", "broken", "empty"]
    wanted = [shapely.box(116, 39, 116.1, 39.1), shapely.box(116.1, 39, 116.2, 39.1)]
    assert [
        shapely.equals(w, f)
        for w, f in zip(wanted, shapely.set_precision(table.geometry[:2], 1e-9), strict=True)
    ] == [True] * 2
    assert shapely.is_missing(table.geometry).tolist() == [False, False, True, True]
    spot = read(tmp_path / "t.json", layer="spots")
    assert shapely.get_coordinates(spot.geometry)[0] == pytest.approx([116.3, 39.4])
    with pytest.raises(SourceError, match="areas, spots"):
        read(tmp_path / "t.json")


def test_esri_json_has_its_systems_holes_and_rest(tmp_path):
    shell = [[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]
    hole = [[3, 3], [6, 3], [6, 6], [3, 6], [3, 3]]
    island = [[20, 0], [20, 1], [21, 1], [21, 0], [20, 0]]
    content = {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "exceededTransferLimit": True,
        "features": [
            {"attributes": {"id": BIG}, "geometry": {"rings": [hole, shell, island]}},
            {"attributes": {"id": 2}, "geometry": {"rings": [[["x", 0]]]}},
            {"attributes": {"id": 3}},
        ],
    }
    (tmp_path / "t.json").write_text(json.dumps(content))
    table = read(tmp_path / "t.json")
    assert table.rows["id"].tolist() == [str(BIG), "2", "3"]
    assert shapely.area(table.geometry[0]) == 81 - 9 + 1
    assert shapely.is_missing(table.geometry).tolist() == [False, True, True]
    assert table.crs.to_epsg() == 3857
    assert "reply_partial" in table.remarks


# ------------------------------------------------- KML and GPX

KML = """<?xml version="1.0" encoding="{encoding}"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>公厕</name>
<Folder><name>北</name>
<Placemark id="a"><name>东门</name><ExtendedData><Data name="stalls"><value>5</value></Data>
<SchemaData><SimpleData name="grade">二</SimpleData></SchemaData></ExtendedData>
<Point><coordinates> 116.4, 39.9, 0 </coordinates></Point></Placemark></Folder>
<Placemark><name>区</name><MultiGeometry>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
116.3,39.8 116.5,39.8 116.5,40 116.3,40 116.3,39.8
</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>
116.38,39.88 116.38,39.92 116.42,39.92 116.42,39.88 116.38,39.88</coordinates></LinearRing>
</innerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>坏</name><Point><coordinates>east,39.9</coordinates></Point></Placemark>
</Document></kml>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_kml_and_kmz(tmp_path, encoding, packed):
    data = KML.replace("{encoding}", encoding).encode(encoding)
    path = tmp_path / ("t.kmz" if packed else "t.kml")
    if packed:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", data)
            archive.writestr("files/icon.png", b"\x89PNG")
    else:
        path.write_bytes(data)
    table = read(path)
    assert table.rows["name"].tolist() == ["东门", "区", "坏"]
    assert table.rows.loc[0, ["id", "stalls", "grade"]].tolist() == ["a", "5", "二"]
    assert shapely.equals(table.geometry[0], SHAPES["point"])
    assert shapely.equals(table.geometry[1], SHAPES["holed"])
    assert table.geometry[2] is None
    assert read(path, layer="" if packed else "北").rows["name"].tolist()[0] == "东门"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<kml><NetworkLink><Link><href>http://a/b</href></Link></NetworkLink></kml>", "kml_link"),
        ('<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', "xml_entities"),
        ('<!DOCTYPE kml SYSTEM "http://127.0.0.1:1/x"><kml/>', "xml_entities"),
        ("<kml><Placemark>", "file_broken"),
        ("name,lon,lat", "format_mismatch"),
    ],
)
def test_a_kml_that_is_none_or_wants_more(tmp_path, text, problem):
    (tmp_path / "t.kml").write_text(text)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.kml")
    assert (caught.value.problem, bool(caught.value.hint)) == (problem, True)


def test_gpx_has_waypoints_and_tracks(tmp_path):
    (tmp_path / "t.gpx").write_text(
        '<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="39.9" lon="116.4"><name>WC</name>'
        "<extensions><stalls>5</stalls></extensions></wpt><trk><name>T</name><trkseg>"
        '<trkpt lat="39.9" lon="116.4"><ele>1</ele></trkpt><trkpt lat="39.91" lon="116.41"/>'
        "</trkseg></trk></gpx>"
    )
    points = read(tmp_path / "t.gpx")
    assert points.rows.to_dict("list") == {"name": ["WC"], "stalls": ["5"]}
    assert shapely.equals(points.geometry[0], SHAPES["point"])
    lines = read(tmp_path / "t.gpx", layer="tracks")
    assert lines.rows.to_dict("list") == {"name": ["T"]}
    assert shapely.equals(lines.geometry[0], SHAPES["line"])


# ------------------------------------------------- GeoPackage and Parquet


def test_changes_that_lie_beside_a_geopackage_are_read(tmp_path):
    path = tmp_path / "t.gpkg"
    frame([SHAPES["point"]]).to_file(path, driver="GPKG")
    with closing(sqlite3.connect(path)) as base:
        for (name,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.commit()
        base.execute("PRAGMA journal_mode=wal")
        base.execute("PRAGMA wal_autocheckpoint=0")
        base.execute("UPDATE t SET id = 'late'")
        base.commit()
        shutil.copy(path, tmp_path / "c.gpkg")
        shutil.copy(f"{path}-wal", tmp_path / "c.gpkg-wal")
    with closing(sqlite3.connect(tmp_path / "c.gpkg")) as base:
        assert base.execute("SELECT id FROM t").fetchall() == [("late",)]
    shutil.copy(path, tmp_path / "c.gpkg")
    table = read(tmp_path / "c.gpkg", layer="t")
    assert table.rows["id"].tolist() == ["late"]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD COLUMN big2 TEXT AS (hex(zeroblob(400000000)))",
        (
            "CREATE VIEW v AS SELECT hex(zeroblob(400000000)) FROM t; DROP TABLE gpkg_contents;"
            "CREATE VIEW gpkg_contents AS SELECT 'v' AS table_name, 'attributes' AS data_type"
        ),
    ],
)
def test_what_would_compute_in_a_geopackage_is_refused(tmp_path, sql):
    frame([SHAPES["point"]]).to_file(tmp_path / "t.gpkg", driver="GPKG")
    with closing(sqlite3.connect(tmp_path / "t.gpkg")) as base:
        base.executescript(sql)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.gpkg")
    assert caught.value.problem == "active_content"


FOLLOWED = {
    "view": "CREATE VIEW v AS SELECT load_extension('{canary}'), readfile('{canary}') FROM t;"
    "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('v', 'features', 'v');",
    "trigger": "CREATE TRIGGER r AFTER INSERT ON gpkg_contents"
    " BEGIN SELECT load_extension('{canary}'); DELETE FROM t; END;",
    "virtual": "PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES"
    " ('table', 'w', 'w', 0, 'CREATE VIRTUAL TABLE w USING VirtualOGR(''{canary}'')');",
    "raster": "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
    " VALUES ('p', 'tiles', '{canary}'); CREATE TABLE p (id INTEGER PRIMARY KEY, zoom_level,"
    " tile_column, tile_row, tile_data);",
    "system": "UPDATE gpkg_spatial_ref_sys SET definition = '{canary}', description = '{canary}';",
    "metadata": "CREATE TABLE gpkg_metadata (id, md_scope, md_standard_uri, mime_type, metadata);"
    "INSERT INTO gpkg_metadata VALUES (1, 'dataset', '{canary}', 'text/xml', '<a>{canary}</a>');",
    "extensions": "CREATE TABLE IF NOT EXISTS gpkg_extensions"
    " (table_name, column_name, extension_name, definition, scope); INSERT INTO gpkg_extensions"
    " VALUES ('t', 'geom', 'gdal_aspatial', '{canary}', 'read-write'),"
    " ('t', 'id', 'gpkg_schema', '{canary}', 'read-write');",
    "domains": "CREATE TABLE gpkg_data_columns"
    " (table_name, column_name, name, title, description, mime_type, constraint_name);"
    "INSERT INTO gpkg_data_columns VALUES ('t', 'id', 'x', '', '', 'text/xml', '{canary}');",
    "counts": "UPDATE gpkg_ogr_contents SET feature_count = -1;",
}
"""What GDAL would follow, run or believe in a GeoPackage, beside the table asked for."""


@pytest.mark.parametrize("what", FOLLOWED)
def test_gdal_sees_nothing_of_a_geopackage_but_the_cells_of_one_table(tmp_path, what):
    path = tmp_path / "t.gpkg"
    frame([SHAPES["point"]]).to_file(path, driver="GPKG")
    plain = read(path)
    sql = FOLLOWED[what].replace("{canary}", "/vsicurl/http://127.0.0.1:9/a")
    with closing(sqlite3.connect(path)) as base:
        base.executescript(sql)
    seen = []

    def shown(file, **how):
        with closing(sqlite3.connect(file)) as base:
            seen.extend(base.execute("SELECT type, name, sql FROM sqlite_master").fetchall())
            seen.extend(base.execute("SELECT * FROM gpkg_contents").fetchall())
            assert not base.execute("SELECT * FROM gpkg_spatial_ref_sys").fetchall()
        return pyogrio.open_arrow(file, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bare_table, "open_arrow", shown)
        table = read(path, layer="t")
    assert table.rows.equals(plain.rows)
    assert shapely.equals(table.geometry, plain.geometry).all()
    own = ["layer", "gpkg_contents", "gpkg_spatial_ref_sys", "gpkg_geometry_columns"]
    assert [entry[:2] for entry in seen[:-1]] == [("table", name) for name in own]
    columns = ", ".join(f"c{at} BLOB" for at in range(len(plain.rows.columns) + 1))
    assert seen[0][2] == f"CREATE TABLE layer ({columns}, fid INTEGER PRIMARY KEY)"
    assert seen[-1] == ("layer", "attributes", *[None] * 8)


def test_shapes_are_flat_where_they_are_and_else_made_so():
    told = ["POINT (1 2)", "POINT Z (1 2 3)", "POINT M EMPTY", "POINT EMPTY", "POLYGON Z EMPTY"]
    told += ["GEOMETRYCOLLECTION (POINT (1 2), POINT ZM (1 2 3 4))", "LINESTRING (1 2, 3 4)"]
    for some in ([*told, None], told[:1], told[3:4]):
        shapes = shapely.from_wkt(np.array(some, dtype=object))
        table = Table(pd.DataFrame(), np.zeros(0, dtype=np.int64), geometry=shapes)
        flat = in_plane(table, kind="issues").geometry
        assert shapely.to_wkt(flat).tolist() == shapely.to_wkt(shapely.force_2d(shapes)).tolist()
        assert shapely.to_wkt(shapes).tolist() == shapely.to_wkt(shapely.from_wkt(some)).tolist()


@given(
    st.lists(
        st.none()
        | st.binary(max_size=30)
        | st.tuples(*[st.floats(width=32)] * 2).map(lambda xy: shapely.Point(xy).wkb)
        | st.sampled_from(["POINT Z (1 2 3)", "POINT EMPTY", "LINESTRING (1 2, 3 4)"]).map(
            lambda text: shapely.from_wkt(text).wkb
        ),
        max_size=3,
    ),
    st.sampled_from(["binary", "large_binary"]),
)
def test_points_are_built_as_any_shape(blobs, kind):
    opened = Opened("entry", "file", b"", "")
    column = pa.chunked_array([pa.array([b"before", *blobs], kind)[1:], pa.array(blobs[:1], kind)])
    found, remarks = geodata.from_wkb(opened, column)
    slowly, _ = geodata.from_wkb(opened, [*blobs, *blobs[:1]])
    assert (shapely.to_wkb(found).tolist(), remarks) == (shapely.to_wkb(slowly).tolist(), {})


@pytest.mark.parametrize("kind", ["point", "line", "holed", "parts"])
@pytest.mark.parametrize("interleaved", [False, True])
def test_native_geometry_of_geoparquet(tmp_path, kind, interleaved):
    shapes = frame([SHAPES[kind], None, shapely.transform(SHAPES[kind], lambda c: c + 0.01)])
    if interleaved:
        arrow = pa.table(shapes.to_arrow(geometry_encoding="geoarrow", interleaved=True))
        pq.write_table(arrow, tmp_path / "t.parquet")
    else:
        shapes.to_parquet(tmp_path / "t.parquet", geometry_encoding="geoarrow")
    table = read(tmp_path / "t.parquet")
    assert table.rows["id"].tolist() == ["t0", "t1", "t2"]
    assert shapely.is_missing(table.geometry).tolist() == [False, True, False]
    found = table.geometry[[0, 2]]
    assert [shapely.equals(f, w) for f, w in zip(found, shapes.geometry[[0, 2]], strict=True)] == [
        True
    ] * 2
    assert table.crs.equals("OGC:CRS84", ignore_axis_order=True)


# ------------------------------------------------- shapes as text

WRITTEN = {
    "wkt": shapely.to_wkt,
    "ewkt": lambda shape: f"SRID=2263;{shapely.to_wkt(shape)}",
    "wkb": lambda shape: shapely.to_wkb(shape, hex=True),
    "ewkb": lambda shape: shapely.to_wkb(
        shapely.set_srid(shape, 2263), hex=True, include_srid=True
    ),
    "sql server": lambda shape: f"0x{shapely.to_wkb(shape, hex=True)}",
    "bytea": lambda shape: f"\\x{shapely.to_wkb(shape, hex=True).lower()}",
    "geojson": shapely.to_geojson,
}


@pytest.mark.parametrize("form", WRITTEN)
def test_shapes_written_as_text(form):
    texts = [WRITTEN[form](shape) for shape in SHAPES.values()] + ["", "POLYGON ((1 2"]
    rows = pd.DataFrame({"g": texts}, dtype="str")
    table, unread = with_shapes(Table(rows=rows, numbers=np.arange(1, len(rows) + 1)), "g")
    assert all(map(shapely.equals, table.geometry[:4], SHAPES.values()))
    assert unread.tolist() == [False] * 5 + [True]
    codes = {"ewkt": 2263, "ewkb": 2263, "geojson": 4326}
    assert (table.crs and table.crs.to_epsg()) == codes.get(form)


def test_a_column_that_is_no_shapes_is_left(tmp_path):
    rows = pd.DataFrame({"g": ["116.4, 39.9", "West Street (north)"]}, dtype="str")
    table = Table(rows=rows, numbers=np.arange(1, 3))
    assert with_shapes(table, "g")[0] is table


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_communities_and_toilets_of_text_load_and_count(tmp_path, suffix):
    write_communities(tmp_path)
    shapes = [SHAPES["point"], shapely.Point(116.41, 39.91), None]
    texts = ["" if shape is None else shapely.to_wkb(shape, hex=True) for shape in shapes]
    rows = pd.DataFrame({"id": ["a", "b", "c"], "wkb": texts})
    if suffix == "csv":
        rows.to_csv(tmp_path / "t.csv", index=False)
    else:
        rows["wkb"] = [bytes.fromhex(text) or None for text in texts]
        rows.to_parquet(tmp_path / "t.parquet")
    entry = f'[[layers]]\nkind = "toilet"\nfile = "t.{suffix}"\ncrs = "EPSG:4326"\n'
    columns = 'columns = { id = "id", wkb = "position" }\n'
    (tmp_path / "city.toml").write_text(HEAD + entry + columns)
    report = load_city(tmp_path, city_data=tmp_path / "no").reports[-1]
    assert (report.rows_in, report.loaded, report.quarantined) == (3, 2, 1)
