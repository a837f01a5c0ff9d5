"""The map workspace: one map, what is said of it, and a panel at its right, in every mode."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from analysis.geometry.drawn_area import read_area
from views.controls.choice import NEXT, PANELS, area_of_city
from views.controls.printing import on_paper
from views.controls.search import offer_search, place_found, with_place
from views.controls.tables import show_beside
from views.controls.waiting import waiting
from views.controls.widgets import RESETS, put, put_many, switch
from views.map.areas import area_name, offer_circle, show_area, with_area
from views.map_widget.widget import community_at, compared, draw_map
from wording.escape import markdown
from wording.names import full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from maps.spec import MapSpec
    from views.controls.screen import Screen

    Part = Callable[[], object]

RANKING, DETAILS, CHART = PANELS[1:]
MAP_KEY = "map"
"""One for all modes: the map stays on the screen, with its view, when the mode changes."""
STAY = {"panel": RANKING, "at": ""}
"""What a picked row keeps: the table it stands in."""
COLUMNS = (8, 5)
"""Of the map and of the panel."""
CLEARED = RESETS["page"]


@dataclass(frozen=True)
class Mode:
    """
    What a mode puts into the workspace.

    Attributes
    ----------
    spec
        Of the map.
    sentence
        What it finds, as Markdown.
    ranking
        Draws the table in which a row can be picked.
    details
        Draws what is known of the place chosen, or of the city where none is.
    chart
        Draws charts, if there are any.
    notes
        Draws what to bear in mind, below the map.
    chosen
        Name of what is chosen where it is no community.
    row
        Gives the figures of a community, for two beside each other; without it no two are
        compared.
    looks
        Of the columns of such a row.
    progress
        Draws how far what is looked for has come, at the top of the panel.
    click
        Does something at the longitude and latitude clicked, where that chooses no community.
    """

    spec: MapSpec
    sentence: str
    ranking: Part
    details: Part
    chart: Part | None = None
    notes: Part = field(default=lambda: None)
    progress: Part = field(default=lambda: None)
    chosen: str = ""
    row: Callable[[str], pd.Series[Any]] | None = None
    looks: Mapping[str, Any] = field(default_factory=dict)
    click: Callable[[float, float], None] | None = None


def draw_workspace(
    screen: Screen, controls: Callable[[Screen], None], mode_of: Callable[[Screen], Mode | None]
) -> None:
    """
    Draw a mode: what is asked at the left, the map, and what is known of it at the right.

    Every part has its place on the page whether it is empty or not: the map would else move and
    be loaded anew when the mode changes. A mode that cannot be drawn says why, and gives nothing.
    """
    with st.sidebar:
        offer_search(screen)
        offer_circle(screen)
        controls(screen)
    told = st.container()
    with waiting(screen.translate("app.working")), told:
        mode = mode_of(screen)
    if mode is None:
        return
    with st.container(key="finding"):
        st.markdown(mode.sentence)
    left, right = st.columns(COLUMNS, gap="small")
    with left, st.container(key="atlas"):
        draw_map(
            screen,
            with_area(screen, with_place(screen, mode.spec)),
            key=MAP_KEY,
            chosen=_clicked,
            click=mode.click,
            deed=partial(_done, screen),
        )
    with right:
        _draw_panel(screen, mode)
    with st.container(key="notes"):
        mode.notes()


def _done(screen: Screen, deed: Mapping[str, str]) -> None:
    """Take an area drawn by hand, or a second community clicked with Shift."""
    if area := area_of_city(deed.get("area", ""), screen.city):
        put_many({"area": area.text(), "at": "", "panel": DETAILS})
    elif "area" in deed:
        st.toast(screen.translate("area.not_one"))
    elif place := read_area(deed.get("beside", "")):
        community = community_at(screen, *place.corners[0])
        if community:
            put_many({"second" if screen.choice.community else "community": community})
            put("panel", DETAILS)


def _clicked(community: str) -> dict[str, str]:
    """Say what a click on the map changes: the details of what was clicked are shown at once."""
    return {"place": "", "at": "", "community": community, "panel": DETAILS}


def _draw_panel(screen: Screen, mode: Mode) -> None:
    translate = screen.translate
    beside = mode.row is not None and compared(screen)
    details = (lambda: _compare(screen, mode)) if beside else mode.details
    if screen.choice.area:
        details = partial(show_area, screen)
    parts: dict[str, Part] = {RANKING: mode.ranking, DETAILS: details}
    if mode.chart is not None:
        parts[CHART] = mode.chart
    with st.container(key="panel"):
        with st.container(key="progress"):
            mode.progress()
        _show_chosen(screen, mode)
        shown = open_part(screen, tuple(parts))
        switch(
            "panel",
            tuple(parts),
            translate("workspace.panel"),
            naming=lambda part: translate(f"workspace.{part}"),
            hidden=True,
            shown=shown,
        )
        with st.container(key="part"):
            for part in parts.values() if on_paper() else [parts[shown]]:
                part()


def open_part(screen: Screen, parts: tuple[str, ...]) -> str:
    """Tell which part of the panel is open: what is chosen is told of unless another is asked."""
    choice = screen.choice
    told = choice.community or choice.place or choice.area
    asked = choice.panel or (DETAILS if told else RANKING)
    return asked if asked in parts else RANKING


def _show_chosen(screen: Screen, mode: Mode) -> None:
    """Name what is chosen, or how to choose."""
    translate = screen.translate
    found = place_found(screen)
    place = found.name if found else _community_name(screen)
    name = area_name(screen) or mode.chosen or place
    with st.container(horizontal=True, vertical_alignment="center", key="chosen"):
        if not name:
            st.caption(translate("workspace.choose"))
            return
        second = compared(screen)
        if second:
            name = translate("workspace.both", first=name, second=_name(screen, second))
        st.subheader(markdown(name), anchor=False)
        if mode.row is not None and screen.choice.community and not second:
            st.button(
                translate("workspace.compare"),
                on_click=put_many,
                args=({"second": "" if screen.choice.second == NEXT else NEXT},),
                type="primary" if screen.choice.second == NEXT else "secondary",
            )
        st.button(translate("coverage.clear"), on_click=put_many, args=(CLEARED,))
    if screen.choice.second == NEXT:
        st.caption(translate("workspace.choose_second"))


def _compare(screen: Screen, mode: Mode) -> None:
    """Show two communities beside each other, figure by figure."""
    if mode.row is not None:
        both = (screen.choice.community, compared(screen))
        rows = {_name(screen, each): mode.row(each) for each in both}
        show_beside(rows, screen.translate, columns=mode.looks)


def _community_name(screen: Screen) -> str:
    return _name(screen, screen.choice.community)


def _name(screen: Screen, community: str) -> str:
    communities = screen.city.communities
    if not community:
        return ""
    row = with_names(communities.loc[[community]], communities, screen.translate.language).iloc[0]
    return full_name(row["name"], row["parent"])
