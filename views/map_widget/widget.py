"""A map on a page: drawn by message, so that nothing reruns while the reader pans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from pyproj import Transformer
from streamlit_folium import st_folium

from analysis.geometry.locate import OUTSIDE, community_of
from maps.canvas import Canvas
from maps.geometry import lonlat_bounds
from maps.spec import Tiles
from views import cache
from views.controls.choice import NEXT
from views.controls.widgets import put_many
from views.map_widget.base import base_map, dynamic
from views.map_widget.pictures import offer_map
from views.map_widget.shared_store import STORE
from views.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import folium

    from maps.spec import MapSpec
    from views.controls.screen import Screen

HEIGHT = 560
MARGIN = 10
"""Pixels that the frame of a map needs around it."""


def canvas(screen: Screen, *, community: str = "") -> Canvas:
    """Give what the maps of the page are drawn on."""
    chosen = settings()
    background = Tiles(chosen.tiles, chosen.tiles_attribution) if chosen.tiles else None
    areas = cache.areas_url(STORE)
    ground = cache.ground_urls(STORE, screen.translate)
    return Canvas(
        screen.city,
        screen.translate,
        STORE,
        areas,
        community,
        background,
        ground,
        compared(screen) if community else "",
    )


def compared(screen: Screen) -> str:
    """Give the community that is compared with the one chosen, if one was picked."""
    return "" if screen.choice.second == NEXT else screen.choice.second


def draw_map(
    screen: Screen,
    spec: MapSpec,
    *,
    key: str,
    height: int = HEIGHT,
    chosen: Callable[[str], Mapping[str, str]] | None = None,
    click: Callable[[float, float], None] | None = None,
    deed: Callable[[Mapping[str, str]], None] | None = None,
) -> None:
    """
    Draw a map; a click selects the community there, or what a page says of it (`chosen`).

    Where a page does something with the place itself (`click`), nothing is selected. What else
    hands do on the map, such as drawing an area, goes to `deed`.
    """

    def on_click() -> None:
        told = st.session_state.get(key) or {}
        clicked, done = told.get("last_clicked"), _new_deed(key, told)
        if done and deed is not None:
            deed(done)
        elif clicked and click is not None:
            click(clicked["lng"], clicked["lat"])
        elif clicked:
            community = community_at(screen, clicked["lng"], clicked["lat"])
            put_many(chosen(community) if chosen and community else {"community": community})

    # kept while the map is fetched
    with st.container(height=height + MARGIN, border=False, key=f"frame-{key}"):
        st_folium(
            _base(screen),
            key=key,
            height=height,
            use_container_width=True,
            returned_objects=["last_clicked", *(["last_active_drawing"] if deed else [])],
            feature_group_to_add=dynamic(spec),
            on_change=on_click,
        )
    offer_map(screen, spec, key=key)


def _base(screen: Screen) -> folium.Map:
    """Give the base map of the city, the same text for every reader."""
    return base_map(cache.prepared("bounds", lambda: lonlat_bounds(screen.city.communities)))


def _new_deed(key: str, told: Mapping[str, Any]) -> Mapping[str, str]:
    """Give what hands did on the map since it last spoke, beside a mere click."""
    done = (told.get("last_active_drawing") or {}).get("properties") or {}
    if done.get("stamp") == st.session_state.get(f"{key}-stamp"):
        return {}
    st.session_state[f"{key}-stamp"] = done.get("stamp")
    return {name: str(text) for name, text in done.items()}


def community_at(screen: Screen, lon: float, lat: float) -> str:
    """Find the community at a place; empty outside them all."""
    communities = screen.city.communities
    metric = Transformer.from_crs("EPSG:4326", communities.crs, always_xy=True)
    x, y = metric.transform(lon, lat)
    position = community_of([x], [y], communities)[0]
    return "" if position == OUTSIDE else str(communities.index[position])
