"""Surveys of residents: rates with intervals, the threshold, the year before, by area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from charts.survey import survey_chart
from exports.formats.archive import packed
from exports.recipes.casework.survey import (
    by_community,
    chosen_topic,
    rate_table,
    rows_of,
    survey_files,
    topics_of,
)
from maps.rectification.survey import survey_map
from views import cache
from views.controls.charts import draw_chart
from views.controls.files import offer_file
from views.controls.tables import share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from views.map_widget.widget import canvas, draw_map
from wording.numbers import NOTHING
from wording.survey import area_names, survey_sentences, topic_name

if TYPE_CHECKING:
    from views.controls.screen import Screen


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city, answers = screen.translate, screen.city, cache.answers()
    if city.survey is None:
        st.info(translate("survey.no_layer"))
        return
    with waiting(translate("app.working")):
        table = rate_table(answers)
    if table.empty:
        st.info(translate("survey.nothing"))
        return
    topics = topics_of(table, city)
    topic = chosen_topic(table, city, screen.choice.topic if screen.choice.topic in topics else "")
    with st.sidebar:
        naming = {each: topic_name(city, each, translate) for each in topics}
        select("topic", topics, translate("survey.topic"), naming=naming.__getitem__, shown=topic)
    said = survey_sentences(table, topic, city, translate)
    st.markdown("\n".join(f"- {translate.markdown('app.plain', text=each)}" for each in said))
    st.caption(translate("survey.made_only"))
    rows = rows_of(table, topic)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        spec = survey_map(canvas(screen), by_community(table, topic, city), topic)
        draw_map(screen, spec, key="survey-map")
    with right:
        draw_chart(survey_chart(rows, topic, city, translate), translate, key="survey")
    _areas(screen, rows)
    offer_file(
        "survey",
        translate("survey.take"),
        lambda: packed(survey_files(answers, topic, translate)[0]),
        file_name=f"{city.id}-survey.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("survey.method"))


def _areas(screen: Screen, rows: pd.DataFrame) -> None:
    """List the city, parents and communities with what is said of each."""
    translate = screen.translate
    verdicts = {each: translate(f"survey.verdict_{each}") for each in set(rows["verdict"]) if each}
    changes = {each: translate(f"survey.change_{each}") for each in set(rows["change"]) if each}
    reasons = {each: translate(f"survey.reason_{each}") for each in set(rows["reason"]) if each}
    told = rows["verdict"].map(verdicts).fillna(rows["reason"].map(reasons)).fillna(NOTHING)
    names = ("share", "low_share", "high_share", "before_share")
    heads = dict(zip(names, map(translate, _SHARES), strict=True))
    st.subheader(translate("survey.areas"), anchor=False)
    show_table(
        pd.DataFrame(
            {
                translate("survey.area"): area_names(rows, screen.city, translate),
                translate("survey.n"): rows["n"].astype(int).to_numpy(),
                **{heads[name]: rows[name].to_numpy() * 100 for name in names[:3]},
                translate("survey.verdict"): told.to_numpy(),
                heads["before_share"]: rows["before_share"].to_numpy() * 100,
                translate("survey.change"): rows["change"].map(changes).fillna(NOTHING).to_numpy(),
                translate("survey.needed_n"): rows["needed_n"].astype(int).to_numpy(),
            }
        ),
        columns=dict.fromkeys(heads.values(), share_column()),
        most=560,
    )


_SHARES = ("survey.share", "survey.low", "survey.high", "survey.before")
