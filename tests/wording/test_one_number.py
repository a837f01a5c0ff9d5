"""Facilities to add are told of a community alone; their sum is never told as what is needed."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

from commands.console import SHOWN
from exports.formats.xlsx import REPORT_COLUMNS
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.standards import load_kinds
from layers.languages import LANGUAGES
from wording.catalogue import load_words
from wording.names import lacking_text
from wording.speaker import Speaker

ROOT = Path(__file__).resolve().parents[2]
WORDS, KIND = load_words(), load_kinds()["toilet"]
ALONE = {"zh": "本社区单独计算", "en": "this community alone"}
NUMBER = "facilities_to_add"
TOLD_BY = {
    "wording/names.py",  # the sentence of a community
    "exports/recipes/home.py",  # the card of a community
    "views/cache/facilities.py",  # the rows of a community
    "exports/recipes/coverage.py",  # makes the columns of the tables
    "exports/formats/xlsx.py",  # the same, of the report
}


@pytest.fixture(params=ALONE)
def translate(request):
    return Speaker(WORDS, request.param)


def row(**more):
    return pd.Series({"shortfall": 50.0, "shortfall_unit": "people", NUMBER: 77, **more})


def test_the_number_of_a_community_says_that_it_is_of_it_alone(translate):
    told = lacking_text(translate, row(), KIND)
    assert "77" in told
    assert ALONE[translate.language] in told
    for key in ("home.to_add", "finding.add", "siting.alone"):
        assert ALONE[translate.language] in translate(key, n="77", kind="?")


def test_of_several_no_sum_is_told_but_how_few_do_together(translate):
    told = lacking_text(translate, row(communities=9), KIND)
    assert "77" not in told
    assert told == translate("lacking.people", n="50", unit="")
    found = lacking_text(translate, row(communities=9), KIND, together=61)
    assert "61" in found
    assert "77" not in found


def test_where_the_sum_is_told_it_is_at_most():
    for language, at_most in (("zh", "至多"), ("en", "at most")):
        assert at_most in WORDS(language, "siting.together", alone="77", spared="16")
    for name, table in load_dictionary().tables.items():
        for column in table.columns:
            if column.id == NUMBER:
                of_several = name == "summary"
                wanted = {"zh": "至多", "en": "at most"} if of_several else ALONE
                assert all(wanted[each] in column.title[each] for each in ALONE), name
    assert set(ALONE) <= set(LANGUAGES)


def test_no_command_and_no_report_shows_the_sum():
    assert all(NUMBER not in columns for columns in SHOWN.values())
    assert NUMBER in REPORT_COLUMNS  # of communities: the sheet has no row of the city


def test_nothing_else_takes_the_number():
    used = {
        path.relative_to(ROOT).as_posix()
        for floor in ("views", "exports", "commands", "wording", "maps", "charts")
        for path in (ROOT / floor).rglob("*.py")
        if any(
            NUMBER in {getattr(node, "value", None), getattr(node, "id", None)}
            or getattr(node, "arg", None) == NUMBER
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant | ast.Name | ast.keyword)
        )
    }
    assert used <= TOLD_BY
