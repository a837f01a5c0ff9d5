"""Tables on a page: as high as their rows up to a limit, and rows that can be picked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from views.controls.printing import cell_text, column_format, on_paper, whole_table
from views.controls.widgets import current, put_many
from wording.numbers import NOTHING, STYLES, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas.io.formats.style import Styler

    from wording.speaker import Speaker

ROW_HEIGHT = 35
NAME_WIDTH = 175
THOUSAND, MOST_GROUPED = 1000, 5000
"""From where on digits are grouped, and rows up to which: each cell is written by itself."""
HEIGHT = 480
"""Most pixels of a table, unless a page gives it more."""


def show_table(
    table: pd.DataFrame,
    *,
    columns: Mapping[str, Any] | None = None,
    most: int = HEIGHT,
) -> None:
    """Show a table."""
    if on_paper():
        whole_table(table, columns, NOTHING)
        return
    st.dataframe(_grouped(table, columns), column_config=columns, **_frame(table, most))


def pick_row(
    field: str,
    table: pd.DataFrame,
    identifiers: Sequence[str],
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
    most: int = HEIGHT,
    also: Mapping[str, str] | None = None,
) -> None:
    """
    Show a table in which a click picks a row: its identifier becomes a part of the choice.

    Whatever stands in `also` is put there with it.
    """
    if on_paper():
        whole_table(table, columns, NOTHING)
        return

    def keep() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        put_many({**(also or {}), field: identifiers[cells[0][0]] if cells else ""})

    st.dataframe(
        _grouped(table, columns),
        key=key,
        on_select=keep,
        selection_mode="single-cell",
        column_config=columns,
        **_frame(table, most),
    )


def show_row(
    row: pd.Series[Any], translate: Speaker, *, columns: Mapping[str, Any] | None = None
) -> None:
    """Show one row of a table whole, a figure below the other, where its table is too narrow."""
    show_beside({translate("workspace.value"): row}, translate, columns=columns)


def show_beside(
    rows: Mapping[str, pd.Series[Any]],
    translate: Speaker,
    *,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Show rows of a table beside each other, by their headings, a figure below the other."""
    first = next(iter(rows.values()))
    frame = pd.DataFrame({translate("workspace.figure"): first.index})
    for heading, row in rows.items():
        frame[heading] = [
            cell_text(value, columns, str(name), NOTHING) for name, value in row.items()
        ]
    show_table(frame, most=ROW_HEIGHT * (len(frame) + 2))


def name_column(width: int = NAME_WIDTH) -> Any:  # noqa: ANN401  as below
    """Give the look of the column that says what a row is about: it stays in view."""
    return st.column_config.TextColumn(width=width, pinned=True)


def pick_rows(
    table: pd.DataFrame,
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
    most: int = HEIGHT,
) -> list[int]:
    """Show a table of which any rows can be chosen, and tell which are."""
    if on_paper():
        whole_table(table, columns, NOTHING)
        return []
    state = st.dataframe(
        _grouped(table, columns),
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        column_config=columns,
        **_frame(table, most),
    )
    return [row for row in state["selection"]["rows"] if row < len(table)]


def share_column() -> Any:  # noqa: ANN401  Streamlit's type has no public name
    """Give the look of a column of percentages."""
    return st.column_config.NumberColumn(format="%.1f%%")


def _grouped(table: pd.DataFrame, columns: Mapping[str, Any] | None) -> pd.DataFrame | Styler:
    """Write great numbers as the language groups their digits; the table sorts by the numbers."""
    language = current().language
    numbers = [
        name
        for name in table.columns
        if is_numeric_dtype(table[name]) and not column_format(columns, str(name))
    ]
    great = any((table[name].abs() >= THOUSAND).any() for name in numbers)
    if not great or not STYLES[language].thousands or len(table) > MOST_GROUPED:
        return table
    # Every number: once a table has a style, one left out is written with six decimals.
    write = partial(number, language=language)
    return table.reset_index(drop=True).style.format(dict.fromkeys(numbers, write))


def _frame(table: pd.DataFrame, most: int) -> dict[str, Any]:
    height = min(most, ROW_HEIGHT * (len(table) + 1) + 3)
    return {
        "hide_index": True,
        "height": height,
        "row_height": ROW_HEIGHT,
        "placeholder": NOTHING,
    }
