"""Pages of New York: what it lacks is said, and people in fractions add up."""

from __future__ import annotations

import re

import pytest

from tests.views.shown import said
from wording.catalogue import load_words

WORDS = load_words()


@pytest.mark.real_city("nyc")
def test_a_city_without_checks_or_due_times_says_so(visit):
    page = visit("nyc", page="units", language="en")
    assert "Cannot judge" in said(page)
    assert not page.error
    rates = visit("nyc", page="units", part="rates", language="en").dataframe[0].value
    assert rates[WORDS("en", "units.col_meaning")].str.startswith("cannot be judged").all()


@pytest.mark.real_city("nyc")
def test_pages_agree_on_the_people_out_of_reach_though_they_come_in_fractions(visit):
    chosen = {"kind": "toilet", "language": "en"}
    told = re.search(r"\*\*([^*]+)\*\* have none", said(visit("nyc", page="capacity", **chosen)))
    assert f"**{told[1]}** residents are beyond" in said(visit("nyc", page="coverage", **chosen))
