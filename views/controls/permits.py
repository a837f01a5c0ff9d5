"""Who asks, and whether he may: the one place where the server asks, for page, action and file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model import roles
from analysis.model.roles import (
    ADMIN,
    Matrix,
    Person,
    allowed_names,
    columns_for,
    may,
    person_of,
    refusal,
    without_roles,
)
from store.accounts import account_code
from store.log import note as note_in_log
from views import cache
from views.controls.listening import on_loopback
from views.controls.logins import COOKIE, account_of

if TYPE_CHECKING:
    import pandas as pd

    from analysis.model.roles import LogIn
    from store.database import Store
    from wording.speaker import Speaker

NOT_VERIFIED = "email_verified"
"""What a provider says of an address that nobody has shown to be his: it names nobody."""


@dataclass(frozen=True)
class Caller:
    """
    Who asks, as the connection of the browser says; who that is, is found out anew each time.

    Attributes
    ----------
    account, groups
        As a proxy or provider says.
    token
        Secret of a log-in here; then the account is whose log-in it still is.
    """

    account: str = ""
    groups: tuple[str, ...] = ()
    token: str = ""

    def person(self) -> Person:
        """Find out who it is, by what the office says now."""
        allowances = cache.allowances()
        if allowances is None:
            return Person(ADMIN)
        return person_of(allowances, self.account or account_of(self.token), self.groups)

    def may(self, sort: str, name: str) -> bool:
        """Tell whether he may open a page, do an action, take a file."""
        return may(matrix(), self.person(), sort, name)

    def check(self, sort: str, name: str) -> None:
        """Refuse what he may not."""
        if not self.may(sort, name):
            raise refusal(self.person().role, sort, name)

    def code(self) -> str:
        """Give the code by which the log names the account; empty for nobody."""
        account = self.person().account
        return account_code(account) if account else ""

    def note(self, action: str, *, kind: str, subject: str, **facts: int | str) -> None:
        """Add to the log of the store what he did, where there is one."""
        kept = cache.store()
        if kept is not None:
            kept = kept.on_behalf_of(self.code())
            note_in_log(kept, action, kind=kind, subject=subject, facts=facts)


def matrix() -> Matrix:
    """Give what each role may."""
    allowances = cache.allowances()
    if allowances is not None:
        return allowances.matrix
    return without_roles(cache.product_matrix(), alone=on_loopback())


def caller() -> Caller:
    """Find out who asks in this run."""
    allowances = cache.allowances()
    if allowances is None:
        return Caller()
    login = allowances.login
    told = _told_by_proxy(login) if login.proxy else Caller()
    if not told.account and login.local:
        told = Caller(token=st.context.cookies.get(COOKIE, ""))
    if not (told.account or account_of(told.token)) and login.provider:
        told = _told_by_provider(login)
    return told


def _told_by_proxy(login: LogIn) -> Caller:
    headers, proxy = st.context.headers, login.proxy  # only from the proxy: views/server/proxy.py
    if proxy is None:
        return Caller()
    groups = headers.get(proxy.groups, "") if proxy.groups else ""
    named = tuple(each.strip() for each in groups.split(",") if each.strip())
    return Caller((headers.get(proxy.header) or "").strip(), named)


def _told_by_provider(login: LogIn) -> Caller:
    if not st.user.is_logged_in:
        return Caller()
    said = st.user.to_dict()
    account: object = said.get(login.claim)
    groups: object = said.get(login.groups) if login.groups else ()
    if login.claim == "email" and said.get(NOT_VERIFIED) is False:
        account = ""
    if isinstance(groups, str):
        groups = [groups]
    if not isinstance(account, str) or not isinstance(groups, (list, tuple)):
        return Caller()
    return Caller(account.strip(), tuple(map(str, groups)))


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


def classes_seen() -> frozenset[str]:
    """Give the classes of personal data that whoever asks sees; nobody does without roles."""
    if cache.allowances() is None:
        return frozenset()
    return columns_for(matrix(), caller().person())


def own_store() -> Store | None:
    """Give the store, whose log says that whoever asks changed something; none if none is named."""
    kept = cache.store()
    return kept.on_behalf_of(caller().code()) if kept is not None else None


def code_of(text: str | bytes) -> str:
    """Sum up a name or a content, as the log names what has no record."""
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()[:32]


def own_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out the cases or tasks that whoever asks does not see."""
    return roles.own_rows(matrix(), caller().person(), rows)


def own_rows(translate: Speaker, rows: pd.DataFrame) -> pd.DataFrame:
    """Leave them out, and say how many are left."""
    own = own_table(rows)
    if len(own) < len(rows):
        counts = {"n": translate.count(len(own)), "every": translate.count(len(rows))}
        st.info(translate("role.own_rows", **counts))
    return own
