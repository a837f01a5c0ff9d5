"""Hot spots: where issues concentrate beyond chance, by category and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.hotspots.cells import RATE
from analysis.model.errors import SampleError
from analysis.model.question import BASES, SHAPES, Question
from maps.hotspots import hotspot_map, method_text, untested
from views import cache
from views.clusters import controls, render_clusters
from views.controls.choice import LAYERS
from views.controls.questions import choose_category, choose_cell, choose_period
from views.controls.theme import waiting
from views.controls.widgets import switch
from views.map_widget.widget import canvas, draw_map
from views.places import SHOWN, place_columns, show_places
from wording.numbers import last_year

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.hotspots.recipe import HotSpotResult
    from views.controls.screen import Screen

CLUSTERS = "clusters"


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city, choice = screen.translate, screen.city, screen.choice
    if city.issues is None:
        st.info(translate("hotspots.no_layer"))
        return
    since, until = period(screen)
    with st.sidebar:
        _controls(screen, since, until)
    question = Question(choice.category, since, until, choice.cell, choice.grid, choice.basis)
    try:
        if choice.layer == CLUSTERS:
            render_clusters(screen, question)
            return
        with waiting(translate("app.working")):
            hotspot_result = cache.hotspot_result(question)
    except SampleError as error:
        st.warning(translate.markdown("hotspots.refused", why=translate.error(error)))
        st.caption(translate.markdown("error.what_to_do", hint=translate.hint(error)))
        return
    st.markdown(_sentence(screen, hotspot_result))
    density = cache.surface(question) if choice.layer == "density" else None
    spec = hotspot_map(canvas(screen), hotspot_result, density=density, place=choice.place)
    draw_map(screen, spec, key="hotspots-map")
    _table(screen, hotspot_result)
    _method(screen, hotspot_result)


def period(screen: Screen) -> tuple[str, str]:
    """Give the period shown: the one chosen, else the last year of the data."""
    since, until = last_year(screen.city.as_of)
    return screen.choice.since or since, screen.choice.until or until


def _controls(screen: Screen, since: str, until: str) -> None:
    translate = screen.translate
    choose_category(screen)
    choose_period(screen, since, until)
    switch("layer", LAYERS, translate("hotspots.layer"), naming=_said(screen), hidden=False)
    if screen.choice.layer == CLUSTERS:
        controls(screen)
        return
    choose_cell(screen)
    switch("grid", SHAPES, translate("hotspots.grid"), naming=_said(screen), hidden=False)
    if screen.city.residents is not None:
        switch("basis", BASES, translate("hotspots.basis"), naming=_said(screen), hidden=False)


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
    st.markdown(f"**{translate('hotspots.table')}**")
    columns = place_columns(screen, shown)
    columns[translate("hotspots.col_density")] = shown["cases_per_km2"].round()
    columns[translate("hotspots.col_z")] = shown["z_max"].round(1)
    show_places(screen, columns, shown.index)


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
        translate("hotspots.no_report"),
    ]
    if found.basis == RATE:
        lines.insert(1, translate("hotspots.rate_note", **untested(found)))
    if found.sparse:
        lines.insert(1, translate("hotspots.sparse"))
    st.caption("  \n".join(lines))
