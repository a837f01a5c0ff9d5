"""Log: what was done, by which account, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from store.accounts import account_code, all_accounts
from store.log import entries
from views import cache
from views.controls.permits import own_store
from views.controls.tables import show_table
from wording.log import worded_entry

if TYPE_CHECKING:
    from store.database import Store
    from views.controls.screen import Screen

SHOWN = 100
FROM = "log-before"
"""Key of the session: the position from which older entries are shown."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, store = screen.translate, own_store()
    st.markdown(translate("log.lead"))
    if store is None:
        st.info(translate("log.no_store"))
        return
    before = int(st.session_state.get(FROM, 0))
    found = entries(store, before=before, most=SHOWN)
    if not found:
        st.info(translate("log.none"))
        return
    names = _names(store)
    rows = []
    for each in found:
        said = {"action": each.action, "kind": each.kind, "subject": each.subject}
        done, subject, by = worded_entry(translate, names, **said, facts=each.facts)
        at = each.time[:19].replace("T", " ")
        rows.append((each.position, at, done, subject, by))
    heads = [translate(f"log.col_{name}") for name in ("position", "at", "done", "subject", "by")]
    show_table(pd.DataFrame(rows, columns=heads))
    with st.container(horizontal=True):
        st.button(translate("log.newest"), on_click=_go, args=(0,), disabled=not before)
        oldest = found[-1].position
        st.button(translate("log.older"), on_click=_go, args=(oldest,), disabled=oldest <= 1)
    st.caption(translate("log.end", head=cache.log_end()))


def _go(before: int) -> None:
    st.session_state[FROM] = before


def _names(store: Store) -> dict[str, str]:
    """Name the accounts that are known, here and to the office; the log has their codes alone."""
    allowances = cache.allowances()
    told = {account_code(name): name for name in (allowances.people if allowances else ())}
    return told | {each.code: each.name for each in all_accounts(store)}
