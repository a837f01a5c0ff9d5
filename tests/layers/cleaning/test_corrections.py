"""Quarantined rows are written as their source has them, corrected and brought back."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exports.formats.city_folder import write_corrections
from exports.formats.corrections import correction_files
from exports.formats.csv import safe_text
from layers.load import load_city
from layers.recipe.corrections import _unguarded, written_shapes
from tests.layers.toy import HEAD, write_communities

LAYER = """
[[layers]]
kind = "toilet"
file = "toilets.csv"
columns = { no = "id", name = "name", lon = "lon", lat = "lat" }
"""
ROWS = """no,name,lon,lat,note
1,A,116.35,39.9,
2,=cmd,16.35,39.9,-5
3,C,116.36,,
4,D,116.37,39.9,x,y,z
"""


def write_city(folder, rows=ROWS):
    write_communities(folder)
    (folder / "city.toml").write_text(HEAD + LAYER, encoding="utf-8")
    (folder / "toilets.csv").write_text(rows, encoding="utf-8")
    return folder


def opened(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def saved(path, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def counts(city):
    report = city.reports[1]
    assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    return report.rows_in, report.loaded, report.quarantined


def begun(folder):
    city = load_city(folder)
    (path,) = write_corrections(correction_files(city), folder).values()
    assert path == str(folder / "corrections" / "toilet.csv")
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700
    return folder / "corrections" / "toilet.csv"


def test_rows_are_corrected_and_brought_back_and_counts_add_up(tmp_path):
    folder = write_city(tmp_path)
    assert counts(load_city(folder)) == (4, 1, 3)
    path = begun(folder)
    assert counts(load_city(folder)) == (4, 1, 3)  # nothing corrected yet
    rows = opened(path)
    assert {row["_row"]: row["_reason"] for row in rows} == {
        "2": "coordinates_outside", "3": "coordinates_missing", "4": "row_broken",
    }  # fmt: skip
    assert rows[0]["name"] == "'=cmd"
    by_row = {row["_row"]: row for row in rows}
    by_row["2"]["lon"] = "116.35"
    by_row["3"]["lat"] = "39.9"
    by_row["4"] |= {"no": "4", "name": "D", "lon": "116.37", "lat": "39.9"}
    saved(path, rows)
    city = load_city(folder)
    assert counts(city) == (4, 4, 0)
    assert city.facilities["name"].tolist() == ["A", "=cmd", "C", "D"]
    assert city.reports[1].repaired == 3
    assert "corrections/toilet.csv" in city.reports[1].files


def test_a_correction_finds_no_other_row_in_its_place(tmp_path):
    folder = write_city(tmp_path)
    path = begun(folder)
    rows = opened(path)
    rows[0]["lon"] = "116.35"
    saved(path, rows[:1])
    write_city(folder, ROWS.replace("2,=cmd", "9,other"))
    city = load_city(folder)
    assert counts(city) == (4, 1, 3)
    assert "correction_stale" in {note.rule for note in city.reports[1].notes}


SHAPED = """
[[layers]]
kind = "{kind}"
file = "shapes.geojson"
columns = {{ name = "name" }}
"""
GOOD, FAR = "LINESTRING (116.31 39.9, 116.32 39.9)", "LINESTRING (116.33 39.9, 116.34 39.91)"
POND = "POLYGON ((116.31 39.9, 116.32 39.9, 116.32 39.91, 116.31 39.9))"
PARTS = "MULTILINESTRING ((116.31 39.9, 116.32 39.9), (116.4 39.9, 116.4 39.9))"
SHAPES = {
    "streets": [GOOD, None, PARTS],
    "main_streets": [GOOD, None, PARTS],
    "water": [POND, None, GOOD],
    "toilet": ["POINT (116.31 39.9)", None, "POINT (11.4 39.9)"],
}


def write_shapes(folder, kind, shapes):
    write_communities(folder)
    (folder / "city.toml").write_text(HEAD + SHAPED.format(kind=kind), encoding="utf-8")
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"n{number}"},
            "geometry": text and json.loads(shapely.to_geojson(shapely.from_wkt(text))),
        }
        for number, text in enumerate(shapes)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "shapes.geojson").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", SHAPES)
def test_shapes_of_every_kind_of_layer_are_corrected_as_text(tmp_path, kind):
    folder = write_shapes(tmp_path, kind, SHAPES[kind])
    before = counts(load_city(folder))
    assert before[2] == 2
    write_corrections(correction_files(load_city(folder)), folder)
    (path,) = (folder / "corrections").iterdir()
    rows = opened(path)
    assert counts(load_city(folder)) == before  # nothing corrected yet
    lines = kind in {"streets", "main_streets"}
    assert [row["_row"] for row in rows] == (["2", "3#2"] if lines else ["2", "3"])
    assert rows[0]["_shape"] == ""
    right = {"water": SHAPES["water"][0], "toilet": SHAPES["toilet"][0]}.get(kind, FAR)
    for row in rows:
        row["_shape"] = right
    saved(path, rows)
    city = load_city(folder)
    assert counts(city) == (before[0], before[0], 0)
    assert city.reports[1].repaired >= 2
    rows[0]["_shape"] = "LINE (1 2"
    saved(path, rows)
    city = load_city(folder)
    assert counts(city)[2] == 1
    (note,) = (n for n in city.reports[1].notes if n.rule == "correction_unread")
    assert note.facts == {"shapes": 1, "found": "LINE (1 2"}


def test_a_shape_in_shifted_coordinates_is_corrected_in_them(tmp_path):
    folder = write_shapes(tmp_path, "water", [POND, None])
    text = (folder / "city.toml").read_text("utf-8")
    entry = 'file = "shapes.geojson"'
    (folder / "city.toml").write_text(text.replace(entry, f'{entry}\ncrs = "GCJ-02"'), "utf-8")
    write_corrections(correction_files(load_city(folder)), folder)
    (path,) = (folder / "corrections").iterdir()
    rows = opened(path)
    rows[0]["_shape"] = POND
    saved(path, rows)
    first, second = load_city(folder).land.water.geometry
    assert first.equals_exact(second, 1e-6)


def test_a_shape_too_long_for_a_cell_is_left_empty_and_stays_as_it_is():
    circle = shapely.Point(0, 0).buffer(1, quad_segs=400)
    shapes = np.array([circle, shapely.Point(1, 2), None], dtype=object)
    assert written_shapes(shapes) == ["", "POINT (1 2)", ""]


@settings(max_examples=50)
@example("＝1")
@example(" '=1")
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8))
def test_cells_kept_from_being_formulas_come_back_as_they_were(text):
    import pandas as pd  # noqa: PLC0415

    frame = pd.DataFrame({"a": [safe_text(text)]}, dtype="str")
    assert _unguarded(frame)["a"].tolist() == [text]
