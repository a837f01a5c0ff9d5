"""A map of a city that is not published yet: its communities and facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from maps.canvas import Canvas
from maps.facilities import kind_points, status_looks
from maps.geometry import points_columns
from maps.payloads import areas_payload
from maps.spec import Points
from views.map_widget.shared_store import STORE
from views.map_widget.widget import draw_map

if TYPE_CHECKING:
    from layers.city import City
    from views.controls.screen import Screen


def draw_preview(screen: Screen, city: City) -> None:
    """Draw the communities and all facilities of a city."""
    translate = screen.translate
    canvas = Canvas(city, translate, STORE, STORE.put(areas_payload(city.communities)))
    kinds = [city.kinds[name] for name in city.kinds]
    symbols = [symbol for kind in kinds for symbol in kind_points("", kind, translate).kinds]
    points = None
    if kinds and len(city.facilities):
        columns = points_columns(city.facilities, kinds=tuple(kind.id for kind in kinds))
        points = Points(STORE.put(columns), tuple(symbols), status_looks(translate))
    st.caption(translate("add.map"))
    spec = canvas.map(
        f"preview {city.fingerprint[:12]}",
        title=translate("page.add"),
        areas=canvas.outlines(),
        points=points,
    )
    draw_map(screen, spec, key="preview-map")
