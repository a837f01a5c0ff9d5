"""What people saved: the open store, and the tasks in it as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.casework.progress import moves_of
from exports.recipes.tasks import hold_to_findings, keep_relapses, read_moves, read_tasks
from store.address import is_named, stated_address
from store.database import Store, open_store
from store.log import last
from views.cache.city import city
from views.cache.kept_answers import answers

if TYPE_CHECKING:
    import pandas as pd

    from exports.recipes.tasks import Kept

KEPT = 4
"""Lists of tasks that are kept: one for each city and state of the log."""


@st.cache_resource(show_spinner=False, max_entries=1)
def _opened(address: str) -> Store:  # noqa: ARG001  tells one store from another
    return open_store()


def store() -> Store | None:
    """Give the store, open; none where the operator named none."""
    return _opened(stated_address().render_as_string()) if is_named() else None


def log_end() -> str:
    """Tell where the log ends: it is another one after every change."""
    opened = store()
    if opened is None:
        return ""
    with opened.reading() as connection:
        return str(last(connection))


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _tasks(city_id: str, fingerprint: str, end: str, *, may_write: bool) -> list[Kept]:  # noqa: ARG001
    opened = store()
    if opened is None:
        return []
    held = hold_to_findings(answers(), read_tasks(opened, city()))
    if may_write and keep_relapses(opened, held):
        return hold_to_findings(answers(), read_tasks(opened, city()))
    return held


def tasks(*, may_write: bool) -> list[Kept]:
    """Give the city's tasks, held to its assessment; what relapsed by itself is saved so."""
    own = city()
    return _tasks(own.id, own.fingerprint, log_end(), may_write=may_write)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _moves(city_id: str, end: str) -> pd.DataFrame:  # noqa: ARG001
    opened = store()
    return moves_of({}) if opened is None else read_moves(opened, city())


def task_moves() -> pd.DataFrame:
    """Give every version of every task of the city, as `analysis.casework.progress` counts them."""
    return _moves(city().id, log_end())
