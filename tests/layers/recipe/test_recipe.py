"""A wrong recipe, kind, standard or word is named exactly, with the near match."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from analysis.model.errors import ColumnError, CrsError, SettingsError, SourceError
from layers.knowledge.standards import DATA, load_kinds, load_standards
from layers.languages import LANGUAGES, in_every_language
from layers.load import load_city
from layers.recipe.parse import read_recipe
from layers.toml_entry import near_match
from tests.layers import toy
from wording.catalogue import load_words

ROOT = Path(__file__).resolve().parents[3]
HEAD = 'name = { zh = "试", en = "Trial" }' + toy.HEAD
TOILETS = """
[[layers]]
kind = "toilet"
file = "toilets.csv"
columns = { id = "id", Latitude = "lat", Longitude = "lon" }
url = "https://example.org/toilets"
"""


@pytest.fixture
def city(tmp_path):
    """A folder with one square community and two toilets; takes the recipe's text."""
    folder = tmp_path / "trial"
    folder.mkdir()
    toy.write_communities(folder)
    (folder / "toilets.csv").write_text("id,Latitude,Longitude\n1,39.9,116.4\n2,39.91,116.41\n")

    def write(text):
        (folder / "city.toml").write_text(text, encoding="utf-8")
        return folder

    return write


def refused(folder, error, problem):
    with pytest.raises(error) as caught:
        load_city(folder, city_data=folder / "nowhere")
    assert caught.value.problem == problem
    return caught.value


def test_the_plain_recipe_loads(city):
    loaded = load_city(city(HEAD + TOILETS), city_data=toy.NOWHERE)
    assert loaded.facilities.index.tolist() == ["1", "2"]
    assert loaded.facilities["status"].tolist() == ["unknown", "unknown"]
    assert loaded.communities["parent"].tolist() == [""]
    base = ("residents", "issues", "streets", "water", "residential", "built_up", "zone")
    kinds = tuple(name for name in load_kinds() if name != "toilet")
    assert loaded.absent == (*base, *kinds)


@pytest.mark.parametrize(
    ("before", "after", "problem", "near"),
    [
        ("time_zone", "timezone", "key_unknown", "time_zone"),
        ('kind = "toilet"', 'kind = "toilets"', "kind_unknown", "toilet"),
        ("url =", "urls =", "key_unknown", "url"),
        ('"lon"', '"long"', "our_column_unknown", "lon"),
        ('file = "toilets.csv"', 'file = "toilets.csv"\nformat = "cvs"', "format_unknown", "csv"),
        ("time_zone", 'language = "zh-hans"\ntime_zone', "word_unknown", "zh-Hant"),
        ("time_zone", 'standard = "cn-toilet-30"\ntime_zone', "word_unknown", "cn-toilet-300"),
        ('en = "Trial"', 'eng = "Trial"', "key_unknown", "en"),
        ("url =", 'remark = { zhh = "备注" }\nurl =', "key_unknown", "zh"),
    ],
)
def test_an_unknown_name_is_answered_with_the_near_one(city, before, after, problem, near):
    error = refused(city((HEAD + TOILETS).replace(before, after)), SettingsError, problem)
    assert f"did you mean '{near}'?" in str(error)
    assert error.facts["found"] in str(error)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("Asia/Shanghai", "Asia/Peking University", "time_zone"),
        ('file = "toilets.csv"', "file = 7", "file"),
        ('file = "toilets.csv"', 'publication_date = "2024"', "file"),
        ("url =", 'publication_date = "last May"\nurl =', "publication_date"),
        ("url =", 'optional = "yes"\nurl =', "optional"),
        *(
            (
                "url =",
                f'check = {{ crs = "EPSG:3826", x = "a", y = "b", tolerance_m = {odd} }}\nurl =',
                "tolerance_m",
            )
            for odd in ("true", "inf", "nan")
        ),
        ("columns = { id", 'columns = { code = "id", id', "columns"),
        ('kind = "communities"', 'kind = "market"', "layers"),
        (
            "url =",
            'check = { crs = "EPSG:3826", x = "a", y = "b", tolerance_m = -1 }\nurl =',
            "tolerance_m",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(city, before, after, key):
    folder = city((HEAD + TOILETS).replace(before, after))
    error = refused(folder, SettingsError, "entry_wrong")
    assert error.facts["key"] == key
    assert error.facts["allowed"] in str(error)


def test_a_language_that_is_none_is_refused_and_a_standard_of_the_city_is_known(city):
    error = refused(city(f'language = "cn"\n{HEAD}{TOILETS}'), SettingsError, "word_unknown")
    assert str(error) == "city.toml: language 'cn' is unknown; allowed are zh, zh-Hant, en"
    folder = city(f'standard = "ours"\n{HEAD}{TOILETS}')
    refused(folder, SettingsError, "word_unknown")
    (folder / "standards").mkdir()
    shutil.copy(DATA / "standards" / "cn-toilet-300.toml", folder / "standards" / "ours.toml")
    assert load_city(folder, city_data=folder).standard == "ours"


def test_a_missing_column_is_answered_with_those_present(city):
    error = refused(
        city((HEAD + TOILETS).replace("Latitude", "Latitud")), ColumnError, "column_missing"
    )
    assert str(error) == (
        "city.toml, layer 2 (toilet): toilets.csv: column 'Latitud' is missing; present are id,"
        " Latitude, Longitude; did you mean 'Latitude'?"
    )


def test_a_missing_file_is_named_with_folders_and_address(city):
    folder = city((HEAD + TOILETS).replace("toilets.csv", "wc.csv"))
    error = refused(folder, SourceError, "file_missing")
    assert error.facts["file"] == "wc.csv"
    assert str(folder) in error.facts["folders"]
    assert "https://example.org/toilets" in error.hint


def test_an_optional_layer_without_a_file_is_absent(city):
    text = (
        (HEAD + TOILETS).replace("toilets.csv", "wc.csv").replace("url =", "optional = true\nurl =")
    )
    loaded = load_city(city(text), city_data=toy.NOWHERE)
    assert "toilet" in loaded.absent
    assert len(loaded.facilities) == 0


def test_files_are_looked_for_in_the_city_data_too(city, tmp_path):
    folder = city(HEAD + TOILETS)
    for below in ("data/trial", "data"):
        place = tmp_path / below
        place.mkdir(parents=True, exist_ok=True)
        (folder / "toilets.csv").rename(place / "toilets.csv")
        assert len(load_city(folder, city_data=tmp_path / "data").facilities) == 2
        (place / "toilets.csv").rename(folder / "toilets.csv")


def test_no_recipe_and_broken_toml(tmp_path, city):
    refused(tmp_path, SettingsError, "city_missing")
    error = refused(city("name = = 1"), SettingsError, "toml_broken")
    assert "line 1" in str(error)


@pytest.mark.parametrize(
    ("added", "error", "problem"),
    [
        ('crs = "EPSG:999999"\n', SettingsError, "crs_name"),
        ('crs = "EPSG:2263"\n', SourceError, "places_system"),
        ('where = { id = ["7"] }\n', SourceError, "nothing_selected"),
    ],
)
def test_a_wrong_crs_or_filter_is_named(city, added, error, problem):
    refused(city((HEAD + TOILETS).replace("url =", added + "url =")), error, problem)


def test_exchanged_columns_are_recognised(city):
    text = (HEAD + TOILETS).replace(
        'Latitude = "lat", Longitude = "lon"', 'Latitude = "lon", Longitude = "lat"'
    )
    error = refused(city(text), SourceError, "places_swapped")
    assert error.hint == "Exchange the two columns."


def test_metres_need_a_crs(city):
    text = HEAD + TOILETS.replace('"lat"', '"y"').replace('"lon"', '"x"')
    refused(city(text), CrsError, "crs_missing_likely")


def test_a_crs_that_contradicts_the_file_is_refused(city):
    folder = city(
        (HEAD + TOILETS).replace("columns = { id", 'crs = "EPSG:2263"\ncolumns = { id', 1)
    )
    content = json.loads((folder / "communities.geojson").read_text())
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    (folder / "communities.geojson").write_text(json.dumps(content))
    refused(folder, CrsError, "crs_contradicts")


def test_feet_that_claim_to_be_degrees_are_refused(city):
    folder = city(HEAD + TOILETS)
    text = (folder / "communities.geojson").read_text().replace("116.", "1003059.")
    (folder / "communities.geojson").write_text(text)
    refused(folder, SourceError, "extent_wrong")


@pytest.mark.parametrize("rows", ["", "id,Latitude,Longitude\n"])
def test_an_empty_layer_is_refused(city, rows):
    folder = city(HEAD + TOILETS)
    (folder / "toilets.csv").write_text(rows)
    refused(folder, SourceError, "layer_empty" if rows else "file_empty")


def test_a_layer_without_one_usable_row_is_refused(city):
    folder = city(HEAD + TOILETS)
    (folder / "toilets.csv").write_text("id,Latitude,Longitude\n1,,\n2,x,y\n")
    error = refused(folder, SourceError, "nothing_loaded")
    assert "coordinates_missing (1), coordinates_unreadable (1, y, x)" in str(error)


@pytest.mark.parametrize(
    "folder", [path.parent for path in sorted((ROOT / "data").glob("*/city.toml"))]
)
def test_every_recipe_of_the_project_says_where_its_data_come_from(folder):
    kinds = {name: kind.columns for name, kind in load_kinds().items()}
    recipe, _ = read_recipe(folder, kinds=kinds)
    assert recipe.standard in load_standards()
    for layer in recipe.layers:
        assert layer.source
        assert layer.publication_date
        assert layer.licence
        assert layer.url.startswith("https://") or folder.name == "demo"


@pytest.mark.parametrize(
    ("found", "allowed", "answer"),
    [
        ("latitude", ["Latitude", "x"], "Latitude"),
        ("厕所名", ["厕所名称", "地址"], "厕所名称"),
        ("zzz", ["Latitude"], ""),
    ],
)
def test_near_match(found, allowed, answer):
    assert near_match(found, allowed) == answer


KIND = """
[bench]
name = { zh = "座椅", en = "Benches" }
colour = "#112233"
icon = "b"
columns = { seats = "number" }
"""


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("#112233", "blue", "entry_wrong"),
        ('"b"', '"bb"', "entry_wrong"),
        ('en = "Benches"', 'fr = "Bancs"', "entry_wrong"),
        ("colour", "color", "key_unknown"),
        ('"number"', '"numbr"', "value_unknown"),
        ("[bench]", "[issues]", "entry_wrong"),
        ("[bench]", "[bench", "toml_broken"),
    ],
)
def test_a_wrong_kind_is_named(tmp_path, before, after, problem):
    path = tmp_path / "kinds.toml"
    path.write_text(KIND, encoding="utf-8")
    assert load_kinds(path)["bench"].columns == {"seats": "number"}
    path.write_text(KIND.replace(before, after), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"kinds\.toml") as caught:
        load_kinds(path)
    assert caught.value.problem == problem


STANDARD = """
title = { zh = "标准", en = "Standard" }
publisher = "P"
document = "D"
date = "2024"
[[rules]]
id = "r"
kind = "toilet"
figure = "population_covered_share"
service_radius_m = 500
minimum = 0.9
minimum_basis = "project"
title = { zh = "一", en = "One" }
clause = "1.1"
source = "https://example.org"
confidence = "high"
"""


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('kind = "toilet"', 'kind = "toilets"', "value_unknown"),
        ("population_covered_share", "population_share", "value_unknown"),
        ('"high"', '"sure"', "value_unknown"),
        ('"project"', '"me"', "value_unknown"),
        ("minimum = 0.9", "minimum = 90", "entry_wrong"),
        ("minimum = 0.9", "minimum = -1", "entry_wrong"),
        ("minimum = 0.9", 'minimum = "0.9"', "entry_wrong"),
        ("service_radius_m = 500\n", "", "entry_wrong"),
        ("minimum = 0.9\n", "", "entry_wrong"),
        ("clause", "clauses", "key_unknown"),
        ('clause = "1.1"', "clause = 1.1", "entry_wrong"),
        ('clause = "1.1"', 'clause = { zh = "一" }', "entry_wrong"),
        ('publisher = "P"\n', "", "entry_wrong"),
        (STANDARD[STANDARD.index("[[") :], "", "entry_wrong"),
        ('kind = "toilet"', 'kind = ["toilet"]', "value_unknown"),
        ('figure = "population_covered_share"', "figure = { a = 1 }", "value_unknown"),
        ("service_radius_m = 500", "service_radius_m = inf", "entry_wrong"),
        ("service_radius_m = 500", "service_radius_m = 0.5", "entry_wrong"),
        ("service_radius_m = 500", "service_radius_m = 2e6", "entry_wrong"),
        ("population_covered_share", "density_per_km2", "entry_wrong"),
        ('confidence = "high"', 'confidence = "high"\nland = "built_up"', "entry_wrong"),
        ('id = "r"', 'id = ""', "entry_wrong"),
        ('id = "r"', 'id = "a b"', "entry_wrong"),
        ('zh = "标准"', 'zh = " "', "entry_wrong"),
        ('source = "https://example.org"', 'source = ""', "entry_wrong"),
    ],
)
def test_a_wrong_standard_is_named(tmp_path, before, after, problem):
    path = tmp_path / "mine.toml"
    path.write_text(STANDARD, encoding="utf-8")
    assert load_standards(tmp_path)["mine"].rules[0].service_radius_m == 500
    path.write_text(STANDARD.replace(before, after), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine\.toml") as caught:
        load_standards(tmp_path)
    assert caught.value.problem == problem


def test_a_clause_is_one_text_or_one_in_each_language(tmp_path):
    path = tmp_path / "mine.toml"
    both = STANDARD.replace('"1.1"', '{ zh = "第 1.1 条", en = "clause 1.1" }')
    for text, clause in (
        (STANDARD, dict.fromkeys(LANGUAGES, "1.1")),
        (both, in_every_language({"zh": "第 1.1 条", "en": "clause 1.1"})),
    ):
        path.write_text(text, encoding="utf-8")
        assert load_standards(tmp_path)["mine"].rules[0].clause == clause


@pytest.mark.parametrize(("first", "second"), [("r", "r"), ("r-1", "R_1"), ("r", "r-walk")])
def test_rules_whose_columns_would_have_one_name_are_refused(tmp_path, first, second):
    rules = STANDARD[STANDARD.index("[[") :].replace('"r"', f'"{second}"')
    text = STANDARD.replace('"r"', f'"{first}"') + rules
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="each id once"):
        load_standards(tmp_path)


def test_a_standard_in_another_encoding_is_told_so(tmp_path):
    (tmp_path / "mine.toml").write_bytes(STANDARD.encode("gb18030"))
    with pytest.raises(SettingsError, match=r"mine\.toml.*UTF-8") as caught:
        load_standards(tmp_path)
    assert (caught.value.problem, caught.value.hint) == (
        "toml_encoding",
        "Save it anew, encoded as UTF-8.",
    )


def test_the_project_s_own_kinds_and_standards_are_sound():
    kinds = load_kinds()
    assert list(kinds) == list(tomllib.loads((ROOT / "data/kinds.toml").read_text("utf-8")))
    assert len(load_standards(kinds=kinds)) == len(list((ROOT / "data/standards").glob("*.toml")))


def test_words_say_their_facts_and_are_loud_when_missing(tmp_path):
    path = tmp_path / "words.toml"
    path.write_text('[a]\nb = { zh = "{n} 行", en = "{n} rows" }', encoding="utf-8")
    words = load_words(tmp_path)
    assert words("en", "a.b", n=3, unused=1) == "3 rows"
    assert words("zh", "a.b", n="{n}") == "{n} 行"
    for key, facts, problem in [("a.c", {"n": 1}, "words_missing"), ("a.b", {}, "words_fact")]:
        with pytest.raises(SettingsError) as caught:
            words("en", key, **facts)
        assert caught.value.problem == problem


@pytest.mark.parametrize(
    "text",
    [
        '[a]\nb = { zh = "一" }',
        '[a]\nb = { zh = "{n}", en = "{m}" }',
        "[a]\nb = { zh = 1, en = 2 }",
        "a = 1",
    ],
)
def test_words_in_one_language_only_are_refused(tmp_path, text):
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_words(tmp_path)
    assert caught.value.problem == "words_wrong"


def test_words_of_every_file_are_loaded_and_none_stands_twice(tmp_path):
    for name in ("one", "two"):
        text = f'[{name}]\nb = {{ zh = "甲", en = "{name}" }}'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    assert list(load_words(tmp_path)) == ["one.b", "two.b"]
    (tmp_path / "three.toml").write_text('[two]\nb = { zh = "甲", en = "x" }', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"two\.toml: two\.b must be in one file only"):
        load_words(tmp_path)


def test_a_folder_without_words_is_told(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load_words(tmp_path)
    assert caught.value.problem == "settings_missing"
