"""An area drawn on the map, or a circle about a place: offered, drawn, and what is known of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.coverage.figures import NETWORK
from analysis.geometry.drawn_area import MAX_RADIUS_M, DrawnArea, read_area
from analysis.model.roles import ACTIONS
from exports.formats.archive import packed
from exports.recipes.area import area_cases, area_figures, area_files
from maps.geometry import lonlat, lonlat_bounds
from maps.palette import DRAWN_STYLE, NIGHT_DRAWN
from maps.payloads import areas_payload
from maps.spec import TOOLS, Polygons, View, corners
from views import cache
from views.controls.files import offer_file
from views.controls.permits import allowed
from views.controls.search import place_found
from views.controls.tables import NAME_WIDTH, show_table
from views.controls.widgets import put_many
from views.controls.zones import KM2, show_zone
from views.map_widget.shared_store import STORE
from wording.campaigns import asked_period
from wording.names import full_name, with_names

if TYPE_CHECKING:
    from maps.spec import MapSpec
    from views.controls.screen import Screen

USUAL_RADIUS_M, STEP_M = 500, 50
RADIUS = "area-radius"
"""Key of the session: the radius typed for a circle."""
SHOWN = 5
"""Categories of issues that are told of."""


def area_chosen(screen: Screen) -> DrawnArea | None:
    """Give the area that was drawn."""
    return read_area(screen.choice.area) if screen.choice.area else None


def offer_circle(screen: Screen) -> None:
    """Offer a circle about the place found or the community chosen: no pointer is needed for it."""
    if not allowed(ACTIONS, "narrow"):
        return
    translate = screen.translate
    with st.expander(translate("area.offer")):
        st.caption(translate("area.how"))
        around = _centre(screen)
        if around is None:
            st.caption(translate("area.no_centre"))
            return
        name, x, y = around
        st.session_state.setdefault(RADIUS, USUAL_RADIUS_M)
        radius = st.number_input(
            translate("area.radius"), STEP_M, int(MAX_RADIUS_M), step=STEP_M, key=RADIUS
        )
        lon, lat = lonlat([x], [y], crs=screen.city.crs)
        circle = DrawnArea(((float(lon[0]), float(lat[0])),), float(radius))
        st.button(
            translate.markdown("area.around", name=name),
            on_click=put_many,
            args=({"area": circle.text(), "panel": "details"},),
        )


def _centre(screen: Screen) -> tuple[str, float, float] | None:
    """Name the place that a circle can be drawn about, and say where it is."""
    if (place := place_found(screen)) is not None:
        west, south, east, north = place.bounds
        return place.name, (west + east) / 2, (south + north) / 2
    community, communities = screen.choice.community, screen.city.communities
    if not community:
        return None
    point = communities.geometry.loc[community].representative_point()
    row = with_names(communities.loc[[community]], communities, screen.translate.language).iloc[0]
    return full_name(row["name"], row["parent"]), point.x, point.y


def with_area(screen: Screen, spec: MapSpec) -> MapSpec:
    """Offer the tools on a map, and outline the area that was drawn."""
    offered = TOOLS if allowed(ACTIONS, "narrow") else ()
    tools = {name: screen.translate(f"area.{name}") for name in offered}
    area = area_chosen(screen)
    if area is None:
        return replace(spec, tools=tools)
    zone = area.zone(screen.city.crs)
    style, dark = NIGHT_DRAWN if spec.night else DRAWN_STYLE, NIGHT_DRAWN if spec.bare else None
    return replace(
        spec,
        id=f"{spec.id} {area.text()}",
        tools=tools,
        drawn=Polygons(STORE.put(areas_payload(zone)), (style,), dark=dark),
        fit=View(corners(lonlat_bounds(zone)), nonce=f"area {area.text()}"),
    )


def area_name(screen: Screen) -> str:
    """Name the area that was drawn, by its size."""
    area = area_chosen(screen)
    if area is None:
        return ""
    translate = screen.translate
    size = translate.decimal(area.shape(screen.city.crs).area / KM2, digits=2)
    if area.radius_m:
        return translate("area.circle_name", radius=translate.metres(area.radius_m), size=size)
    return translate("area.name", size=size)


def show_area(screen: Screen) -> None:
    """Tell what is known of the area: residents and facilities by rule, issues, files."""
    area, translate = area_chosen(screen), screen.translate
    if area is None:
        return
    standard = screen.standards[screen.choice.standard]
    if screen.city.kinds:
        rows = area_figures(cache.answers(), screen.question, area)
        first = rows[rows["part"] == "inside"].iloc[0]
        if pd.notna(first["population"]):
            st.markdown(
                translate.markdown("area.people", people=translate.count(first["population"]))
            )
        show_zone(screen, rows, standard.rules, width=NAME_WIDTH)
        if (rows["measure"] == NETWORK).any():
            st.caption(translate("area.walked"))
    _show_cases(screen, area)
    offer_file(
        "area",
        translate("area.take"),
        lambda: packed(area_files(cache.answers(), screen.question, area, translate)),
        file_name=f"{screen.city.id}-area.zip",
        mime="application/zip",
    )


def _show_cases(screen: Screen, area: DrawnArea) -> None:
    """Tell of the issues of the area, in the period of the pages on issues."""
    if screen.city.issues is None:
        return
    translate, question = screen.translate, screen.question
    cases = area_cases(cache.answers(), question, area)
    if cases is None:
        st.caption(translate("area.no_places"))
        return
    facts = {name: _sum(screen, cases[name]) for name in ("cases", "open", "overdue")}
    st.markdown(
        translate.markdown(
            "area.cases", period=asked_period(question.selection, screen.city, translate), **facts
        )
    )
    if len(cases):
        shown = cases.head(SHOWN)
        show_table(
            pd.DataFrame(
                {
                    translate("area.col_category"): [
                        screen.category_name(each) if pd.notna(each) else translate("area.none")
                        for each in shown["category"]
                    ],
                    translate("area.col_cases"): shown["cases"],
                    translate("area.col_open"): shown["open"],
                    translate("area.col_overdue"): shown["overdue"],
                }
            )
        )


def _sum(screen: Screen, counts: pd.Series[int]) -> str:
    """Add up counts; of none that is known the sum is not known either."""
    known = counts.sum(min_count=1) if len(counts) else 0
    return screen.translate.count(known)
