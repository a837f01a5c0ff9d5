"""The page of capacity shows the recipe and its arithmetic."""

from __future__ import annotations

import pytest

from analysis.coverage.capacity import arithmetic, judge_capacity
from analysis.coverage.figures import NETWORK
from tests.views.shown import query_of, said
from wording.catalogue import load_words
from wording.speaker import Speaker

ENGLISH = Speaker(load_words(), "en")


def test_capacity_shows_the_recipe_and_its_arithmetic(visit, city, preparation):
    kind = city.kinds["toilet"]
    found = judge_capacity(
        preparation, kind, service_radius=500, method="gaussian", measure=NETWORK, need_per_1000=2.5
    )
    query = {
        "page": "capacity",
        "language": "en",
        "kind": "toilet",
        "radius": "500",
        "catchment": "gaussian",
        "need": "2.5",
    }
    page = visit(**query)
    whole = found.whole
    for figure in ("people_served", "people_over_capacity", "people_out_of_reach"):
        assert f"**{ENGLISH.count(whole[figure])}**" in said(page)
    assert "2.50 stalls per 1,000" in said(page)
    assert "one within a walk of 500" in said(page)
    straight = said(visit(measure="straight", **query))
    assert "in a straight line" in straight
    assert f"**{ENGLISH.count(whole['people_out_of_reach'])}**" not in straight
    worst = found.table.set_index("community_id")["people_over_capacity"].idxmax()
    terms = arithmetic(found, worst)
    assert page.dataframe[0].value["Over capacity"].iloc[0] == round(
        found.table["people_over_capacity"].max()
    )
    shown = visit(panel="details", **query).dataframe[0].value
    assert shown["Adds"].tolist() == pytest.approx(terms["adds_per_1000"].round(3).tolist())
    assert query_of(page)["need"] == "2.5"


def test_capacity_is_not_judged_without_residents(visit):
    page = visit("bare", page="capacity", language="en")
    assert "Capacity cannot be judged: there is no residents layer." in said(page)
