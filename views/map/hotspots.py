"""Hot spots: where issues concentrate beyond chance, by category and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.question import SHAPES
from maps.handling import cases_map
from maps.hotspots import hotspot_map, meaning_lines, method_text, rate_lines
from views import cache
from views.controls.choice import LAYERS, bases_of
from views.controls.questions import choose_cell, choose_issues, has_issues, refusals
from views.controls.tables import show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, switch
from views.map.clusters import controls, render_clusters
from views.map.places import SHOWN, place_columns, show_places
from views.map_widget.widget import canvas, draw_map
from wording.names import full_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.hotspots.recipe import HotSpotResult
    from views.controls.screen import Screen

CLUSTERS = "clusters"


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, choice = screen.translate, screen.choice
    if not has_issues(screen):
        return
    if cache.answers().are_named_alone():
        with st.sidebar:
            choose_issues(screen)
        _by_community(screen)
        return
    with st.sidebar:
        _controls(screen)
    with refusals(screen, "hotspots.refused"):
        if choice.layer == CLUSTERS:
            render_clusters(screen)
            return
        answers = cache.answers()
        with waiting(translate("app.working")):
            hotspot_result = answers.hot_spots(screen.question)
        st.markdown(_sentence(screen, hotspot_result))
        st.markdown("  \n".join(meaning_lines(hotspot_result, translate)))
        density = answers.surface(screen.question) if choice.layer == "density" else None
        spec = hotspot_map(canvas(screen), hotspot_result, density=density, place=choice.place)
        draw_map(screen, spec, key="hotspots-map")
        _table(screen, hotspot_result)
        _method(screen, hotspot_result)


def _by_community(screen: Screen) -> None:
    """Show counts where reports name their community and have no place."""
    translate, answers = screen.translate, cache.answers()
    cases = answers.by_community(screen.question)
    total = translate.count(int(cases["total"].sum()))
    st.markdown(translate.markdown("hotspots.named_alone", total=total))
    draw_map(screen, cases_map(canvas(screen), cases), key="hotspots-map")
    rows = cases.sort_values("total", ascending=False, kind="stable").head(SHOWN)
    communities = screen.city.communities
    named = communities.loc[rows.index].rename(columns={"name": "community"})
    named = pd.DataFrame(named)[["community", "parent"]].reset_index()
    columns = {
        translate("hotspots.col_place"): full_names(named, communities, translate.language),
        translate("hotspots.col_cases"): rows["total"].to_numpy(),
        translate("hotspots.col_open"): rows["open"].to_numpy(),
        translate("units.col_overdue"): rows["overdue"].to_numpy(),
    }
    show_table(pd.DataFrame(columns))


def _controls(screen: Screen) -> None:
    translate = screen.translate
    choose_issues(screen)
    switch("layer", LAYERS, translate("hotspots.layer"), naming=_said(screen), hidden=False)
    if screen.choice.layer == CLUSTERS:
        controls(screen)
        return
    choose_cell(screen)
    switch("grid", SHAPES, translate("hotspots.grid"), naming=_said(screen), hidden=False)
    bases = bases_of(screen.city)
    if len(bases) > 1:
        switch("basis", bases, translate("hotspots.basis"), naming=_said(screen), hidden=False)


def _said(screen: Screen) -> Callable[[str], str]:
    return lambda code: screen.translate(f"hotspots.{code}")


def _sentence(screen: Screen, hotspot_result: HotSpotResult) -> str:
    translate, places, found = screen.translate, hotspot_result.places, hotspot_result.hot_spots
    if places.empty:
        return translate.markdown("hotspots.sentence_none", total=translate.count(found.cases))
    area = places["area_m2"].sum() / screen.city.communities.area.sum()
    return translate.markdown(
        "hotspots.sentence",
        hot=translate.count(len(places)),
        share=translate.share(places["cases_share"].sum()),
        cases=translate.count(places["cases"].sum()),
        total=translate.count(found.cases),
        area=translate.share(area),
    )


def _table(screen: Screen, hotspot_result: HotSpotResult) -> None:
    translate, shown = screen.translate, hotspot_result.places.head(SHOWN)
    if len(shown):
        st.markdown(f"**{translate('hotspots.table')}**")
        columns = place_columns(screen, shown)
        columns[translate("hotspots.col_density")] = shown["cases_per_km2"].round()
        show_places(screen, columns, shown.index)
    few, basis = hotspot_result.few_people.head(SHOWN), hotspot_result.hot_spots.basis
    if len(few):
        st.markdown(f"**{translate(f'hotspots.few_table_{basis}')}**")
        show_places(screen, place_columns(screen, few), few.index)


def _method(screen: Screen, hotspot_result: HotSpotResult) -> None:
    translate, found, proposed = screen.translate, hotspot_result.hot_spots, hotspot_result.proposed
    lines = [
        method_text(found, translate),
        translate(
            "hotspots.cell_help",
            metres=translate.metres(proposed.metres),
            mean=translate.decimal(proposed.cases_per_cell),
        ),
        translate("hotspots.trend_note"),
    ]
    lines[1:1] = rate_lines(found, translate)
    cautions = ["sparse", "no_report"] if found.sparse else ["no_report"]
    st.caption("  \n".join(translate(f"hotspots.{each}") for each in cautions))
    fold_method(translate, *lines)
