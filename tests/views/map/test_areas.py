"""An area drawn on the map without a browser: told of, outlined, drawn about a place, refused."""

from __future__ import annotations

import pytest
import shapely

from analysis.geometry.drawn_area import DrawnArea
from analysis.model.question import Question
from exports.recipes.area import area_figures
from exports.recipes.issue_answers import IssueAnswers
from maps.palette import NIGHT_DRAWN
from tests.views.shown import query_of, said
from views.controls.choice import AREAS
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
ENGLISH = Speaker(WORDS, "en")
COMMUNITY = "990106005"


@pytest.fixture(scope="module")
def circle(city):
    place = city.communities.representative_point().to_crs(4326)[COMMUNITY]
    return DrawnArea(((round(place.x, 5), round(place.y, 5)),), 800.0)


@pytest.mark.parametrize(
    "mode",
    ["coverage", "hotspots", *(pytest.param(m, marks=pytest.mark.full) for m in AREAS["map"])],
)
def test_an_area_is_told_of_in_every_mode(visit, city, circle, mode):
    page = visit(page=mode, language="en", area=circle.text())
    rows = area_figures(IssueAnswers(city), Question(standard="cn-life-circle"), circle)
    people = rows[rows["part"] == "inside"]["population"].iloc[0]
    assert f"**{ENGLISH.count(people)}**" in said(page)
    assert "Circle of radius 800" in page.subheader[0].value
    table = next(
        each.value for each in page.dataframe if WORDS("en", "zones.col_inside") in each.value
    )
    shown = rows[rows["part"] == "inside"]["population_covered"].map(ENGLISH.count)
    assert table[WORDS("en", "zones.col_covered")].tolist() == shown.tolist()


def test_the_outline_of_an_area_stands_out_from_dark_ground(drawn, circle):
    """Filled areas are as light on a dark page as on a light one; bare ground is dark there."""
    looks = {
        page: drawn(page=page, area=circle.text()).drawn.dark for page in ("hotspots", "coverage")
    }
    assert looks == {"hotspots": NIGHT_DRAWN, "coverage": None}


def test_an_area_is_outlined_and_gone_to(drawn, circle, city):
    spec = drawn(page="coverage", area=circle.text())
    assert spec.drawn is not None
    assert spec.fit.nonce == f"area {circle.text()}"
    (south, west), (north, east) = spec.fit.bounds
    lon, lat = circle.corners[0]
    assert shapely.box(west, south, east, north).contains(shapely.Point(lon, lat))
    assert (north - south) * 111_000 == pytest.approx(1600, rel=0.01)
    assert set(spec.tools) == {"polygon", "circle", "by_polygon", "by_circle"}


def test_a_circle_about_the_community_chosen_needs_no_pointer(visit):
    page = visit(page="coverage", language="en", community=COMMUNITY)
    (radius,) = [e for e in page.number_input if e.label == WORDS("en", "area.radius")]
    radius.set_value(750).run()
    (button,) = [e for e in page.button if e.label.startswith("Circle around")]
    button.click().run()
    kept = query_of(page)
    assert kept["area"].startswith("750@")
    assert "community" not in kept
    assert "Circle of radius 750" in page.subheader[0].value
    (clear,) = [e for e in page.button if e.label == WORDS("en", "coverage.clear")]
    clear.click().run()
    assert "area" not in query_of(page)


@pytest.mark.parametrize(
    "text", ["1@0,0", "500@-70,-30", "x", "112.5,30.7;112.6,30.8;112.6,30.7;112.5,30.8"]
)
def test_an_area_that_is_none_or_lies_elsewhere_is_not_taken_from_an_address(visit, text):
    page = visit(page="coverage", language="en", area=text)
    assert "area" not in query_of(page)


def test_a_city_without_residents_or_issues_says_what_it_knows(visit, towns):
    page = visit("bare", page="coverage", language="en", area="500@121.005,31.005")
    assert "Circle of radius 500" in page.subheader[0].value
    assert "lives in it" not in said(page)
    assert query_of(page)["area"] == "500@121.005,31.005"
