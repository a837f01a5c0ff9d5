"""Pictures of a page's maps and charts, each drawn when its file is asked for and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

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
    with st.popover(translate("picture.take"), type="tertiary", key=f"{key}-pictures"):
        for (word, form), make in files.items():
            st.download_button(
                translate(f"picture.{word}"),
                make,
                file_name=f"{name}.{form}",
                mime=MEDIA[form],
                on_click="ignore",
                key=f"{key}-{word}",
            )
