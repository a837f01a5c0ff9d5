"""Campaigns: the time before, during and after one, and its issues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.question import DISTANCES, FOLLOW_UPS
from charts.campaigns import campaign_chart
from exports.formats.archive import packed
from exports.recipes.casework.campaigns import (
    campaign_files,
    campaign_issues,
    chosen_campaign,
    state_of,
)
from views import cache
from views.controls.charts import draw_chart
from views.controls.files import offer_file
from views.controls.permits import own_rows
from views.controls.questions import has_issues
from views.controls.tables import show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from wording.campaigns import campaign_sentences
from wording.names import in_language
from wording.numbers import NOTHING, day

if TYPE_CHECKING:
    from analysis.model.campaign import Campaign
    from views.controls.screen import Screen

SHOWN = 500
"""Most issues listed on the page; the file has them all."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city, answers = screen.translate, screen.city, cache.answers()
    if not has_issues(screen):
        return
    if not city.campaigns:
        st.info(translate("campaign.no_campaigns"))
        return
    campaign = chosen_campaign(city, screen.choice.campaign)
    with st.sidebar:
        _choose(screen, campaign)
    question = replace(
        screen.question, selection=replace(screen.question.selection, campaign=campaign.id)
    )
    with waiting(translate("app.working")):
        found = answers.campaign_change(question, campaign.id)
    said = campaign_sentences(found, campaign, city, screen.categories, translate)
    st.markdown("\n".join(f"- {translate.markdown('app.plain', text=each)}" for each in said))
    st.caption(translate("campaign.made_only"))
    _periods(screen, found.periods)
    name = translate.of(campaign.name)
    draw_chart(campaign_chart(found.periods, name, translate), translate, key="campaign")
    _issues(screen, campaign)
    offer_file(
        "campaigns",
        translate("campaign.take"),
        lambda: packed(campaign_files(answers, question, translate)[0]),
        file_name=f"{city.id}-campaigns.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("campaign.method"))


def _choose(screen: Screen, campaign: Campaign) -> None:
    translate, city = screen.translate, screen.city

    def named(each: str) -> str:
        state = translate(f"campaign.state_{state_of(city.campaigns[each], city)}")
        return translate(
            "campaign.option", name=translate.of(city.campaigns[each].name), state=state
        )

    select(
        "campaign",
        list(city.campaigns),
        translate("campaign.which"),
        naming=named,
        shown=campaign.id,
    )
    select("near", sorted(DISTANCES), translate("campaign.near"), naming=translate.metres)
    select("days", sorted(FOLLOW_UPS), translate("campaign.days"), naming=translate.count)


def _periods(screen: Screen, periods: pd.DataFrame) -> None:
    """Show what was reported in every period, and what became of it."""
    translate = screen.translate

    def told(value: float) -> str:
        return NOTHING if pd.isna(value) else translate.count(value)

    rows = [
        {
            "period": translate(f"campaign.period_{row['period']}"),
            "days": translate("campaign.span", since=row["since"], until=row["until"]),
            "observed": translate.count(row["observed_days"]),
            **{name: told(row[name]) for name in ("reports", "closed", "open", "overdue")},
            "recurrences": NOTHING
            if pd.isna(row["recurrences"])
            else translate(
                "campaign.back", n=told(row["recurrences"]), of=told(row["followed"])
            ),
            "rate": NOTHING
            if pd.isna(row["per_day"])
            else translate(
                "campaign.limits",
                **{
                    key: translate.decimal(row[name], digits=2)
                    for key, name in (
                        ("rate", "per_day"), ("low", "per_day_low"), ("high", "per_day_high"),
                    )
                },
            ),
        }
        for row in periods.to_dict("records")
    ]  # fmt: skip
    headings = {name: translate(f"campaign.col_{name}") for name in rows[0]}
    show_table(pd.DataFrame(rows).rename(columns=headings))


def _issues(screen: Screen, campaign: Campaign) -> None:
    translate = screen.translate
    every = campaign_issues(cache.answers(), campaign)
    st.subheader(translate("campaign.issues"), anchor=False)
    if every.empty:
        st.info(translate("campaign.no_issues"))
        return
    issues = own_rows(translate, every)
    shown = in_language(issues.head(SHOWN), screen.city, translate.language)
    n, some = translate.count(len(issues)), translate.count(len(shown))
    st.caption(translate("campaign.issues_note", shown=some, n=n))
    show_table(
        pd.DataFrame(
            {
                translate("lookback.col_case"): shown.index,
                translate("hotspots.category"): shown["category"].map(screen.category_name),
                translate("hotspots.col_place"): shown["community"],
                translate("units.col_unit"): shown["unit"],
                translate("units.col_reported"): shown["reported_at"].map(day),
                translate("campaign.col_closed"): shown["closed_at"].map(day),
            }
        ),
        most=420,
    )
