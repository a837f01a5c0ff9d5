"""A city guessed from files as offices have them: kinds, columns, systems, times, values."""

from __future__ import annotations

import csv
import tomllib

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from analysis.model.errors import PlanningError
from exports.recipes.new_city import new_city, stated_kinds
from layers.knowledge.standards import load_kinds, load_standards
from layers.load import load_city
from layers.recipe.schema import (
    COLUMNS,
    FACILITY_COLUMNS,
    GUESSED_KINDS,
    PLACE_COLUMNS,
    SURVEY,
)
from layers.suggest.guesses import CityGuess, ColumnGuess, LayerGuess, Reason, Stated
from layers.suggest.recipe_text import recipe_text
from layers.suggest.vocabulary import load_vocabulary
from layers.suggest.zones import nearest_zone, zones_of_towns
from tests.conftest import CITY_DATA, ROOT
from tests.layers.toy import write_communities
from wording.catalogue import load_words
from wording.speaker import Speaker

KINDS = load_kinds()
ENGLISH = Speaker(load_words(), "en")
CASES = CITY_DATA.parent / "cases"
PLACES = [(116.35 + 0.01 * n, 39.88 + 0.005 * n) for n in range(6)]


def write_rows(path, headings, rows, *, delimiter=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([headings, *rows])


def guessed(folder, *, stated=None, **options):
    files = {each.name: each for each in sorted(folder.iterdir()) if each.name != "city.toml"}
    options = {"name": "Try", "kinds": KINDS, "translate": ENGLISH} | options
    return new_city(files, home=folder, stated=stated_kinds(stated or [], files, KINDS), **options)


def layer_of(new, kind):
    return next(layer for layer in new.guess.present if layer.kind == kind)


TOILETS = {
    "zh": ("公厕名称", "经度", "纬度", "状态", "无障碍", "开放", "停用", "有", "无"),
    "zh-Hant": ("公廁名稱", "經度", "緯度", "狀態", "無障礙", "開放", "關閉", "有", "無"),
    "en": ("Facility Name", "Longitude", "Latitude", "Status", "Accessible", "Open", "Closed",
           "Yes", "No"),
    "ja": ("施設名", "経度", "緯度", "状態", "バリアフリー", "供用中", "廃止", "あり", "なし"),
    "ko": ("화장실명", "경도", "위도", "운영상태", "장애인화장실", "운영중", "폐쇄", "있음",
           "없음"),
    "fr": ("Nom", "Longitude", "Latitude", "Statut", "Accès PMR", "Ouvert", "Fermé", "Oui", "Non"),
    "de": ("Bezeichnung", "Längengrad", "Breitengrad", "Zustand", "Barrierefrei", "Offen",
           "Geschlossen", "Ja", "Nein"),
    "es": ("Nombre", "Longitud", "Latitud", "Estado", "Accesible", "Abierto", "Cerrado", "Sí",
           "No"),
}  # fmt: skip
"""Headings and cells as offices write them: name, lon, lat, status, accessible, then values."""


@pytest.mark.parametrize("language", TOILETS)
def test_a_list_of_toilets_is_understood_in_every_language(tmp_path, language):
    *headings, opened, closed, yes, no = TOILETS[language]
    rows = [
        (f"甲{n}", lon, lat, (opened, closed)[n % 2], (yes, no)[n % 3 == 0])
        for n, (lon, lat) in enumerate(PLACES)
    ]
    write_rows(tmp_path / "toilets.csv", headings, rows)
    write_communities(tmp_path)
    city = guessed(tmp_path).city
    toilets = city.facilities.sort_values("name")
    assert toilets["name"].tolist() == [f"甲{n}" for n in range(6)]
    assert toilets["status"].tolist() == ["open", "closed"] * 3
    assert toilets["accessible"].tolist() == [False, True, True] * 2


def test_the_recipe_written_is_what_was_tried_and_check_reads_it(tmp_path):
    write_rows(tmp_path / "公厕.csv", ["名称", "经度", "纬度"], [("甲", *PLACES[0])])
    write_communities(tmp_path)
    new = guessed(tmp_path)
    (tmp_path / "city.toml").write_text(new.recipe, encoding="utf-8")
    loaded = load_city(tmp_path)
    assert loaded.reports[1].loaded == 1
    assert loaded.time_zone == "Asia/Shanghai"
    assert new.guess.keys["standard"] in load_standards()


def test_a_register_of_issues_with_months_first(tmp_path):
    rows = [
        (n, f"0{n + 1}/2{n}/2024 0{n + 1}:30:00 PM", "Graffiti", "In Progress", *place[::-1])
        for n, place in enumerate(PLACES)
    ]
    headings = ["Unique Key", "Created Date", "Complaint Type", "Status", "Latitude", "Longitude"]
    write_rows(tmp_path / "311.csv", headings, rows)
    write_communities(tmp_path)
    new = guessed(tmp_path)
    assert layer_of(new, "issues").keys["times"] == "%m/%d/%Y %I:%M:%S %p"
    issues = new.city.issues
    assert issues.loc["1", "reported_at"] == pd.Timestamp("2024-02-21 14:30", tz=new.city.time_zone)
    assert set(issues["status"]) == {"open"}
    assert issues["x"].notna().all()


def test_days_and_months_that_nothing_tells_apart_are_not_taken(tmp_path):
    rows = [(n, f"0{n + 1}/05/2024", "Graffiti", *place) for n, place in enumerate(PLACES)]
    write_rows(tmp_path / "issues.csv", ["ID", "Date", "Category", "Lon", "Lat"], rows)
    write_communities(tmp_path)
    layer = layer_of(guessed(tmp_path), "issues")
    assert "Date" not in layer.taken
    assert "times_ambiguous" in {doubt.code for doubt in layer.doubts}


@pytest.mark.parametrize(
    "headings",
    [("Easting UTM", "Northing UTM"), pytest.param(("x", "y"), marks=pytest.mark.full)],
)
def test_coordinates_in_an_unnamed_system_are_found_or_left_to_a_person(tmp_path, headings):
    there = Transformer.from_crs(4326, 32650, always_xy=True).transform
    rows = [(f"T{n}", *(f"{v:.2f}" for v in there(*place))) for n, place in enumerate(PLACES)]
    write_rows(tmp_path / "toilets.csv", ["Name", *headings], rows)
    write_communities(tmp_path)
    new = guessed(tmp_path)
    if headings[0] == "x":  # UTM or one of the national grids: both lie in the city
        (aside,) = (layer.aside for layer in new.guess.layers if layer.kind == "toilet")
        assert aside.code == "crs_several"
        return
    assert layer_of(new, "toilet").keys["crs"] == "EPSG:32650"
    back = new.city.facilities.to_crs(4326).geometry
    assert sorted(back.x) == pytest.approx([lon for lon, _ in PLACES], abs=1e-6)
    assert sorted(back.y) == pytest.approx([lat for _, lat in PLACES], abs=1e-6)


def test_exchanged_longitude_and_latitude_are_read_and_told(tmp_path):
    rows = [(f"T{n}", lat, lon) for n, (lon, lat) in enumerate(PLACES)]
    write_rows(tmp_path / "toilets.csv", ["name", "longitude", "latitude"], rows)
    write_communities(tmp_path)
    new = guessed(tmp_path)
    assert "swapped" in {doubt.code for doubt in layer_of(new, "toilet").doubts}
    assert new.city.reports[1].loaded == 6


def test_one_column_of_both_coordinates(tmp_path):
    rows = [(f"T{n}", f"({lat}, {lon})") for n, (lon, lat) in enumerate(PLACES)]
    write_rows(tmp_path / "toilets.csv", ["name", "Location Point"], rows)
    write_communities(tmp_path)
    new = guessed(tmp_path)
    assert layer_of(new, "toilet").taken["Location Point"] == ("position",)
    assert new.city.reports[1].loaded == 6


def test_people_of_the_latest_year_are_joined_by_code(tmp_path):
    write_communities(tmp_path, name=["A"], id=["007"])
    write_rows(
        tmp_path / "population.csv",
        ["Code", "Year", "Inhabitants"],
        [("007", year, 100 + year) for year in (2011, 2012, 2013)],
    )
    new = guessed(tmp_path)
    assert new.guess.present[0].keys.get("join") is None  # one community proves no key
    write_communities(
        tmp_path,
        shapes=[*(_square(n) for n in range(4))],
        name=list("ABCD"),
        id=[f"00{n}" for n in range(4)],
    )
    rows = [(f"00{n}", year, 100 * n + year - 2010) for n in range(4) for year in (2011, 2013)]
    write_rows(tmp_path / "population.csv", ["Code", "Year", "Inhabitants"], rows)
    city = guessed(tmp_path).city
    assert city.communities["population"].tolist() == [3, 103, 203, 303]


def _square(n):
    from shapely import box  # noqa: PLC0415

    return box(116.30 + 0.05 * n, 39.85, 116.35 + 0.05 * n, 39.95)


def test_what_cannot_be_read_or_known_is_left_out_with_its_reason(tmp_path):
    write_communities(tmp_path)
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureColl', encoding="utf-8")
    (tmp_path / "evil.csv").write_bytes(b"\x7fELF\x00\x01")
    write_rows(tmp_path / "notes.csv", ["a", "b"], [("x", "y")])
    new = guessed(tmp_path)
    aside = {layer.files[0]: layer.aside.code for layer in new.guess.layers if layer.aside}
    assert aside == {"broken.geojson": "refused", "evil.csv": "refused", "notes.csv": "no_place"}
    assert new.city is not None
    for name in aside:
        assert f"# - {name}: " in new.recipe


def test_a_layer_that_the_loader_refuses_is_set_aside_with_its_sentence(tmp_path):
    write_communities(tmp_path)
    rows = [("甲", "12.1", "8.1"), ("乙", "12.2", "8.2")]
    write_rows(tmp_path / "toilets.csv", ["name", "lon", "lat"], rows)
    new = guessed(tmp_path, stated=["toilets.csv=toilet"])
    assert [layer.kind for layer in new.guess.present] == ["communities"]
    assert new.city is not None
    assert "not in this city" in new.recipe


def test_a_column_that_the_loader_refuses_is_no_longer_taken(tmp_path):
    people = ["1.234", "23.456"]  # thousands, or decimals
    write_communities(
        tmp_path, shapes=[_square(0), _square(1)], name=["A", "B"], id=["1", "2"], people=people
    )
    new = guessed(tmp_path)
    assert new.city.communities["name"].tolist() == ["A", "B"]
    assert "people" not in layer_of(new, "communities").taken


def test_a_column_that_numbers_each_file_anew_is_not_taken_for_identifiers(tmp_path):
    write_communities(tmp_path, shapes=[_square(0), _square(1)], name=["A", "B"], id=["1", "2"])
    for file in "abcd":
        rows = [(str(n), "x", f"2024-03-0{n}", *PLACES[0]) for n in range(1, 6)]
        write_rows(tmp_path / f"issues_{file}.csv", ["no", "category", "date", "lon", "lat"], rows)
    new = guessed(tmp_path)
    assert len(new.city.issues) == 20
    assert "no" not in layer_of(new, "issues").taken


def test_what_a_refusal_asks_for_can_be_stated_for_a_file(tmp_path):
    people = ["1.234 hab.", "23.456 hab."]
    write_communities(
        tmp_path, shapes=[_square(0), _square(1)], name=["A", "B"], id=["1", "2"], people=people
    )
    write_rows(tmp_path / "toilets.csv", ["name", "lon", "lat"], [("nº", *PLACES[0])])
    text = (tmp_path / "toilets.csv").read_text("utf-8")
    (tmp_path / "toilets.csv").write_bytes(text.encode("cp1252"))
    files = {each.name: each for each in tmp_path.iterdir()}
    said = {"communities.geojson": {"decimal": ","}, "toilets.csv": {"encoding": "cp1252"}}
    stated = {name: Stated(keys=keys) for name, keys in said.items()}
    options = {"home": tmp_path, "name": "Try", "kinds": KINDS, "translate": ENGLISH}
    new = new_city(files, stated=stated, **options)
    assert new.city.communities["population"].tolist() == [1234, 23456]
    assert new.city.facilities["name"].tolist() == ["nº"]


def test_files_that_are_no_city_say_so(tmp_path):
    write_rows(tmp_path / "toilets.csv", ["name", "lon", "lat"], [("甲", *PLACES[0])])
    assert guessed(tmp_path).city is None


def test_a_kind_is_stated_by_file_or_refused():
    with pytest.raises(PlanningError, match="toilt"):
        stated_kinds(["t.csv=toilt"], {"t.csv": ROOT}, KINDS)
    with pytest.raises(PlanningError, match=r"s\.csv"):
        stated_kinds(["s.csv=toilet"], {"t.csv": ROOT}, KINDS)


texts = st.text(min_size=1, max_size=12).filter(str.strip)


@settings(max_examples=60)
@given(theirs=st.lists(texts, min_size=1, max_size=4, unique=True), value=texts, sure=st.booleans())
def test_the_recipe_says_what_was_guessed_whatever_headings_hold(theirs, value, sure):
    columns = tuple(
        ColumnGuess(name, ours, 0.9 if sure else 0.1, Reason("stated"))
        for name, ours in zip(theirs, ("id", "name", "status", "class"), strict=False)
    )
    keys = {
        "values": {"status": {value: "open"}},
        "encoding": value,
        "join": {"on": {value: value}},
    }
    layer = LayerGuess((value,), "toilet", 0.9, keys=keys, columns=columns)
    aside = LayerGuess((value,), "", 0.1, aside=Reason("not_taken"))
    guess = CityGuess({"name": {"en": value}}, (), (layer, aside))
    text = recipe_text(guess, heading=value, say=lambda _: value)
    read = tomllib.loads(text)
    (written,) = read["layers"]
    expected = {guess.theirs: guess.ours for guess in columns} if sure else {}
    assert written.get("columns", {}) == expected
    assert written["values"] == keys["values"]
    assert written["join"] == keys["join"]
    assert written["file"] == value == read["name"]["en"]


def test_shops_of_frontage_duty_are_understood(tmp_path):
    write_communities(tmp_path)
    heads = ["编号", "商户名称", "所在道路", "责任单位", "是否签约", "检查结果", "检查日期",
             "门面宽度", "经度", "纬度"]  # fmt: skip
    rows = [
        (f"S{n}", f"甲{n}", ("人民路", "文化路")[n % 2], "城管所", ("已签", "未签")[n % 2],
         ("合格", "不合格", "")[n % 3], "2026-05-0" + str(1 + n % 9), 4.5 + n, *PLACES[n % 6])
        for n in range(24)
    ]  # fmt: skip
    write_rows(tmp_path / "沿街商户.csv", heads, rows)
    layer = layer_of(guessed(tmp_path), "frontage")
    columns = {guess.ours: guess.theirs for guess in layer.columns if guess.sure}
    assert {"street", "unit", "signed", "result", "checked_at", "frontage_m"} <= set(columns)
    assert layer.keys["values"]["signed"] == {"已签": "yes", "未签": "no"}
    assert layer.keys["values"]["result"] == {"合格": "pass", "不合格": "fail"}


def test_results_of_sampling_are_understood(tmp_path):
    write_communities(tmp_path)
    heads = ["样品编号", "采样点名称", "监测项目", "采样日期", "检测结果", "计量单位", "标准限值",
             "检验结论", "经度", "纬度"]  # fmt: skip
    rows = [
        (f"S{n}", f"末梢水{n % 6}", ("浑浊度", "余氯")[n % 2], f"2026-05-0{1 + n % 9}",
         ("0.35", "<0.05", "0.5")[n % 3], ("NTU", "mg/L")[n % 2], "≤1",
         ("合格", "不合格", "")[n % 3], *PLACES[n % 6])
        for n in range(24)
    ]  # fmt: skip
    write_rows(tmp_path / "饮用水监测.csv", heads, rows)
    layer = layer_of(guessed(tmp_path), "monitoring")
    columns = {guess.ours: guess.theirs for guess in layer.columns if guess.sure}
    assert {"indicator", "sampled_at", "value", "value_unit", "limit", "result"} <= set(columns)
    assert layer.keys["values"]["result"] == {"合格": "pass", "不合格": "fail"}


def test_every_column_and_kind_has_words_and_headings():
    vocabulary, words = load_vocabulary(KINDS), load_words()
    columns = {*FACILITY_COLUMNS, *PLACE_COLUMNS}
    columns |= {each for kind in GUESSED_KINDS for each in COLUMNS[kind]}
    columns |= {each for kind in KINDS.values() for each in kind.columns}
    assert {each for each in columns if f"ours.{each}" not in words} == set()
    assert set(vocabulary.columns) - columns == set()
    assert {*GUESSED_KINDS, *KINDS} >= set(vocabulary.layers)
    assert set(vocabulary.standard.values()) <= set(load_standards())


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ((121.5, 25.05, 121.5, 25.05), "Asia/Taipei"),
        ((-74.25, 40.5, -73.7, 40.9), "America/New_York"),
        ((8.54, 47.37, 8.54, 47.37), "Europe/Zurich"),
        ((178.4, -18.1, 178.4, -18.1), "Pacific/Fiji"),
        ((-179.98, -17.0, 179.98, -16.9), "Pacific/Fiji"),
        ((179.96, -17.0, 180.04, -16.9), "Pacific/Fiji"),
    ],
)
def test_the_time_zone_of_a_place(place, zone):
    assert nearest_zone(place) == zone


def named(case):
    return pytest.param(case, marks=() if case in SHORT else pytest.mark.full)


SHORT = {"title_row_csv", "dms"}
STATED = {
    **dict.fromkeys(
        (
            "title_row_csv",
            "xlsx_title_row",
            "dms",
            "decimal_comma",
            "blank_headers",
            "microdegrees",
        ),
        "toilet",
    ),
    **dict.fromkeys(("date_roc", "date_zh_time", "date_serial", "issue_footer_total"), "issues"),
    **dict.fromkeys(("ndjson", "microdegrees", "blank_headers", "xlsx_header_row4"), "toilet"),
}
"""Cases whose file is called `t` or `i`, which tells nobody what it holds."""


@pytest.mark.parametrize("case", [named(case) for case in STATED])
@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are missing")
def test_cases_load_as_many_rows_as_by_hand(case):
    folder = CASES / case
    (file,) = (p.name for p in folder.iterdir() if p.stem in {"t", "i"})
    new = guessed(folder, stated=[f"{file}={STATED[case]}"])
    loaded = new.city.reports[-1]
    assert loaded.kind == STATED[case], new.recipe
    try:
        by_hand = load_city(folder).reports[-1].loaded
    except PlanningError:
        by_hand = 1  # by hand it needs a key that is guessed here
    assert loaded.loaded >= by_hand


def test_a_survey_is_known_by_its_headings_in_both_forms_and_languages(tmp_path):
    write_communities(tmp_path, name=["A"])
    (tmp_path / "群众满意度调查.csv").write_text(
        "调查社区,调查日期,调查题目,有效样本量,满意人数\nA,2026-05-10,满意度,100,90\n"
        "A,2026-05-11,知晓率,120,90\n",
        encoding="utf-8",
    )
    (tmp_path / "questionnaire.csv").write_text(
        "Area,Survey date,Question,Answer,Weight\nA,2026-05-10,Recycling,satisfied,1.5\n"
        "A,2026-05-11,Recycling,dissatisfied,0.7\n",
        encoding="utf-8",
    )
    found = guessed(tmp_path)
    surveys = [layer for layer in found.guess.present if layer.kind == SURVEY]
    ours = [{column.ours for column in layer.columns if column.sure} for layer in surveys]
    assert sorted(map(sorted, ours)) == [
        ["answer", "area", "asked_at", "topic", "weight"],
        ["area", "asked", "asked_at", "topic", "yes"],
    ]
    assert found.city.survey[["n", "yes"]].sum().tolist() == [222, 181]


@pytest.mark.parametrize(
    ("headings", "file"),
    [
        (("条款", "数值", "日期", "填报单位"), "填报表.csv"),
        (("Clause", "Value", "Date", "Source"), "list.csv"),
    ],
)
def test_values_for_clauses_are_known_and_name_their_title(tmp_path, headings, file):
    rows = [("NSC21-36", "93.5%", "2026-05-20", "Office"), ("NSC21-55", "3", "2026-04-15", "")]
    write_rows(tmp_path / file, headings, rows)
    write_communities(tmp_path)
    new = guessed(tmp_path)
    assert layer_of(new, "clause_values").confidence >= 0.6
    assert new.guess.keys["title"] == {"standard": "cn-sanitary-city"}
    assert new.city.clause_values["value"].tolist() == [0.935, 3.0]
    assert "National Sanitary City" in new.recipe

    write_rows(tmp_path / file, headings, [("X-1", "3", "2026-04-15", "")])
    new = guessed(tmp_path)
    assert "title" not in new.guess.keys
    assert "title_unknown" in {doubt.code for doubt in new.guess.doubts}


def test_the_chief_town_of_a_zone_is_in_that_zone():
    known = [
        ((139.7, 35.6, 139.8, 35.7), "Asia/Tokyo"),  # told with seconds, as New York
        ((-87.7, 41.8, -87.6, 41.9), "America/Chicago"),
        ((114.3, 30.5, 114.4, 30.6), "Asia/Shanghai"),  # told without
    ]
    assert [nearest_zone(bounds) for bounds, _ in known] == [zone for _, zone in known]
    towns = {name: nearest_zone((lon, lat, lon, lat)) for name, lon, lat in zones_of_towns()}
    assert [name for name, found in towns.items() if found != name] == []
