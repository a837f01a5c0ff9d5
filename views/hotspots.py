"""Hot spots: where issues concentrate beyond chance, by category and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.hotspots.cells import RATE
from analysis.model.errors import SampleError
from analysis.model.question import BASES, SHAPES, Question
from maps.hotspots import hotspot_map, untested
from views import cache
from views.clusters import controls, render_clusters
from views.controls.choice import LAYERS
from views.controls.questions import choose_category, choose_cell, choose_period
from views.controls.theme import waiting
from views.controls.widgets import switch
from views.map_widget.widget import canvas, draw_map
from views.places import SHOWN, place_columns, show_places
from wording.numbers import count, last_year, metres, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.hotspots.recipe import Survey
    from views.controls.screen import Screen

CLUSTERS = "clusters"


def render(screen: Screen) -> None:
    """Draw the page."""
    say, city, choice = screen.say, screen.city, screen.choice
    if city.issues is None:
        st.info(say("hotspots.no_layer"))
        return
    since, until = period(screen)
    with st.sidebar:
        _controls(screen, since, until)
    question = Question(choice.category, since, until, choice.cell, choice.grid, choice.basis)
    try:
        if choice.layer == CLUSTERS:
            render_clusters(screen, question)
            return
        with waiting(say("app.working")):
            survey = cache.survey(question)
    except SampleError as error:
        st.warning(say.markdown("hotspots.refused", why=say.error(error)))
        st.caption(say.markdown("error.what_to_do", hint=say.hint(error)))
        return
    st.markdown(_sentence(screen, survey))
    density = cache.surface(question) if choice.layer == "density" else None
    spec = hotspot_map(canvas(screen), survey, density=density, place=choice.place)
    draw_map(screen, spec, key="hotspots-map")
    _table(screen, survey)
    _method(screen, survey)


def period(screen: Screen) -> tuple[str, str]:
    """Give the period surveyed: the one chosen, else the last year of the data."""
    since, until = last_year(screen.city.as_of)
    return screen.choice.since or since, screen.choice.until or until


def _controls(screen: Screen, since: str, until: str) -> None:
    say = screen.say
    choose_category(screen)
    choose_period(screen, since, until)
    switch("layer", LAYERS, say("hotspots.layer"), naming=_said(screen), hidden=False)
    if screen.choice.layer == CLUSTERS:
        controls(screen)
        return
    choose_cell(screen)
    switch("grid", SHAPES, say("hotspots.grid"), naming=_said(screen), hidden=False)
    if screen.city.residents is not None:
        switch("basis", BASES, say("hotspots.basis"), naming=_said(screen), hidden=False)


def _said(screen: Screen) -> Callable[[str], str]:
    return lambda code: screen.say(f"hotspots.{code}")


def _sentence(screen: Screen, survey: Survey) -> str:
    say, places, found = screen.say, survey.places, survey.hot_spots
    if places.empty:
        return say.markdown("hotspots.sentence_none", total=count(found.cases))
    area = places["area_m2"].sum() / screen.city.communities.area.sum()
    return say.markdown(
        "hotspots.sentence",
        hot=count(len(places)),
        share=percent(places["cases_share"].sum()),
        cases=count(places["cases"].sum()),
        total=count(found.cases),
        area=percent(area),
    )


def _table(screen: Screen, survey: Survey) -> None:
    say, shown = screen.say, survey.places.head(SHOWN)
    st.markdown(f"**{say('hotspots.table')}**")
    columns = place_columns(screen, shown)
    columns[say("hotspots.col_density")] = shown["cases_per_km2"].round()
    columns[say("hotspots.col_z")] = shown["z_max"].round(1)
    show_places(screen, columns, shown.index)


def _method(screen: Screen, survey: Survey) -> None:
    say, found, proposed = screen.say, survey.hot_spots, survey.proposed
    lines = [
        say(
            "hotspots.method",
            cells=count(len(found.cells)),
            shape=say(f"hotspots.{found.grid.lattice.shape}_cells"),
            cell=metres(found.grid.cell_size),
            rings=found.rings,
            unlocated=count(found.unlocated),
            outside=count(found.outside + found.off_grid),
        ),
        say(
            "hotspots.cell_help",
            metres=count(proposed.metres),
            mean=f"{proposed.cases_per_cell:.1f}",
        ),
        say("hotspots.trend_note"),
        say("hotspots.no_report"),
    ]
    if found.basis == RATE:
        lines.insert(1, say("hotspots.rate_note", **untested(found)))
    if found.sparse:
        lines.insert(1, say("hotspots.sparse"))
    st.caption("  \n".join(lines))
