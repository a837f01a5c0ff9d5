"""The three lists of tasks on the page: out as a workbook, and read back cell by cell."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from analysis.casework.tasks import LONGEST_NAME
from analysis.model.errors import PlanningError
from exports.recipes.casework.task_board import opened_tasks
from exports.recipes.casework.task_lists import (
    aside_table,
    change_table,
    lists_workbook,
    read_lists,
    study_lists,
    take_lists,
)
from views import cache
from views.controls.files import offer_file, take_files
from views.controls.permits import ask_author
from views.controls.tables import show_table

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from exports.recipes.casework.task_lists import Returned
    from store.database import Store
    from views.controls.screen import Screen

MOST_MEGABYTES = 10
"""Greatest size of a workbook that is read back."""


def offer_lists(
    screen: Screen, store: Store, tasks: pd.DataFrame, today: dt.date, *, own: pd.Index | None
) -> None:
    """Offer the three lists of the tasks shown as a workbook, and read one back of one's own."""
    translate = screen.translate
    with st.expander(translate("task.list_offer")):
        st.caption(translate("task.list_note"))
        if len(tasks):
            offer_file(
                "tasks",
                translate("task.list_get", n=translate.count(len(tasks))),
                lambda: lists_workbook(
                    opened_tasks(store, tasks),
                    cache.answers(),
                    translate,
                    categories=screen.categories,
                    day=today,
                    campaign=screen.choice.campaign,
                ),
                file_name=f"{screen.city.id}-tasks-{today:%Y%m%d}.xlsx",
            )
        if own is not None:
            _read_back(screen, store, own)


def _read_back(screen: Screen, store: Store, own: pd.Index) -> None:
    translate = screen.translate
    if message := st.session_state.pop("lists_taken", ""):
        st.success(message)
    limits = {"type": ["xlsx", "ods"], "max_upload_size": MOST_MEGABYTES}
    taken = take_files("change_tasks", translate("task.list_read"), **limits)
    if not taken:
        return
    try:
        returned = _study(screen, store, own, taken[0].getvalue(), taken[0].name)
    except PlanningError as error:
        st.error(translate.markdown_error(error))
        return
    if returned.aside:
        st.warning(translate("task.list_aside"))
        show_table(aside_table(returned.aside, translate))
    if not returned.changes:
        st.info(translate("task.list_nothing"))
        return
    conflicts = sum(each.is_conflict for each in returned.changes)
    n, clashes = translate.count(len(returned.changes)), translate.count(conflicts)
    st.markdown(translate("task.list_changes", n=n, conflicts=clashes))
    show_table(change_table(returned.changes, translate))
    over = conflicts > 0 and st.checkbox(translate("task.list_over"))
    by = ask_author(translate("task.by"), key="lists-by", longest=LONGEST_NAME)
    number = len(returned.changes) if over else len(returned.changes) - conflicts
    if number and st.button(translate("task.list_take", n=translate.count(number)), type="primary"):
        saved, refused = take_lists(store, returned, over_conflicts=over, by=by.strip())
        for change, why in refused:
            where = f"{translate(f'task.list_{change.row.name}')} {change.row.number}"
            st.error(translate.markdown("app.plain", text=f"{where}: {translate.error(why)}"))
        message = translate("task.list_taken", n=translate.count(len(saved)))
        if refused:
            st.success(message)
        else:
            st.session_state["lists_taken"] = message
            st.rerun()


def _study(screen: Screen, store: Store, own: pd.Index, data: bytes, name: str) -> Returned:
    """Read a workbook that was brought, from a file that nobody else can name."""
    suffix = Path(name).suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix if suffix in {'.xlsx', '.ods'} else '.xlsx'}"
        path.write_bytes(data)
        rows = read_lists(path, cache.words(), entry="--read")
    return study_lists(store, screen.city, rows, cache.words(), own=own)
