"""What a page says while it works something out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from views import cache
from views.controls.widgets import current
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """
    Say that something is worked out, if that takes more than a moment.

    It has one place on the page, seen or not: a map below would else move and be loaded anew.
    """
    with st.container(key="waiting"), st.spinner(text):
        yield


@contextmanager
def told_in_queue(ahead: int) -> Iterator[None]:
    """Show the sentence while the question waits; a map that asks by itself has no page."""
    if get_script_run_ctx(suppress_warning=True) is None or "choice" not in st.session_state:
        yield
        return
    translate = Speaker(cache.words(), current().language)
    with st.spinner(translate("app.queued", ahead=ahead)):
        yield
