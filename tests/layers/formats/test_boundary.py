"""No exception of a library leaves a reader or cleaner, whatever stands in a file."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import sqlite3
import zipfile
from contextlib import closing
from decimal import Decimal

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.model.errors import PlanningError, SourceError
from layers.formats.boundary import held, reading
from layers.load import load_city
from layers.sources.opened import Opened
from tests.layers.toy import HEAD, write_communities

OPENED = Opened("city.toml, layer 2 (toilet)", "t.csv", b"x", "")
POINTS = shapely.points([[116.40, 39.90], [116.41, 39.91], [116.42, 39.92]])
COLUMNS = ("id", "category", "reported_at", "closed_at", "lon", "lat")
SOUND = {
    "id": ["a", "b", "c"],
    "category": ["litter"] * 3,
    "reported_at": ["2024-03-05", "2024-03-06 10:00", "2024-03-07T10:00:00+08:00"],
    "closed_at": ["2024-04-05"] * 3,
    "lon": [116.40, 116.41, 116.42],
    "lat": [39.90, 39.91, 39.92],
}
TEXTS = (
    *("", " ", "nan", "NaT", "inf", "-inf", "1e400", "-0", "1e-400", "٣", "２０２４", "½", "1_000"),
    *("9999-12-31", "9999-12-31T23:59:59+14:00", "0001-01-01", "10000-01-01", "-0044-03-15"),
    "2024-02-30",
    "2024-03-05 14:30+08",
    *("2024-03-05T24:00:00", "2024-W10-2", "2024-065", "now"),
    *("today", "1", "20240305", "1710496800", "99999999999999999999", "2024-03-05T14:30:00+99:99"),
    *(
        "\x0b",
        "\u2028",
        "\u202e",
        "\ufeff",
        "😀" * 70,
        "x" * 131_073,
        "=1+1",
        "'",
        "%s",
        "{0}",
        "[(",
    ),
)
TYPED = (
    None, True, 0, -1, 2**63 - 1, 10**30, 1.5, 1e308, dt.date(9999, 12, 31), dt.date(1, 1, 1),
    dt.datetime.fromisoformat("9999-12-31T23:59:59"), dt.time(23, 59), dt.timedelta(days=10**9 - 1),
    Decimal("1e40"), b"\xff\x00", [1, [2]], {"a": None}, "2024-03-05",
)  # fmt: skip


def outcome(folder):
    """Load; the counts add up, or one sentence says why not."""
    try:
        city = load_city(folder, city_data=folder / "nowhere")
    except PlanningError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert "\n" not in str(refused)
        assert refused.hint
        return refused.problem
    for report in city.reports:
        assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    return "loaded"


def lay_out(folder, name, *, kind="issues", columns=COLUMNS, more=""):
    folder.mkdir(exist_ok=True)
    write_communities(folder)
    pairs = ", ".join(f'{column} = "{column}"' for column in columns)
    entry = f'[[layers]]\nkind = "{kind}"\nfile = "{name}"\n{more}columns = {{ {pairs} }}\n'
    (folder / "city.toml").write_text(HEAD + entry, encoding="utf-8")
    return folder / name


def write_csv(frame, path):
    frame.to_csv(path, index=False)


def write_json(frame, path):
    records = frame.to_dict("records")
    path.write_text(json.dumps(records, default=str), encoding="utf-8")


def write_xlsx(frame, path):
    book = openpyxl.Workbook()
    book.active.append(list(frame))
    for row in frame.itertuples(index=False):
        book.active.append([_cell(value) for value in row])
    book.save(path)


def _cell(value):
    if isinstance(value, str):
        return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)[:32_767]
    if isinstance(value, (dt.date, dt.time)) and getattr(value, "year", 1900) < 1900:
        return str(value)
    known = (int, float, bool, dt.date, dt.time, dt.timedelta, Decimal, type(None))
    return value if isinstance(value, known) else str(value)


def write_parquet(frame, path):
    pq.write_table(pa.table({name: frame[name].tolist() for name in frame}), path)


def write_gpkg(frame, path):
    points = [POINTS[number % 3] for number in range(len(frame))]
    shapes = gpd.GeoDataFrame({"k": range(len(frame))}, geometry=points, crs=4326)
    shapes.to_file(path, driver="GPKG")
    with closing(sqlite3.connect(path)) as base:
        triggers = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            base.execute(f'DROP TRIGGER "{trigger}"')
        for name in frame:
            base.execute(f'ALTER TABLE "{path.stem}" ADD COLUMN "{name}"')
            for row, value in enumerate(frame[name], start=1):
                plain = value if isinstance(value, (str, bytes, float, type(None))) else str(value)
                base.execute(f'UPDATE "{path.stem}" SET "{name}" = ? WHERE fid = ?', (plain, row))
        base.commit()


def write_geojson(frame, path):
    rows = frame.to_dict("records")
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(point))}
        for row, point in zip(rows, itertools.cycle(POINTS), strict=False)
    ]
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content, default=str), encoding="utf-8")


WRITERS = {
    "t.csv": write_csv,
    "t.json": write_json,
    "t.xlsx": write_xlsx,
    "t.parquet": write_parquet,
    "t.gpkg": write_gpkg,
    "t.geojson": write_geojson,
}


@pytest.mark.parametrize("name", WRITERS)
def test_hostile_texts_in_any_column(tmp_path, name):
    for column in COLUMNS:
        frame = pd.concat([pd.DataFrame(SOUND, dtype=object)] * 40, ignore_index=True)
        frame["id"] = [f"r{number}" for number in frame.index]
        frame.loc[: len(TEXTS) - 1, column] = TEXTS
        path = lay_out(tmp_path / column, name)
        WRITERS[name](frame.astype(str), path)
        outcome(path.parent)


@pytest.mark.parametrize("name", ["t.json", "t.xlsx", "t.parquet", "t.gpkg"])
@pytest.mark.parametrize("columns", [("id", "category"), ("reported_at", "closed_at", "lon")])
def test_a_hostile_value_of_any_type_in_whole_columns(tmp_path, name, columns):
    for number, value in enumerate(TYPED):
        path = lay_out(tmp_path / str(number), name)
        frame = pd.DataFrame(SOUND, dtype=object)
        for column in columns:
            frame[column] = pd.Series([value] * 3, dtype=object)
        try:
            WRITERS[name](frame, path)
        except (pa.ArrowException, OverflowError, ValueError):
            continue  # no file of this format can hold it
        outcome(path.parent)


SHAPES = (
    "POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY", "POINT (1e308 1e308)",
    "POINT (nan nan)", "POINT Z (116.4 39.9 5)", "LINESTRING (116.4 39.9, 116.4 39.9)",
    "POLYGON ((116.4 39.9, 116.4 39.9, 116.4 39.9, 116.4 39.9))", "MULTIPOINT ((116.4 39.9))",
    "POLYGON ((0 0, 180 0, 180 90, 0 90, 0 0))", "POINT (-1e-320 90)",
    "GEOMETRYCOLLECTION (POINT (116.4 39.9), LINESTRING (116.4 39.9, 116.5 39.9))",
)  # fmt: skip
ROWS = [("geojson", "GeoJSON"), ("gpkg", "GPKG"), ("parquet", None)]


@pytest.mark.parametrize(("suffix", "driver"), ROWS)
@pytest.mark.parametrize("kind", ["communities", "toilet", "streets", "water", "residents"])
@pytest.mark.filterwarnings("ignore:.*")
def test_a_hostile_geometry(tmp_path, suffix, driver, kind):
    for number, text in enumerate(SHAPES):
        columns = ("id", "population") if kind == "residents" else ("id",)
        path = lay_out(tmp_path / str(number), f"t.{suffix}", kind=kind, columns=columns)
        shapes = gpd.GeoDataFrame(
            {"id": ["a", "b"], "population": [1, 2]},
            geometry=[shapely.from_wkt(text), POINTS[0]], crs=4326,
        )  # fmt: skip
        shapes.to_file(path, driver=driver) if driver else shapes.to_parquet(path)
        outcome(path.parent)


@pytest.mark.parametrize("kind", [8, 9, 10, 11, 12])
def test_curves_of_nothing_are_no_shapes(tmp_path, kind):
    blob = b"\x01" + kind.to_bytes(4, "little") + b"\0" * 4
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    table = pa.table({"id": ["a"], "geometry": [blob]}).replace_schema_metadata(
        {"geo": json.dumps(geo)}
    )
    path = lay_out(tmp_path / "c", "t.parquet", kind="toilet", columns=("id",))
    pq.write_table(table, path)
    assert outcome(path.parent) == "nothing_loaded"


PRJS = (
    "", "PROJCS", 'LOCAL_CS["x",UNIT["metre",1]]', 'GEOGCS["x"]', "PROJCS[" * 2000,
    'GEOCCS["WGS 84",DATUM["D",SPHEROID["S",6378137,298]],PRIMEM["G",0],UNIT["metre",1]]',
    'PROJCS["x",GEOGCS["x",DATUM["x",SPHEROID["x",6378137,0]],PRIMEM["x",0],UNIT["degree",0]]]',
)  # fmt: skip


def test_a_hostile_prj(tmp_path):
    for number, prj in enumerate(PRJS):
        path = lay_out(tmp_path / str(number), "t.shp", kind="toilet", columns=("id",))
        gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=POINTS, crs=4326).to_file(path)
        path.with_suffix(".prj").write_text(prj)
        outcome(path.parent)


def test_a_column_twice_in_parquet(tmp_path):
    for number, name in enumerate(("id", "note")):
        path = lay_out(tmp_path / str(number), "t.parquet")
        table = pa.table({key: list(map(str, values)) for key, values in SOUND.items()})
        for _ in range(2):
            table = table.append_column(name, pa.array(["x", "y", "z"]))
        pq.write_table(table, path)
        assert outcome(path.parent) == {"id": "column_twice", "note": "loaded"}[name]


def test_bytes_that_are_no_text_in_a_column_of_text(tmp_path):
    wrong = pa.Array.from_buffers(
        pa.string(),
        3,
        [None, pa.array([0, 1, 3, 4], pa.int32()).buffers()[1], pa.py_buffer(b"a\x80\xffc")],
    )
    for name in ("id", "category"):
        table = pa.table({key: list(map(str, values)) for key, values in SOUND.items()})
        path = lay_out(tmp_path / name, "t.parquet")
        at = table.column_names.index(name)
        pq.write_table(table.set_column(at, name, wrong), path)
        assert outcome(path.parent) == "file_broken"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    held_bytes = {}
    for name, write in WRITERS.items():
        write(pd.DataFrame(SOUND), folder / name)
        held_bytes[name] = (folder / name).read_bytes()
    shapes = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=POINTS, crs=4326)
    shapes.to_file(folder / "s.shp")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in sorted(folder.glob("s.*")):
            archive.write(part, part.name)
    return held_bytes | {"t.zip": packed.getvalue()}


@pytest.mark.parametrize("name", [*WRITERS, "t.zip"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_that_flip_vanish_or_repeat(tmp_path_factory, sound, name, data):
    content = bytearray(sound[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "again", "end"])):
            case "flip":
                content[at] = data.draw(st.integers(0, 255))
            case "cut":
                del content[at : at + data.draw(st.integers(1, 64))]
            case "again":
                content[at:at] = content[at : at + data.draw(st.integers(1, 64))]
            case _:
                del content[max(at, 1) :]
        if not content:
            return
    columns = ("id",) if name == "t.zip" else COLUMNS
    kind = "toilet" if name == "t.zip" else "issues"
    folder = tmp_path_factory.mktemp("mutant")
    lay_out(folder, name, kind=kind, columns=columns).write_bytes(bytes(content))
    outcome(folder)


# ------------------------------------------------- the boundary itself


@pytest.mark.parametrize("raised", [ValueError("a\nb"), KeyError("k"), RecursionError(), OSError()])
def test_what_a_library_raises_is_one_sentence_with_its_cause(raised):
    with pytest.raises(SourceError) as caught, reading(OPENED, "is no table"):
        raise raised
    assert caught.value.__cause__ is raised
    assert str(caught.value).startswith("city.toml, layer 2 (toilet): t.csv is no table: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "raised", [MemoryError(), KeyboardInterrupt(), SourceError("mine", problem="mine")]
)
def test_what_is_not_a_files_fault_passes(raised):
    with pytest.raises(type(raised)) as caught, reading(OPENED, "is no table"):
        raise raised
    assert caught.value is raised


def test_a_long_message_is_cut():
    with pytest.raises(SourceError) as caught, reading(OPENED, "is no table"):
        raise ValueError("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_an_error_of_another_kind_can_be_made():
    with (
        pytest.raises(LookupError, match="held: no"),
        held(lambda text: LookupError(f"held: {text}")),
    ):
        raise ValueError("no")  # noqa: EM101


def test_a_message_names_the_file_and_no_path_of_memory():
    said = "'/vsimem/31-9b/31-9b.tif' not recognized as being in a supported file format."
    with pytest.raises(SourceError) as caught, reading(OPENED, "is not sound"):
        raise RuntimeError(said)
    assert "t.csv not recognized" in str(caught.value)
    assert "vsimem" not in str(caught.value) + str(caught.value.facts)
