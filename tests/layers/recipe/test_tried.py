"""What a recipe says is tried when it is read: a slip is one sentence, never a traceback."""

from __future__ import annotations

import datetime as dt
import json
import math

import pytest

from analysis.model.errors import PlanningError, SettingsError
from layers.languages import LANGUAGES
from layers.load import load_city
from layers.recipe.schema import CHECK_KEYS, CITY_KEYS, GROUP_KEYS, JOIN_KEYS, LAYER_KEYS
from tests.layers.toy import write_communities
from wording.catalogue import load_words
from wording.speaker import Speaker

CITY = {"name": {"en": "Trial"}, "time_zone": "Asia/Shanghai", "as_of": "2024-06-01"}
COMMUNITIES = {
    "kind": "communities",
    "file": "communities.geojson",
    "columns": {"id": "id", "name": "name"},
}
ISSUES = {
    "kind": "issues",
    "file": "i.csv",
    "columns": {"id": "id", "t": "reported_at", "lon": "lon", "lat": "lat"},
}
INNER = {
    "join": {"file": "i.csv", "on": {"id": "id"}, "columns": {"note": "category"}},
    "group": {"by": ["id"], "count": ""},
    "check": {"crs": "EPSG:4326", "x": "lon", "y": "lat", "tolerance_m": 5},
}
HOSTILE = (
    0, -1, 10**40, 1.5, math.nan, math.inf, True, "", " ", "x" * 5000, "(", "(?P<lon>", "%k", "%",
    "\\", "🙂", "\x1b[31m", "\x00", "../x", "**a", "/", "..", "auto", "rot13", "EPSG:0", "+proj=",
    "9999-12-31", "2024-02-31", "0000", "2026年6月30日", [], [""], [1], [[]], {}, {"a": 1},
    {"": ""}, {"id": "id"}, {"id": ["id", "id"]}, {"*": {"*": "*"}}, dt.date(9999, 1, 1),
    dt.time(1, 2),
)  # fmt: skip


def written(value):
    """Write a value as TOML does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value).replace("\x7f", "") if isinstance(value, str) else repr(value)


def text_of(city, *layers):
    lines = [f"{key} = {written(value)}" for key, value in city.items()]
    for layer in layers:
        lines += ["[[layers]]", *(f"{written(k)} = {written(v)}" for k, v in layer.items())]
    return "\n".join(lines) + "\n"


@pytest.fixture
def outcome(tmp_path):
    """Load a city with these entries; give the error, if any."""
    write_communities(tmp_path)
    (tmp_path / "i.csv").write_text("id,t,lon,lat,note\n1,2024-03-05,116.4,39.9,x\n")
    speakers = [Speaker(load_words(), language) for language in LANGUAGES]

    def load(city, *layers):
        (tmp_path / "city.toml").write_text(text_of(city, *layers), encoding="utf-8")
        try:
            load_city(tmp_path, city_data=tmp_path / "nowhere")
        except PlanningError as error:
            refused = error
        else:
            return None
        for speaker in speakers:
            assert speaker.error(refused)
            assert speaker.hint(refused)
        return refused

    return load


def some(keys, number):
    """Every so-many-th hostile value for a key, another one first for each; all of them in full."""
    return [
        *((key, HOSTILE[at % number :: number]) for at, key in enumerate(keys)),
        *(pytest.param(key, HOSTILE, marks=pytest.mark.full) for key in keys),
    ]


@pytest.mark.parametrize(("key", "values"), some(CITY_KEYS, 3))
def test_any_value_of_the_city(outcome, key, values):
    for value in values:
        layers = () if key == "layers" else (COMMUNITIES, ISSUES)
        outcome({**CITY, key: value}, *layers)


@pytest.mark.parametrize(("key", "values"), some(LAYER_KEYS, 3))
def test_any_value_of_a_layer(outcome, key, values):
    for value in values:
        outcome(CITY, COMMUNITIES, {**ISSUES, key: value})


@pytest.mark.parametrize(("name", "values"), some(INNER, 4))
def test_any_value_within_a_layer(outcome, name, values):
    for key in {"join": JOIN_KEYS, "group": GROUP_KEYS, "check": CHECK_KEYS}[name]:
        for value in values:
            outcome(CITY, COMMUNITIES, {**ISSUES, name: {**INNER[name], key: value}})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("times", "%Y-%m-%d %k:%M"), ("times", "%s"), ("times", "%H:%M"), ("times", "day"),
        ("quote_pattern", "("), ("quote_pattern", "x*"), ("encoding", "rot13"),
        ("encoding", "utf-99"), ("publication_date", "2024-02-31"), ("publication_date", "9999"),
        ("publication_date", "٢٠٢٤"), ("file", "a**b"),
    ],
)  # fmt: skip
def test_a_slip_names_entry_key_value_and_what_is_allowed(outcome, key, value):
    error = outcome(CITY, COMMUNITIES, {**ISSUES, key: value})
    assert isinstance(error, SettingsError)
    assert error.problem == "entry_wrong"
    assert str(error).startswith(f"city.toml, layer 2 (issues): {key} is {value!r}; allowed is ")


@pytest.mark.parametrize("pattern", ["(", "(?P<lon>.*)", "(?P<lon>.)(?P<y>.)"])
def test_a_pattern_of_positions_is_tried_though_no_column_uses_it(outcome, pattern):
    error = outcome(CITY, COMMUNITIES, {**ISSUES, "position_pattern": pattern})
    assert error.problem == "position_pattern"


@pytest.mark.parametrize("text", ["2026年6月30日", "2024-13-01", "2024-06", "1899-12-31"])
def test_the_day_of_the_city_is_a_whole_day(outcome, text):
    error = outcome({**CITY, "as_of": text}, COMMUNITIES)
    assert str(error) == f"city.toml: as_of is {text!r}; allowed is YYYY-MM-DD."


@pytest.mark.parametrize(
    ("how", "count"), [("epoch_s", "17096256e2"), ("epoch_ms", "1709625600000")]
)
def test_counts_since_1970_are_times(tmp_path, outcome, how, count):
    outcome(CITY, COMMUNITIES, {**ISSUES, "times": how})
    (tmp_path / "i.csv").write_text(f"id,t,lon,lat\n1,{count},116.4,39.9\n2,1e30,116.4,39.9\n")
    city = load_city(tmp_path, city_data=tmp_path / "nowhere")
    first, second = city.issues["reported_at"]
    assert first.isoformat() == "2024-03-05T16:00:00+08:00"
    assert second is not first
    assert second != second  # noqa: PLR0124  not a time


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = 1" + "0" * 5000, "a = {" * 3000])
def test_toml_that_no_parser_ends_is_one_sentence(tmp_path, text):
    (tmp_path / "city.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_city(tmp_path, city_data=tmp_path)
    assert caught.value.problem == "toml_broken"
