"""Tables of places, hot or dense: what both show of each, and the one selected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.hotspots.places import FALLING, RANKED, RISING
from charts.ranking import pareto
from views import cache
from views.controls.charts import draw_chart
from views.controls.tables import name_column, pick_row, share_column, show_row
from views.map.workspace import STAY
from wording.names import distinct_names, full_name, place_name, with_names, with_places
from wording.numbers import NOTHING, percentages

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from analysis.model.question import Selection
    from views.controls.screen import Screen
    from wording.speaker import Speaker

SHOWN = 50
PLACE_WIDTH = 170
ARROWS = {RISING: "↑", FALLING: "↓"}


def place_columns(screen: Screen, places: pd.DataFrame) -> dict[str, pd.Series | list[str]]:
    """Give the columns that hot places and clusters share."""
    translate = screen.translate
    named = with_places(places, screen.city, translate.language)
    rows = named.to_dict("records")
    return {
        translate("hotspots.col_rank"): named["rank"].tolist(),
        translate("hotspots.col_place"): [
            full_name(place_name(row), row["parent"]) for row in rows
        ],
        translate("hotspots.col_cases"): named["cases"],
        translate("hotspots.col_share"): percentages(named["cases_share"]),
        translate("hotspots.col_trend"): [_trend(translate, row) for row in rows],
        translate("hotspots.col_categories"): [_categories(screen, row) for row in rows],
        translate("lookback.col_unit"): named["units"],
        **_waiting(screen, named),
    }


def _waiting(screen: Screen, places: pd.DataFrame) -> dict[str, pd.Series | list[str]]:
    """Open and overdue cases, where the source says what became of any."""
    if not cache.cases().states_known:
        return {}
    return {screen.translate(f"hotspots.col_{name}"): places[name] for name in ("open", "overdue")}


def show_places(screen: Screen, columns: dict[str, pd.Series | list[str]], index: pd.Index) -> None:
    """Show a table of places; the row selected goes into the choice."""
    translate, identifiers = screen.translate, index.tolist()
    table = pd.DataFrame(columns)
    key = f"places-{hash(tuple(identifiers))}-{translate.language}"
    also = {**STAY, "community": ""}
    pick_row("place", table, identifiers, key=key, also=also, columns=_looks(translate))


def _looks(translate: Speaker) -> dict[str, Any]:
    return {
        translate("hotspots.col_rank"): st.column_config.NumberColumn(width=45),
        translate("hotspots.col_place"): name_column(PLACE_WIDTH),
        translate("hotspots.col_share"): share_column(),
    }


def name_of_place(screen: Screen, *tables: pd.DataFrame) -> str:
    """Name the place chosen, if one of the tables has it."""
    for places in tables:
        if screen.choice.place in places.index:
            rows = with_places(
                places.loc[[screen.choice.place]], screen.city, screen.translate.language
            )
            row = rows.to_dict("records")[0]
            return full_name(place_name(row), row["parent"])
    return ""


def show_place(screen: Screen, columns: dict[str, pd.Series | list[str]]) -> None:
    """Show all that is known of one place, made of its row."""
    show_row(pd.DataFrame(columns).iloc[0], screen.translate, columns=_looks(screen.translate))


def show_cases_of_community(screen: Screen, selection: Selection | None = None) -> None:
    """Show the cases of the community chosen, of those asked for unless others are named."""
    translate, community = screen.translate, screen.choice.community
    if not community:
        st.caption(translate("workspace.nothing_chosen"))
        return
    show_row(cases_of_community(screen, community, selection), translate)
    st.caption(translate("hotspots.no_report"))


def cases_of_community(
    screen: Screen, community: str, selection: Selection | None = None
) -> pd.Series[Any]:
    """Write the cases of a community: of those asked for, or of another selection."""
    translate, question = screen.translate, screen.question
    asked = question if selection is None else replace(question, selection=selection)
    cases = cache.answers().by_community(asked).loc[[community]].to_dict("records")[0]
    names = {
        "total": "hotspots.col_cases",
        "open": "hotspots.col_open",
        "overdue": "hotspots.col_overdue",
    }
    row = {translate(word): _whole(translate, cases[name]) for name, word in names.items()}
    if "per_10k_people" in cases:
        rate = cases["per_10k_people"]
        row[translate("workspace.per_10k")] = NOTHING if pd.isna(rate) else translate.decimal(rate)
    return pd.Series(row)


def _whole(translate: Speaker, value: float) -> str:
    return translate.count(value) if pd.notna(value) else NOTHING


def cases_chart(screen: Screen) -> None:
    """Draw which communities make up most of the cases."""
    translate, city = screen.translate, screen.city
    cases = cache.answers().by_community(screen.question)["total"]
    home = with_names(city.communities, city.communities, translate.language)
    names = distinct_names(home["name"].tolist(), home["parent"].tolist())
    counts = pd.Series(cases.to_numpy(), index=names)
    title, heading = translate("charts.pareto_places"), translate("hotspots.col_place")
    chart = pareto(counts[counts.fillna(0) > 0], translate, title=title, heading=heading)
    draw_chart(chart, translate, key="cases")


def _trend(translate: Speaker, row: dict[Hashable, Any]) -> str:
    """Cases in the first and the second half of the period, with an arrow if they differ."""
    halves = f"{translate.count(row['first_half'])} → {translate.count(row['second_half'])}"
    return f"{halves} {ARROWS.get(row['trend'], '')}".rstrip()


def _categories(screen: Screen, row: dict[Hashable, Any]) -> str:
    """The three most frequent categories with their cases."""
    pairs = [(row[f"{rank}_category"], row[f"{rank}_category_cases"]) for rank in RANKED]
    named = [
        f"{screen.category_name(name)} {screen.translate.count(cases)}"
        for name, cases in pairs
        if cases
    ]
    return screen.translate("priority.between").join(named)
