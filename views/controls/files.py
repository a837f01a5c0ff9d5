"""Files out of the dashboard and into it: the only two ways, each asked for by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from analysis.model.roles import ACTIONS, EXPORTS
from views import cache
from views.controls.permits import allowed, caller, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.runtime.uploaded_file_manager import UploadedFile


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
    brought = st.file_uploader(label, **options)
    if brought is None:
        return []
    return brought if isinstance(brought, list) else [brought]
