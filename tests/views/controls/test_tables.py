"""Tables on a page: their numbers as the language writes them, and no table styled cell by cell."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layers.languages import LANGUAGES
from views.controls.choice import Choice
from views.controls.printing import column_decimals
from wording.catalogue import load_words
from wording.numbers import THIN_SPACE


def page():
    # ruff: noqa: PLC0415  the page is run by its text alone
    import pandas as pd
    import streamlit as st

    from views.controls.tables import share_column, show_table

    table = pd.DataFrame(
        {
            "people": pd.array([1234, None, -5000], dtype="Int32"),
            "metres": pd.Series([0.1, 12345.67891, None], dtype="float32"),
            "few": [1, 2, 3],
            "rate": [176.0, 176.3, None],
            "great": [0.25, 4321.0, 2.5],
            "share": [1000.0, 5.0, 90.9349593495935],
            "far": [True, False, True],
            "name": ["a", "b", "c"],
        }
    )
    show_table(table, columns={"share": share_column(), "few": st.column_config.Column(width=45)})


@pytest.fixture(params=["en", "zh"])
def shown(request):
    app = AppTest.from_function(page)
    app.session_state["choice"] = Choice(language=request.param)
    (table,) = app.run().dataframe
    looks = json.loads(table.proto.columns)
    forms = {name: (look.get("type_config") or {}).get("format") for name, look in looks.items()}
    return request.param, table, forms, looks


def test_great_numbers_are_grouped_where_the_language_groups_them(shown):
    language, _, forms, looks = shown
    given = {name: form for name, form in forms.items() if form}
    grouped = {
        "people": f"%'{THIN_SPACE},d",
        "metres": f"%'{THIN_SPACE},f",
        "great": f"%'{THIN_SPACE},.2f",
    }
    alike = {"share": "%.1f%%", "rate": "%.1f", "great": "%.2f"}
    assert given == {**alike, **(grouped if language == "en" else {})}
    assert looks["few"]["width"] == 45


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ([176.0, 176.3, None], 1),
        ([0.25, 1.5], 2),
        ([1.0, 2.0], 0),
        ([0.1234, 12.0], 0),
        ([1, 2], 0),
        ([], 0),
    ],
)
def test_all_values_of_a_column_have_as_many_decimals(values, digits):
    assert column_decimals(pd.Series(values)) == digits


def test_a_table_sends_numbers_once_and_with_the_decimals_that_are_shown(shown):
    _, table, _, _ = shown
    assert not table.proto.arrow_data.HasField("styler")
    assert table.value["people"].dropna().tolist() == [1234, -5000]
    assert table.value["metres"].dropna().tolist() == [0.1, 12345.6787]
    assert table.value["share"].tolist() == [1000.0, 5.0, 90.9]
    assert pd.isna(table.value["metres"].iloc[2])


def bare_page():
    # ruff: noqa: PLC0415  the page is run by its text alone
    import pandas as pd

    from views.controls.tables import pick_row, pick_rows, show_table

    nothing = pd.DataFrame({"name": []})
    show_table(nothing)
    pick_row("community", nothing, [], key="one")
    assert pick_rows(nothing, key="several") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_without_rows_says_so_in_the_language_of_the_page(language):
    app = AppTest.from_function(bare_page)
    app.session_state["choice"] = Choice(language=language)
    app.run()
    assert not app.exception
    assert [each.value for each in app.caption] == [load_words()(language, "app.no_rows")] * 3
    assert not app.dataframe
