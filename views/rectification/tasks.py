"""Tasks: who does what by when, what came of it, and what the assessment says of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import streamlit as st

from analysis.casework.tasks import DONE, RELAPSED, STATES, VERIFIED
from analysis.model.roles import ACTIONS
from exports.recipes.casework.task_board import opened_task, shown_tasks
from maps.rectification.tasks import MOST_POINTS, placed_rows, tasks_map
from views import cache
from views.controls.choice import TASK_FILTERS
from views.controls.permits import allowed, caller, own_store, own_table
from views.controls.questions import choose_campaign
from views.controls.tables import pick_row
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from views.map_widget.widget import canvas, draw_map
from views.rectification.task_details import show_task
from views.rectification.task_lists import offer_lists
from views.rectification.task_progress import show_load, show_progress, show_slips
from wording.findings import named_findings
from wording.tasks import TASK_WORDS, worded_tasks

if TYPE_CHECKING:
    import pandas as pd

    from exports.recipes.casework.task_board import Shown
    from views.controls.screen import Screen

SHOWN = 500
HEIGHT = 420


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, store = screen.translate, own_store()
    if store is None:
        st.info(translate("task.no_store"))
        return
    may_write = allowed(ACTIONS, "change_tasks")
    if not may_write:
        st.info(translate("task.not_here"))
    today = dt.datetime.now(ZoneInfo(screen.city.time_zone)).date()
    with waiting(translate("app.working")):
        shown = _shown(screen, today, may_write=may_write)
    every, tasks, times, slips = shown.every, shown.tasks, shown.times, shown.slips
    if every.empty:
        st.info(translate("task.none"))
        return
    with st.sidebar:
        _choose(screen, every)
    choice = screen.choice
    _figures(screen, tasks, times, today)
    left, right = st.columns([8, 5], gap="medium")
    with left:
        _table(screen, tasks, times, slips)
    with right:
        entry = opened_task(store, every, choice.task) if choice.task else None
        if entry is None:
            st.caption(translate("task.pick"))
        else:
            show_task(screen, store, entry, may_write=may_write)
    if len(tasks):
        _map(screen, tasks)
        show_load(screen, tasks, times, slips)
        show_slips(screen, tasks, times, slips)
        show_progress(screen, shown, today)
    offer_lists(screen, store, tasks, today, own=every.index if may_write else None)
    fold_method(translate, translate("task.method"), translate("task.slip_method"))


def _shown(screen: Screen, today: dt.date, *, may_write: bool) -> Shown:
    """Give the tasks that whoever asks sees, and those of them that he asks for."""
    choice, city = screen.choice, screen.city
    asked = {
        "stage": choice.stage,
        "unit": choice.duty,
        "leader": choice.leader,
        "campaign": choice.campaign,
    }
    return cache.tasks(
        may_write=may_write,
        key=(caller().person(), today, *asked.values()),
        make=lambda board, every: shown_tasks(board, own_table(every), city, today=today, **asked),
    )


def _choose(screen: Screen, tasks: pd.DataFrame) -> None:
    """Offer states, units and leaders; a leader's own page is the address with the name."""
    translate = screen.translate
    naming = {"": "task.filter_all"} | {each: f"task.state_{each}" for each in STATES}
    naming |= {each: f"task.filter_{each}" for each in TASK_FILTERS}
    select(
        "stage",
        ["", *TASK_FILTERS, *STATES],
        translate("task.filter_state"),
        naming=lambda each: translate(naming[each]),
    )
    for field, part in (("duty", "unit"), ("leader", "leader")):
        names = sorted({*tasks[part].unique()} - {""})
        chosen = getattr(screen.choice, field)
        select(
            field,
            ["", *names, *([chosen] if chosen and chosen not in names else [])],
            translate(f"task.filter_{part}"),
            naming=lambda each: each or translate("task.filter_all"),
        )
    choose_campaign(screen)


def _figures(screen: Screen, tasks: pd.DataFrame, times: pd.DataFrame, today: dt.date) -> None:
    translate = screen.translate
    states = tasks["state"].value_counts()
    counts = {
        "unfinished": int(times["unfinished"].sum()),
        "late_n": int(times["late"].sum()),
        "slips_n": int(times["slips"].sum()),
        "done_n": int(states.get(DONE, 0)),
        "verified_n": int(states.get(VERIFIED, 0)),
        "relapsed_n": int(states.get(RELAPSED, 0)),
    }
    with st.container(key="figures"):
        for column, (name, count) in zip(st.columns(len(counts)), counts.items(), strict=True):
            column.metric(translate(f"task.{name}"), translate.count(count), border=True)
    proposed = int(tasks["proposal"].ne("").sum())
    said = [translate("task.as_of", day=f"{today:%Y-%m-%d}", data=f"{screen.city.as_of:%Y-%m-%d}")]
    if proposed:
        said.append(translate("task.proposed", n=translate.count(proposed)))
    st.caption("  \n".join(said))


def _named(screen: Screen, tasks: pd.DataFrame) -> pd.DataFrame:
    """Say where the findings are that tasks were made of, and what they are about."""
    return named_findings(
        tasks,
        screen.city,
        screen.standards,
        categories=screen.categories,
        translate=screen.translate,
    )


def _table(screen: Screen, tasks: pd.DataFrame, times: pd.DataFrame, slips: pd.DataFrame) -> None:
    translate = screen.translate
    if tasks.empty:
        st.info(translate("task.none_here"))
        return
    shown = tasks.head(SHOWN)
    worded = worded_tasks(shown, times.loc[shown.index], slips.loc[shown.index], translate)
    table = _named(screen, shown).join(worded)
    table = table[["place", "state", "timing", "what", *TASK_WORDS[2:]]]
    headings = {name: translate(f"task.col_{name}") for name in table}
    columns = {
        headings["progress"]: st.column_config.ProgressColumn(
            min_value=0, max_value=100, format="%d%%"
        )
    }
    pick_row(
        "task",
        table.rename(columns=headings).reset_index(drop=True),
        shown.index.tolist(),
        key="tasks-table",
        columns=columns,
        most=HEIGHT,
    )
    if len(tasks) > SHOWN:
        most, every = translate.count(SHOWN), translate.count(len(tasks))
        st.caption(translate("task.shown", most=most, n=every))


def _map(screen: Screen, tasks: pd.DataFrame) -> None:
    """Draw where the tasks shown are, by their state."""
    translate = screen.translate
    single = placed_rows(tasks)
    named = _named(screen, single)
    texts = [
        (what, " · ".join(filter(None, (translate(f"task.state_{state}"), unit, day))), place)
        for what, place, state, unit, day in zip(
            named["what"],
            named["place"],
            single["state"],
            single["unit"],
            single["deadline"],
            strict=True,
        )
    ]
    draw_map(screen, tasks_map(canvas(screen), tasks, texts), key="tasks-map")
    placed = int(tasks["lon"].notna().sum())
    if placed > MOST_POINTS:
        most, every = translate.count(MOST_POINTS), translate.count(placed)
        st.caption(translate("task.map_shown", most=most, n=every))
    if placed < len(tasks):
        n = translate.count(len(tasks) - placed)
        st.caption(translate("task.map_unplaced", n=n))
