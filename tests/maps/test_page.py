"""A map in one file: whole, the same bytes, and no text breaks out of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from maps import colours
from maps.geometry import polygons_json
from maps.page import standalone_html
from maps.palette import GAP_STYLE, class_styles
from maps.raster import density_picture
from maps.spec import (
    Legend,
    LegendRow,
    Polygons,
    Tiles,
    View,
    corners,
)
from maps.spec_json import sources
from maps.store import PNG_TYPE, GeoStore
from tests.maps.toy import links, make_spec

UTM = CRS("EPSG:32651")

BOUNDS = (121.4, 31.1, 121.6, 31.3)

texts = st.text() | st.text(alphabet="<>&{}%#`$\\/scriptu0\u2028\"'!-")


@pytest.fixture
def one_file(squares):
    store = GeoStore()
    picture = density_picture(np.eye(4), left=350_000, bottom=3_450_000, cell=500, crs=UTM)
    store.put(picture.png, media_type=PNG_TYPE)

    def write(text="Toilets", **more):
        areas = Polygons(
            store.put(polygons_json(squares)),
            class_styles(colours.SHARE.colours),
            classes="013",
            text=store.put([[text], [text, text], []]),
        )
        spec = make_spec(
            areas=areas,
            gaps=Polygons(store.put(polygons_json(squares[:1], tolerance=0)), (GAP_STYLE,)),
            legend=Legend(text, (LegendRow(text, fill="#123456"),)),
            fit=View(corners(BOUNDS), "all"),
            tiles=Tiles("https://tiles.example/{z}/{x}/{y}.png", "Example"),
            **more,
        )
        page = standalone_html(
            spec, store=store, bounds=BOUNDS, title=text, summary=text, notes=(text,)
        )
        return spec, page

    return write


def test_one_file_holds_everything_and_fetches_nothing(one_file):
    spec, page = one_file()
    assert links(page) == []
    data = re.search(r'id="atlas-data">(.*?)</script>', page, re.DOTALL).group(1)
    assert set(json.loads(data)) == set(sources(spec))
    assert len(json.loads(data)[spec.areas.url]) == 3
    assert "tiles.example" not in page
    assert "url(images" not in page


def test_one_file_lets_only_its_own_scripts_run(one_file):
    _, page = one_file()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
    assert len(scripts) == 3
    assert set(re.findall(r"'sha256-([^']*)'", policy)) == digests
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


@given(text=texts)
def test_no_text_breaks_out_of_the_file(text):
    store = GeoStore()
    spec = make_spec(
        areas=Polygons(store.put([]), (GAP_STYLE,), text=store.put([[text]])),
        legend=Legend(text, ()),
    )
    page = standalone_html(spec, store=store, bounds=BOUNDS, title=text, notes=(text,))
    assert page.count("<script") == page.count("</script") == 4
    assert page.count("<!--") == 0
    assert links(page) == []


def test_the_same_map_is_the_same_bytes(one_file):
    assert one_file()[1] == one_file()[1]


def test_what_the_store_lost_is_not_left_out_silently():
    spec = make_spec(areas=Polygons("../../geo/lost.json", (GAP_STYLE,)))
    with pytest.raises(LookupError, match=r"lost\.json"):
        standalone_html(spec, store=GeoStore(), bounds=BOUNDS, title="x")
