"""Every file is read back and compared with the frames it was made from."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import io
import json
import math
import os
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analysis.access.land import Land
from analysis.access.prepared_city import prepare
from analysis.access.residents import locate_residents
from analysis.coverage.assessment import assess
from analysis.coverage.capacity import capacity_table
from analysis.coverage.gaps import gap_polygons
from analysis.coverage.robustness import judge_robustness
from analysis.coverage.scorecard import scorecard
from analysis.coverage.zones import compare_zones
from analysis.handling.followup import follow_up_issues
from analysis.handling.ranking import rank_shares
from analysis.handling.recipe import assess_handling
from analysis.hotspots.clusters import cluster_outlines, find_clusters
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.location import locate_cases
from analysis.model.crs import local_crs
from analysis.model.errors import SettingsError
from analysis.model.standards import Kind, Rule, Standard
from analysis.model.taxonomy import Taxonomy
from analysis.priority import COMPONENTS, gather_evidence, rank_communities
from analysis.trends.recipe import find_trends
from exports import bundle
from exports.bulletin import bulletin_html
from exports.formats import xlsx
from exports.formats.csv import ACTIVE, csv_bytes, rounded, safe_text
from exports.formats.folder import check_folder, write_folder
from exports.formats.gis import geojson_bytes
from exports.formats.terminal import plain_table, printable
from exports.provenance import VERSION
from exports.tables.bulletin import bulletin_table
from exports.tables.data import public_quarantine
from exports.tables.facilities import (
    closure_table,
    community_table,
    gap_table,
    gaps_by_rule,
    rule_columns,
    stated,
)
from layers.city import City, LayerReport, Note
from layers.cleaning.row_account import QUARANTINE_COLUMNS
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.standards import load_kinds
from wording.catalogue import Words, load_words

CRS = local_crs((114.0, 30.0, 114.0, 30.0))
NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
HOSTILE = '=HYPERLINK("http://example.org","x")'
NAMES = [HOSTILE, "＋钟楼", 'a,b\r\n"c";\ttab', "-2 号"]
TABLES = load_dictionary().tables


def _rule(name, kind, figure, minimum, **more):
    return Rule(
        id=name,
        kind=kind,
        figure=figure,
        minimum=minimum,
        minimum_basis="project",
        title={"zh": f"规则 {name}", "en": f"rule {name}"},
        clause=dict.fromkeys(("zh", "en"), "@clause"),
        source=dict.fromkeys(("zh", "en"), "a book"),
        confidence="low",
        **more,
    )


STANDARD = Standard(
    id="toy",
    title={"zh": "示例标准", "en": "Toy standard"},
    publisher="nobody",
    document="none",
    date="2026",
    rules=(
        _rule("toilet-300", "toilet", "population_covered_share", 0.5, service_radius_m=300.0),
        _rule("toilet-area", "toilet", "area_covered_share", 0.1, service_radius_m=300.0),
        _rule("toilet-density", "toilet", "density_per_km2", 1, target_share=0.5),
        _rule("market-500", "market", "population_covered_share", 0.9, service_radius_m=500.0),
    ),
)


def _issues():
    rng = np.random.default_rng(1)
    spread = rng.uniform(0, 1000, size=(300, 2)) * (4, 1)
    heap = rng.normal(500, 40, size=(200, 2))
    xy = np.vstack([spread, heap])
    reported = pd.Timestamp("2026-01-01", tz="Asia/Shanghai") + pd.to_timedelta(
        range(len(xy)), unit="h"
    )
    never = pd.Series(pd.NaT, index=range(len(xy)), dtype="datetime64[us, Asia/Shanghai]")
    return pd.DataFrame(
        {
            "x": xy[:, 0],
            "y": xy[:, 1],
            "category": "@垃圾",
            "reported_at": reported,
            "due_at": never,
            "closed_at": never,
            "verified_at": never,
            "status": "open",
            "unit": "",
            "source": "",
            "text": "",
        },
        index=pd.Index([f"i{n}" for n in range(len(xy))], name="issue_id"),
    )


def _communities():
    squares = [shapely.box(1000 * n, 0, 1000 * (n + 1), 1000) for n in range(4)]
    return gpd.GeoDataFrame(
        {"name": NAMES, "parent": ["@北", "@北", "", "南"]},
        geometry=squares,
        index=pd.Index(["c0", "0001", "c2", "c3"], name="community_id"),
        crs=CRS,
    )


def _facilities():
    return gpd.GeoDataFrame(
        {
            "kind": "toilet",
            "name": ["=1+1", "东", "closed"],
            "status": ["open", "unknown", "closed"],
            "stalls": [4.0, math.nan, 2.0],
        },
        geometry=shapely.points([(500, 500), (1800, 200), (2500, 500)]),
        index=pd.Index(["t0", "t1", "t2"], name="facility_id"),
        crs=CRS,
    )


def _residents():
    xy = [(500, 500, 10.5), (900, 900, 20), (1800, 300, 7), (2500, 500, 30)]
    frame = pd.DataFrame(xy, columns=["x", "y", "population"], dtype=float)
    return frame.rename_axis("resident_id")


def _report():
    notes = (Note("toilet", "quarantined", "toy_rule", 2, ("=a", "row 3"), {"column": "x"}),)
    return LayerReport(
        id="toilet",
        kind="toilet",
        files={"t.csv": "ab" * 32, "u.csv": "cd" * 32},
        source="=cmd|' /C calc'!A0",
        publication_date="2026-01-01",
        licence="CC0",
        url="https://example.org/a",
        remark={"zh": "备注", "en": "a remark"},
        rows_in=6,
        not_selected=1,
        loaded=3,
        repaired=1,
        quarantined=2,
        notes=notes,
    )


def _city(folder):
    quarantine = pd.DataFrame(
        [
            ["toilet", "t.csv", 2, "=a", "toy_rule", "x = 1e9", json.dumps({"a": "界" * 40_000})],
            ["toilet", "t.csv", 3, "", "toy_rule", "", "{}"],
        ],
        columns=list(QUARANTINE_COLUMNS),
    )
    return City(
        id="toy",
        folder=folder,
        name={"zh": "=示例市", "en": "Toy City"},
        language="zh",
        time_zone="Asia/Shanghai",
        standard="toy",
        crs=CRS,
        scale_error=1e-6,
        as_of=pd.Timestamp("2026-06-30", tz="Asia/Shanghai"),
        communities=_communities(),
        facilities=_facilities(),
        residents=_residents(),
        issues=_issues(),
        streets=None,
        taxonomy=Taxonomy(),
        calendar=None,
        land=Land(),
        zones=None,
        kinds={"toilet": Kind("toilet", {"zh": "公厕", "en": "Toilets"}, "#112233", "◆")},
        absent=("market",),
        reports=(_report(),),
        quarantine=quarantine,
        fingerprint="ef" * 32,
    )


@pytest.fixture
def city(tmp_path, monkeypatch):
    known = load_words()
    texts = {key: {each: known.template(each, key) for each in ("zh", "en")} for key in known}
    texts["note.toy_rule"] = {"zh": "列 {column} 有误", "en": "column {column} is wrong"}
    words = Words(texts)
    monkeypatch.setattr(bundle, "load_words", lambda: words)
    return _city(tmp_path)


@pytest.fixture
def assessment(city):
    ready = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    return assess(ready, STANDARD)


@pytest.fixture
def gaps(city):
    demand = locate_residents(city.residents, city.communities)

    def find(kind, radius):
        supply = city.facilities[city.facilities["status"] != "closed"]
        return gap_polygons(city.communities, supply, service_radius=radius, demand=demand)

    return gaps_by_rule(STANDARD, city.kinds, find)


def _coverage(city, assessment, gaps, *, language="zh", created=NOON):
    ready = prepare(city.communities, city.facilities, city.residents, kinds=city.kinds)
    capacity = capacity_table(
        ready, STANDARD, {**load_kinds(), **city.kinds}, method="equal", needs={}
    )
    robust = judge_robustness(ready, assessment)
    return bundle.coverage_files(
        city,
        assessment,
        gaps,
        extra_tables={
            "capacity": capacity,
            "robustness": robust.communities,
            "closures": closure_table(robust.closures, city),
            "zones": compare_zones(ready, city.zones, STANDARD),
        },
        language=language,
        map_html="<!doctype html>",
        parameters={"standard": "toy", "service_radius_m": {}},
        created=created,
    )


@pytest.fixture
def files(city, assessment, gaps):
    return _coverage(city, assessment, gaps)


@pytest.fixture
def hotspot_result(city):
    return find_hot_spots(city.issues, city.communities, as_of=city.as_of, cell_size=100)


def _read_csv(content, columns):
    texts = {each.id: str for each in columns if not each.unit.format}
    return pd.read_csv(io.BytesIO(content), dtype=texts, keep_default_na=False, na_values=[""])


def _assert_same(found, expected):
    """Compare value by value: text as it is, numbers exactly, missing with missing."""
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    for name in expected.columns:
        for read, made in zip(found[name].tolist(), expected[name].tolist(), strict=True):
            if pd.isna(made) or made == "":
                assert pd.isna(read) or read == "", name
            else:
                assert read == made, name


def _as_shown(table):
    shown = table.copy()
    for name in table.columns:
        if table[name].map(lambda value: isinstance(value, str)).any():
            shown[name] = table[name].map(lambda value: safe_text(str(value)))
    return shown


# ------------------------------------------------------------------------------ text


@given(st.text(max_size=12))
def test_safe_text_is_never_active_and_can_be_undone(text):
    written = safe_text(text)
    plain = text.replace("\x00", "\ufffd")
    assert not re.match("[=+\\-@\t\r\n＝＋－＠]", written)
    assert (written[1:] if ACTIVE.match(written) else written) == plain


@pytest.mark.parametrize("first", "=+-@\t\r\n＝＋－＠")
def test_neutralises_every_opening_of_a_formula(first):
    for before in ("", " ", "\u3000", "'", "' "):
        assert safe_text(f"{before}{first}1") == f"'{before}{first}1"


def test_leaves_ordinary_text_and_replaces_what_cannot_be_written():
    assert safe_text("人民路 1-3 号 a=b") == "人民路 1-3 号 a=b"
    assert safe_text("a\x00b\ud800") == "a\ufffdb\ufffd"


def test_terminal_text_holds_no_control_characters():
    assert printable("\x1b[31mred\nline\u202e") == "\ufffd[31mred\ufffdline\ufffd"


# ------------------------------------------------------------------------------ tables


def test_rounds_by_unit_and_leaves_missing_missing(assessment):
    columns = [each for each in TABLES["coverage"].columns if each.id == "nearest_distance_m"]
    frame = pd.DataFrame({"nearest_distance_m": [1.005, 2.675, math.inf, math.nan, -0.001]})
    assert rounded(frame, columns)["nearest_distance_m"].tolist()[:2] == [1.0, 2.67]
    lines = csv_bytes(frame, columns).decode("utf-8-sig").split("\r\n")
    assert lines == ["nearest_distance_m", "1", "2.67", '""', '""', "0", ""]


def test_csv_holds_the_coverage_table(files, assessment):
    columns = TABLES["coverage"].columns
    found = _read_csv(files["coverage.csv"], columns)
    _assert_same(found, _as_shown(rounded(assessment.coverage, columns)))
    assert (found["community_id"] == "0001").any()


def test_csv_holds_the_summary_table(files, assessment):
    columns = TABLES["summary"].columns
    found = _read_csv(files["summary.csv"], columns)
    _assert_same(found, _as_shown(rounded(assessment.summary, columns)))


def test_csv_holds_the_scorecard(files, assessment):
    columns = rule_columns(assessment.scored, table="scorecard")
    found = _read_csv(files["scorecard.csv"], columns)
    expected = stated(scorecard(STANDARD, assessment.coverage), None)
    _assert_same(found, _as_shown(rounded(expected, columns)))
    assert len(found) == 4


def test_rounding_moves_no_figure_by_more_than_half_a_unit(assessment):
    columns = [each for each in TABLES["coverage"].columns if each.unit.format]
    table = rounded(assessment.coverage, columns)
    for each in columns:
        change = table[each.id].astype(float) - assessment.coverage[each.id].astype(float)
        assert change.abs().max() <= 0.5000001 * 10.0**-each.unit.decimals or change.isna().all()


def test_csv_opens_in_a_spreadsheet(files):
    content = files["coverage.csv"]
    assert content.startswith(b"\xef\xbb\xbfcommunity_id,")
    assert content.endswith(b"\r\n")
    cells = next(line for line in content.decode("utf-8-sig").split("\r\n") if "HYPER" in line)
    assert cells.startswith("c0,\"'=HYPERLINK(")


def test_negative_numbers_stay_numbers():
    column = next(each for each in TABLES["hotspots"].columns if each.id == "z")
    content = csv_bytes(pd.DataFrame({"z": [-1.5, 2e-9]}), [column])
    assert content.decode("utf-8-sig") == "z\r\n-1.5\r\n0\r\n"


# ------------------------------------------------------------------------------ workbook


def _sheet(book, key, language):
    return book[load_dictionary().labels[key][language]]


def _rows(sheet):
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    names = [each for each in values[xlsx.NAMES_ROW] if each is not None]
    body = [row[: len(names)] for row in values[xlsx.TITLES_ROW + 1 :]]
    return pd.DataFrame(body, columns=names, dtype=object)


def _in_words(table, columns, language, city):
    names = {
        "kind": {kind.id: kind.name[language] for kind in city.kinds.values()},
        "rule": {rule.id: rule.title[language] for rule in STANDARD.rules},
        "standard": {"toy": STANDARD.title[language]},
    }
    shown = table.copy()
    for each in columns:
        codes = {code: pair[language][0] for code, pair in each.codes.items()}
        codes = names.get(each.id, codes)
        if codes:
            shown[each.id] = [codes.get(value, value) for value in table[each.id]]
    return _as_shown(shown).replace({"\r\n": "\n"}, regex=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_workbook_holds_every_table(city, assessment, gaps, language):
    content = _coverage(city, assessment, gaps, language=language)["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    labels = load_dictionary().labels
    assert book.sheetnames == [labels[key][language] for key in xlsx.SHEETS]
    frames = {
        "coverage": assessment.coverage,
        "summary": assessment.summary,
        "gaps": pd.DataFrame(gap_table(STANDARD, gaps, crs=CRS).drop(columns="geometry")),
    }
    for key, frame in frames.items():
        columns = TABLES[key].columns
        expected = _in_words(rounded(frame, columns), columns, language, city)
        _assert_same(_rows(_sheet(book, key, language)), expected)


def test_workbook_has_no_live_formula_and_no_link(files):
    book = openpyxl.load_workbook(io.BytesIO(files["coverage.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert any("HYPERLINK" in text for text in texts)
    assert not [text for text in texts if text[:1] in set("=+-@\t\r\n＝＋－＠")]


def test_workbook_is_laid_out_for_reading(city, assessment, gaps):
    content = _coverage(city, assessment, gaps, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Coverage"]
    assert sheet["A1"].value == "Toy City · standard: Toy standard (toy) · data as of 2026-06-30"
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref == f"A3:BG{3 + len(assessment.coverage)}"
    titles = [cell.value for cell in sheet[3]]
    place = titles.index("Share of people covered (0–1)")
    assert sheet.cell(4, place + 1).number_format == "0.0%"
    assert sheet.column_dimensions["A"].width > 8


def test_workbook_holds_no_text_of_reports_that_were_kept_aside(city, assessment, gaps):
    report = replace(city.reports[0], id="issues", kind="issues")
    secret = ["issues", "i.csv", 4, "i4", "identifier_twice", "secret", '{"text": "secret"}']
    rows = pd.DataFrame([secret], columns=list(QUARANTINE_COLUMNS))
    aside = pd.concat([city.quarantine, rows], ignore_index=True)
    with_issues = replace(city, reports=(*city.reports, report), quarantine=aside)
    content = _coverage(with_issues, assessment, gaps, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    last = _rows(book["Quarantine"]).iloc[-1]
    assert (last["id"], last["reason"]) == ("i4", "identifier_twice")
    cells = [str(cell) for sheet in book for row in sheet.values for cell in row]
    assert not any("secret" in cell for cell in cells)
    assert list(public_quarantine(with_issues).columns) == list(with_issues.quarantine.columns)


def test_workbook_tells_notes_method_and_sources(city, assessment, gaps):
    content = _coverage(city, assessment, gaps, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    notes = _rows(book["Data notes"]).iloc[0].to_dict()
    assert notes["message"] == "column x is wrong"
    assert (notes["outcome"], notes["count"], notes["first"]) == ("Quarantined", 2, "'=a; row 3")
    quarantine = _rows(book["Quarantine"])
    assert quarantine["id"].tolist() == ["'=a", None]
    assert len(quarantine["content"][0]) == xlsx.LONGEST_TEXT
    source = _rows(book["Source"]).iloc[0].to_dict()
    assert source["sha256"] == f"{'ab' * 32}; {'cd' * 32}"
    assert [source[name] for name in ("rows_in", "not_selected", "loaded", "quarantined")] == [
        6, 1, 3, 2,
    ]  # fmt: skip
    method = {cell.value for row in book["Method"].iter_rows() for cell in row}
    assert {"'@clause", "a book", "Low", "This project", f"'{CRS.to_string()}"} <= method
    assert load_dictionary().methods[0]["en"] in method


def test_workbook_in_english_shows_the_english_names(city, assessment, gaps):
    english = city.communities.assign(name_en=["=East", "Bell", "", "Two"], parent_en="North")
    renamed = replace(city, communities=english)
    content = _coverage(renamed, assessment, gaps, language="en")["coverage.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    shown = _rows(book["Coverage"])["community"].tolist()[:4]
    assert shown == ["'=East", "Bell", _as_written(NAMES[2]), "Two"]
    assert set(_rows(book["Summary"])["name"].dropna()) == {"North"}
    table = _read_csv(_coverage(renamed, assessment, gaps)["coverage.csv"], [])
    assert table["community"][0] == safe_text(NAMES[0])


def _as_written(text):
    return safe_text(text).replace("\r\n", "\n")


def test_workbook_says_when_it_cuts_a_table(city, assessment, gaps, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 5)
    content = _coverage(city, assessment, gaps, language="en")["coverage.xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Coverage"]
    assert sheet["A1"].value.endswith("only the first 5 of 16 rows are shown")
    assert sheet.max_row == 3 + 5


# ------------------------------------------------------------------------------ map layers


@pytest.fixture
def package(files, tmp_path):
    file = tmp_path / "read.gpkg"
    file.write_bytes(files["coverage.gpkg"])
    return file


def test_geopackage_holds_communities_with_the_figures(package, city, assessment):
    assert [name for name, _ in pyogrio.list_layers(package)] == [
        "communities", "gaps", "facilities",
    ]  # fmt: skip
    found = gpd.read_file(package, layer="communities")
    assert found.crs == city.crs
    columns = rule_columns(assessment, table="communities")
    expected = rounded(pd.DataFrame(community_table(city.communities, assessment)), columns)
    _assert_same(pd.DataFrame(found.drop(columns="geometry")), expected)
    assert found["community"].tolist() == NAMES
    assert shapely.equals(found.geometry.to_numpy(), city.communities.geometry.to_numpy()).all()
    assert found["market_500_verdict"].tolist() == ["cannot_judge"] * 4


def test_geopackage_holds_gaps_and_facilities(package, city, gaps):
    found = gpd.read_file(package, layer="gaps")
    made = gap_table(STANDARD, gaps, crs=CRS)
    columns = TABLES["gaps"].columns
    _assert_same(pd.DataFrame(found.drop(columns="geometry")), rounded(pd.DataFrame(made), columns))
    assert found.area.sum() == pytest.approx(made.area.sum())
    assert set(found["rule"]) == {"toilet-300", "toilet-area"}
    places = gpd.read_file(package, layer="facilities")
    assert places["facility_id"].tolist() == ["t0", "t1", "t2"]
    assert places["supply"].astype(bool).tolist() == [True, True, False]
    assert places["name"].tolist()[0] == "=1+1"
    assert shapely.equals(places.geometry.to_numpy(), city.facilities.geometry.to_numpy()).all()


def test_gap_geojson_is_rfc_7946(files, gaps):
    content = json.loads(files["gaps.geojson"])
    assert set(content) == {"type", "features"}
    made = gap_table(STANDARD, gaps, crs=CRS)
    assert [each["id"] for each in content["features"]] == [
        f"{rule}/{gap}" for rule, gap in zip(made["rule"], made["gap_id"], strict=True)
    ]
    found = gpd.read_file(io.BytesIO(files["gaps.geojson"]))
    assert found.crs.to_epsg() == 4326
    assert shapely.is_valid(found.geometry.to_numpy()).all()
    rings = shapely.get_exterior_ring(shapely.get_parts(found.geometry.to_numpy()))
    assert shapely.is_ccw(rings).all()
    assert not re.search(rb"\d\.\d{7,}", files["gaps.geojson"].split(b'"geometry"')[1])
    difference = found.to_crs(CRS).symmetric_difference(made.geometry).area
    assert (difference / made.area).max() < 1e-3
    expected = rounded(pd.DataFrame(made), TABLES["gaps"].columns)
    properties = pd.DataFrame([each["properties"] for each in content["features"]])
    _assert_same(properties, expected)


def test_geojson_keeps_a_shape_that_is_too_small_as_null():
    tiny = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(0, 0, 0.001, 0.001)], crs=CRS)
    feature = json.loads(geojson_bytes(tiny, identifiers=("id",)))["features"][0]
    assert feature["geometry"] is None
    assert feature["properties"] == {"id": "a"}


def test_geojson_of_a_border_that_crosses_itself_only_in_degrees():
    ring = [(482, 55), (679, 172), (679, 72), (535.73672078457, 86.9147021915), (492, -45)]
    shape = shapely.Polygon([(400_000 + x, 3_400_000 + y) for x, y in ring])
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs="EPSG:32649")
    assert shape.is_valid
    assert not frame.to_crs(4326).is_valid.all()
    written = gpd.read_file(io.BytesIO(geojson_bytes(frame, identifiers=("id",))))
    assert written.is_valid.all()
    assert set(written.geom_type) <= {"Polygon", "MultiPolygon"}
    assert written.to_crs(frame.crs).area.sum() == pytest.approx(shape.area, rel=1e-3)


def test_geojson_of_a_layer_in_degrees_leaves_the_layer_as_it_was():
    corners = [(112.6, 30.7), (112.61, 30.71), (112.61, 30.7), (112.6, 30.71)]
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Polygon(corners)], crs=4326)
    before = frame.copy()
    shape = json.loads(geojson_bytes(frame, identifiers=("id",)))["features"][0]["geometry"]
    assert shapely.area(shapely.from_geojson(json.dumps(shape))) == pytest.approx(0.01**2 / 2)
    assert frame.geometry.equals(before.geometry)


def test_communities_geojson_has_the_figures(city, assessment):
    content = json.loads(bundle.coverage_geojson(city, assessment))
    first = content["features"][0]["properties"]
    coverage = assessment.coverage.set_index(["rule", "community_id"]).loc[("toilet-300", "c0")]
    assert first["toilet_300_area_covered_share"] == round(coverage["area_covered_share"], 6)
    assert first["toilet_density_service_radius_m"] is None


def test_no_gaps_give_an_empty_layer(city, assessment, tmp_path):
    made = _coverage(city, assessment, {})
    file = tmp_path / "none.gpkg"
    file.write_bytes(made["coverage.gpkg"])
    found = gpd.read_file(file, layer="gaps")
    assert (len(found), found.crs) == (0, city.crs)
    assert json.loads(made["gaps.geojson"])["features"] == []


def test_gaps_of_one_kind_and_radius_are_found_once():
    asked = []
    found = gaps_by_rule(STANDARD, {"toilet"}, lambda *key: asked.append(key) or object())
    assert asked == [("toilet", 300.0)]
    assert found["toilet-300"] is found["toilet-area"]
    assert set(found) == {"toilet-300", "toilet-area"}


# ------------------------------------------------------------------------------ hot spots, check


@pytest.fixture
def follow_up(city):
    return follow_up_issues(city.issues, city.communities, as_of=city.as_of)


@pytest.fixture
def priority(city, assessment, hotspot_result, follow_up):
    evidence = gather_evidence(
        city.communities,
        assessment,
        issues=city.issues,
        hot=hotspot_result.hot_spots,
        follow_up=follow_up,
        membership=locate_cases(city.issues, city.communities),
        as_of=city.as_of,
    )
    return rank_communities(evidence, city.communities, weights=dict.fromkeys(COMPONENTS, 1.0))


@pytest.fixture
def case_handling(city):
    return assess_handling(
        city.issues,
        city.communities,
        as_of=city.as_of,
        taxonomy=city.taxonomy,
        area_m2=city.communities.area,
    )


def _hotspots(city, *results, trends):
    return bundle.hotspot_files(
        city,
        *results,
        trends=trends,
        clusters=find_clusters(city.issues, city.communities, as_of=city.as_of),
        language="en",
        map_html="",
        parameters={},
        created=NOON,
    )


@pytest.fixture
def change(city):
    return find_trends(city.issues, city.communities, as_of=city.as_of)


@pytest.fixture
def results(hotspot_result, follow_up, case_handling, priority):
    return hotspot_result, follow_up, case_handling, priority


@pytest.fixture
def made(city, results, change):
    return _hotspots(city, *results, trends=change)


def test_oversight_files_hold_what_the_recipe_found(follow_up, case_handling, made):
    unchecked = _read_csv(made["unchecked.csv"], TABLES["unchecked"].columns)
    assert unchecked["issue_id"].tolist() == case_handling.checks.unchecked.index.tolist()
    kpis = _read_csv(made["kpis.csv"], TABLES["kpis"].columns)
    assert kpis["numerator"].sum() == case_handling.kpis["numerator"].sum()
    matrix = _read_csv(made["matrix.csv"], TABLES["matrix"].columns)
    kept = case_handling.matrix.query("level == 'ten' or cases > 0")
    assert matrix["cases"].tolist() == kept["cases"].tolist()
    assert matrix["cases"].sum() == case_handling.matrix["cases"].sum()
    closing = _read_csv(made["closing.csv"], TABLES["closing"].columns)
    assert closing["cases"].tolist() == case_handling.closing["cases"].tolist()
    page = made["bulletin.html"].decode()
    assert page.count("<tr>") == len(follow_up.units) + page.count("<table>")


def test_the_bulletin_says_why_and_nothing_in_it_runs(city):
    facts = pd.Series({"<b>fast</b>": 30, "slow": 2, "small": 0})
    n = pd.Series({"<b>fast</b>": 40, "slow": 40, "small": 3})
    old = rank_shares(facts * 0 + 2, n, more_is_better=True)
    ranks = rank_shares(facts, n, more_is_better=True, before=old)
    units = ranks.assign(level="unit", indicator="on_time", unit_id=ranks.index, name=ranks.index)
    table = bulletin_table(units.assign(parent=""), city, load_words(), "en").set_index("unit_id")
    assert table["ranks"].tolist() == ["1", "2", ""]
    assert table["previous_ranks"].tolist() == ["1–2", "1–2", ""]
    first, second, third = table["reason"]
    assert first.startswith("30 of 40 (75.0%")
    assert "Surely ahead of 1, behind 0, not told apart from 0." in first
    assert first.endswith("Surely better than before (5.0% of 40).")
    assert second.endswith("No sure change from before (5.0% of 40).")
    assert third.startswith("0 of 3 (0.0%). Fewer than 10 cases")
    page = bulletin_html(table, city, load_words(), "en", period="")
    assert "<b>" not in page
    assert "&lt;b&gt;fast&lt;/b&gt;" in page
    assert "<script" not in page


def test_nothing_that_people_wrote_is_in_the_list_of_unchecked_reports(made):
    head = made["unchecked.csv"].split(b"\r\n")[0].decode("utf-8-sig").split(",")
    assert not {"text", "source"} & set(head)


def test_what_cannot_be_judged_of_change_has_its_heading_and_its_reason(made, change):
    assert change.emerging is None
    for name in ("emerging", "emerging_places", "prediction"):
        assert len(_read_csv(made[f"{name}.csv"], TABLES[name].columns)) == 0
    record = json.loads(made["run.json"])["parameters"]["change"]
    assert record["refused"] == {name: error.problem for name, error in change.refused.items()}
    assert record["refused"]["emerging"] == "steps_too_few"


def test_priority_files_hold_the_arithmetic(priority, made):
    rows = _read_csv(made["priority.csv"], TABLES["priority"].columns)
    _assert_same(rows, _as_shown(rounded(priority.table, TABLES["priority"].columns)))
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
    assert set(record["weights"]) | set(record["absent"]) == set(COMPONENTS)


def test_look_back_files_hold_what_the_recipe_found(follow_up, made):
    relapsed = follow_up.closings[follow_up.closings["relapsed"]]
    rows = _read_csv(made["relapse.csv"], TABLES["relapse"].columns)
    assert rows["issue_id"].tolist() == relapsed.index.tolist()
    assert len(_read_csv(made["lookback.csv"], TABLES["lookback"].columns)) == len(
        follow_up.worklist
    )
    points = _read_csv(made["repeat_points.csv"], TABLES["repeat_points"].columns)
    assert points["cases"].sum() == follow_up.repeats["cases"].sum()
    units = _read_csv(made["units.csv"], TABLES["units"].columns)
    assert units["n"].tolist() == follow_up.units["n"].tolist()
    assert b"text" not in made["relapse.csv"].split(b"\r\n")[0]
    record = json.loads(made["run.json"])["parameters"]["look_back"]
    assert (record["followed"], record["drawn"]) == (follow_up.followed, len(follow_up.worklist))


def test_hot_spot_files_hold_cells_and_places(hotspot_result, made, tmp_path):
    assert tuple(made) == bundle.HOTSPOT_FILES
    cells = _read_csv(made["hotspots.csv"], TABLES["hotspots"].columns)
    assert cells["cell_id"].tolist() == hotspot_result.hot_spots.cells.index.tolist()
    assert cells["count"].sum() == hotspot_result.hot_spots.cases
    np.testing.assert_allclose(cells["p"], hotspot_result.hot_spots.cells["p"], rtol=1e-5)
    assert cells["level"].tolist() == hotspot_result.hot_spots.cells["level"].tolist()
    places = _read_csv(made["places.csv"], TABLES["places"].columns)
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
    found = find_clusters(city.issues, city.communities, as_of=city.as_of)
    rows = _read_csv(made["clusters.csv"], TABLES["clusters"].columns)
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


def test_the_workbook_has_the_tables_of_change_and_the_clusters(city, made):
    book = openpyxl.load_workbook(io.BytesIO(made["hotspots.xlsx"]))
    labels = load_dictionary().labels
    for name in ("clusters", "emerging_places", "periods", "alerts", "silence"):
        rows = _read_csv(made[f"{name}.csv"], TABLES[name].columns)
        sheet = book[labels[name]["en"]]
        assert [cell.value for cell in sheet[2]] == [c.id for c in TABLES[name].columns]
        assert sheet.max_row - 3 == len(rows)
    cells = _read_csv(made["emerging.csv"], TABLES["emerging"].columns)
    patterns = book[labels["emerging"]["en"]].max_row - 3
    assert patterns == (cells["pattern"] != "none").sum()
    texts = [row[0].value or "" for row in book[labels["method"]["en"]].iter_rows()]
    assert any("within 50 m is a core case" in text for text in texts)


def test_no_hot_place_gives_an_empty_table(city, results, change, tmp_path):
    hotspot_result, *others = results
    none = hotspot_result.__class__(
        **{**vars(hotspot_result), "places": hotspot_result.places.head(0)}
    )
    made = _hotspots(city, none, *others, trends=change)
    assert made["places.csv"].count(b"\r\n") == 1
    file = tmp_path / "hot.gpkg"
    file.write_bytes(made["hotspots.gpkg"])
    assert len(gpd.read_file(file, layer="places")) == 0


def test_check_files_hold_layers_notes_and_quarantine(city):
    made = bundle.check_files(city, language="en", created=NOON)
    assert tuple(made) == bundle.CHECK_FILES
    layers = _read_csv(made["layers.csv"], TABLES["layers"].columns)
    assert layers["source"][0].startswith("'=cmd")
    assert layers["remark"][0] == "a remark"
    notes = _read_csv(made["notes.csv"], TABLES["notes"].columns)
    assert notes["message"].tolist() == ["column x is wrong"]
    assert json.loads(notes["facts"][0]) == {"column": "x"}
    rows = _read_csv(made["quarantine.csv"], TABLES["quarantine"].columns)
    assert rows["row"].tolist() == ["2", "3"]
    assert rows["content"].tolist() == city.quarantine["content"].tolist()


# ------------------------------------------------------------------------------ record, bytes


def test_record_says_what_went_in_and_what_came_out(files, city):
    record = json.loads(files["run.json"])
    assert record["version"] == VERSION
    assert record["created"] == "2026-07-01T12:00:00+00:00"
    assert record["standard"]["rules"][0]["service_radius_m"] == 300
    assert record["crs"]["definition"] == CRS.to_string()
    (source,) = record["inputs"]
    assert source["files"]["t.csv"] == {"sha256": "ab" * 32}
    assert source["rows_in"] == source["not_selected"] + source["loaded"] + source["quarantined"]
    assert set(record["results"]) == set(bundle.COVERAGE_FILES) - {"run.json"}
    for name, entry in record["results"].items():
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest()


def test_version_is_that_of_the_project():
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_same_input_gives_the_same_bytes_but_for_the_time_stamp(city, assessment, gaps, files):
    later = NOON + dt.timedelta(days=400)
    again = _coverage(city, assessment, gaps, created=later)
    assert tuple(files) == bundle.COVERAGE_FILES
    assert [name for name in files if files[name] != again[name]] == ["run.json"]
    first, second = (json.loads(each["run.json"]) for each in (files, again))
    assert first.pop("created") != second.pop("created")
    assert first == second


def test_exports_change_nothing_they_are_given(city, assessment, gaps):
    before = assessment.coverage.copy(), city.communities.copy(), city.facilities.copy()
    _coverage(city, assessment, gaps)
    pd.testing.assert_frame_equal(assessment.coverage, before[0])
    pd.testing.assert_frame_equal(city.communities, before[1])
    pd.testing.assert_frame_equal(city.facilities, before[2])


# ------------------------------------------------------------------------------ folder


def _content(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _result(command, **files):
    record = json.dumps({"command": command}).encode()
    return {**{f"{name}.csv": each for name, each in files.items()}, "run.json": record}


def test_writes_a_new_folder_with_its_parents(tmp_path):
    files = _result("coverage", a=b"1")
    write_folder(files, tmp_path / "new" / "out", command="coverage")
    assert _content(tmp_path / "new" / "out") == files
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["out"]


def test_replaces_an_earlier_result_and_leaves_other_files_alone(tmp_path):
    write_folder(_result("coverage", a=b"1"), tmp_path / "out", command="coverage")
    (tmp_path / "out" / "mine.txt").write_text("keep")
    files = _result("coverage", a=b"2")
    write_folder(files, tmp_path / "out", command="coverage")
    assert _content(tmp_path / "out") == {**files, "mine.txt": b"keep"}


def test_refuses_to_replace_what_is_not_an_earlier_result(tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(SettingsError, match=r"a\.csv, not from an earlier") as caught:
        write_folder(_result("coverage", a=b"1"), tmp_path, command="coverage")
    assert caught.value.problem == "out_not_ours"
    assert _content(tmp_path) == {"a.csv": b"mine"}


def test_refuses_the_result_of_another_command(tmp_path):
    write_folder(_result("hotspots", a=b"1"), tmp_path / "out", command="hotspots")
    with pytest.raises(SettingsError) as caught:
        check_folder(tmp_path / "out", ("a.csv",), command="coverage")
    assert caught.value.facts["found"] == "a.csv, run.json"


def test_refuses_a_file(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SettingsError) as caught:
        write_folder(_result("coverage", a=b"1"), tmp_path / "out", command="coverage")
    assert caught.value.problem == "out_is_file"


@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, existing):
    out = tmp_path / "out"
    old = _result("coverage", a=b"old", b=b"old")
    if existing:
        write_folder(old, out, command="coverage")
    calls = iter(range(10))

    def full(handle):
        if next(calls) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left") as caught:
        write_folder(_result("coverage", a=b"new", b=b"new"), out, command="coverage")
    assert caught.value.problem == "out_not_written"
    assert out.exists() == existing
    assert not existing or _content(out) == old
    assert [each.name for each in tmp_path.iterdir()] == (["out"] if existing else [])


# ------------------------------------------------------------------------------ terminal


def test_plain_table_lines_up_wide_characters(assessment):
    columns = [TABLES["summary"].columns[0], TABLES["summary"].columns[9]]
    frame = pd.DataFrame({"level": ["city", "parent"], "population_covered_share": [0.5, None]})
    assert plain_table(frame, columns, language="zh").split("\n") == [
        "层级  人口覆盖率",
        "----  ----------",
        "全市       50.0%",
        "上级           —",
    ]
