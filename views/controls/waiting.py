"""What a page says while it works something out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

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
