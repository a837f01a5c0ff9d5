"""Tables on a page: as high as their rows up to a limit, and rows that can be picked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype

from views import cache
from views.controls.printing import (
    cell_text,
    column_decimals,
    column_format,
    on_paper,
    whole_table,
)
from views.controls.widgets import current, put_many
from wording.numbers import MOST_DECIMALS, NOTHING, STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wording.speaker import Speaker

ROW_HEIGHT = 35
NAME_WIDTH = 175
THOUSAND = 1000
"""From where on digits are grouped."""
FIXED = re.compile(r"%\.(\d+)f")
"""A format with a fixed count of decimals."""
HEIGHT = 480
"""Most pixels of a table, unless a page gives it more."""


def show_table(
    table: pd.DataFrame,
    *,
    columns: Mapping[str, Any] | None = None,
    most: int = HEIGHT,
) -> None:
    """Show a table."""
    if _told_empty(table):
        return
    if on_paper():
        whole_table(table, columns, NOTHING)
        return
    st.dataframe(**_written(table, columns), **_frame(table, most))


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
    if _told_empty(table):
        return
    if on_paper():
        whole_table(table, columns, NOTHING)
        return

    def keep() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        put_many({**(also or {}), field: identifiers[cells[0][0]] if cells else ""})

    st.dataframe(
        **_written(table, columns),
        key=key,
        on_select=keep,
        selection_mode="single-cell",
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
    if _told_empty(table):
        return []
    if on_paper():
        whole_table(table, columns, NOTHING)
        return []
    state = st.dataframe(
        **_written(table, columns),
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        **_frame(table, most),
    )
    return [row for row in state["selection"]["rows"] if row < len(table)]


def share_column() -> Any:  # noqa: ANN401  Streamlit's type has no public name
    """Give the look of a column of percentages."""
    return st.column_config.NumberColumn(format="%.1f%%")


def _told_empty(table: pd.DataFrame) -> bool:
    """Say of a table without rows that it has none: Streamlit says so in English alone."""
    if len(table):
        return False
    st.caption(cache.words()(current().language, "app.no_rows"))
    return True


def _written(table: pd.DataFrame, columns: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Give a table with the looks of its columns: decimals alike, and great numbers grouped.

    The browser reads the numbers that it gets aloud with all their decimals: it gets those shown.
    """
    space = STYLES[current().language].thousands
    shown, looks = table, dict(columns or {})
    for name in table.columns:
        form = column_format(columns, str(name))
        if is_float_dtype(table[name]):
            rounded = table[name].astype("float64").round(_decimals(form))
            shown = shown.assign(**{str(name): rounded})
        if form or not (form := _form(table[name], space)):
            continue
        own: Any = looks.get(str(name)) or st.column_config.NumberColumn()
        looks[str(name)] = {**own, "type_config": {**own["type_config"], "format": form}}
    return {"data": shown, "column_config": looks}


def _decimals(form: str | None) -> int:
    """Tell how many decimals a column shows: of `%.1f%%` one, without a format the most."""
    written = FIXED.search(form or "")
    return int(written[1]) if written else MOST_DECIMALS


def _form(values: pd.Series[Any], space: str) -> str:
    """Give the format in which a browser writes numbers: decimals alike, great numbers grouped."""
    if is_bool_dtype(values) or not (whole := is_integer_dtype(values)) | is_float_dtype(values):
        return ""
    digits = column_decimals(values)
    ending = "d" if whole else f".{digits}f" if digits else "f"
    if space and (values.abs() >= THOUSAND).any():
        return f"%'{space},{ending}"
    return f"%{ending}" if digits else ""


def _frame(table: pd.DataFrame, most: int) -> dict[str, Any]:
    height = min(most, ROW_HEIGHT * (len(table) + 1) + 3)
    return {
        "hide_index": True,
        "height": height,
        "row_height": ROW_HEIGHT,
        "placeholder": NOTHING,
    }
