"""Joint priority: the sum adds up, and weights are in the URL."""

from __future__ import annotations

import pytest

from analysis.model.question import PRIORITY_PARTS
from tests.views.shown import query_of, texts
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")


def points_of(page):
    """The arithmetic of the row shown: points of each part, and their sum."""
    frame = page.dataframe[-1].value
    return [float(text) for text in frame[WORDS("en", "priority.col_points")]]


def test_the_priority_page_shows_a_sum_that_adds_up(visit):
    page = visit(page="priority", language="en")
    *parts, total = points_of(page)
    assert len(parts) == 4
    assert sum(parts) == pytest.approx(total, abs=0.03)
    first = page.dataframe[0].value
    assert first[WORDS("en", "priority.score")].iloc[0] == pytest.approx(total, abs=0.06)
    assert WORDS("en", "priority.method") in "".join(texts(page))


def test_weights_are_in_the_url_and_move_the_list(visit):
    equal = visit(page="priority", language="en").dataframe[0].value
    page = visit(page="priority", language="en", weigh_reach="5", weigh_overdue="0")
    assert query_of(page)["weigh_reach"] == "5"
    weights = page.dataframe[-1].value[WORDS("en", "priority.col_weight")].tolist()
    assert weights == [ENGLISH.share(share) for share in (5 / 7, 1 / 7, 1 / 7, 0)] + ["100%"]
    place = WORDS("en", "hotspots.col_place")
    assert page.dataframe[0].value[place].tolist() != equal[place].tolist()
    page.selectbox(key="weigh_reach-en").set_value(0).run()
    assert not page.exception
    assert query_of(page)["weigh_reach"] == "0"


def test_a_city_without_issues_has_a_list_by_reach_alone_or_none(visit):
    page = visit("bare", page="priority", language="en")
    assert WORDS("en", "priority.none") in texts(page)


def test_all_weights_at_nothing_are_refused_in_words(visit):
    zero = {f"weigh_{part}": "0" for part in PRIORITY_PARTS}
    page = visit(page="priority", language="zh", **zero)
    assert any(WORDS("zh", "error.title") in text for text in texts(page))
    overview = visit(page="home", language="zh", **zero)
    assert not overview.error
