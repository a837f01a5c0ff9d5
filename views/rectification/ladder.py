"""Warning levels: who stays beyond a threshold, on which level, why and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from charts.ladder import ladder_chart
from exports.recipes.casework.ladder import sentences, told_counts
from views import cache
from views.controls.charts import draw_chart
from views.controls.questions import has_issues
from views.controls.tables import show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method
from wording.escape import markdown
from wording.ladder import WORDED, worded_warnings

if TYPE_CHECKING:
    from views.controls.screen import Screen

WIDTHS = {"step": 80, "who": 180, "why": 700, "since": 80, "level": 100}
"""Pixels of columns: what is long is why somebody stands on a level."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city = screen.translate, screen.city
    if not has_issues(screen):
        return
    with waiting(translate("app.working")):
        found = cache.answers().warnings(screen.question)
    counts = told_counts(found, city.ladder, translate)
    with st.container(key="figures"):
        steps = {step.id: translate.of(step.name) for step in city.ladder.steps}
        for column, step in zip(st.columns(len(steps)), reversed(steps), strict=True):
            column.metric(markdown(steps[step]), counts[step], border=True)
    if found.unknown:
        st.info(sentences(found, city.ladder, translate)[-1])
    st.caption(translate("ladder.lead"))
    worded = worded_warnings(found.table, city, translate)
    if worded.empty and not found.unknown:
        st.info(translate("ladder.nobody"))
    elif not worded.empty:
        headings = {name: translate(f"ladder.col_{name}") for name in WORDED}
        looks = {
            headings[name]: st.column_config.TextColumn(width=width)
            for name, width in WIDTHS.items()
        }
        show_table(worded.rename(columns=headings), columns=looks)
        draw_chart(ladder_chart(found, city, translate), translate, key="ladder")
    fold_method(translate, *_rules(screen), translate("ladder.method"))


def _rules(screen: Screen) -> list[str]:
    """Write what each level asks for."""
    translate, ladder = screen.translate, screen.city.ladder
    said = []
    for step in ladder.steps:
        above = translate("asked.and").join(
            translate(
                "ladder.above",
                indicator=translate(f"ladder.indicator_{name}"),
                share=translate.share(share, digits=0),
            )
            for name, share in step.above.items()
        )
        said.append(
            translate.markdown(
                "ladder.rule",
                step=translate.of(step.name),
                months=translate.count(step.months),
                above=above,
            )
        )
    return [*said, translate("ladder.least", n=translate.count(ladder.least_cases))]
