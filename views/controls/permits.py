"""Who asks, and whether he may: the one place where the server asks, for page, action and file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.roles import (
    ADMIN,
    Matrix,
    Person,
    allowed_names,
    may,
    person_of,
    refusal,
    sees_rows,
    without_roles,
)
from views import cache
from views.controls.listening import on_loopback

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Caller:
    """
    Who asks, as the connection of the browser says; who that is, is found out anew each time.

    Attributes
    ----------
    account, groups
        As a proxy says.
    """

    account: str = ""
    groups: tuple[str, ...] = ()

    def person(self) -> Person:
        """Find out who it is, by what the office says now."""
        allowances = cache.allowances()
        if allowances is None:
            return Person(ADMIN)
        return person_of(allowances, self.account, self.groups)

    def may(self, sort: str, name: str) -> bool:
        """Tell whether he may open a page, do an action, take a file."""
        return may(matrix(), self.person(), sort, name)

    def check(self, sort: str, name: str) -> None:
        """Refuse what he may not."""
        if not self.may(sort, name):
            raise refusal(self.person().role, sort, name)


def matrix() -> Matrix:
    """Give what each role may."""
    allowances = cache.allowances()
    if allowances is not None:
        return allowances.matrix
    return without_roles(cache.product_matrix(), alone=on_loopback())


def caller() -> Caller:
    """Find out who asks in this run."""
    allowances = cache.allowances()
    proxy = allowances.login.proxy if allowances else None
    if proxy is None:
        return Caller()
    headers = st.context.headers  # one that does not come from the proxy is not passed on
    groups = headers.get(proxy.groups, "") if proxy.groups else ""
    named = tuple(each.strip() for each in groups.split(",") if each.strip())
    return Caller((headers.get(proxy.header) or "").strip(), named)


def ask_author(label: str, *, key: str, longest: int | None = None) -> str:
    """Ask whose name stands on what is saved; for somebody logged in it is the account."""
    account = caller().person().account
    if account:
        st.text_input(label, account, disabled=True)
        return account
    return st.text_input(label, key=key, max_chars=longest)


def allowed(sort: str, name: str) -> bool:
    """Tell whether whoever asks may."""
    return caller().may(sort, name)


def all_allowed(sort: str) -> tuple[str, ...]:
    """List all of a sort that whoever asks may."""
    return allowed_names(matrix(), caller().person(), sort)


def own_table(tasks: pd.DataFrame) -> pd.DataFrame:
    """Leave out the tasks, by their `unit` and `parent`, that whoever asks does not see."""
    units, parents = tasks["unit"], tasks["parent"]
    return tasks[sees_rows(matrix(), caller().person(), units=units, parents=parents)]
