"""Look-back: what came back after closing, where it repeats, and whose work holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.handling.survival import clean_after
from analysis.model.question import Question
from maps.followup import lookback_map
from views import cache
from views.controls.choice import DISTANCES, FOLLOW_UPS, MARGINS
from views.controls.questions import choose_category, choose_period
from views.controls.tables import share_column, show_table
from views.controls.theme import waiting
from views.controls.widgets import select
from views.hotspots import period
from views.map_widget.widget import canvas, draw_map
from wording.names import full_names
from wording.numbers import count, day, metres, percent

if TYPE_CHECKING:
    from analysis.handling.followup import LookBack
    from views.controls.screen import Screen

SHOWN = 50
CURVE_DAYS = 180
NARROW = 170
"""Pixels of the place's column beside a map, so that its figures are seen."""


def render(screen: Screen) -> None:
    """Draw the page."""
    say, city, choice = screen.say, screen.city, screen.choice
    if city.issues is None:
        st.info(say("hotspots.no_layer"))
        return
    since, until = period(screen)
    with st.sidebar:
        _controls(screen, since, until)
    with waiting(say("app.working")):
        look = cache.look_back(
            Question(choice.category, since, until, 0), choice.near, choice.days, choice.margin
        )
    st.markdown(_sentence(screen, look))
    left, right = st.columns([8, 5], gap="medium")
    with left:
        spec = lookback_map(canvas(screen), look)
        draw_map(screen, spec, key="lookback-map")
    with right:
        _squares(screen, look)
    st.caption(_method(screen, look))
    _curve(screen, look)
    _repeats(screen, look)
    _worklist(screen, look)


def _controls(screen: Screen, since: str, until: str) -> None:
    say = screen.say
    choose_category(screen)
    choose_period(screen, since, until)
    select("near", DISTANCES, say("lookback.near"), naming=metres)
    select("days", FOLLOW_UPS, say("lookback.days"), naming=str)
    select("margin", MARGINS, say("lookback.margin"), naming=lambda part: f"± {part}%")


def _sentence(screen: Screen, look: LookBack) -> str:
    say = screen.say
    if look.relapsed_share is None:
        return say.markdown("lookback.sentence_none", days=look.rule.days)
    return say.markdown(
        "lookback.sentence",
        relapsed=count(look.relapsed),
        followed=count(look.followed),
        share=percent(look.relapsed_share),
        days=look.rule.days,
        distance=metres(look.rule.distance_m),
        squares=count(len(look.squares)),
    )


def _method(screen: Screen, look: LookBack) -> str:
    say = screen.say
    return "  \n".join(
        [
            say(
                "lookback.method",
                distance=metres(look.rule.distance_m),
                days=look.rule.days,
                young=count(len(look.closings) - look.followed),
                unplaced=count(look.without_place),
                undated=count(look.without_time),
            ),
            say("hotspots.no_report"),
        ]
    )


def _place(rows: pd.DataFrame, screen: Screen) -> list[str]:
    return full_names(rows, screen.city.communities, screen.say.language)


def _show(
    screen: Screen, table: pd.DataFrame, *, shares: tuple[str, ...] = (), narrow: str = ""
) -> None:
    if table.empty:
        st.caption(screen.say("lookback.no_rows"))
        return
    columns = {name: share_column() for name in shares}
    if narrow:
        columns[narrow] = st.column_config.TextColumn(width=NARROW)
    show_table(table, columns=columns)


def _squares(screen: Screen, look: LookBack) -> None:
    say, rows = screen.say, look.squares.head(SHOWN)
    st.markdown(f"**{say('lookback.squares')}**")
    share = say("lookback.col_share")
    table = {
        say("hotspots.col_rank"): rows["rank"],
        say("hotspots.col_place"): _place(rows, screen),
        say("lookback.col_relapsed"): rows["relapsed"],
        say("lookback.col_followed"): rows["followed"],
        share: (rows["relapsed_share"] * 100).round(1),
        say("hotspots.col_category"): rows["top_category"].map(screen.category_name),
        say("lookback.col_unit"): rows["unit"],
    }
    _show(screen, pd.DataFrame(table), shares=(share,), narrow=say("hotspots.col_place"))


def _curve(screen: Screen, look: LookBack) -> None:
    say = screen.say
    st.subheader(say("lookback.curve"), anchor=False)
    if look.closings.empty:
        st.caption(say("lookback.no_rows"))
        return
    days = range(CURVE_DAYS + 1)
    share = clean_after(look.curve, days) * 100
    name = say("lookback.col_clean")
    st.line_chart(
        pd.DataFrame({say("lookback.col_days"): days, name: share.to_numpy()}),
        x=say("lookback.col_days"),
        y=name,
        height=260,
    )
    at = {number: percent(share.iloc[number] / 100) for number in (30, 90, CURVE_DAYS)}
    st.caption(say("lookback.curve_note", month=at[30], quarter=at[90], half=at[CURVE_DAYS]))


def _repeats(screen: Screen, look: LookBack) -> None:
    say, rows = screen.say, look.repeats.head(SHOWN)
    st.subheader(say("lookback.repeats"), anchor=False)
    st.markdown(
        say.markdown(
            "lookback.repeats_note",
            least=look.rule.least,
            distance=metres(look.rule.distance_m),
            n=count(len(look.repeats)),
        )
    )
    table = {
        say("lookback.col_month"): rows["month"],
        say("hotspots.col_place"): _place(rows, screen),
        say("hotspots.category"): rows["category"].map(screen.category_name),
        say("hotspots.col_cases"): rows["cases"],
        say("hotspots.col_open"): rows["open"],
        say("lookback.col_unit"): rows["unit"],
    }
    _show(screen, pd.DataFrame(table))


def _worklist(screen: Screen, look: LookBack) -> None:
    say, rows = screen.say, look.worklist
    st.subheader(say("lookback.worklist"), anchor=False)
    st.markdown(
        say.markdown(
            "lookback.worklist_note",
            due=count(look.due),
            n=count(len(rows)),
            margin=percent(look.rule.margin_share, digits=0),
            seed=look.rule.seed,
        )
    )
    table = {
        say("lookback.col_case"): rows.index,
        say("lookback.col_unit"): rows["unit"],
        say("hotspots.category"): rows["category"].map(screen.category_name),
        say("hotspots.col_place"): _place(rows, screen),
        say("lookback.col_closed"): rows["closed_at"].map(day),
        say("lookback.col_result"): [
            say(f"lookback.result_{code}") if code else "" for code in rows["result"]
        ],
    }
    _show(screen, pd.DataFrame(table))
    st.markdown(_second(screen, look))


def _second(screen: Screen, look: LookBack) -> str:
    say, found = screen.say, look.second
    if found is None:
        return say.markdown("lookback.second_how")
    facts = {
        "lost": count(found.not_found),
        "waiting": count(found.waiting),
        "off": count(found.off_list),
    }
    if found.share is None or found.low_share is None or found.high_share is None:
        return say.markdown("lookback.second_none", **facts)
    return say.markdown(
        "lookback.second",
        judged=count(found.judged),
        back=count(found.came_back),
        due=count(look.due - found.uncovered),
        share=percent(found.share),
        low=percent(found.low_share),
        high=percent(found.high_share),
        uncovered=count(found.uncovered),
        **facts,
    )
