"""Findings: everything the assessment asks somebody to do, with figure, threshold and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.casework.findings import FINDING_KINDS
from exports.recipes.findings import counted, find
from exports.recipes.hotspots import period_text
from views import cache
from views.controls.questions import choose_issues, choose_standard
from views.controls.tables import show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from wording.findings import WORDED, worded_findings

if TYPE_CHECKING:
    from analysis.casework.findings import Findings
    from views.controls.screen import Screen

SHOWN = 500
"""Most rows of the table on the page; the file has them all."""
HEIGHT = 560
WIDTHS = {"place": 160, "found": 330, "what": 200, "remedy": 230}
"""Pixels of the columns that hold sentences."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, question = screen.translate, screen.question
    answers = cache.answers()
    with st.sidebar:
        choose_standard(screen)
        if screen.city.issues is not None:
            choose_issues(screen)
    with waiting(translate("app.working")):
        findings = find(answers, question)
    counts = counted(findings)
    lead = translate.markdown(
        "finding.lead",
        standard=translate.of(answers.standard(question).title),
        period=period_text(question.selection),
        n=translate.count(len(findings.table)),
    )
    st.markdown(lead)
    unknown = [kind for kind, count in counts.items() if count is None]
    if unknown:
        names = translate("asked.and").join(translate(f"finding.kind_{each}") for each in unknown)
        st.info(translate.markdown("finding.not_judged", kinds=names))
    _choose_kind(screen, counts, len(findings.table))
    _table(screen, findings)
    fold_method(translate, translate("finding.method"))


def _choose_kind(screen: Screen, counts: dict[str, int | None], total: int) -> None:
    translate = screen.translate

    def named(kind: str) -> str:
        if not kind:
            return translate("finding.all", n=translate.count(total))
        name = translate(f"finding.kind_{kind}")
        return translate("finding.counted", kind=name, n=translate.count(counts[kind] or 0))

    offered = [kind for kind in FINDING_KINDS if counts[kind] is not None]
    select("finding", ["", *offered], translate("finding.kind"), naming=named)


def _table(screen: Screen, findings: Findings) -> None:
    translate, table, kind = screen.translate, findings.table, screen.choice.finding
    rows = table[table["kind"] == kind] if kind else table
    if rows.empty:
        st.info(translate("finding.none"))
        return
    worded = worded_findings(
        rows.head(SHOWN),
        screen.city,
        cache.answers().standard(screen.question),
        kinds=screen.kinds,
        categories=screen.categories,
        translate=translate,
    )
    if kind:
        worded = worded.drop(columns="kind")
    headings = {name: translate(f"finding.{name}") for name in WORDED}
    columns = {
        headings[name]: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()
    }
    show_table(worded.rename(columns=headings), columns=columns, most=HEIGHT)
    if len(rows) > SHOWN:
        shown, every = translate.count(SHOWN), translate.count(len(rows))
        st.caption(translate("finding.shown", most=shown, n=every))
