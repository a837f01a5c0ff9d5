"""What is kept between runs: made once, made again when it must, and not before anyone asks."""

from __future__ import annotations

import importlib

import pytest

from maps.store import GeoStore
from tests.conftest import ROOT
from tests.views.shown import said, texts
from tests.views.towns import write_town
from views import cache
from views.map import coverage
from views.map_widget.shared_store import STORE
from wording.catalogue import load_words

WORDS = load_words()
kept = importlib.import_module("views.cache.city")  # the package's own `city` is a function


def test_a_city_that_names_no_standard_can_be_served(tmp_path, monkeypatch):
    town = write_town(tmp_path / "plain", "id,lon,lat\nt1,121.005,31.005\n")
    recipe = (town / "city.toml").read_text("utf-8")
    (town / "city.toml").write_text(recipe.replace('standard = "cn-life-circle"\n', ""), "utf-8")
    monkeypatch.setenv("CITY", str(town))
    monkeypatch.setattr("gc.freeze", lambda: None)
    cache.warm_up(GeoStore())


def test_a_map_shown_again_has_everything_promised_again(visit):
    names = []
    for _ in range(2):
        STORE._promises.clear()
        visit(page="coverage", kind="toilet", standard="cn-life-circle", radius="1150")
        names.append(set(STORE._promises))
    assert names[0] == names[1]
    assert len(names[0]) == 9  # areas, text, points, gaps; green, water, streets, names, districts


def test_nothing_is_asked_of_facilities_until_someone_asks(visit, monkeypatch):
    monkeypatch.setattr("exports.recipes.facility_answers.apply_filter", None)
    page = visit(page="coverage", language="en", kind="toilet")
    assert WORDS("en", "coverage.table_share") in said(page)


def test_an_answer_is_made_once_for_all_sessions(visit, monkeypatch):
    first = visit(page="coverage", language="en", radius="700")
    monkeypatch.setattr(coverage, "_answer", None)
    again = visit(page="coverage", language="en", radius="700")
    assert texts(again) == texts(first)
    assert again.dataframe[0].value.equals(first.dataframe[0].value)


def knowledge_files():
    files = (ROOT / "data").rglob("*.toml")
    cities = {path.parent for path in (ROOT / "data").glob("*/city.toml")}
    return sorted(path.relative_to(ROOT) for path in files if path.parent not in cities)


@pytest.mark.parametrize("file", knowledge_files(), ids=str)
def test_pages_are_made_anew_when_what_they_are_made_of_changes(file, tmp_path, monkeypatch):
    for known in knowledge_files():
        (tmp_path / known).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / known).touch()
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    stamps = []
    for text in ("", "# changed"):
        (tmp_path / file).write_text(text, "utf-8")
        kept._stamp_at.cache_clear()
        stamps.append(kept._data_stamp())
    kept._stamp_at.cache_clear()
    assert stamps[0] != stamps[1]
