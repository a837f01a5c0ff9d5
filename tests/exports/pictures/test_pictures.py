"""A picture shows the rows, colours and legend of its map, to scale, and nothing in it runs."""

from __future__ import annotations

import io
import json
import math
import re
import unicodedata
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from analysis.model.errors import SettingsError
from analysis.model.question import Question
from exports.pictures import fonts
from exports.pictures.draw import document_svg
from exports.pictures.labels import Room, labels
from exports.pictures.place import Box, fitted, on_grid, round_length
from exports.pictures.raster import png_bytes
from exports.pictures.sheet import SLIDE, Caption, Sheet, map_svg
from exports.pictures.svg import Text, plain, shortened, wrapped
from exports.recipes.report import begin_report, map_documents
from maps.background import Name, background_of, names_payload
from maps.geometry import polygons_json
from maps.palette import class_styles
from maps.spec import Legend, LegendRow, Mark, Names, Polygons, View, corners
from maps.store import GeoStore
from tests.exports.toy import speaker, toy_answers
from tests.maps.toy import make_spec, wavy_squares

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"north": "N", "green": "green", "streets": "streets", "water": "water"}
SMALL = Sheet(640, 360, 1.0)
RED, BLUE = "#ff0000", "#0000ff"


def draw(spec, store, *, caption=Caption("A map"), sheet=SMALL):  # noqa: B008
    return map_svg(spec, store, sheet=sheet, caption=caption, words=WORDS)


def texts(svg):
    return [node.text for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def squares():
    return wavy_squares()


@pytest.fixture(scope="module")
def drawn(city):
    report = begin_report(toy_answers(city), Question(cell=100.0), speaker("zh"))
    documents = dict(map_documents(report))
    return {
        name: document_svg(document, sheet=SLIDE, translate=speaker("zh"))
        for name, document in documents.items()
    }, documents


def test_there_is_a_picture_of_every_rule_with_facilities_and_of_hot_spots(drawn):
    assert list(drawn[0]) == ["toilet-300", "toilet-area", "toilet-density", "hotspots"]


def test_the_legend_on_the_picture_is_that_of_the_map(drawn):
    pictures, documents = drawn
    for name, document in documents.items():
        written = "".join(texts(pictures[name])).replace(" ", "")
        for row in document.spec.legend.rows:
            assert plain(row.label).replace(" ", "") in written


def test_every_community_is_filled_with_the_colour_of_its_class(drawn):
    pictures, documents = drawn
    areas = documents["toilet-300"].spec.areas
    tree = ET.fromstring(pictures["toilet-300"])
    fills = {}
    for group in tree.iter(f"{SVG}g"):
        if group.get("fill-rule") == "evenodd":
            fills.setdefault(group.get("fill"), 0)
            fills[group.get("fill")] += len(group.findall(f"{SVG}path"))
    styles = [areas.styles[int(code, 36)] for code in areas.classes]
    for style in set(styles):
        fill = (
            style.fill
            if not style.hatch
            else f"url(#hatch-{style.fill[1:]}-{style.hatch[1:]}-scaled)"
        )
        assert fills[fill] == styles.count(style)


def test_pixels_lie_where_the_ground_lies(squares):
    """Three squares in a row: the colour in the middle of each is its class, left to right."""
    store = GeoStore()
    styles = [replace(style, opacity=1.0) for style in class_styles((RED, BLUE))]
    degrees = squares.to_crs(4326)
    spec = make_spec(
        areas=Polygons(store.put(polygons_json(squares)), tuple(styles), classes="010"),
        fit=View(corners(degrees.total_bounds), nonce="x"),
    )
    picture = Image.open(io.BytesIO(png_bytes(draw(spec, store), SMALL))).convert("RGB")
    assert picture.size == (640, 360)
    rim = next(
        node
        for node in ET.fromstring(draw(spec, store)).iter(f"{SVG}rect")
        if node.get("fill") == "none"
    )
    box = Box(*(float(rim.get(key)) for key in ("x", "y", "width", "height")))
    at = fitted(spec.fit, box)
    middles = squares.centroid.to_crs(4326)
    places = at.pixels(middles.x, middles.y)
    found = [picture.getpixel((round(x), round(y))) for x, y in places]
    assert found == [(255, 0, 0), (0, 0, 255), (255, 0, 0)]


@given(st.floats(-60, 60), st.floats(0.01, 1.0))
def test_the_scale_is_that_of_the_ground(latitude, size):
    """A degree of longitude is 111,319.5 m times the cosine of the latitude."""
    view = View(corners((10, latitude - size / 4, 10 + size, latitude + size / 4)), nonce="x")
    placement = fitted(view, Box(0, 0, 500, 500))
    (left, _), (right, _) = placement.pixels([10, 10 + size], [latitude, latitude])
    metres = (right - left) * placement.metres_per_pixel
    assert metres == pytest.approx(size * 111_319.5 * math.cos(math.radians(latitude)), rel=1e-3)


@given(st.floats(1, 1e6))
def test_a_scale_bar_is_round_and_as_long_as_it_can_be(longest):
    length = round_length(longest)
    assert length <= longest < 2.5 * length
    assert f"{length:.0e}"[0] in "125"


def test_the_grid_is_that_of_the_map(squares):
    rows = json.loads(polygons_json(squares, tolerance=0))
    first = squares.to_crs(4326).iloc[0].exterior.coords[0]
    assert np.abs(on_grid([first[0]], [first[1]])[0] - rows[0][0][:2]).max() <= 1


HOSTILE = [
    "</text><script>alert(1)</script>",
    "a\x00b\x1bc\ufffe",
    "&amp;<b>\u202e",
    "${x}`\\",
    "#eval(1)",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name, squares):
    store = GeoStore()
    degrees = squares.to_crs(4326).total_bounds
    lon, lat = (degrees[0] + degrees[2]) / 2, (degrees[1] + degrees[3]) / 2
    spec = make_spec(
        fit=View(corners(degrees), nonce="x"),
        legend=Legend(name, (LegendRow(name, fill=RED),), note=name),
        marks=(Mark(lat, lon, "1", name),),
        names=Names(
            store.put(names_payload((Name(name, lon, lat - 0.003, district=True, size_m=900.0),)))
        ),
    )
    svg = draw(spec, store, caption=Caption(name, name, [name]))
    nodes = {node.tag.removeprefix(SVG) for node in ET.fromstring(svg).iter()}
    assert nodes <= {"svg", "title", "defs", "clipPath", "rect", "g", "path", "text"}
    assert plain(name) in " ".join(texts(svg))
    png_bytes(svg, SMALL)


@given(st.text())
def test_what_is_drawn_can_stand_in_xml(text):
    shown = plain(text)
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cs"}
    assert "\n" not in shown


def test_texts_are_broken_and_cut_to_the_width_they_have():
    look = Text(size=12)
    for words in (
        "the share of residents within reach of any",
        "居民覆盖率按直线距离计算不计街道河流",
    ):
        lines = wrapped(words, 100, look)
        assert len(lines) > 1
        assert "".join(lines).replace(" ", "") == words.replace(" ", "")
        assert all(fonts.text_width(line, 12) <= 100 for line in lines)
        assert fonts.text_width(shortened(words, 60, look), 12) <= 60


def test_names_do_not_lie_on_each_other(squares):
    west, south, east, north = squares.to_crs(4326).total_bounds
    placement = fitted(View(corners((west, south, east, north)), "x"), Box(0, 0, 600, 300))
    rng = np.random.default_rng(3)
    names = [
        Name(
            f"社区{n}", rng.uniform(west, east), rng.uniform(south, north), district=False, size_m=1
        )
        for n in range(60)
    ]
    room = Room()
    labels(names, placement, room, colours=("#000", "#000", "#fff"))
    assert 5 < len(room.taken) < 60
    for n, (left, top, right, bottom) in enumerate(room.taken):
        for a, b, c, d in room.taken[:n]:
            assert right < a or left > c or bottom < b or top > d


def test_communities_too_many_for_names_leave_them_to_districts(squares):
    bounds = squares.to_crs(4326).total_bounds
    placement = fitted(View(corners(bounds), "x"), Box(0, 0, 600, 300))
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    names = [Name(f"c{n}", lon, lat, district=False, size_m=1) for n in range(200)]
    written = labels(
        [*names, Name("North", lon, lat, district=True, size_m=1)],
        placement,
        Room(),
        colours=("", "", ""),
    )
    assert re.findall(r">([^<]+)</text>", written) == ["North"]


def test_a_missing_font_is_told_and_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(SettingsError, match="Chinese characters cannot be drawn") as told:
        fonts.font_file()
    assert told.value.problem == "font_missing"


def test_the_ground_is_that_of_the_citys_layers(city):
    context = background_of(city, "zh")
    assert context.shapes == {}
    assert {name.text for name in context.names if name.district} == {"@北", "南"}
    assert {name.text for name in context.names if not name.district} == set(
        city.communities["name"]
    )
