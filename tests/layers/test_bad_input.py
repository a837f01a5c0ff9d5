"""Each reader and each usual fault: one sentence with file, entry, value and what to do."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from analysis.model.errors import PlanningError
from layers.load import load_city
from wording.catalogue import load_words
from wording.speaker import Speaker

SQUARE = shapely.box(116.3, 39.85, 116.5, 39.95)
POINTS = shapely.points([[116.40, 39.90], [116.41, 39.91], [116.42, 39.92]])
HEAD = """
time_zone = "Asia/Shanghai"
[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { id = "id" }
[[layers]]
kind = "toilet"
"""


def frame(geometry=POINTS, *, crs="EPSG:4326"):
    table = {"id": [f"t{number}" for number in range(len(geometry))], "name": "WC"}
    return gpd.GeoDataFrame(table, geometry=geometry, crs=crs)


def plain(shapes):
    """The same without geometry: degrees in two columns of text."""
    rows = pd.DataFrame(shapes.drop(columns="geometry"))
    return rows.assign(lon=shapes.geometry.x.astype(str), lat=shapes.geometry.y.astype(str))


def write_shapefile(shapes, path):
    shapes.to_file(path.with_suffix(".shp"), driver="ESRI Shapefile")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for part in path.parent.glob(f"{path.stem}.*"):
                if part != path:
                    archive.write(part, part.name)
                    part.unlink()


def write_workbook(rows, path):
    book = openpyxl.Workbook()
    book.active.append(list(rows.columns))
    for row in rows.itertuples(index=False):
        book.active.append(list(row))
    book.save(path)


GEOGRAPHIC = {
    "t.geojson": lambda shapes, path: shapes.to_file(path, driver="GeoJSON"),
    "t.gpkg": lambda shapes, path: shapes.to_file(path, driver="GPKG"),
    "t.shp": write_shapefile,
    "t.zip": write_shapefile,
    "t.parquet": lambda shapes, path: shapes.to_parquet(path),
}
PLAIN = {
    "t.csv": lambda rows, path: rows.to_csv(path, index=False),
    "t.xlsx": write_workbook,
    "t.json": lambda rows, path: path.write_text(rows.to_json(orient="records")),
}
ALL = [*GEOGRAPHIC, *PLAIN]


@pytest.fixture
def city(tmp_path):
    """A folder with one community; takes a layer's file and what the recipe says of it."""
    gpd.GeoDataFrame({"id": ["A"]}, geometry=[SQUARE], crs=4326).to_file(
        tmp_path / "communities.geojson", driver="GeoJSON"
    )

    def make(name, shapes, *, columns=None, crs=""):
        if shapes is not None:
            if name in GEOGRAPHIC:
                GEOGRAPHIC[name](shapes, tmp_path / name)
            else:
                PLAIN[name](plain(shapes), tmp_path / name)
        known = {"id": "id", "name": "name"} | (
            {"lon": "lon", "lat": "lat"} if name in PLAIN else {}
        )
        pairs = ", ".join(f'{key} = "{value}"' for key, value in (columns or known).items())
        stated = f'crs = "{crs}"\n' if crs else ""
        text = f'{HEAD}file = "{name}"\n{stated}columns = {{ {pairs} }}\n'
        (tmp_path / "city.toml").write_text(text)
        return tmp_path

    return make


def refused(folder, problem, *named):
    """One error that names the entry, whatever else it must, and what to do in both languages."""
    with pytest.raises(PlanningError) as caught:
        load_city(folder, city_data=folder / "nowhere")
    error = caught.value
    assert error.problem == problem
    assert error.hint
    words = load_words()
    for text in (str(error), Speaker(words, "zh").error(error), Speaker(words, "en").error(error)):
        assert "city.toml, layer 2 (toilet)" in text
        assert [name for name in named if name not in text] == []
        assert "\n" not in text
    assert re.search(r"[\u4e00-\u9fff]", Speaker(words, "zh").hint(error))
    assert not re.search(r"[\u4e00-\u9fff]", Speaker(words, "en").hint(error))


@pytest.mark.parametrize("name", ALL)
def test_a_sound_file_loads(city, name):
    folder = city(name, frame())
    assert len(load_city(folder, city_data=folder / "nowhere").facilities) == 3


@pytest.mark.parametrize("name", ALL)
def test_a_missing_file(city, name):
    folder = city(name, None)
    refused(folder, "file_missing", name, str(folder))


@pytest.mark.parametrize("name", ALL)
def test_a_missing_column(city, name):
    folder = city(name, frame(), columns={"idd": "id", "lon": "lon", "lat": "lat"})
    refused(folder, "column_missing", name, "idd", "id, name")


@pytest.mark.parametrize("name", ALL)
def test_an_empty_layer(city, name):
    if name == "t.json":
        folder = city(name, frame())
        (folder / name).write_text("[]")
    else:
        folder = city(name, frame().iloc[:0])
    refused(folder, "layer_empty", name)


@pytest.mark.parametrize("name", GEOGRAPHIC)
def test_a_wrong_crs_in_the_recipe(city, name):
    folder = city(name, frame(), crs="EPSG:32650")
    refused(folder, "crs_contradicts", "WGS 84", "UTM zone 50N")


@pytest.mark.parametrize("name", PLAIN)
def test_coordinates_that_are_not_in_the_crs_stated(city, name):
    refused(city(name, frame(), crs="EPSG:4549"), "places_system", "116.4, 39.9", "EPSG:4326")


@pytest.mark.parametrize("name", ALL)
def test_a_crs_that_does_not_exist(city, name):
    refused(city(name, frame(), crs="EPSG:999999"), "crs_name", "EPSG:999999")


@pytest.mark.parametrize("name", ["t.gpkg", "t.shp", "t.zip", "t.parquet"])
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_no_crs(city, name):
    shapes = frame(crs=None)
    if name == "t.gpkg":  # the program that wrote it must say so in the file itself
        folder = city(name, frame())
        with sqlite3.connect(folder / name) as base:
            base.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
            base.execute("UPDATE gpkg_contents SET srs_id = -1")
        base.close()
    else:
        folder = city(name, shapes)
    refused(folder, "crs_missing")


@pytest.mark.parametrize("name", PLAIN)
def test_metres_without_a_crs(city, name):
    columns = {"id": "id", "lon": "x", "lat": "y"}
    refused(city(name, frame(), columns=columns), "crs_missing_likely", "EPSG:4326")


@pytest.mark.parametrize("name", GEOGRAPHIC)
def test_a_geometry_that_is_none_costs_its_row_only(city, name):
    shapes = frame()
    shapes.loc[1, "geometry"] = None
    folder = city(name, shapes)
    loaded = load_city(folder, city_data=folder / "nowhere")
    assert loaded.facilities.index.tolist() == ["t0", "t2"]
    assert loaded.quarantine[["id", "row", "reason"]].to_numpy().tolist() == [
        ["t1", 2, "coordinates_missing"]
    ]


@pytest.mark.parametrize("name", GEOGRAPHIC)
def test_a_community_that_crosses_itself_is_told_of(city, name):
    bow = shapely.Polygon([(116.30, 39.85), (116.5, 39.95), (116.5, 39.85), (116.3, 39.95)])
    folder = city(name, frame([SQUARE, bow]))
    text = (folder / "city.toml").read_text()
    second = text.replace('kind = "toilet"', 'kind = "communities"')
    (folder / "city.toml").write_text(second)
    loaded = load_city(folder, city_data=folder / "nowhere")
    assert loaded.communities.index.tolist() == ["A", "t0"]
    assert loaded.quarantine[["id", "row", "reason"]].to_numpy().tolist() == [
        ["t1", 2, "geometry_ambiguous"]
    ]


# ------------------------------------------------- faults that readers mend or part with


def collection(*features):
    return '{"type": "FeatureCollection", "features": [%s]}' % ", ".join(features)  # noqa: UP031


def feature(key, geometry, more=""):
    return (
        f'{{"type": "Feature", "properties": {{"id": "{key}", "name": "WC"{more}}},'
        f' "geometry": {geometry}}}'
    )


def spot(ordinates):
    return f'{{"type": "Point", "coordinates": {ordinates}}}'


def test_a_key_twice_or_half_a_character_costs_its_record_only(city):
    folder = city("t.geojson", None)
    twice = feature("b", spot("[116.41, 39.91]"), ', "name": "Bad"')
    half = feature("c", spot("[116.42, 39.92]"), ', "note": "\\ud800"')
    fine = feature("a", spot("[116.4, 39.9]"), ', "note": "\\ud83d\\ude00"')
    (folder / "t.geojson").write_text(collection(fine, twice, half))
    loaded = load_city(folder, city_data=folder / "nowhere")
    assert loaded.facilities.index.tolist() == ["a"]
    assert loaded.quarantine[["row", "reason", "detail"]].to_numpy().tolist() == [
        [2, "row_broken", "a key stands twice"],
        [3, "row_broken", "half a character"],
    ]


def test_four_ordinates_and_open_rings_are_read(city):
    folder = city("t.geojson", None)
    corners = [[116.3, 39.85], [116.5, 39.85], [116.5, 39.95], [116.3, 39.95]]
    polygon = json.dumps({"type": "Polygon", "coordinates": [corners]})
    (folder / "communities.geojson").write_text(collection(feature("A", polygon)))
    (folder / "t.geojson").write_text(
        collection(
            feature("a", spot("[116.4, 39.9, 12, 7]")), feature("b", spot('[116.4, 39.9, "x", 1]'))
        )
    )
    loaded = load_city(folder, city_data=folder / "nowhere")
    assert loaded.facilities.index.tolist() == ["a"]
    assert [(note.rule, note.first) for note in loaded.reports[0].notes] == [
        ("ring_closed", ("A",))
    ]
    assert loaded.communities.area.sum() == pytest.approx(189.8e6, rel=0.01)


def test_a_quotation_mark_never_closed_is_refused(city):
    folder = city("t.csv", None)
    rows = ["id,name,lon,lat", "a,WC,116.4,39.9", 'b,"WC,116.41,39.91', "c,WC,116.42,39.92"]
    (folder / "t.csv").write_text("\n".join(rows) + "\n")
    refused(folder, "quote_open", "t.csv", "2")
    (folder / "t.csv").write_text("\n".join(rows).replace('"WC', '5" pipe') + "\n")
    assert len(load_city(folder, city_data=folder / "nowhere").facilities) == 3


def test_other_sheets_are_named(city):
    folder = city("t.xlsx", None)
    book = openpyxl.Workbook()
    book.active.append(["Toilets of the city"])
    data = book.create_sheet("Data")
    for row in plain(frame()).reset_index(drop=True).itertuples(index=False):
        if data.max_row == 1:
            data.append(["id", "name", "lon", "lat"])
        data.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    (folder / "t.xlsx").write_bytes(stream.getvalue())
    loaded = load_city(folder, city_data=folder / "nowhere")
    note = next(note for note in loaded.reports[1].notes if note.rule == "sheets_unread")
    assert note.facts == {"sheets": "Sheet"}
    assert len(loaded.facilities) >= 2


@pytest.mark.parametrize("mark", [0x00, 0x57], ids=["none", "this machine"])
def test_a_table_without_a_code_page_is_not_read_as_latin(city, mark):
    folder = city("t.shp", None)
    shapes = frame().assign(name="东门公厕")
    shapes.to_file(folder / "t.shp", encoding="gb18030")
    (folder / "t.cpg").unlink()
    table = bytearray((folder / "t.dbf").read_bytes())
    table[29] = mark
    (folder / "t.dbf").write_bytes(bytes(table))
    loaded = load_city(folder, city_data=folder / "nowhere")
    assert set(loaded.facilities["name"]) == {"东门公厕"}
    assert "encoding_guessed" in {note.rule for note in loaded.reports[1].notes}


def test_what_is_hidden_alike_or_in_one_place_is_told_of(city):
    folder = city("t.csv", None)
    rows = ["id,name,lon,lat", "A,WC,116.4011,39.9001", "a,WC\u202e,116.4011,39.9001"]
    rows += ["b\u200b,WC,116.4113,39.9101", "c,W\ufffdC,116.4213,39.9201"]
    (folder / "t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    loaded = load_city(folder, city_data=folder / "nowhere")
    found = {(note.outcome, note.rule): note.first for note in loaded.reports[1].notes}
    assert found == {
        ("quarantined", "identifier_hidden"): ("b\u200b",),
        ("noted", "characters_hidden"): ("a",),
        ("noted", "characters_lost"): ("c",),
        ("noted", "identifier_alike"): ("A", "a"),
        ("noted", "place_shared"): ("A", "a"),
        ("noted", "facilities_near_twice"): ("A", "a"),
    }
