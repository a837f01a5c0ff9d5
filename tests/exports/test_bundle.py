"""Every file of a bundle is read back and compared with the results it was made from."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.hotspots.clusters import cluster_outlines, find_clusters
from analysis.model.question import PRIORITY_PARTS
from exports.formats import xlsx
from exports.formats.csv import rounded
from exports.provenance import VERSION
from exports.recipes.check import CHECK_FILES, check_files
from exports.recipes.coverage import COVERAGE_FILES
from exports.recipes.hotspots import HOTSPOT_FILES
from layers.knowledge.dictionary import load_dictionary
from tests.exports.reading import as_shown, assert_same, read_csv
from tests.exports.toy import (
    CRS,
    HOSTILE,
    NOON,
    TABLES,
    coverage_bundle,
    hotspot_bundle,
    speaker,
    toy_answers,
)
from tests.frames import issues_of


def test_oversight_files_hold_what_the_recipe_found(follow_up, case_handling, made):
    unchecked = read_csv(made["unchecked.csv"], TABLES["unchecked"].columns)
    assert unchecked["issue_id"].tolist() == case_handling.checks.unchecked.index.tolist()
    kpis = read_csv(made["kpis.csv"], TABLES["kpis"].columns)
    assert kpis["numerator"].sum() == case_handling.kpis["numerator"].sum()
    matrix = read_csv(made["matrix.csv"], TABLES["matrix"].columns)
    kept = case_handling.matrix.query("level == 'ten' or cases > 0")
    assert matrix["cases"].tolist() == kept["cases"].tolist()
    assert matrix["cases"].sum() == case_handling.matrix["cases"].sum()
    closing = read_csv(made["closing.csv"], TABLES["closing"].columns)
    assert closing["cases"].tolist() == case_handling.closing["cases"].tolist()
    page = made["bulletin.html"].decode()
    assert page.count("<tr>") == len(follow_up.units) + page.count("<table>")


def test_nothing_that_people_wrote_is_in_the_list_of_unchecked_reports(made):
    head = made["unchecked.csv"].split(b"\r\n")[0].decode("utf-8-sig").split(",")
    assert not {"text", "source"} & set(head)


def test_what_cannot_be_judged_of_change_has_its_heading_and_its_reason(made, change):
    assert change.emerging is None
    for name in ("emerging", "emerging_places", "prediction"):
        assert len(read_csv(made[f"{name}.csv"], TABLES[name].columns)) == 0
    record = json.loads(made["run.json"])["parameters"]["change"]
    assert record["refused"] == {name: error.problem for name, error in change.refused.items()}
    assert record["refused"]["emerging"] == "steps_too_few"


def test_priority_files_hold_the_arithmetic(priority, made):
    rows = read_csv(made["priority.csv"], TABLES["priority"].columns)
    assert_same(rows, as_shown(rounded(priority.table, TABLES["priority"].columns)))
    parts = [f"{part}_points" for part in priority.weights]
    np.testing.assert_allclose(rows[parts].sum(axis=1), rows["score"], atol=5e-6)
    book = openpyxl.load_workbook(io.BytesIO(made["hotspots.xlsx"]))
    labels = load_dictionary().labels
    assert book.sheetnames == [labels[sheet]["en"] for sheet in xlsx.HOTSPOT_SHEETS]
    sheet = book[labels["priority"]["en"]]
    assert [cell.value for cell in sheet[2]] == [c.id for c in TABLES["priority"].columns]
    assert [row[3].value for row in sheet.iter_rows(min_row=4)] == rows["community_id"].tolist()
    record = json.loads(made["run.json"])["parameters"]["priority"]
    assert sum(record["weights"].values()) == pytest.approx(1)
    assert set(record["weights"]) | set(record["absent"]) == set(PRIORITY_PARTS)


def test_look_back_files_hold_what_the_recipe_found(follow_up, made):
    relapsed = follow_up.closings[follow_up.closings["relapsed"]]
    rows = read_csv(made["relapse.csv"], TABLES["relapse"].columns)
    assert rows["issue_id"].tolist() == relapsed.index.tolist()
    assert len(read_csv(made["lookback.csv"], TABLES["lookback"].columns)) == len(
        follow_up.worklist
    )
    points = read_csv(made["repeat_points.csv"], TABLES["repeat_points"].columns)
    assert points["cases"].sum() == follow_up.repeats["cases"].sum()
    units = read_csv(made["units.csv"], TABLES["units"].columns)
    assert units["n"].tolist() == follow_up.units["n"].tolist()
    assert b"text" not in made["relapse.csv"].split(b"\r\n")[0]
    record = json.loads(made["run.json"])["parameters"]["look_back"]
    assert (record["followed"], record["drawn"]) == (follow_up.followed, len(follow_up.worklist))


def test_hot_spot_files_hold_cells_and_places(hotspot_result, made, tmp_path):
    assert tuple(made) == HOTSPOT_FILES
    cells = read_csv(made["hotspots.csv"], TABLES["hotspots"].columns)
    assert cells["cell_id"].tolist() == hotspot_result.hot_spots.cells.index.tolist()
    assert cells["count"].sum() == hotspot_result.hot_spots.cases
    np.testing.assert_allclose(cells["p"], hotspot_result.hot_spots.cells["p"], rtol=1e-5)
    assert cells["level"].tolist() == hotspot_result.hot_spots.cells["level"].tolist()
    places = read_csv(made["places.csv"], TABLES["places"].columns)
    assert places["cases"].tolist() == hotspot_result.places["cases"].tolist()
    assert places["top_category"][0] == "'@垃圾"
    assert places["community"][0] == f"'{HOSTILE}"
    file = tmp_path / "hot.gpkg"
    file.write_bytes(made["hotspots.gpkg"])
    squares = gpd.read_file(file, layer="hotspots")
    assert squares.area.to_numpy() == pytest.approx(100.0**2)
    assert squares.centroid.x.to_numpy() == pytest.approx(
        hotspot_result.hot_spots.cells["x"].to_numpy()
    )
    points = gpd.read_file(file, layer="places").to_crs(4326)
    assert points.geometry.x.to_numpy() == pytest.approx(places["lon"].to_numpy(), abs=1e-6)
    assert points.geometry.y.to_numpy() == pytest.approx(places["lat"].to_numpy(), abs=1e-6)


def test_cluster_files_hold_what_the_recipe_found(city, made, tmp_path):
    found = find_clusters(issues_of(city))
    rows = read_csv(made["clusters.csv"], TABLES["clusters"].columns)
    assert rows["cluster_id"].tolist() == found.table.index.tolist()
    assert rows["cases"].tolist() == found.table["cases"].tolist() != []
    file = tmp_path / "dense.gpkg"
    file.write_bytes(made["hotspots.gpkg"])
    layer = gpd.read_file(file, layer="clusters")
    assert layer["rank"].tolist() == found.table["rank"].tolist()
    outlines = cluster_outlines(found).set_crs(city.crs)
    assert layer.area.to_numpy() == pytest.approx(outlines.area.to_numpy())
    record = json.loads(made["run.json"])["parameters"]["clusters"]
    assert (record["distance_m"], record["least_cases"]) == (50.0, 10)
    assert record["cases"] + record["unlocated"] + record["outside"] == len(city.issues)


def test_the_scan_file_holds_circles_of_the_cells_beside_it(city, made):
    rows = read_csv(made["scan.csv"], TABLES["scan"].columns)
    cells = read_csv(made["hotspots.csv"], TABLES["hotspots"].columns)
    record = json.loads(made["run.json"])["parameters"]
    used, kept = record["scan"], record["used"]
    assert used["cases"] <= kept["cases"]
    assert (used["replicas"], used["max_cells"], used["max_radius_m"]) == (999, 100, 2000.0)
    assert used["clusters"] == len(rows) >= 1
    assert set(rows["centre_id"]) <= set(cells["cell_id"])
    assert kept["basis"] == "count"
    even = used["cases"] / used["cells"]
    for row in rows.itertuples():
        away = np.hypot(cells["x"] - row.x, cells["y"] - row.y)
        inside = away <= row.radius_m + 0.5
        assert (row.cells, row.cases) == (inside.sum(), cells["count"][inside].sum())
        assert row.expected == pytest.approx(even * row.cells, rel=1e-3)
        assert row.p <= used["greatest_p"]
    centres = gpd.points_from_xy(rows["x"], rows["y"], crs=city.crs)
    for centre, home in zip(centres, rows["community_id"], strict=True):
        assert city.communities.geometry[home].intersects(centre)


def test_the_workbook_has_the_tables_of_change_and_the_clusters(city, made):
    book = openpyxl.load_workbook(io.BytesIO(made["hotspots.xlsx"]))
    labels = load_dictionary().labels
    for name in ("clusters", "emerging_places", "periods", "alerts", "silence"):
        rows = read_csv(made[f"{name}.csv"], TABLES[name].columns)
        sheet = book[labels[name]["en"]]
        assert [cell.value for cell in sheet[2]] == [c.id for c in TABLES[name].columns]
        assert sheet.max_row - 3 == len(rows)
    cells = read_csv(made["emerging.csv"], TABLES["emerging"].columns)
    patterns = book[labels["emerging"]["en"]].max_row - 3
    assert patterns == (cells["pattern"] != "none").sum()
    texts = [row[0].value or "" for row in book[labels["method"]["en"]].iter_rows()]
    assert any("within 50\u202fm is a core case" in text for text in texts)


def test_no_hot_place_gives_an_empty_table(city, hotspot_result, tmp_path):
    none = dataclasses.replace(hotspot_result, places=hotspot_result.places.head(0))
    answers = toy_answers(city)
    answers.hot_spots = lambda _: none
    made = hotspot_bundle(answers)
    assert made["places.csv"].count(b"\r\n") == 1
    file = tmp_path / "hot.gpkg"
    file.write_bytes(made["hotspots.gpkg"])
    assert len(gpd.read_file(file, layer="places")) == 0


def test_check_files_hold_layers_notes_and_quarantine(city):
    made = check_files(city, speaker("en"), created=NOON)
    assert tuple(made) == CHECK_FILES
    layers = read_csv(made["layers.csv"], TABLES["layers"].columns)
    assert layers["source"][0].startswith("'=cmd")
    assert layers["remark"][0] == "a remark"
    notes = read_csv(made["notes.csv"], TABLES["notes"].columns)
    assert notes["message"].tolist() == ["column easting is wrong"]
    assert json.loads(notes["facts"][0]) == {"column": "x"}
    rows = read_csv(made["quarantine.csv"], TABLES["quarantine"].columns)
    assert rows["row"].tolist() == ["2", "3"]
    assert rows["content"].tolist() == city.quarantine["content"].tolist()


def test_record_says_what_went_in_and_what_came_out(files, city):
    record = json.loads(files["run.json"])
    assert record["version"] == VERSION
    assert record["created"] == "2026-07-01T12:00:00+00:00"
    assert record["standard"]["rules"][0]["service_radius_m"] == 300
    assert record["crs"]["definition"] == CRS.to_string()
    (source,) = record["inputs"]
    assert source["files"]["t.csv"] == {"sha256": "ab" * 32}
    assert source["rows_in"] == source["not_selected"] + source["loaded"] + source["quarantined"]
    assert set(record["results"]) == set(COVERAGE_FILES) - {"run.json"}
    for name, entry in record["results"].items():
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest()


def test_version_is_that_of_the_project():
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_same_input_gives_the_same_bytes_but_for_the_time_stamp(city, files):
    later = NOON + dt.timedelta(days=400)
    again = coverage_bundle(city, created=later)
    assert tuple(files) == COVERAGE_FILES
    assert [name for name in files if files[name] != again[name]] == ["run.json"]
    first, second = (json.loads(each["run.json"]) for each in (files, again))
    assert first.pop("created") != second.pop("created")
    assert first == second


def test_exports_change_nothing_they_are_given(city):
    before = city.communities.copy(), city.facilities.copy(), city.issues.copy()
    coverage_bundle(city)
    hotspot_bundle(toy_answers(city))
    pd.testing.assert_frame_equal(city.communities, before[0])
    pd.testing.assert_frame_equal(city.facilities, before[1])
    pd.testing.assert_frame_equal(city.issues, before[2])
