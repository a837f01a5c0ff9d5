"""The map of the dashboard names no other server."""

from __future__ import annotations

import re

import pytest
from hypothesis import strategies as st

from maps.store import ASSETS, SCRIPTS, STYLES
from tests.maps.toy import links, make_spec
from views.map_widget.assets import asset_url
from views.map_widget.base import base_map, dynamic

BOUNDS = (121.4, 31.1, 121.6, 31.3)

texts = st.text() | st.text(alphabet="<>&{}%#`$\\/scriptu0\u2028\"'!-")


def test_a_rendered_map_names_no_other_server():
    base = base_map(BOUNDS)
    dynamic(make_spec()).add_to(base)
    page = base.get_root().render()
    local = {asset_url(file) for file in (*SCRIPTS, *STYLES)}
    assert set(links(page)) == local
    assert not re.search(r"(https?:)?//\w", re.sub(r'(src|href)="[^"]*"', "", page))


def test_our_style_sheets_name_no_other_server():
    for file in STYLES:
        for url in re.findall(r"url\(([^)]*)\)", (ASSETS / file).read_text("utf-8")):
            assert re.match(r"images/|#", url), url


def test_the_base_map_is_one_text_for_all():
    component = pytest.importorskip("streamlit_folium")
    texts = set()
    for _ in range(2):
        base = base_map(BOUNDS)
        base.get_root().render()
        texts.add(component.generate_leaflet_string(base))
    assert len(texts) == 1
