"""Tables on a page: as high as their rows up to a limit, and rows that can be picked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from views.controls.printing import on_paper, whole_table
from views.controls.widgets import put
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

ROW_HEIGHT = 35
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
    st.dataframe(table, column_config=columns, **_frame(table, most))


def pick_row(
    field: str,
    table: pd.DataFrame,
    identifiers: Sequence[str],
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
    most: int = HEIGHT,
) -> None:
    """Show a table in which a click picks a row: its identifier becomes a part of the choice."""
    if on_paper():
        whole_table(table, columns, NOTHING)
        return

    def keep() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        put(field, identifiers[cells[0][0]] if cells else "")

    st.dataframe(
        table,
        key=key,
        on_select=keep,
        selection_mode="single-cell",
        column_config=columns,
        **_frame(table, most),
    )


def share_column() -> Any:  # noqa: ANN401  Streamlit's type has no public name
    """Give the look of a column of percentages."""
    return st.column_config.NumberColumn(format="%.1f%%")


def _frame(table: pd.DataFrame, most: int) -> dict[str, Any]:
    height = min(most, ROW_HEIGHT * (len(table) + 1) + 3)
    return {
        "hide_index": True,
        "height": height,
        "row_height": ROW_HEIGHT,
        "placeholder": NOTHING,
    }
