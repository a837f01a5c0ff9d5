"""Levels: coverage, cases and tasks added up for sub-districts, districts and so on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analysis.model.levels import OUTSIDE, levels_of
from exports.formats.archive import packed
from exports.recipes.casework.levels import area_names, level_files, task_load
from views import cache
from views.controls.city_question import measures_chosen
from views.controls.files import offer_file
from views.controls.permits import caller, own_table
from views.controls.questions import (
    choose_issues,
    choose_kind,
    choose_measure,
    choose_rule,
    choose_standard,
    measure_notes,
    rule_in_use,
)
from views.controls.rules import basis
from views.controls.tables import name_column, share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, switch
from wording.campaigns import period_text
from wording.levels import area_titles, level_title
from wording.names import reach_text

if TYPE_CHECKING:
    from views.controls.screen import RuleInUse, Screen

    Columns = dict[str, pd.Series]

HEIGHT = 640
AREA_WIDTH = 160
OF_COVERAGE = {"meets": "meets", "fails": "fails", "cannot_judge": "unjudged"}
OF_CASES = {"cases": "cases", "open": "open", "overdue": "overdue", "per_10k_people": "rate"}
OF_TASKS = {"unfinished": "unfinished", "late": "late"}
COUNTS = ("cases", "open", "overdue", *OF_TASKS)


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city = screen.translate, screen.city
    levels = levels_of(city.communities)
    if not levels:
        st.info(translate("level.empty"))
        return
    with st.sidebar:
        _controls(screen)
    if len(levels) > 1:
        switch(
            "level",
            levels,
            translate("level.which"),
            naming=lambda each: level_title(city, each, translate),
            hidden=False,
        )
    in_use = rule_in_use(screen) if city.kinds else None
    with waiting(translate("app.working")):
        tasks = _tasks(screen)
        table, looks = _table(screen, in_use, tasks)
    notes = [] if in_use is None else [_figure_note(screen, in_use)]
    if city.issues is not None and (period := period_text(screen.question.selection)):
        notes.append(translate("level.cases", period=period))
    st.caption("  \n".join([translate("level.lead"), *notes]))
    show_table(table, columns=looks, most=HEIGHT)
    rules = [] if in_use is None else [in_use.rule]
    for note in measure_notes(screen, rules):
        st.caption(note)
    if tasks is None:
        st.caption(translate("level.not_kept"))
    offer_file(
        "levels",
        translate("level.take"),
        lambda: packed(level_files(cache.answers(), screen.question, tasks, translate)),
        file_name=f"{city.id}-levels.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("level.method"), *(basis(screen, rule) for rule in rules))


def _controls(screen: Screen) -> None:
    if screen.city.kinds:
        choose_standard(screen)
        choose_kind(screen)
        choose_rule(screen)
        choose_measure(screen)
    if screen.city.issues is not None:
        choose_issues(screen)


def _tasks(screen: Screen) -> pd.DataFrame | None:
    """Count the tasks that whoever asks sees; none where nothing is kept."""
    if cache.store() is None:
        return None
    city, campaign = screen.city, screen.choice.campaign
    today = dt.datetime.now(ZoneInfo(city.time_zone)).date()
    return cache.tasks(
        may_write=False,
        key=("levels", caller().person(), today, campaign),
        make=lambda board, every: task_load(
            board, own_table(every), city, today=today, campaign=campaign
        ),
    )


def _table(
    screen: Screen, in_use: RuleInUse | None, tasks: pd.DataFrame | None
) -> tuple[pd.DataFrame, dict[str, object]]:
    """List the areas of the level under the city, and tell how its columns look."""
    translate, city = screen.translate, screen.city
    levels = levels_of(city.communities)
    level = screen.choice.level if screen.choice.level in levels else levels[0]
    cases = None if city.issues is None else cache.answers().by_area(screen.question)
    names = area_names(city, level, *(each for each in (cases, tasks) if each is not None))
    area = translate("level.col_area")
    columns: Columns = {area: pd.Series(area_titles(city, level, names, translate))}
    looks: dict[str, object] = {area: name_column(AREA_WIDTH)}
    if in_use is not None:
        rows = _of_level(_summary(screen, in_use), level, names)
        heading, figure = translate("level.col_figure"), in_use.rule.figure
        values = rows[figure.id].astype(float)
        columns |= _named(screen, rows, {"communities": "communities", "population": "people"})
        columns[heading] = values * 100 if figure.share else values.round(2)
        columns |= _named(screen, rows, OF_COVERAGE)
        looks |= {heading: share_column()} if figure.share else {}
    for table, told in ((cases, OF_CASES), (tasks, OF_TASKS)):
        if table is not None:
            columns |= _named(screen, _of_level(table, level, names), told)
    whole = {name: each.reset_index(drop=True) for name, each in columns.items()}
    return pd.DataFrame(whole), looks


def _summary(screen: Screen, in_use: RuleInUse) -> pd.DataFrame:
    """Give the summary of the rule chosen, by the measure in use."""
    choice = screen.choice
    found = cache.assessment(
        in_use.standard, chosen=measures_chosen(choice), supply_filter=choice.supply_filter
    )
    return found.scored.summary


def _figure_note(screen: Screen, in_use: RuleInUse) -> str:
    """Say what the figure is that is told of each area."""
    translate, rule = screen.translate, in_use.rule
    parts = [screen.kind_name(rule.kind), translate(f"figure.{rule.figure}")]
    if rule.figure.needs_radius:
        parts.append(reach_text(translate, rule.service_radius_m or 0, in_use.measure))
    return translate("level.figure", figure=" · ".join(parts))


def _named(screen: Screen, rows: pd.DataFrame, told: dict[str, str]) -> Columns:
    """Put columns under their headings in words."""
    return {screen.translate(f"level.col_{key}"): rows[name].round(1) for name, key in told.items()}


def _of_level(table: pd.DataFrame, level: str, names: list[str]) -> pd.DataFrame:
    """Give the rows of the city and of one level; what is in no community is counted as none."""
    rows = table[table["level"].isin(["city", level])].set_index("name")
    told = rows.reindex(names)
    if OUTSIDE in names and OUTSIDE not in rows.index:
        told.loc[OUTSIDE, [name for name in COUNTS if name in rows]] = 0
    return told
