"""Files out of the dashboard and into it: the only two ways, each asked for by its name."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analysis.model.roles import ACTIONS, EXPORTS
from views import cache
from views.controls.permits import allowed, caller, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.runtime.uploaded_file_manager import UploadedFile


TAKING: OrderedDict[str, None] = OrderedDict()
"""Sessions in which a page asked for files, of somebody who may bring some."""
MOST = 10_000


def offer_file(
    export: str,
    label: str,
    make: Callable[[], bytes],
    *,
    file_name: str,
    mime: str | None = None,
    key: str | None = None,
) -> None:
    """Offer a file to whoever may have it; he is asked for again when it is taken."""
    if not allowed(EXPORTS, export):
        return
    who, city, of_this_city = caller(), cache.folder().name, cache.here(make)

    def made() -> bytes:
        who.check(EXPORTS, export)
        who.note("exported", kind="export", subject=export, city=code_of(city))
        return of_this_city()

    st.download_button(label, made, file_name=file_name, mime=mime, key=key, on_click="ignore")


def take_files(action: str, label: str, **options: Any) -> list[UploadedFile]:  # noqa: ANN401
    """Take files from whoever may bring them; `options` are those of Streamlit."""
    if not allowed(ACTIONS, action):
        return []
    if session := get_script_run_ctx():
        TAKING[session.session_id] = None
        while len(TAKING) > MOST:
            TAKING.popitem(last=False)
    brought = st.file_uploader(label, **options)
    if brought is None:
        return []
    return brought if isinstance(brought, list) else [brought]
