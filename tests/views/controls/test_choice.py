"""A choice and its query say the same."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from layers.knowledge.standards import load_standards
from layers.languages import LANGUAGES
from views.controls.choice import (
    DAYS,
    LAYERS,
    PAGES,
    SHARES,
    Choice,
    read_choice,
    rules_of,
)

STANDARDS = load_standards()


def choices(city):
    """Any choice that widgets of this city can make."""
    days = st.dates(*DAYS).map(str) | st.just("")
    return st.builds(
        Choice,
        page=st.sampled_from(PAGES),
        language=st.sampled_from(LANGUAGES),
        standard=st.sampled_from(sorted(STANDARDS)),
        kind=st.sampled_from(sorted(city.kinds)),
        radius=st.integers(1, 100_000) | st.just(0),
        share=st.sampled_from(SHARES),
        community=st.sampled_from(["", *city.communities.index]),
        category=st.sampled_from(["", *sorted(city.issues["category"].unique())]),
        since=days,
        until=days,
        cell=st.sampled_from([0, 50, 120, 5000]),
        layer=st.sampled_from(LAYERS),
        place=st.sampled_from(["", "3-4"]),
        against=st.sampled_from(["", *sorted(STANDARDS)]),
        parent=st.sampled_from(sorted({"", *city.communities["parent"]})),
        edition=st.sampled_from(sorted(city.earlier)),
    )


@given(data=st.data())
def test_a_choice_comes_back_from_its_query(city, data):
    settled = data.draw(choices(city))
    rules = sorted(rules_of(STANDARDS[settled.standard], settled.kind))
    rule = data.draw(st.sampled_from(rules)) if rules else ""
    against = "" if settled.against == settled.standard else settled.against
    settled = dataclasses.replace(settled, rule=rule, against=against)
    assert read_choice(settled.query(), city, STANDARDS) == settled


def test_a_city_is_asked_of_no_level_that_its_list_does_not_speak_of(city):
    taxonomy = dataclasses.replace(city.taxonomy, levels=("major", "category"))
    elsewhere = dataclasses.replace(city, taxonomy=taxonomy)
    asked = {"page": "matrix", "taxon": "ten"}
    assert read_choice(asked, elsewhere, STANDARDS).taxon == "major"
    assert read_choice(asked, city, STANDARDS).taxon == "ten"


FIELDS = [item.name for item in dataclasses.fields(Choice)]

WILD = st.text(max_size=30) | st.sampled_from(
    ["nan", "inf", "-1", "1e400", "0x10", "NaT", "now", "0001-01-01", "9999-12-31", "2024-W01-1"]
)


@given(query=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), WILD))
def test_any_query_gives_a_choice_that_fits(city, query):
    choice = read_choice(query, city, STANDARDS)
    assert read_choice(choice.query(), city, STANDARDS) == choice
    assert choice.page in PAGES
    assert choice.kind in city.kinds
    assert choice.rule == "" or choice.rule in rules_of(STANDARDS[choice.standard], choice.kind)
    assert choice.community == "" or choice.community in city.communities.index
    for day in (choice.since, choice.until):
        assert day == "" or str(DAYS[0]) <= day <= str(DAYS[1])
