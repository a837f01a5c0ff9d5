"""Leaves out the rows of a table that are no records: totals, notes, and further headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layers.formats.footers import (
    TOTAL_CELLS,
    is_counted_total,
    is_kind_or_unit,
    is_note,
    is_total,
)
from layers.recipe.schema import COLUMNS, FACILITY_COLUMNS, PLACE_COLUMNS
from layers.texts.proofs import is_filled

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from layers.cleaning.row_account import RowAccount
    from layers.formats.table import Table
    from layers.recipe.schema import LayerRecipe

_FIRST = 5
"""Columns from the left in which a total may be named."""
_LAST = 20
"""Rows from the end among which notes are looked for."""
_UNDER = 2
"""Rows below the headings that may say what kind of value stands in each column."""
_OURS = {*FACILITY_COLUMNS, *PLACE_COLUMNS, *(name for names in COLUMNS.values() for name in names)}


def leave_out_headings(
    rows: pd.DataFrame, table: Table, recipe: LayerRecipe, account: RowAccount
) -> None:
    """Leave out rows that repeat the headings, or tell the types, units or keys of the columns."""
    needed = [name for name in recipe.columns if name in rows]
    if table.geometry is not None or not len(rows) or not needed:
        return
    found = (rows[needed[0]] == needed[0]).to_numpy(dtype=bool, copy=True)
    for at in np.flatnonzero(found).tolist():
        found[at] = all(cell in {"", name} for name, cell in rows.iloc[at].items())
    for at in range(min(_UNDER, len(rows))):
        filled = [cell for cell in rows.iloc[at].tolist() if cell]
        found[at] |= len(filled) > 1 and all(is_kind_or_unit(c) or c in _OURS for c in filled)
    found &= account.alive
    if found.any():
        account.note(found, "headings_further", found=_first(rows.to_numpy()[found.argmax()]))
        account.leave_out(found)


def leave_out_footers(
    rows: pd.DataFrame, table: Table, recipe: LayerRecipe, account: RowAccount
) -> None:
    """Leave out totals and notes, as the recipe names them or as they are known."""
    if table.geometry is not None or not len(rows) or recipe.footer == ():
        return
    if recipe.footer is None:
        found = _totals(rows, recipe) | _notes(rows)
    else:
        words = set(recipe.footer)
        found = np.array([_first(cells) in words for cells in rows.to_numpy()], dtype=bool)
    found &= account.alive
    if found.any():
        account.note(found, "footer_left_out", found=_first(rows.to_numpy()[found.argmax()]))
        account.leave_out(found)


def _totals(rows: pd.DataFrame, recipe: LayerRecipe) -> NDArray[np.bool_]:
    """Find rows whose first filled cell names a total, and that lack what a record has."""
    places = [name for name, ours in recipe.columns.items() if {*ours} & {*PLACE_COLUMNS}]
    lacking = np.zeros(len(rows), dtype=bool)
    for name in places or recipe.columns:
        lacking |= ~is_filled(rows[name])
    found = np.zeros(len(rows), dtype=bool)
    for column in rows.columns[:_FIRST]:
        found[lacking] |= rows[column][lacking].isin(TOTAL_CELLS).to_numpy(dtype=bool)
    for at in np.flatnonzero(found).tolist():
        found[at] = is_total(_first(rows.iloc[at].to_numpy()))
    return found


def _notes(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Find rows at the end, or above a total, that hold notes alone or the number of a total."""
    found = np.zeros(len(rows), dtype=bool)
    for at, cells in enumerate(rows[-_LAST:].to_numpy().tolist(), max(0, len(rows) - _LAST)):
        filled = [cell for cell in cells if cell]
        alone = len(filled) == 1 < len(rows.columns)
        found[at] = 0 < len(filled) < len(rows.columns) and all(map(is_note, filled))
        found[at] |= alone and is_counted_total(filled[0])
    return found


def _first(cells: NDArray[np.object_]) -> str:
    return next((str(cell) for cell in cells if cell), "")
