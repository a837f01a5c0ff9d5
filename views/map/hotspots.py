"""Hot spots: where issues concentrate beyond chance, by category and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.question import SHAPES, WINDOWS
from maps.handling import cases_map
from maps.hotspots import grid_sentence, hotspot_map, meaning_lines, method_text, rate_lines
from views import cache
from views.controls.choice import LAYERS, bases_of
from views.controls.questions import choose_cell, choose_issues, has_issues, refusals
from views.controls.tables import name_column, pick_row
from views.controls.widgets import fold_method, switch
from views.map.places import (
    PLACE_WIDTH,
    SHOWN,
    cases_chart,
    cases_of_community,
    name_of_place,
    place_columns,
    show_cases_of_community,
    show_place,
    show_places,
)
from views.map.scan import scan_mode
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.widget import canvas
from wording.names import full_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.hotspots.grid_choices import GridChoices
    from analysis.hotspots.recipe import HotSpotResult
    from views.controls.screen import Screen

SCAN, GRIDS = "scan", "grids"


def render(screen: Screen) -> None:
    """Draw the mode."""
    if not has_issues(screen):
        return
    alone = cache.answers().are_named_alone()
    draw_workspace(screen, choose_issues if alone else _controls, _counts if alone else _mode)


def _mode(screen: Screen) -> Mode | None:
    choice, answers = screen.choice, cache.answers()
    with refusals(screen, "hotspots.refused"):
        if choice.layer == SCAN:
            return scan_mode(screen)
        found = answers.hot_spots(screen.question)
        grids = answers.grid_choices(screen.question) if choice.layer == GRIDS else None
        density = answers.surface(screen.question) if choice.layer == "density" else None
        paper = canvas(screen, community=choice.community)
        return Mode(
            hotspot_map(paper, found, density=density, place=choice.place),
            _sentence(screen, found) if grids is None else grid_sentence(grids, screen.translate),
            ranking=lambda: _ranking(screen, found, grids),
            details=lambda: _details(screen, found, grids),
            chart=lambda: cases_chart(screen),
            row=lambda community: cases_of_community(screen, community),
            notes=lambda: _method(screen, found, grids),
            chosen=name_of_place(screen, found.places, found.few_people),
        )
    return None


def _counts(screen: Screen) -> Mode:
    """Show counts where reports name their community and have no place."""
    translate = screen.translate
    cases = cache.answers().by_community(screen.question)
    total = translate.count(int(cases["total"].sum()))
    return Mode(
        cases_map(canvas(screen, community=screen.choice.community), cases),
        translate.markdown("hotspots.named_alone", total=total),
        ranking=lambda: _count_ranking(screen, cases),
        details=lambda: show_cases_of_community(screen),
        chart=lambda: cases_chart(screen),
    )


def _count_ranking(screen: Screen, cases: pd.DataFrame) -> None:
    translate, communities = screen.translate, screen.city.communities
    rows = cases.sort_values("total", ascending=False, kind="stable").head(SHOWN)
    named = communities.loc[rows.index].rename(columns={"name": "community"})
    named = pd.DataFrame(named)[["community", "parent"]].reset_index()
    place = translate("hotspots.col_place")
    columns = {
        place: full_names(named, communities, translate.language),
        translate("hotspots.col_cases"): rows["total"].to_numpy(),
        translate("hotspots.col_open"): rows["open"].to_numpy(),
        translate("units.col_overdue"): rows["overdue"].to_numpy(),
    }
    identifiers = rows.index.tolist()
    key = f"counts-{hash(tuple(identifiers))}-{translate.language}"
    looks = {place: name_column(PLACE_WIDTH)}
    table = pd.DataFrame(columns)
    pick_row("community", table, identifiers, key=key, also=STAY, columns=looks)


def _controls(screen: Screen) -> None:
    translate = screen.translate
    choose_issues(screen)
    switch("layer", LAYERS, translate("hotspots.layer"), naming=_said(screen), hidden=False)
    if screen.choice.layer == SCAN:
        named = translate("hotspots.windows")
        switch("windows", WINDOWS, named, naming=_said(screen), hidden=False)
    choose_cell(screen)
    switch("grid", SHAPES, translate("hotspots.grid"), naming=_said(screen), hidden=False)
    bases = bases_of(screen.city)
    if len(bases) > 1:
        switch("basis", bases, translate("hotspots.basis"), naming=_said(screen), hidden=False)


def _said(screen: Screen) -> Callable[[str], str]:
    return lambda code: screen.translate(f"hotspots.{code}")


def _study_area_m2(screen: Screen) -> float:
    """Give the area that was looked at: the city's, or that of a campaign."""
    studied = cache.answers().issue_set(screen.question.selection).communities
    return float(studied.area.sum())


def _sentence(screen: Screen, hotspot_result: HotSpotResult) -> str:
    translate, places, found = screen.translate, hotspot_result.places, hotspot_result.hot_spots
    if places.empty:
        return translate.markdown("hotspots.sentence_none", total=translate.count(found.cases))
    area = places["area_m2"].sum() / _study_area_m2(screen)
    return translate.markdown(
        "hotspots.sentence",
        hot=translate.count(len(places)),
        share=translate.share(places["cases_share"].sum()),
        cases=translate.count(places["cases"].sum()),
        total=translate.count(found.cases),
        area=translate.share(area),
    )


def _columns(
    screen: Screen, places: pd.DataFrame, grids: GridChoices | None
) -> dict[str, pd.Series | list[str]]:
    columns, translate = place_columns(screen, places), screen.translate
    columns[translate("hotspots.col_density")] = places["cases_per_km2"].round()
    if grids is None:
        return columns
    held = [
        translate("hotspots.survives", survives=survives, choices=choices)
        for survives, choices in grids.places.loc[places.index].to_numpy().tolist()
    ]
    first = [translate(f"hotspots.col_{name}") for name in ("rank", "place")]
    return {
        **{name: columns[name] for name in first},
        translate("hotspots.col_survives"): held,
        **columns,
    }


def _ranking(screen: Screen, found: HotSpotResult, grids: GridChoices | None) -> None:
    translate, shown = screen.translate, found.places.head(SHOWN)
    if len(shown):
        st.markdown(f"**{translate('hotspots.table')}**")
        show_places(screen, _columns(screen, shown, grids), shown.index)
    few, basis = found.few_people.head(SHOWN), found.hot_spots.basis
    if len(few):
        st.markdown(f"**{translate(f'hotspots.few_table_{basis}')}**")
        show_places(screen, place_columns(screen, few), few.index)


def _details(screen: Screen, found: HotSpotResult, grids: GridChoices | None) -> None:
    place = screen.choice.place
    if place in found.places.index:
        show_place(screen, _columns(screen, found.places.loc[[place]], grids))
    elif place in found.few_people.index:
        show_place(screen, place_columns(screen, found.few_people.loc[[place]]))
    else:
        show_cases_of_community(screen)


def _method(screen: Screen, hotspot_result: HotSpotResult, grids: GridChoices | None) -> None:
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
    meaning = meaning_lines(hotspot_result, translate)
    if grids is not None:
        sizes = sorted(grids.choices["cell_size_m"].unique())
        named = translate("paper.between").join(translate.metres(each) for each in sizes)
        meaning.insert(0, translate("hotspots.grids_meaning", sizes=named))
    st.markdown("  \n".join(meaning))
    st.caption("  \n".join(translate(f"hotspots.{each}") for each in cautions))
    fold_method(translate, *lines)
