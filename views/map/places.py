"""Tables of places, hot or dense: what both show of each, and the one selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.hotspots.places import FALLING, RANKED, RISING
from views import cache
from views.controls.tables import pick_row, share_column
from wording.names import full_name, place_name, with_places
from wording.numbers import percentages

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from views.controls.screen import Screen
    from wording.speaker import Speaker

SHOWN = 50
ARROWS = {RISING: "↑", FALLING: "↓"}


def place_columns(screen: Screen, places: pd.DataFrame) -> dict[str, pd.Series | list[str]]:
    """Give the columns that hot places and clusters share."""
    translate = screen.translate
    named = with_places(places, screen.city, translate.language)
    rows = named.to_dict("records")
    return {
        translate("hotspots.col_rank"): named["rank"],
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
    shares = {translate("hotspots.col_share"): share_column()}
    pick_row("place", table, identifiers, key=key, columns=shares)


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
