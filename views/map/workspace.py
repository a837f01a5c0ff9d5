"""The map workspace: one map, what is said of it, and a panel at its right, in every mode."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from views.controls.choice import PANELS
from views.controls.printing import on_paper
from views.controls.search import offer_search, place_found, with_place
from views.controls.waiting import waiting
from views.controls.widgets import put_many, switch
from views.map_widget.widget import draw_map
from wording.escape import markdown
from wording.names import full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Callable

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
CLEARED = {"community": "", "place": "", "panel": "", "find": "", "at": ""}


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
    """

    spec: MapSpec
    sentence: str
    ranking: Part
    details: Part
    chart: Part | None = None
    notes: Part = field(default=lambda: None)
    chosen: str = ""


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
        draw_map(screen, with_place(screen, mode.spec), key=MAP_KEY, chosen=_clicked)
    with right:
        _draw_panel(screen, mode)
    with st.container(key="notes"):
        mode.notes()


def _clicked(community: str) -> dict[str, str]:
    """Say what a click on the map changes: the details of what was clicked are shown at once."""
    return {"place": "", "at": "", "community": community, "panel": DETAILS}


def _draw_panel(screen: Screen, mode: Mode) -> None:
    translate = screen.translate
    parts = {RANKING: mode.ranking, DETAILS: mode.details}
    if mode.chart is not None:
        parts[CHART] = mode.chart
    with st.container(key="panel"):
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
    asked = choice.panel or (DETAILS if choice.community or choice.place else RANKING)
    return asked if asked in parts else RANKING


def _show_chosen(screen: Screen, mode: Mode) -> None:
    """Name what is chosen, or how to choose."""
    translate = screen.translate
    found = place_found(screen)
    name = mode.chosen or (found.name if found else _community_name(screen))
    with st.container(horizontal=True, vertical_alignment="center", key="chosen"):
        if not name:
            st.caption(translate("workspace.choose"))
            return
        st.subheader(markdown(name), anchor=False)
        st.button(translate("coverage.clear"), on_click=put_many, args=(CLEARED,))


def _community_name(screen: Screen) -> str:
    community, communities = screen.choice.community, screen.city.communities
    if not community:
        return ""
    row = with_names(communities.loc[[community]], communities, screen.translate.language).iloc[0]
    return full_name(row["name"], row["parent"])
