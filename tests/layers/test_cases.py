"""Small cities of files as offices have them: each loads, or says what is wrong."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.model.errors import PlanningError
from layers.languages import LANGUAGES
from layers.load import load_city
from tests.conftest import CITY_DATA, ROOT
from tests.views.shown import said
from wording.catalogue import load_words
from wording.speaker import Speaker

CASES = CITY_DATA.parent / "cases"
SENTENCE = {"bad directive", "unterminated", "Traceback", "object at 0x"}
"""What libraries say, and no sentence of ours."""


@dataclass(frozen=True)
class Loads:
    """
    A city that loads.

    `rows` are loaded, left out and quarantined rows of the last layer; `values` are columns of
    its frame, times to the minute; `rules` are notes that must be there; `absent` must not.
    """

    rows: tuple[int, int, int]
    values: dict[str, list[object]] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refuses:
    """A city that is refused in one sentence, which has these words in English."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Says:
    """What its Overview says, and what it may not."""

    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


FOUR = {"x": [114.305, 114.325, 114.305, 114.325], "y": [30.585, 30.585, 30.605, 30.605]}
NAMED = FOUR | {"name": ["甲厕", "乙厕", "丙厕", "丁厕"]}
WANTED: dict[str, Loads | Refuses | Says] = {
    "address_only": Refuses(("t.csv", "address", "甲厕")),
    "antimeridian_fiji": Loads((1, 0, 0), {"name": ["A"]}),
    "bad_times_directive": Refuses(("city.toml", "layer 2", "times", "%k", "%H")),
    "blank_headers": Loads((2, 0, 0), {"name": ["甲厕", "乙厕"]}),
    "community_in_several_rows": Loads((3, 0, 0), {"name": ["东社区", "西社区"]}),
    "cp949_ascii_header": Refuses(("t.csv", "encoding", "cp949", "gb18030")),
    "date_epoch_s": Refuses(("city.toml", "layer 2", "times", "%s", "epoch_s")),
    "date_roc": Loads(
        (5, 0, 0),
        {"reported_at": ["2024-03-05 00:00"] * 4 + ["2024-03-05 14:30"]},
        absent=("time_unreadable",),
    ),
    "date_serial": Loads((2, 0, 0), {"reported_at": ["2024-03-05 00:00", "2024-03-05 14:29"]}),
    "date_zh_time": Loads(
        (3, 0, 0), {"reported_at": ["2024-03-05 14:30", "2024-03-05 14:30", "2024-03-05 00:00"]}
    ),
    "decimal_comma": Loads((2, 0, 0), {"x": [114.30512, 114.325], "y": [30.58512, 30.585]}),
    "degrees_labelled_utm": Refuses(("communities", "EPSG:32649", "degrees", "crs")),
    "dms": Loads((3, 0, 0), {"x": [114.305, 114.325, 114.305], "y": [30.585, 30.585, 30.605]}),
    "duplicate_header_unneeded": Loads((1, 0, 0), {"name": ["甲厕"]}),
    "epoch_times": Refuses(("city.toml", "layer 2", "times", "%s", "epoch_s")),
    "esrijson": Loads((4, 0, 0), NAMED),
    "fitness_area_decimal_comma": Loads((1, 0, 0), {"area_m2": [127.125]}),
    "gcj02": Loads((1, 0, 0), {"name": ["甲厕"], "x": [114.29956], "y": [30.58742]}),
    "gdb_zip": Refuses(("c.gdb.zip", "FileGeodatabase", "2021161080")),
    "geojson_as_json": Loads((1, 0, 0), {"name": ["a"]}),
    "geometrycollection": Loads((2, 0, 0), {"name": ["东社区", "西社区"]}),
    "geoparquet_curve": Loads((1, 0, 0), rules=("arcs_cut",)),
    "gpkg_attribute_join": Loads((2, 0, 0), {"population": [1000.0, 2000.0]}),
    "gpkg_with_view": Loads((2, 0, 0), {"name": ["东社区", "西社区"]}),
    "headerless_csv": Refuses(("t.csv", "no headings", "t1, Gare", "names")),
    "ids_scientific_issues": Loads((100, 0, 0), rules=("identifier_destroyed",)),
    "issue_by_ward_name": Loads((1, 0, 0), {"community": ["东社区"]}),
    "issue_date_time_columns": Loads((1, 0, 0), {"reported_at": ["2024-03-05 14:30"]}),
    "issue_footer_total": Loads(
        (2, 1, 0), {"category": ["暴露垃圾"] * 2}, rules=("footer_left_out",)
    ),
    "kml": Loads((4, 0, 0), NAMED),
    "latin1_semicolon": Loads((1, 0, 0), {"name": ["École Théâtre"]}, rules=("encoding_guessed",)),
    "latlon_china": Refuses(("communities", "latitude and longitude", "exchange")),
    "microdegrees": Refuses(("layer 2", "114305000, 30585000", "factors", "1e-06")),
    "ndjson": Loads((4, 0, 0), NAMED),
    "nested_tags": Loads((1, 0, 0), {"name": ["甲厕"]}),
    "ocd_hours_columns": Loads((1, 0, 0), {"name": ["A"], "opening_hours": ["08:00-18:00"]}),
    "ods": Refuses(("t.ods", "no rows")),
    "overpass_points": Loads((4, 0, 0), NAMED),
    "overview_half_unknown": Says(never=("100.0%", "100%", "every resident")),
    "overview_unknown_people": Says(never=("every resident",)),
    "pluscode": Refuses(("layer 2", "101.305", "outside the communities")),
    "population_chinese_units": Loads(
        (4, 0, 0), {"population": [12000.0, 30000.0, 1234.0, 2000.0]}
    ),
    "population_dot_thousands": Refuses(("population", "1.234", "decimal")),
    "population_text": Refuses(("pop", "23.456", "decimal")),
    "recipe_as_of_bad": Refuses(("city.toml", "as_of", "2026年6月30日", "YYYY-MM-DD")),
    "recipe_quote_pattern_bad": Refuses(("city.toml", "layer 2", "quote_pattern", "(")),
    "residents_geotiff": Refuses(("pop.tif", "GeoTIFF")),
    "ring_outside_shell": Loads((2, 0, 0), {"name": ["东社区", "西社区"]}),
    "shp_nocpg_ldid57_gbk_zip": Loads((4, 0, 0), NAMED, rules=("encoding_guessed",)),
    "sjis_stated_shift_jis": Loads((2, 0, 0), {"name": ["駅前公園", "髙橋公園①"]}),
    "sjis_unstated": Loads(
        (2, 0, 0), {"name": ["駅前公園", "髙橋公園①"]}, rules=("encoding_guessed",)
    ),
    "sum_of_columns": Loads((1, 0, 0), {"male_stalls": [5.0]}),
    "tangled_polygon": Loads((2, 0, 0), rules=("geometry_repaired",)),
    "title_row_csv": Loads((1, 0, 0), {"name": ["甲厕"]}, rules=("headings_below",)),
    "topojson": Loads((1, 0, 0)),
    "two_time_forms": Loads(
        (4, 0, 0),
        {
            "reported_at": [
                *("2024-03-15 10:00", "2024-03-16 10:00", "2024-03-15 12:00"),
                "2024-03-15 11:00",
            ]
        },
    ),
    "wkt_polygon_communities": Loads((1, 0, 0)),
    "xls_ole": Refuses(("t.xls", "Save it again as XLSX")),
    "xlsx_dates_with_times": Loads(
        (3, 0, 0),
        {"reported_at": ["2024-03-05 14:30", "2024-03-06 01:00", "2024-03-05 12:00"]},
        absent=("time_unreadable",),
    ),
    "xlsx_header_row4": Loads((2, 0, 0), {"name": ["Gare", "Bastille"]}, rules=("headings_below",)),
    "xlsx_stale_dimension_rows": Loads((10, 0, 0), {"name": [f"Toilet {i}" for i in range(10)]}),
    "xlsx_title_row": Loads(
        (1, 1, 0), {"name": ["甲厕"]}, rules=("headings_below", "footer_left_out")
    ),
    "xlsx_total_row": Loads((2, 1, 0), {"name": ["Gare", "Bastille"]}, rules=("footer_left_out",)),
    "zip_csv": Loads((1, 0, 0), {"name": ["甲厕"]}),
}
"""What each case should do."""


@pytest.fixture(scope="module")
def cases():
    """The folder of the cases."""
    if not CASES.is_dir():
        message = f"no folder {CASES} (it lies beside CITY_DATA)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return CASES


def frame_of(city, kind):
    """The frame that a kind of layer goes to, with its places in degrees."""
    frame = {
        "communities": city.communities,
        "issues": city.issues,
        "residents": city.residents,
    }.get(kind, city.facilities)
    if kind not in {"communities", "issues", "residents"}:
        places = frame.geometry.to_crs("EPSG:4326")
        frame = pd.DataFrame(frame).assign(x=places.x, y=places.y)
    return frame


def shown(column):
    """Times to the minute, and numbers to a metre's worth of a degree."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.strftime("%Y-%m-%d %H:%M").tolist()
    return (
        [pytest.approx(value, abs=1e-5) for value in column] if column.dtype == float else [*column]
    )


def check_loaded(folder, wanted):
    city = load_city(folder, city_data=folder / "nowhere")
    report = city.reports[-1]
    assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    assert (report.loaded, report.not_selected, report.quarantined) == wanted.rows
    rules = {note.rule for each in city.reports for note in each.notes}
    assert rules >= set(wanted.rules)
    assert rules.isdisjoint(wanted.absent)
    frame = frame_of(city, report.kind)
    assert {name: shown(frame[name]) for name in wanted.values} == wanted.values


def check_refused(folder, wanted):
    with pytest.raises(PlanningError) as caught:
        load_city(folder, city_data=folder / "nowhere")
    words = load_words()
    for language in LANGUAGES:
        speaker = Speaker(words, language)
        text = f"{speaker.error(caught.value)} {speaker.hint(caught.value)}"
        assert not any(phrase in text for phrase in SENTENCE)
    text = f"{caught.value} {caught.value.hint}"
    assert [word for word in wanted.words if word not in text] == []


def check_overview(folder, wanted, monkeypatch):
    monkeypatch.setenv("CITY", str(folder))
    page = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    page.query_params["page"] = "home"
    page.query_params["language"] = "en"
    page.run()
    assert not page.exception
    text = "\n".join([said(page), *(metric.value for metric in page.metric)])
    assert [word for word in wanted.words if word not in text] == []
    assert [word for word in wanted.never if word in text] == []


@pytest.mark.parametrize("name", WANTED)
def test_a_case_does_what_is_wanted(cases, name, monkeypatch):
    folder, wanted = cases / name, WANTED[name]
    if isinstance(wanted, Loads):
        check_loaded(folder, wanted)
    elif isinstance(wanted, Refuses):
        check_refused(folder, wanted)
    else:
        check_overview(folder, wanted, monkeypatch)


def test_every_case_is_run(cases):
    with (cases / "index.csv").open(encoding="utf-8", newline="") as lines:
        assert {row["case"] for row in csv.DictReader(lines)} == set(WANTED)
