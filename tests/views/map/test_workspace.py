"""The map workspace without a browser: modes, the panel beside the map, what stays."""

from __future__ import annotations

import pytest

from tests.views.shown import query_of, said
from views.controls.choice import AREAS, PANELS
from views.map.workspace import MAP_KEY
from wording.catalogue import load_words

WORDS = load_words()
MODES = AREAS["map"]
COMMUNITY = "990106005"


def tabs(page):
    (panel,) = [each for each in page.button_group if each.label == WORDS("en", "workspace.panel")]
    return panel


def press(page, label, value):
    (group,) = [each for each in page.button_group if each.label == WORDS("en", label)]
    return group.set_value(value).run()


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_shows_the_community_chosen(drawn, mode):
    spec = drawn(page=mode, community=COMMUNITY)
    assert spec.areas.selected is not None
    assert spec.fit.nonce == COMMUNITY


def test_modes_share_the_map_and_what_is_chosen(visit):
    page = visit(page="coverage", language="en", community=COMMUNITY, category="")
    keys = {MAP_KEY}
    for mode in MODES[1:]:
        press(page, "app.page", mode)
        assert not page.exception
        kept = query_of(page)
        assert (kept["page"], kept["community"]) == (mode, COMMUNITY)
        shown = [each.proto.id for each in page.get("component_instance")]
        assert len(shown) == 1
        keys.add(shown[0])
    assert len(keys) == 2, "the map has another identity in another mode"


def test_what_is_chosen_is_told_of_until_another_part_is_asked_for(visit):
    page = visit(page="capacity", language="en")
    assert tabs(page).value == "ranking"
    page = visit(page="capacity", language="en", community=COMMUNITY)
    assert tabs(page).value == "details"
    assert "Shenjiaqiao" in said(page) or "Shenjiaqiao" in page.subheader[0].value
    press(page, "workspace.panel", "ranking")
    assert query_of(page)["panel"] == "ranking"
    assert query_of(page)["community"] == COMMUNITY


@pytest.mark.parametrize("part", PANELS[1:])
@pytest.mark.parametrize(
    "mode", ["coverage", "silence", *(pytest.param(m, marks=pytest.mark.full) for m in MODES)]
)
def test_every_part_of_every_mode_is_drawn_with_and_without_a_community(visit, mode, part):
    for community in ("", COMMUNITY):
        page = visit(page=mode, language="en", panel=part, community=community)
        assert tabs(page).value in {part, "ranking"}


def test_another_area_forgets_the_community(visit):
    page = visit(page="coverage", language="en", community=COMMUNITY)
    press(page, "app.area", "lists")
    assert "community" not in query_of(page)


def test_a_place_typed_is_found_marked_and_gone_to_in_every_mode(visit, drawn, city):
    facility = city.facilities.iloc[0]
    page = visit(page="hotspots", language="en", find=facility["name_en"])
    (hit,) = [each for each in page.button if facility["name_en"] in each.label]
    hit.click().run()
    kept = query_of(page)
    assert kept["at"] == f"facility:{city.facilities.index[0]}"
    home = city.communities.index[city.communities.contains(facility.geometry)]
    assert kept["community"] == home[0]
    place = city.facilities.geometry.iloc[[0]].to_crs(4326).iloc[0]
    for mode in ("hotspots", "coverage"):
        spec = drawn(page=mode, at=kept["at"], community=kept["community"])
        assert (spec.marks[0].lon, spec.marks[0].lat) == pytest.approx((place.x, place.y), abs=1e-5)
        assert spec.marks[0].title == facility["name_en"]
        (south, west), (north, east) = spec.fit.bounds
        assert south < place.y < north
        assert west < place.x < east
        assert (north - south) * 111_000 == pytest.approx(500, rel=0.05)


def test_a_place_that_no_data_hold_is_said_to_be_unknown(visit):
    page = visit(page="coverage", language="en", find="Atlantis<b>")
    assert "called “Atlantis" in said(page)


OTHER = "990106004"


@pytest.mark.parametrize(
    "mode", ["coverage", "hotspots", *(pytest.param(m, marks=pytest.mark.full) for m in MODES)]
)
def test_two_communities_stand_beside_each_other_with_the_figures_of_each_alone(visit, mode):
    query = {"page": mode, "language": "en"}
    beside = visit(community=COMMUNITY, second=OTHER, panel="details", **query).dataframe[0].value
    assert beside.shape[1] == 3
    turned = visit(community=OTHER, second=COMMUNITY, panel="details", **query).dataframe[0].value
    assert turned.columns.tolist() == [beside.columns[at] for at in (0, 2, 1)]
    for name in beside.columns:
        assert beside[name].tolist() == turned[name].tolist()
    assert beside.iloc[:, 1].tolist() != beside.iloc[:, 2].tolist()


def test_after_compare_the_next_community_is_the_second_and_then_a_first_again(visit, drawn, city):
    page = visit(page="capacity", language="en", community=COMMUNITY, panel="ranking")
    (button,) = [e for e in page.button if e.label == WORDS("en", "workspace.compare")]
    button.click().run()
    assert WORDS("en", "workspace.choose_second") in said(page)
    kept = query_of(page)
    assert kept["second"] == "next"
    spec = drawn(page="capacity", community=COMMUNITY, second=OTHER)
    places = city.communities.index.get_indexer([COMMUNITY, OTHER]).tolist()
    assert [spec.areas.selected, spec.areas.second] == places
    assert spec.fit.nonce == f"{COMMUNITY} {OTHER}"
    alone = query_of(visit(page="capacity", language="en", second=OTHER))
    assert "second" not in alone
