"""The scan on the page of hot spots: circles with more cases than chance makes in any circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.hotspots.places import CLEARLY, PLACE_CASES
from analysis.hotspots.scan import MAX_CELLS, MAX_RADIUS_M, REPLICAS
from analysis.model.question import WINDOWS
from exports.tables.issues import scan_table
from maps.clusters import scan_map
from views import cache
from views.controls.widgets import fold_method
from views.map.places import (
    SHOWN,
    cases_chart,
    cases_of_community,
    show_cases_of_community,
    show_place,
    show_places,
)
from views.map.workspace import Mode
from views.map_widget.widget import canvas
from wording.names import full_names

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.hotspots.scan import Scan
    from views.controls.screen import Screen


def scan_mode(screen: Screen) -> Mode:
    """Compose the circles, their list and what they rest on."""
    found = cache.answers().scan(screen.question)
    circles = scan_table(found, screen.city).set_index("centre_id")
    paper = canvas(screen, community=screen.choice.community)
    return Mode(
        scan_map(paper, circles, place=screen.choice.place),
        _sentence(screen, found),
        ranking=lambda: _ranking(screen, circles),
        details=lambda: _details(screen, circles),
        chart=lambda: cases_chart(screen),
        row=lambda community: cases_of_community(screen, community),
        notes=lambda: _notes(screen, found),
        chosen=_chosen(screen, circles),
    )


def _sentence(screen: Screen, found: Scan) -> str:
    translate, clusters = screen.translate, found.clusters
    total = translate.count(found.cases)
    if clusters.empty:
        return translate.markdown("hotspots.scan_none", total=total)
    return translate.markdown(
        "hotspots.scan_sentence",
        found=translate.count(len(clusters)),
        cases=translate.count(clusters["cases"].sum()),
        expected=translate.count(round(clusters["expected"].sum())),
        total=total,
    )


def _columns(screen: Screen, circles: gpd.GeoDataFrame) -> dict[str, pd.Series | list[str]]:
    translate = screen.translate
    rows = pd.DataFrame(circles)
    return {
        translate("hotspots.col_rank"): rows["rank"],
        translate("hotspots.col_place"): full_names(
            rows, screen.city.communities, translate.language
        ),
        translate("hotspots.col_cases"): rows["cases"],
        translate("hotspots.col_expected"): rows["expected"].round(1),
        translate("hotspots.col_ratio"): rows["ratio"].round(1),
        translate("hotspots.col_radius"): rows["radius_m"].round(),
        translate("hotspots.col_p"): [translate.significant(p) for p in rows["p"]],
    }


def _ranking(screen: Screen, circles: gpd.GeoDataFrame) -> None:
    shown = circles.head(SHOWN)
    if len(shown):
        st.markdown(f"**{screen.translate('hotspots.scan_table')}**")
        show_places(screen, _columns(screen, shown), shown.index)


def _chosen(screen: Screen, circles: gpd.GeoDataFrame) -> str:
    rows = pd.DataFrame(circles[circles.index == screen.choice.place])
    names = full_names(rows, screen.city.communities, screen.translate.language)
    return next(iter(names), "")


def _details(screen: Screen, circles: gpd.GeoDataFrame) -> None:
    if screen.choice.place in circles.index:
        show_place(screen, _columns(screen, circles.loc[[screen.choice.place]]))
    else:
        show_cases_of_community(screen)


def _notes(screen: Screen, found: Scan) -> None:
    translate = screen.translate
    size = {"cells": MAX_CELLS, "radius": translate.metres(MAX_RADIUS_M)}
    least = {"least": PLACE_CASES, "times": translate.decimal(CLEARLY)}
    st.caption(
        "  \n".join(
            (translate("hotspots.scan_meaning", **size, **least), translate("hotspots.no_report"))
        )
    )
    ellipses = [translate("hotspots.scan_ellipses")] if screen.choice.windows == WINDOWS[1] else []
    fold_method(
        translate,
        *ellipses,
        translate(
            "hotspots.scan_method",
            replicas=translate.count(REPLICAS),
            cells=translate.count(found.cells),
            variance=translate.decimal(found.extra, digits=3),
        ),
    )
