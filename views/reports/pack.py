"""The evidence pack on the page Export: made beside the page where a process is free, and taken."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.roles import EXPORTS
from exports.recipes.casework.task_commands import today_in
from exports.recipes.pack import Request, evidence_pack, file_name, said
from views import cache
from views.cache.workers import WORKERS
from views.controls.files import offer_file
from views.controls.permits import all_allowed, allowed, classes_seen
from wording.escape import markdown

if TYPE_CHECKING:
    from views.controls.screen import Screen


def offer_pack(screen: Screen) -> None:
    """Make the pack of what is chosen when asked to, say what it holds, and hand it out."""
    translate = screen.translate
    st.markdown(translate("pack.lead"))
    if not allowed(EXPORTS, "pack"):
        st.info(translate("role.no_file"))
        return
    asked = Request(
        screen.question,
        today_in(screen.city),
        frozenset(all_allowed(EXPORTS)),
        frozenset(classes_seen()),
    )
    key = ("pack", screen.city.fingerprint, cache.log_end(), repr(asked))
    if st.button(translate("pack.make"), key="make-pack", type="primary"):
        with st.spinner(translate("pack.making")):
            answers, words = cache.answers(), cache.words()
            content = WORKERS.make(
                screen.city,
                "evidence_pack",
                asked,
                here=lambda: evidence_pack(answers, asked, words),
            )
            st.session_state["made-pack"] = (key, content)
    made_for, content = st.session_state.get("made-pack", (None, b""))
    if not content:
        return
    if made_for != key:
        st.info(translate("export.changed"))
        return
    for sentence in said(content, translate):
        st.caption(markdown(sentence))
    offer_file(
        "pack",
        translate("pack.get"),
        partial(bytes, content),
        file_name=file_name(screen.city),
        mime="application/zip",
        key="get-pack",
    )
