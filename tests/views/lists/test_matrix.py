"""The matrix shows the recipe and its top three."""

from __future__ import annotations

from analysis.handling.matrix import wide_matrix
from tests.views.shown import texts
from wording.catalogue import load_words

WORDS = load_words()


def test_the_matrix_shows_the_recipe_and_its_top_three(visit, year):
    page = visit(page="matrix", language="zh")
    table = page.dataframe[0].value
    cases = wide_matrix(year.matrix, level="ten", value="cases")
    assert table[WORDS("zh", "matrix.total")].sum() == cases.to_numpy().sum()
    assert table["乱扔乱倒"].sum() == cases["dump"].sum()
    assert table[WORDS("zh", "matrix.total")].is_monotonic_decreasing
    assert table[WORDS("zh", "matrix.top")].iloc[0].startswith("乱扔乱倒")
    again = visit(page="matrix", language="en", taxon="major", per="cases_per_km2")
    assert "City appearance and environment" in again.dataframe[0].value


def test_a_long_matrix_lists_the_first_and_says_of_how_many(visit, monkeypatch):
    whole = visit(page="matrix", language="en").dataframe[0].value
    monkeypatch.setattr("views.lists.matrix.SHOWN", 5)
    page = visit(page="matrix", language="en")
    assert page.dataframe[0].value.equals(whole.head(5))
    assert WORDS("en", "coverage.table_part", shown="5", n=str(len(whole))) in texts(page)
