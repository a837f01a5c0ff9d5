"""Density clusters, beside Gi* on the page of hot spots: where cases lie dense, without a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.question import CROWDS, DISTANCES
from maps.clusters import DRAWN, cluster_map
from views import cache
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from views.map.places import SHOWN, place_columns, show_places
from views.map_widget.widget import canvas, draw_map

if TYPE_CHECKING:
    from analysis.hotspots.clusters import Clusters
    from views.controls.screen import Screen


def controls(screen: Screen) -> None:
    """Offer what makes a cluster: the distance, and the cases within it."""
    translate = screen.translate
    select("within", sorted(DISTANCES), translate("hotspots.within"), naming=str)
    select("crowd", sorted(CROWDS), translate("hotspots.crowd"), naming=str)


def render_clusters(screen: Screen) -> None:
    """Draw map, table and method of the clusters."""
    translate, choice = screen.translate, screen.choice
    with waiting(translate("app.working")):
        found = cache.answers().clusters(screen.question)
    limits = {"within": translate.metres(found.distance_m), "crowd": translate.count(found.least)}
    st.markdown(_sentence(screen, found, limits))
    spec = cluster_map(canvas(screen), found, place=choice.place)
    draw_map(screen, spec, key="hotspots-map")
    shown = found.table.head(SHOWN)
    if len(shown):
        st.markdown(f"**{translate('hotspots.clusters_table')}**")
        columns = place_columns(screen, shown)
        columns[translate("hotspots.col_sites")] = shown["sites"]
        columns[translate("hotspots.col_span")] = shown["span_m"].round()
        show_places(screen, columns, shown.index)
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
