"""Levels above communities: what a recipe says of them, clear errors, notes with numbers."""

from __future__ import annotations

import pytest
import shapely

from analysis.model.errors import PlanningError
from analysis.model.levels import LEVELS, levels_of
from layers.languages import LANGUAGES
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities
from wording.catalogue import load_words
from wording.names import known_names, level_names

NAMES = 'levels = [{ zh = "街道", en = "Sub-district" }, { zh = "区", en = "District" }]\n'
ROW = [shapely.box(116.3 + x / 10, 39.85, 116.4 + x / 10, 39.95) for x in range(3)]


def load(folder, levels=NAMES, **columns):
    named = {"id": ["1", "2", "3"], "name": ["甲", "乙", "丙"]} | columns
    write_communities(folder, ROW, **named)
    pairs = ", ".join(f'{each} = "{each}"' for each in named)
    head = HEAD.replace('id = "id", name = "name"', pairs)
    (folder / "city.toml").write_text(levels + head, "utf-8")
    return load_city(folder, city_data=NOWHERE)


def notes_of(city):
    return {note.rule: note for note in city.reports[0].notes}


def test_levels_are_named_and_their_areas_too(tmp_path):
    city = load(
        tmp_path,
        parent=["一街道", "一街道", "二街道"],
        parent_2=["东区", "东区", "西区"],
        parent_2_en=["East", "East", "West"],
    )
    assert levels_of(city.communities) == LEVELS[:2]
    assert level_names(city, "en") == {"parent": "Sub-district", "parent_2": "District"}
    assert known_names(city.communities, "en")["parent_2"] == {"东区": "East", "西区": "West"}
    assert {"level_split", "level_not_given"}.isdisjoint(notes_of(city))


def test_what_does_not_nest_or_is_not_given_is_told_with_numbers(tmp_path):
    city = load(tmp_path, parent=["一街道", "一街道", "二街道"], parent_2=["东区", "西区", ""])
    split, missing = (notes_of(city)[rule] for rule in ("level_split", "level_not_given"))
    assert (split.count, split.first, split.facts["areas"]) == (2, ("1", "2"), 1)
    assert (missing.count, missing.first, missing.facts["level"]) == (1, ("3",), "parent_2")
    words = load_words()
    for language in LANGUAGES:
        assert "一街道" in words(language, "note.level_split", **split.facts)
        assert "3" in words(language, "note.level_not_given", **missing.facts)


def test_a_level_that_is_named_and_not_filled_is_refused(tmp_path):
    with pytest.raises(PlanningError, match=r"parent_2 is absent or empty; filled are parent") as e:
        load(tmp_path, parent=["一街道", "", ""])
    assert e.value.problem == "levels_empty"


@pytest.mark.parametrize(
    "text",
    [
        'levels = "区"\n',
        'levels = ["街道", "区"]\n',
        'levels = [{ zh = "街道" }]\n',
        'levels = [{ zh = "街道", en = " " }]\n',
        'levels = [{ zh = "街道", en = 5 }]\n',
        'levels = [{ zh = "街道", en = "Street", fr = "rue" }]\n',
        "levels = [" + ", ".join(['{ zh = "级", en = "L" }'] * 7) + "]\n",
    ],
)
def test_levels_that_are_no_list_of_names_are_refused(tmp_path, text):
    with pytest.raises(PlanningError, match="levels"):
        load(tmp_path, text, parent=["一街道", "一街道", "二街道"])


def test_a_seventh_level_is_no_column(tmp_path):
    with pytest.raises(PlanningError, match="parent_7"):
        load(tmp_path, "", parent=["一街道"] * 3, parent_7=["东区"] * 3)
