"""A page on paper: its tables whole, as text, for the one run that is printed."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from pandas.api.types import is_float_dtype

from views.controls.widgets import current
from wording.numbers import MOST_DECIMALS, decimal, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wording.speaker import Speaker

ASKED = "print"
"""Key of the session: whether the page is drawn for paper."""
PRINT = "<script>setTimeout(() => window.print(), 1500)</script>"
"""Once maps and charts have been drawn."""


def offer_print(translate: Speaker) -> None:
    """Offer to print the page; the next run draws its tables as screens need them again."""
    if on_paper():
        st.html(PRINT, unsafe_allow_javascript=True)
        st.session_state[ASKED] = False
    st.button(translate("app.print"), on_click=_ask, key="print-page")


def _ask() -> None:
    st.session_state[ASKED] = True


def on_paper() -> bool:
    """Tell whether the page is drawn for paper."""
    return bool(st.session_state.get(ASKED))


def whole_table(table: pd.DataFrame, columns: Mapping[str, Any] | None, nothing: str) -> None:
    """Draw every row as text: a table that scrolls shows ten of them on paper."""
    shown = table.copy()
    for name in map(str, table.columns):
        form = column_format(columns, name)
        digits = 0 if form else column_decimals(table[name])
        shown[name] = [
            decimal(float(value), digits=digits, language=current().language)
            if digits and pd.notna(value)
            else cell_text(value, columns, name, nothing)
            for value in table[name]
        ]
    st.table(shown.set_index(shown.columns[0]) if len(shown.columns) > 1 else shown)


def cell_text(
    value: Any,  # noqa: ANN401  a value of a table
    columns: Mapping[str, Any] | None,
    name: str,
    nothing: str,
) -> str:
    """Write a cell of a column as the table on the screen does."""
    if value is None or pd.isna(value):
        return nothing
    written = column_format(columns, name)
    if written and "%" in written:
        return str(written % value)
    numeric = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    return number(float(value), language=current().language) if numeric else str(value)


def column_decimals(values: pd.Series[Any]) -> int:
    """
    Tell with how many decimals a whole column is written: those of the value that needs most.

    0 leaves every value its own: of whole numbers, and of values that need more than two.
    """
    if not is_float_dtype(values):
        return 0
    rounded = values.astype("float64").dropna().round(MOST_DECIMALS)
    needed = (digits for digits in range(3) if rounded.round(digits).eq(rounded).all())
    return next(needed, 0)


def column_format(columns: Mapping[str, Any] | None, name: str) -> str | None:
    """Give the format that a column was given, if it was given one."""
    written: str | None = (((columns or {}).get(name) or {}).get("type_config") or {}).get("format")
    return written
