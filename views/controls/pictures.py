"""Pictures of a page's maps and charts, each drawn when its file is asked for and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.roles import EXPORTS
from views.controls.files import offer_file
from views.controls.permits import allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wording.speaker import Speaker

MEDIA = {"png": "image/png", "svg": "image/svg+xml"}


def offer_pictures(
    files: Mapping[tuple[str, str], Callable[[], bytes]],
    translate: Speaker,
    *,
    name: str,
    key: str,
) -> None:
    """Offer files by their word under `picture` and their format, behind one button."""
    if not allowed(EXPORTS, "pictures"):
        return
    with st.popover(translate("picture.take"), type="tertiary", key=f"{key}-pictures"):
        for (word, form), make in files.items():
            offer_file(
                "pictures",
                translate(f"picture.{word}"),
                make,
                file_name=f"{name}.{form}",
                mime=MEDIA[form],
                key=f"{key}-{word}",
            )
