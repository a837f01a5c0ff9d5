"""The page *Look-back*: what came back after closing, where it repeats, and whose work holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.handling.survival import clean_after
from analysis.model.question import DISTANCES, FOLLOW_UPS, MARGINS
from charts.cases import share_curve
from maps.followup import lookback_map
from views import cache
from views.controls.charts import draw_chart
from views.controls.permits import own_rows
from views.controls.questions import choose_issues, has_issues
from views.controls.tables import share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select, text
from views.map_widget.widget import canvas, draw_map
from wording.names import full_names
from wording.numbers import day, percentages

if TYPE_CHECKING:
    from analysis.handling.followup import FollowUp
    from views.controls.screen import Screen

SHOWN = 50
CURVE_DAYS = 180
NARROW = 170
"""Pixels of the place's column beside a map, so that its figures are seen."""


def render(screen: Screen) -> None:
    """Draw the page."""
    if not has_issues(screen):
        return
    with st.sidebar:
        _controls(screen)
    with waiting(screen.translate("app.working")):
        follow_up = cache.answers().follow_up(screen.question)
    if not follow_up.categories_known:
        st.info(screen.translate("lookback.no_category"))
        return
    if follow_up.closings.empty and (follow_up.without_time or not cache.cases().states_known):
        st.info(screen.translate("lookback.no_closing_known"))
        _repeats(screen, follow_up)
        return
    st.markdown(_sentence(screen, follow_up))
    left, right = st.columns([8, 5], gap="medium")
    with left:
        spec = lookback_map(canvas(screen), follow_up)
        draw_map(screen, spec, key="lookback-map")
    with right:
        _squares(screen, follow_up)
    st.caption(_method(screen, follow_up))
    _chance(screen, follow_up)
    _curve(screen, follow_up)
    _repeats(screen, follow_up)
    _worklist(screen, follow_up)


def _controls(screen: Screen) -> None:
    translate = screen.translate
    choose_issues(screen)
    select("near", DISTANCES, translate("lookback.near"), naming=translate.metres)
    select("days", FOLLOW_UPS, translate("lookback.days"), naming=str)
    select(
        "margin",
        MARGINS,
        translate("lookback.margin"),
        naming=lambda part: f"± {translate.share(part / 100, digits=0)}",
    )
    text("draw", translate("lookback.draw"), advice=translate("lookback.draw_help"))


def _sentence(screen: Screen, follow_up: FollowUp) -> str:
    translate = screen.translate
    if follow_up.relapsed_share is None:
        return translate.markdown("lookback.sentence_none", days=follow_up.rule.days)
    return translate.markdown(
        "lookback.sentence",
        relapsed=translate.count(follow_up.relapsed),
        followed=translate.count(follow_up.followed),
        share=translate.share(follow_up.relapsed_share),
        days=follow_up.rule.days,
        distance=translate.metres(follow_up.rule.distance_m),
        squares=translate.count(len(follow_up.squares)),
    )


def _chance(screen: Screen, follow_up: FollowUp) -> None:
    """Show recurrences beside those that chance makes where cases are as dense."""
    translate, rows = screen.translate, follow_up.near
    if rows.empty:
        return
    st.markdown(f"**{translate('lookback.near_repeats')}**")
    share, chance = translate("lookback.col_share"), translate("lookback.col_chance")
    table = {
        translate("lookback.col_within"): [translate.metres(each) for each in rows["distance_m"]],
        translate("lookback.col_after"): rows["days"],
        translate("lookback.col_followed"): rows["followed"],
        translate("lookback.col_relapsed"): rows["relapsed"],
        share: percentages(rows["relapsed_share"]),
        chance: percentages(rows["expected_share"]),
        translate("lookback.col_times"): [translate.decimal(each) for each in rows["ratio"]],
    }
    _show(screen, pd.DataFrame(table), shares=(share, chance))
    st.caption(translate("lookback.near_method"))


def _method(screen: Screen, follow_up: FollowUp) -> str:
    translate = screen.translate
    return "  \n".join(
        [
            translate(
                "lookback.method",
                distance=translate.metres(follow_up.rule.distance_m),
                days=follow_up.rule.days,
                young=translate.count(len(follow_up.closings) - follow_up.followed),
                unplaced=translate.count(follow_up.without_place),
                undated=translate.count(follow_up.without_time),
                unnamed=translate.count(follow_up.without_category),
            ),
            translate("hotspots.no_report"),
        ]
    )


def _place(rows: pd.DataFrame, screen: Screen) -> list[str]:
    return full_names(rows, screen.city.communities, screen.translate.language)


def _show(
    screen: Screen, table: pd.DataFrame, *, shares: tuple[str, ...] = (), narrow: str = ""
) -> None:
    if table.empty:
        st.caption(screen.translate("lookback.no_rows"))
        return
    columns = {name: share_column() for name in shares}
    if narrow:
        columns[narrow] = st.column_config.TextColumn(width=NARROW)
    show_table(table, columns=columns)


def _squares(screen: Screen, follow_up: FollowUp) -> None:
    translate, rows = screen.translate, follow_up.squares.head(SHOWN)
    st.markdown(f"**{translate('lookback.squares')}**")
    share = translate("lookback.col_share")
    table = {
        translate("hotspots.col_rank"): rows["rank"],
        translate("hotspots.col_place"): _place(rows, screen),
        translate("lookback.col_relapsed"): rows["relapsed"],
        translate("lookback.col_followed"): rows["followed"],
        share: percentages(rows["relapsed_share"]),
        translate("hotspots.col_category"): rows["top_category"].map(screen.category_name),
        translate("lookback.col_unit"): rows["unit"],
    }
    _show(screen, pd.DataFrame(table), shares=(share,), narrow=translate("hotspots.col_place"))


def _curve(screen: Screen, follow_up: FollowUp) -> None:
    translate = screen.translate
    st.subheader(translate("lookback.curve"), anchor=False)
    if follow_up.closings.empty:
        st.caption(translate("lookback.no_rows"))
        return
    name = translate("lookback.col_clean")
    chart = share_curve(
        follow_up.curve, "clean_share", CURVE_DAYS, translate, title=name, heading=name
    )
    draw_chart(chart, translate, key="curve")
    share = clean_after(follow_up.curve, range(CURVE_DAYS + 1))
    at = {number: translate.share(share.iloc[number]) for number in (30, 90, CURVE_DAYS)}
    st.caption(translate("lookback.curve_note", month=at[30], quarter=at[90], half=at[CURVE_DAYS]))
    fold_method(translate, translate("lookback.curve_method"))


def _repeats(screen: Screen, follow_up: FollowUp) -> None:
    translate, rows = screen.translate, follow_up.repeats.head(SHOWN)
    st.subheader(translate("lookback.repeats"), anchor=False)
    st.markdown(
        translate.markdown(
            "lookback.repeats_note",
            least=follow_up.rule.least,
            distance=translate.metres(follow_up.rule.distance_m),
            n=translate.count(len(follow_up.repeats)),
        )
    )
    table = {
        translate("lookback.col_month"): rows["month"],
        translate("hotspots.col_place"): _place(rows, screen),
        translate("hotspots.category"): rows["category"].map(screen.category_name),
        translate("hotspots.col_cases"): rows["cases"],
        translate("hotspots.col_open"): rows["open"],
        translate("lookback.col_unit"): rows["unit"],
    }
    _show(screen, pd.DataFrame(table))


def _worklist(screen: Screen, follow_up: FollowUp) -> None:
    translate, every = screen.translate, follow_up.worklist
    st.subheader(translate("lookback.worklist"), anchor=False)
    st.markdown(
        translate.markdown(
            "lookback.worklist_note",
            due=translate.count(follow_up.due),
            n=translate.count(len(every)),
            margin=translate.share(follow_up.rule.margin_share, digits=0),
        )
    )
    rows = own_rows(translate, every)
    table = {
        translate("lookback.col_case"): rows.index,
        translate("lookback.col_unit"): rows["unit"],
        translate("hotspots.category"): rows["category"].map(screen.category_name),
        translate("hotspots.col_place"): _place(rows, screen),
        translate("lookback.col_closed"): rows["closed_at"].map(day),
        translate("lookback.col_result"): [
            translate(f"lookback.result_{code}") if code else "" for code in rows["result"]
        ],
    }
    _show(screen, pd.DataFrame(table))
    st.markdown(_second(screen, follow_up))
    fold_method(
        translate,
        translate("lookback.worklist_method", number=follow_up.number, seed=follow_up.seed),
        *(() if follow_up.rule.draw else (translate("lookback.worklist_foreseen"),)),
        translate("lookback.second_method"),
    )


def _second(screen: Screen, follow_up: FollowUp) -> str:
    translate, found = screen.translate, follow_up.second
    if found is None:
        return translate.markdown("lookback.second_none_yet")
    facts = {
        "lost": translate.count(found.not_found),
        "waiting": translate.count(found.waiting),
        "off": translate.count(found.off_list),
    }
    if found.share is None or found.low_share is None or found.high_share is None:
        return translate.markdown("lookback.second_none", **facts)
    return translate.markdown(
        "lookback.second",
        judged=translate.count(found.judged),
        back=translate.count(found.came_back),
        due=translate.count(follow_up.due - found.uncovered),
        share=translate.share(found.share),
        limits=translate.shares(found.low_share, found.high_share),
        uncovered=translate.count(found.uncovered),
        **facts,
    )
