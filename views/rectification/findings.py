"""Findings: what the assessment asks somebody to do, and tasks made of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analysis.casework.findings import FINDING_KINDS
from analysis.casework.tasks import DAYS, LONGEST_NAME, Task
from analysis.model.errors import PlanningError
from analysis.model.roles import ACTIONS
from exports.recipes.casework.findings import counted, find, seen_findings
from exports.recipes.casework.task_commands import MOST_DAYS, deadline_after, today_in
from exports.recipes.casework.tasks import make_tasks, named_as_tasks
from views import cache
from views.controls.permits import allowed, ask_author, own_rows, own_store
from views.controls.questions import choose_issues, choose_standard
from views.controls.tables import pick_rows
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from wording.campaigns import asked_period
from wording.findings import WORDED, worded_findings

if TYPE_CHECKING:
    import pandas as pd

    from analysis.casework.findings import Findings
    from views.controls.screen import Screen

SHOWN = 500
"""Most rows of the table on the page; the file has them all."""
HEIGHT = 480
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
        findings = find(answers, question, cache.proposed())
    counts = counted(findings)
    lead = translate.markdown(
        "finding.lead_some" if None in counts.values() else "finding.lead",
        standard=translate.of(answers.standard(question).title),
        period=asked_period(question.selection, screen.city, translate),
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

    offered = [kind for kind in FINDING_KINDS if counts.get(kind) is not None]
    select("finding", ["", *offered], translate("finding.kind"), naming=named)


def _table(screen: Screen, findings: Findings) -> None:
    translate, table, kind = screen.translate, findings.table, screen.choice.finding
    seen = seen_findings(table, partial(own_rows, translate))
    rows = seen[seen["kind"] == kind] if kind else seen
    if rows.empty:
        st.info(translate("finding.none"))
        return
    shown = rows.head(SHOWN)
    worded = worded_findings(
        shown,
        screen.city,
        screen.standards,
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
    chosen = pick_rows(
        worded.rename(columns=headings), key=f"findings-{kind}", columns=columns, most=HEIGHT
    )
    if len(rows) > SHOWN:
        most, every = translate.count(SHOWN), translate.count(len(rows))
        st.caption(translate("finding.shown", most=most, n=every))
    _offer_tasks(screen, shown.iloc[chosen], rows if kind else None)


def _offer_tasks(screen: Screen, chosen: pd.DataFrame, every: pd.DataFrame | None) -> None:
    """Make tasks of the rows chosen, or of all of one kind."""
    translate, store = screen.translate, own_store()
    st.subheader(translate("task.make"), anchor=False)
    if store is None or not allowed(ACTIONS, "make_tasks"):
        st.info(translate("task.no_store" if store is None else "task.not_here"))
        return
    if message := st.session_state.pop("tasks_made", ""):
        st.success(message)
    st.caption(translate("task.make_pick"))
    with st.form("make-tasks", border=False):
        duty, within, by = _duty(screen)
        n = translate.count(len(chosen))
        one = st.form_submit_button(
            translate("task.make_chosen", n=n), type="primary", disabled=chosen.empty
        )
        n = translate.count(0 if every is None else len(every))
        whole = every is not None and st.form_submit_button(translate("task.make_all", n=n))
    rows = chosen if one else every
    if (one or whole) and rows is not None:
        _make(screen, rows, duty, within, by)


def _duty(screen: Screen) -> tuple[Task, int, str]:
    """Draw who is to do it until when, in working days or by a day, and who says so."""
    translate = screen.translate
    first, second = st.columns(2), st.columns(4)
    unit = first[0].text_input(
        translate("task.col_unit"), help=translate("task.unit_help"), max_chars=LONGEST_NAME
    )
    leader = first[1].text_input(translate("task.col_leader"), max_chars=LONGEST_NAME)
    team = second[0].text_input(translate("task.col_team"), max_chars=LONGEST_NAME)
    deadline = second[1].date_input(
        translate("task.col_deadline"), value=None, min_value=DAYS[0], max_value=DAYS[1],
        format="YYYY-MM-DD",
    )  # fmt: skip
    within = 0
    if screen.city.calendar:
        within = second[2].number_input(translate("task.within"), 0, MOST_DAYS, 0)
    with second[3]:
        by = ask_author(translate("task.by"), key="task-by", longest=LONGEST_NAME)
    day = deadline.isoformat() if deadline else ""
    return Task("", unit=unit, leader=leader, team=team, deadline=day), within, by


def _make(screen: Screen, rows: pd.DataFrame, duty: Task, within: int, by: str) -> None:
    translate, store = screen.translate, own_store()
    if store is None:
        return
    try:
        if within and not duty.deadline:
            day = deadline_after(screen.city, within, today=today_in(screen.city))
            duty = replace(duty, deadline=day)
        named = named_as_tasks(store, screen.city, rows)
        made = make_tasks(store, screen.city, named, duty, by=by)
    except PlanningError as error:
        st.error(translate.markdown_error(error))
        return
    already = translate.count(len(rows) - len(made))
    st.session_state["tasks_made"] = translate(
        "task.made", n=translate.count(len(made)), already=already
    )
    st.rerun()
