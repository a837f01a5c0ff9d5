"""How the tasks shown go: their load by group, what slips, what moved, what is due when."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from analysis.casework.progress import day_numbers
from analysis.casework.task_table import load_by
from analysis.model.levels import LEVELS, areas_of
from charts.tasks import MOST, burn_down_chart, load_chart, schedule_chart
from views.controls.charts import draw_chart
from views.controls.choice import task_groups
from views.controls.tables import show_table
from views.controls.widgets import switch
from wording.findings import named_findings
from wording.levels import area_titles, level_title
from wording.names import with_names
from wording.tasks import slip_reasons

if TYPE_CHECKING:
    import datetime as dt

    from exports.recipes.casework.task_board import Shown
    from views.controls.screen import Screen

SLIPPING = 100
"""Most rows of the table of what slips, those moved or late by most first."""


def show_load(
    screen: Screen, tasks: pd.DataFrame, times: pd.DataFrame, slips: pd.DataFrame
) -> None:
    """Draw how many tasks each unit, leader and so on has, and link to each leader's own page."""
    translate, group, city = screen.translate, screen.choice.grouped, screen.city
    switch(
        "grouped",
        task_groups(city),
        translate("task.group"),
        naming=lambda each: (
            level_title(city, each, translate) if each in LEVELS else translate(f"task.by_{each}")
        ),
        hidden=False,
    )
    level = level_title(city, group, translate) if group in LEVELS else ""
    if level:
        areas = areas_of(tasks["community_id"], city.communities, group)
        tasks = tasks.assign(**{group: areas})
    load = load_by(tasks, group, times=times, slips=slips)
    chart = load_chart(load, _names(screen, tasks, load), translate, level=level)
    draw_chart(chart, translate, key="task-load")
    if group == "leader":
        _links(screen, [str(each) for each in load.index if each])


def _names(screen: Screen, tasks: pd.DataFrame, load: pd.DataFrame) -> list[str]:
    """Name the groups as the reader reads them."""
    translate, group = screen.translate, load.index.name
    nobody = translate("task.nobody")
    if group in {"kind", "deadline"}:
        key = {"kind": "finding.kind_{}", "deadline": "task.due_{}"}[group]
        return [translate(key.format(each)) if each else nobody for each in load.index]
    if group in LEVELS:
        return area_titles(screen.city, group, load.index, translate)
    names = load.index.to_series()
    if group == "community":
        first = tasks.drop_duplicates("community")
        told = with_names(first, screen.city.communities, translate.language)["community"]
        names = names.map(dict(zip(first["community"], told, strict=True)))
    return [each or nobody for each in names]


def _links(screen: Screen, leaders: list[str]) -> None:
    """Offer the address of each leader's own page."""
    translate, choice = screen.translate, screen.choice
    base = {"page": "tasks", "language": choice.language, "city": choice.city}
    stated = {name: text for name, text in base.items() if text}
    links = [
        "- "
        + translate.markdown("app.plain", text=leader)
        + f": [{translate.markdown('task.own_page')}](?{urlencode({**stated, 'leader': leader})})"
        for leader in leaders
    ]
    with st.expander(translate("task.own_pages")):
        st.markdown("\n".join(links))


def show_slips(
    screen: Screen, tasks: pd.DataFrame, times: pd.DataFrame, slips: pd.DataFrame
) -> None:
    """List what slips, and in which ways."""
    translate = screen.translate
    chosen = times["slipping"]
    st.subheader(translate("task.slipping"), anchor=False)
    if not chosen.any():
        st.caption(translate("task.slipping_none"))
        return
    worst = pd.DataFrame({"moved": slips["moved_days"], "late": -times["days_left"].fillna(0)})
    order = worst[chosen].max(axis=1).sort_values(ascending=False, kind="stable").index
    shown = order[:SLIPPING]
    rows = tasks.loc[shown]
    named = _named(screen, rows)
    reasons = slip_reasons(
        times.loc[shown], slips.loc[shown], tasks.loc[shown, "progress"], translate
    )
    show_table(
        pd.DataFrame(
            {
                translate("task.col_leader"): rows["leader"].to_numpy(),
                translate("task.col_unit"): rows["unit"].to_numpy(),
                translate("task.col_place"): named["place"].to_numpy(),
                translate("task.col_what"): named["what"].to_numpy(),
                translate("task.col_slips"): reasons,
            }
        )
    )
    if len(order) > SLIPPING:
        most, every = translate.count(SLIPPING), translate.count(len(order))
        st.caption(translate("task.shown", most=most, n=every))


def _named(screen: Screen, tasks: pd.DataFrame) -> pd.DataFrame:
    return named_findings(
        tasks,
        screen.city,
        screen.standards,
        categories=screen.categories,
        translate=screen.translate,
    )


def show_progress(screen: Screen, shown: Shown, today: dt.date) -> None:
    """Draw how the tasks shown went, what moved in a week, and what is due when."""
    translate = screen.translate
    if shown.days.empty:
        return
    st.caption(_moved(screen, shown.week))
    draw_chart(burn_down_chart(shown.days, translate), translate, key="burn-down")
    days = day_numbers(shown.tasks["deadline"]).to_numpy()  # by finding already
    first = np.argsort(days, kind="stable")[:MOST]
    due = shown.tasks.iloc[first[np.isfinite(days[first])]]
    if due.empty:
        return
    named = _named(screen, due)
    rows = pd.DataFrame(
        {
            "name": named["place"] + " · " + named["what"],
            "made": shown.slips.loc[due.index, "made"].map(translate.day),
            "deadline": due["deadline"],
            "state": due["state"],
        }
    )
    chart = schedule_chart(rows, translate, today=f"{today:%Y-%m-%d}")
    draw_chart(chart, translate, key="schedule")


def _moved(screen: Screen, week: pd.DataFrame) -> str:
    translate = screen.translate
    told = [
        translate(
            "task.move",
            before=translate(f"task.state_{row['before']}" if row["before"] else "task.move_new"),
            after=translate(f"task.state_{row['after']}"),
            n=translate.count(row["tasks"]),
        )
        for row in week.to_dict("records")
    ]
    if not told:
        return translate("task.moved_none")
    return translate("task.moved", moves="; ".join(told))
