"""What people saved: the open store, and the board of tasks, read anew only where it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import streamlit as st

from exports.recipes.casework.sites import ProposedSite, proposed_sites
from exports.recipes.casework.task_board import (
    EMPTY,
    Board,
    finding_statuses,
    held,
    keep_relapses,
    read_board,
)
from store.address import is_named, stated_address
from store.database import Store, open_store
from store.log import last
from views.cache.city import city, prepared
from views.cache.kept_answers import answers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from layers.city import City

T = TypeVar("T")

KEPT = 4
"""Boards that are kept, one for each city."""
SHOWN = 8
"""Parts of a board that are kept: what one reader sees and asks for."""


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


def proposed() -> tuple[ProposedSite, ...]:
    """Give the sites of the city's saved scenarios, read anew where anything was saved."""
    opened, own = store(), city()
    if opened is None:
        return ()
    key = ("sites", stated_address().render_as_string(), own.id, log_end())
    return prepared(key, lambda: proposed_sites(opened, own))


@dataclass
class _Shelf:
    """The board of a city as it was last read, with what the assessment says of its tasks."""

    board: Board = EMPTY
    end: str = ""
    fingerprint: str = ""
    judged: int = 0
    sites: tuple[ProposedSite, ...] = ()
    statuses: pd.Series[str] = field(default_factory=lambda: pd.Series(dtype=object))
    tasks: pd.DataFrame = field(default_factory=pd.DataFrame)
    shown: dict[Hashable, Any] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def renew(self, opened: Store, own: City, end: str) -> None:
        """Read what was saved since; findings are looked for anew where tasks or data are new."""
        self.board = read_board(opened, own, self.board)
        number, sites = len(self.board.tasks), proposed()  # no task is ever taken away
        if (self.fingerprint, self.judged, self.sites) != (own.fingerprint, number, sites):
            self.statuses = finding_statuses(answers(), self.board.tasks, sites)
            self.fingerprint, self.judged, self.sites = own.fingerprint, number, sites
        self.tasks, self.end = held(self.board.tasks, self.statuses), end
        self.shown.clear()

    def show(self, key: Hashable, make: Callable[[Board, pd.DataFrame], T]) -> T:
        """Give what a reader sees of it, as it was made before."""
        if key not in self.shown:
            if len(self.shown) >= SHOWN:
                self.shown.pop(next(iter(self.shown)))
            self.shown[key] = make(self.board, self.tasks)
        made: T = self.shown[key]
        return made


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _shelf(address: str, city_id: str) -> _Shelf:  # noqa: ARG001  tell one shelf from another
    return _Shelf()


def tasks(*, may_write: bool, key: Hashable, make: Callable[[Board, pd.DataFrame], T]) -> T:
    """
    Give what a reader, whose questions the key tells apart, sees of the board of the city's tasks.

    It is made of the board and its tasks, held to the assessment, when something was saved. What
    relapsed by itself is saved so. Of a thousand tasks, one that is saved is read alone.
    """
    own, opened = city(), store()
    if opened is None:
        return make(EMPTY, held(EMPTY.tasks, pd.Series(dtype=object)))
    shelf = _shelf(stated_address().render_as_string(), own.id)
    with shelf.lock:
        end = log_end()
        if (end, own.fingerprint) != (shelf.end, shelf.fingerprint):
            shelf.renew(opened, own, end)
            if may_write and keep_relapses(opened, shelf.tasks):
                shelf.renew(opened, own, log_end())
        return shelf.show(key, make)
