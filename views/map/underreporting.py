"""The page *Under-reporting*: where reports are too few to be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from maps.trends import OUTSIDE, state_map
from views import cache
from views.controls.questions import (
    choose_campaign,
    choose_category,
    choose_period,
    has_issues,
    refusals,
)
from views.controls.tables import name_column, pick_row, show_row
from views.controls.widgets import fold_method
from views.map.places import show_cases_of_community
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.widget import canvas
from wording.names import full_names, with_names

if TYPE_CHECKING:
    from analysis.trends.underreporting import UnderReporting
    from maps.spec import MapSpec
    from views.controls.screen import Screen

KINDS = ("silent", "not_silent", "not_judged")
SHOWN = 50


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_issues(screen):
        draw_workspace(screen, _controls, _mode)


def _controls(screen: Screen) -> None:
    city, choice = screen.city, screen.choice
    choose_category(screen)
    choose_campaign(screen)
    if city.issues is not None:
        first = screen.translate.day(city.issues["reported_at"].min())
        last = screen.translate.day(city.as_of)
        choose_period(screen, choice.since or first, choice.until or last)


def _mode(screen: Screen) -> Mode | None:
    with refusals(screen, "silence.refused"):
        found = cache.answers().under_reporting(screen.question)
        return Mode(
            _map(screen, found),
            _sentence(screen, found),
            ranking=lambda: _ranking(screen, found),
            details=lambda: _details(screen, found),
            row=lambda community: _row(screen, found, community),
            notes=lambda: _method(screen, found),
        )
    return None


def _states(found: UnderReporting) -> pd.Series[str]:
    state = found.table["silence"]
    return state.where(state.isin(KINDS), "not_judged")


def _sentence(screen: Screen, found: UnderReporting) -> str:
    translate = screen.translate
    silent = found.table[found.table["silence"] == "silent"].sort_values("p")
    if silent.empty:
        return translate.markdown(
            "silence.sentence_none", n=translate.count((found.table["p"].notna()).sum())
        )
    worst = with_names(silent.head(1), screen.city.communities, translate.language).iloc[0]
    return translate.markdown(
        "silence.sentence",
        n=translate.count(len(silent)),
        place=worst["community"],
        cases=translate.count(worst["cases"]),
        expected=translate.count(worst["expected"]),
    )


def _map(screen: Screen, found: UnderReporting) -> MapSpec:
    translate = screen.translate
    lines = [
        [] if pd.isna(row["expected"]) else [
            f"{translate('silence.col_cases')} {translate.count(row['cases'])}",
            f"{translate('silence.col_expected')} {translate.count(row['expected'])}",
        ]
        for row in found.table.to_dict("records")
    ]  # fmt: skip
    return state_map(
        canvas(screen, community=screen.choice.community),
        _states(found),
        kinds=KINDS,
        lines=lines,
        title=translate("silence.legend"),
    )


def _row(screen: Screen, found: UnderReporting, community: str) -> pd.Series[Any]:
    """Give the row of a community; one that a campaign is not about is outside."""
    named = screen.city.communities.loc[[community], ["name", "parent"]]
    rows = found.table.reindex([community]).fillna({"silence": OUTSIDE})
    rows = rows.assign(community=named["name"], parent=named["parent"])
    row: pd.Series[Any] = _table(screen, rows).iloc[0]
    return row


def _details(screen: Screen, found: UnderReporting) -> None:
    rows = found.table[found.table.index == screen.choice.community]
    if len(rows):
        show_row(_table(screen, rows).iloc[0], screen.translate)
    show_cases_of_community(screen)


def _table(screen: Screen, rows: pd.DataFrame) -> pd.DataFrame:
    translate = screen.translate
    table = {
        translate("hotspots.col_place"): full_names(
            rows, screen.city.communities, translate.language
        ),
        translate("silence.col_state"): [translate(f"change.{state}") for state in rows["silence"]],
        translate("silence.col_cases"): rows["cases"].to_numpy(),
        translate("silence.col_expected"): rows["expected"].round().to_numpy(),
        translate("silence.col_ratio"): [
            translate.decimal(value, digits=2) for value in rows["ratio"]
        ],
        translate("silence.col_people"): rows["population"].round().to_numpy(),
    }
    return pd.DataFrame(table)


def _ranking(screen: Screen, found: UnderReporting) -> None:
    translate = screen.translate
    rows = found.table.dropna(subset="p").sort_values("p", kind="stable").head(SHOWN)
    st.markdown(f"**{translate('silence.table')}**")
    identifiers = rows.index.tolist()
    key = f"silence-{hash(tuple(identifiers))}-{translate.language}"
    columns = {translate("hotspots.col_place"): name_column()}
    table = _table(screen, rows)
    pick_row("community", table, identifiers, key=key, also=STAY, columns=columns)


def _method(screen: Screen, found: UnderReporting) -> None:
    translate = screen.translate
    terms = [translate(f"silence.{name}") for name in found.effects]
    st.caption("  \n".join([translate("silence.reasons"), translate("hotspots.no_report")]))
    fold_method(translate, translate("silence.method", terms=translate("silence.and").join(terms)))
