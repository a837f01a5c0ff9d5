"""Density clusters: where cases lie dense, without a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.question import CROWDS, DISTANCES
from maps.clusters import DRAWN, cluster_map
from views import cache
from views.controls.questions import choose_issues, has_issues, refusals
from views.controls.widgets import fold_method, select
from views.map.places import (
    SHOWN,
    cases_chart,
    cases_of_community,
    name_of_place,
    place_columns,
    show_cases_of_community,
    show_place,
    show_places,
)
from views.map.workspace import Mode, draw_workspace
from views.map_widget.widget import canvas

if TYPE_CHECKING:
    import pandas as pd

    from analysis.hotspots.clusters import Clusters
    from views.controls.screen import Screen


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_issues(screen):
        draw_workspace(screen, _controls, _mode)


def _controls(screen: Screen) -> None:
    """Offer what makes a cluster: the distance, and the cases within it."""
    translate = screen.translate
    choose_issues(screen)
    select("within", sorted(DISTANCES), translate("hotspots.within"), naming=str)
    select("crowd", sorted(CROWDS), translate("hotspots.crowd"), naming=str)


def _mode(screen: Screen) -> Mode | None:
    translate, choice = screen.translate, screen.choice
    with refusals(screen, "hotspots.refused"):
        found = cache.answers().clusters(screen.question)
        limits = {
            "within": translate.metres(found.distance_m),
            "crowd": translate.count(found.least),
        }
        paper = canvas(screen, community=choice.community)
        return Mode(
            cluster_map(paper, found, place=choice.place),
            _sentence(screen, found, limits),
            ranking=lambda: _ranking(screen, found),
            details=lambda: _details(screen, found),
            chart=lambda: cases_chart(screen),
            row=lambda community: cases_of_community(screen, community),
            notes=lambda: _notes(screen, found, limits),
            chosen=name_of_place(screen, found.table),
        )
    return None


def _columns(screen: Screen, rows: pd.DataFrame) -> dict[str, pd.Series | list[str]]:
    columns = place_columns(screen, rows)
    columns[screen.translate("hotspots.col_sites")] = rows["sites"]
    columns[screen.translate("hotspots.col_span")] = rows["span_m"].round()
    return columns


def _ranking(screen: Screen, found: Clusters) -> None:
    shown = found.table.head(SHOWN)
    if len(shown):
        st.markdown(f"**{screen.translate('hotspots.clusters_table')}**")
        show_places(screen, _columns(screen, shown), shown.index)


def _details(screen: Screen, found: Clusters) -> None:
    if screen.choice.place in found.table.index:
        show_place(screen, _columns(screen, found.table.loc[[screen.choice.place]]))
    else:
        show_cases_of_community(screen)


def _notes(screen: Screen, found: Clusters, limits: dict[str, str]) -> None:
    translate = screen.translate
    lines = [translate("hotspots.clusters_meaning"), translate("hotspots.no_report")]
    if len(found.table) > DRAWN:
        drawn = {"drawn": translate.count(DRAWN), "found": translate.count(len(found.table))}
        lines.insert(0, translate("hotspots.clusters_drawn", **drawn))
    st.caption("  \n".join(lines))
    method = translate(
        "hotspots.clusters_method",
        **limits,
        unlocated=translate.count(found.unlocated),
        outside=translate.count(found.outside),
    )
    fold_method(translate, method)


def _sentence(screen: Screen, found: Clusters, limits: dict[str, str]) -> str:
    translate = screen.translate
    if found.table.empty:
        return translate.markdown(
            "hotspots.clusters_none", total=translate.count(found.cases), **limits
        )
    return translate.markdown(
        "hotspots.clusters_sentence",
        found=translate.count(len(found.table)),
        share=translate.share(found.inside / found.cases),
        cases=translate.count(found.inside),
        total=translate.count(found.cases),
    )
