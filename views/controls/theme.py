"""The look of the page around the maps: less empty space, calm on a phone, fit for print."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterator

STYLE = """
<style>
.stMainBlockContainer { padding: 2.6rem 2rem 3rem; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
.st-key-header, .st-key-pages:not(:empty) {
  border-bottom: 1px solid #d9dee4; padding-bottom: 0.5rem;
}
[data-testid="stHeading"] h2 { font-size: 1.5rem; padding: 0.4rem 0 0.2rem; }
[data-testid="stHeading"] h3 { font-size: 1.1rem; padding: 0.4rem 0 0.2rem; }
[data-testid="stMetricValue"] { font-size: 2.1rem; font-variant-numeric: tabular-nums; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * {
  color: #4a5563 !important; opacity: 1;
}
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 3.8rem 0.9rem 2rem; }
  [data-testid="stMetricValue"] { font-size: 1.8rem; }
}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], button { display: none !important; }
}
</style>
"""


def apply_theme() -> None:
    """Give the page its look."""
    st.html(STYLE)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """
    Say that something is worked out, if that takes more than a moment.

    It has one place on the page, seen or not: a map below would else move and be loaded anew.
    """
    with st.container(), st.spinner(text):
        yield
