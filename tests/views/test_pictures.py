"""Every map and chart of a page can be taken as a picture of what the page shows."""

from __future__ import annotations

import html
import io
import json
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from views.controls import charts
from views.controls.choice import PAGES
from views.map_widget import pictures

SHOWN = ("home", "coverage", "hotspots", "frontage")


@pytest.fixture
def offered(visit, monkeypatch):
    """Open a page and give what it offers as pictures, by its key and word."""
    found = {}

    def keep(files, translate, *, name, key):
        found.update({(key, word): make for (word, _), make in files.items()})

    monkeypatch.setattr(charts, "offer_pictures", keep)
    monkeypatch.setattr(pictures, "offer_pictures", keep)

    def draw(**query):
        found.clear()
        page = visit(**query)
        return page, dict(found)

    return draw


def words_of(svg):
    return "".join(node.text or "" for node in ET.fromstring(svg).iter())


@pytest.mark.parametrize(
    "name",
    [each if each in SHOWN else pytest.param(each, marks=pytest.mark.full) for each in PAGES],
)
def test_every_picture_of_a_page_can_be_drawn(offered, name):
    page, files = offered(page=name, language="zh")
    maps = [make for (key, word), make in files.items() if word == "a4_svg"]
    drawn = [make for (key, word), make in files.items() if word == "chart_svg"]
    assert len(drawn) == len(page.get("vega_lite_chart"))
    for chart in page.get("vega_lite_chart"):  # laid out at the width the page gives
        assert json.loads(chart.proto.spec)["autosize"]["resize"]
    for make in maps:
        said = words_of(make())
        assert "霁川市(示例)" in said
        assert "CC0-1.0" in said
    for make in drawn:
        assert words_of(make())


def test_a_map_taken_is_the_map_shown(offered):
    _, files = offered(
        page="coverage", kind="toilet", radius="500", measure="straight", language="zh"
    )
    said = words_of(files["map", "a4_svg"]())
    assert "缺口：500 米以外" in said
    assert "公共厕所" in said
    slide = Image.open(io.BytesIO(files["map", "slide_png"]()))
    assert slide.size == (1920, 1080)


def test_a_chart_on_a_slide_fills_it_under_its_title(offered):
    _, files = offered(page="monthly", language="en")
    (key, _), *_ = files
    assert Image.open(io.BytesIO(files[key, "slide_png"]())).size == (1920, 1080)
    title = "Reported, closed, open and overdue"
    assert title in html.unescape(words_of(files[key, "chart_svg"]()))
