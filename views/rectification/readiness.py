"""Readiness for review: which clauses are met, what blocks, how many days are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.casework.readiness import UNKNOWN
from exports.formats.archive import packed
from exports.papers.readiness import readiness_facts
from exports.recipes.casework.readiness import readiness, readiness_files, title_of
from views import cache
from views.controls.files import offer_file
from views.controls.tables import show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method
from wording.escape import markdown
from wording.readiness import (
    BLOCKING,
    NOT_JUDGED,
    WORDED,
    WORK_WORDED,
    readiness_sentences,
    worded_clauses,
    worded_works,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from views.controls.screen import Screen

WIDTHS = {"clause": 330, "source": 220, "why": 260}
"""Pixels of the columns that hold sentences; the clause is wider where there are few columns."""
MOST = 760
"""Pixels of a table at most: a standard's clauses without scrolling."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city, answers = screen.translate, screen.city, cache.answers()
    if city.title is None:
        st.info(translate("readiness.no_title"))
        return
    title = title_of(city)
    with waiting(translate("app.working")):
        found = readiness(answers)
    year = str(title.year or translate("readiness.no_year"))
    standard = translate.of(title.standard.title)
    st.markdown(translate.markdown("readiness.lead", standard=standard, year=year))
    with st.container(key="figures"):
        facts = readiness_facts(found, translate)
        for column, fact in zip(st.columns(len(facts)), facts, strict=True):
            column.metric(markdown(fact.label), fact.value, border=True)
    said = readiness_sentences(found, title, city, translate)
    st.markdown("\n".join(f"- {translate.markdown('app.plain', text=each)}" for each in said))
    st.caption(translate("readiness.made_only"))
    if title.standard.note:
        st.caption(markdown(translate.of(title.standard.note)))
    st.subheader(translate("readiness.works"), anchor=False)
    works = worded_works(found.works, translate)
    show_table(works.rename(columns={name: _head(screen, name) for name in WORK_WORDED}))
    _clauses(screen, "blocking", found.blocks, BLOCKING)
    unknown = found.clauses[found.clauses["verdict"] == UNKNOWN]
    _clauses(screen, "not_judged", unknown, NOT_JUDGED)
    _clauses(screen, "every", found.clauses, WORDED)
    offer_file(
        "readiness",
        translate("readiness.take"),
        lambda: packed(readiness_files(answers, translate)[0]),
        file_name=f"{city.id}-readiness.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("readiness.method"))


def _head(screen: Screen, name: str) -> str:
    return screen.translate(f"readiness.col_{name}")


def _clauses(screen: Screen, name: str, rows: pd.DataFrame, shown: Sequence[str]) -> None:
    """List some clauses, if there are any."""
    if rows.empty:
        return
    translate = screen.translate
    st.subheader(translate(f"readiness.{name}"), anchor=False)
    worded = worded_clauses(rows, title_of(screen.city), translate)[list(shown)]
    wide = {**WIDTHS, "clause": 460} if len(shown) < len(WORDED) else WIDTHS
    columns = {
        _head(screen, each): st.column_config.TextColumn(width=wide[each])
        for each in wide
        if each in shown
    }
    headings = {each: _head(screen, each) for each in shown}
    show_table(worded.rename(columns=headings), columns=columns, most=MOST)
