"""Frontage duty: who signed, who passed, who was never checked, by street and by unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.casework.frontage import GROUPS
from analysis.model.question import DISTANCES
from exports.formats.archive import packed
from exports.recipes.casework.frontage import (
    duty_files,
    duty_table,
    listed_frontages,
    sentences,
)
from maps.rectification.frontage import frontage_map
from views import cache
from views.controls.files import offer_file
from views.controls.questions import choose_issues
from views.controls.tables import share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select, switch
from views.map_widget.widget import canvas, draw_map

if TYPE_CHECKING:
    from views.controls.screen import Screen


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, answers, question = screen.translate, cache.answers(), screen.question
    if screen.city.frontages is None:
        st.info(translate("frontage.no_layer"))
        return
    with st.sidebar:
        if screen.city.issues is not None:
            choose_issues(screen)
            select("near", sorted(DISTANCES), translate("frontage.within"), naming=translate.metres)
    with waiting(translate("app.working")):
        said = sentences(answers, question, translate)
        rows = listed_frontages(answers, question)
    st.markdown("\n".join(f"- {translate.markdown('app.plain', text=each)}" for each in said))
    st.caption(translate("round.made_only"))
    draw_map(screen, frontage_map(canvas(screen), rows), key="frontage-map")
    switch(
        "front",
        GROUPS,
        translate("frontage.by"),
        naming=lambda each: translate(f"frontage.by_{each}"),
        hidden=False,
    )
    _table(screen)
    offer_file(
        "frontage",
        translate("frontage.take"),
        lambda: packed(duty_files(answers, question, translate)[0]),
        file_name=f"{screen.city.id}-frontage.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("frontage.method"))


def _table(screen: Screen) -> None:
    """List streets or units, the lowest share of passes first."""
    translate, group = screen.translate, screen.choice.front
    duty = duty_table(cache.answers(), screen.question, group)
    shares = {name: translate(f"frontage.col_{name}") for name in ("pass", "low", "high")}
    names = duty.index.to_series().replace("", translate("frontage.not_stated"))
    columns = {
        translate(f"frontage.by_{group}"): names.to_numpy(),
        translate("frontage.col_frontages"): duty["frontages"].to_numpy(),
        translate("frontage.col_signed"): duty["signed"].to_numpy(),
        **{
            shares[name]: duty[f"{name}_share"].to_numpy() * 100 for name in ("pass", "low", "high")
        },
        translate("frontage.col_judged"): (duty["passed"] + duty["failed"]).to_numpy(),
        translate("frontage.col_never"): duty["never_checked"].to_numpy(),
        translate("frontage.col_last"): duty["last_checked"].map(translate.day).to_numpy(),
        translate("frontage.col_measured"): duty["measured"].to_numpy(),
        translate("frontage.col_length"): duty["length_m"].round(0).to_numpy(),
        translate("frontage.col_near"): duty["issues_near"].to_numpy(),
        translate("frontage.col_rate"): duty["issues_per_100m"].round(2).to_numpy(),
    }
    show_table(
        pd.DataFrame(columns), columns=dict.fromkeys(shares.values(), share_column()), most=560
    )
