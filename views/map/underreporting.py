"""The page *Under-reporting*: where reports are too few to be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from maps.trends import state_map
from views import cache
from views.controls.questions import choose_category, choose_period, has_issues, refusals
from views.controls.tables import show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method
from views.map_widget.widget import canvas, draw_map
from wording.names import full_names, with_names

if TYPE_CHECKING:
    from analysis.trends.underreporting import UnderReporting
    from maps.spec import MapSpec
    from views.controls.screen import Screen

KINDS = ("silent", "not_silent", "not_judged")
SHOWN = 50
PLACE_WIDTH = 150


def render(screen: Screen) -> None:
    """Draw the page."""
    city, choice = screen.city, screen.choice
    if not has_issues(screen) or city.issues is None:
        return
    with st.sidebar:
        choose_category(screen)
        first = screen.translate.day(city.issues["reported_at"].min())
        last = screen.translate.day(city.as_of)
        choose_period(screen, choice.since or first, choice.until or last)
    with refusals(screen, "silence.refused"):
        _draw(screen)


def _draw(screen: Screen) -> None:
    with waiting(screen.translate("app.working")):
        found = cache.answers().under_reporting(screen.question)
    st.markdown(_sentence(screen, found))
    left, right = st.columns([8, 5], gap="medium")
    with left:
        draw_map(screen, _map(screen, found), key="silence-map")
    with right:
        _table(screen, found)
    _method(screen, found)


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


def _table(screen: Screen, found: UnderReporting) -> None:
    translate = screen.translate
    rows = found.table.dropna(subset="p").sort_values("p", kind="stable").head(SHOWN)
    table = {
        translate("hotspots.col_place"): full_names(
            rows, screen.city.communities, translate.language
        ),
        translate("silence.col_cases"): rows["cases"].to_numpy(),
        translate("silence.col_expected"): rows["expected"].round().to_numpy(),
        translate("silence.col_ratio"): [
            translate.decimal(value, digits=2) for value in rows["ratio"]
        ],
        translate("silence.col_people"): rows["population"].round().to_numpy(),
        translate("silence.col_state"): [translate(f"change.{state}") for state in rows["silence"]],
    }
    st.markdown(f"**{translate('silence.table')}**")
    place = st.column_config.TextColumn(width=PLACE_WIDTH)
    show_table(pd.DataFrame(table), columns={translate("hotspots.col_place"): place})


def _method(screen: Screen, found: UnderReporting) -> None:
    translate = screen.translate
    terms = [translate(f"silence.{name}") for name in found.effects]
    st.caption("  \n".join([translate("silence.reasons"), translate("hotspots.no_report")]))
    fold_method(translate, translate("silence.method", terms=translate("silence.and").join(terms)))
