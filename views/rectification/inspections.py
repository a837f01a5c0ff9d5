"""Rounds of inspection: what they found, what is rectified, what own checks had known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.question import DISTANCES, FOLLOW_UPS
from exports.formats.archive import packed
from exports.recipes.casework.inspections import (
    areas_of,
    chosen_round,
    findings_of,
    inspection_files,
    round_table,
    sentences,
)
from maps.rectification.tasks import placed_rows, round_map
from views import cache
from views.controls.choice import MOMENTS
from views.controls.files import offer_file
from views.controls.permits import own_rows
from views.controls.questions import choose_campaign, has_issues
from views.controls.tables import share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select, switch
from views.map_widget.widget import canvas, draw_map
from wording.names import full_name, in_language
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from views.controls.screen import Screen


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, answers, question = screen.translate, cache.answers(), screen.question
    if not has_issues(screen):
        return
    with waiting(translate("app.working")):
        table = round_table(answers, question)
    if table.empty:
        st.info(translate("round.none"))
        return
    name = chosen_round(table, screen.choice.round if screen.choice.round in table.index else "")
    with st.sidebar:
        select("round", list(table.index), translate("round.round"), naming=str, shown=name)
        select("near", sorted(DISTANCES), translate("round.near"), naming=translate.metres)
        select("days", sorted(FOLLOW_UPS), translate("round.days"), naming=translate.count)
        choose_campaign(screen)
    findings = findings_of(answers, question, name)
    said = sentences(answers, question, name, translate)
    st.markdown("\n".join(f"- {translate.markdown('app.plain', text=each)}" for each in said))
    st.caption(translate("round.made_only"))
    left, right = st.columns([8, 5], gap="medium")
    with left:
        _map(screen, findings)
    with right:
        _areas(screen, name)
    _rounds(screen, table)
    offer_file(
        "inspections",
        translate("round.take"),
        lambda: packed(inspection_files(answers, question, name, translate)[0]),
        file_name=f"{screen.city.id}-inspections.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("round.method"))


def _map(screen: Screen, findings: pd.DataFrame) -> None:
    """Draw what was found, before anything was rectified, and what is left of it now."""
    translate, moment = screen.translate, screen.choice.moment
    switch(
        "moment",
        MOMENTS,
        translate("round.moment"),
        naming=lambda each: translate(f"round.moment_{each}"),
        hidden=False,
    )
    own = own_rows(translate, findings)
    shown = own[own["state"].ne("closed")] if moment == MOMENTS[1] else own
    if moment == MOMENTS[0]:
        shown = shown.assign(state="open")
    named = in_language(placed_rows(shown), screen.city, translate.language)
    texts = [
        (
            screen.category_name(row["category"]),
            " · ".join(filter(None, (f"{row['reported_at']:%Y-%m-%d}", row["unit"]))),
            full_name(row["community"], row["parent"]) or translate("finding.nowhere"),
            translate("round.known" if row["known"] == 1 else "round.not_known_before")
            if pd.notna(row["known"])
            else NOTHING,
        )
        for row in named.to_dict("records")
    ]
    draw_map(screen, round_map(canvas(screen), shown, texts), key="round-map")


def _areas(screen: Screen, name: str) -> None:
    translate = screen.translate
    areas = in_language(
        areas_of(cache.answers(), screen.question, name), screen.city, translate.language
    )
    share = translate("round.share")
    show_table(
        pd.DataFrame(
            {
                translate("round.community"): areas["community"].replace(
                    "", translate("finding.nowhere")
                ),
                translate("round.findings"): areas["findings"],
                translate("round.rectified"): areas["rectified"],
                translate("round.state_open"): areas["open"],
                share: areas["share"] * 100,
            }
        ),
        columns={share: share_column()},
        most=560,
    )


def _rounds(screen: Screen, table: pd.DataFrame) -> None:
    """List every round."""
    translate = screen.translate
    share, known, chance = (
        translate(f"round.{each}") for each in ("share", "known_share", "chance_share")
    )
    levels = {each: translate(f"round.level_{each}") for each in {*table["level"]} if each}
    st.subheader(translate("round.all"), anchor=False)
    show_table(
        pd.DataFrame(
            {
                translate("round.round"): table.index,
                translate("round.level"): table["level"].map(levels).fillna(NOTHING).to_numpy(),
                translate("round.first_day"): table["first_day"].map(translate.day),
                translate("round.last_day"): table["last_day"].map(translate.day),
                translate("round.findings"): table["findings"],
                share: table["share"] * 100,
                translate("round.median_days"): table["median_days"].round(1),
                known: table["known_share"] * 100,
                chance: table["chance_share"] * 100,
                translate("round.judged"): table["judged"],
            }
        ),
        columns=dict.fromkeys((share, known, chance), share_column()),
    )
