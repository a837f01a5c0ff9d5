"""Two editions of a table held to each other: which row, which column, from what to what."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layers.knowledge.dictionary import Column, Table, Unit

CELL, ROW_GONE, ROW_NEW, COLUMN_GONE, COLUMN_NEW = KINDS = (
    "cell",
    "row_gone",
    "row_new",
    "column_gone",
    "column_new",
)


BARELY = 1.001
"""A unit of the last place, and what floating point adds to it."""


class Difference(NamedTuple):
    """
    One thing in which two editions differ.

    Attributes
    ----------
    kind
        One of `KINDS`.
    row
        The columns of the table's key and their values; empty for a whole column.
    column
        Its name; empty for a whole row.
    then, now
        Both values, as written.
    """

    kind: str
    row: str = ""
    column: str = ""
    then: str = ""
    now: str = ""


def table_differences(then: bytes, now: bytes, table: Table) -> list[Difference]:
    """
    Hold two editions of a table, as `exports.formats.csv` writes them, to each other.

    Rows are told apart by the key of the table, those of one key by their order, and the order of
    rows of different keys is no difference. Numbers are the same if they differ by one unit at
    most in the last place that their column is written with; whole numbers, texts and codes only
    if they are written the same.
    """
    before, after = _read(then), _read(now)
    shared = [name for name in before if name in after.columns]
    gone = [Difference(COLUMN_GONE, column=str(name)) for name in before if name not in shared]
    new = [Difference(COLUMN_NEW, column=str(name)) for name in after if name not in shared]
    key = [name for name in table.key if name in shared]
    before, after = _by_key(before[shared], key), _by_key(after[shared], key)
    lost = [Difference(ROW_GONE, _row(each, key)) for each in before.index.difference(after.index)]
    come = [Difference(ROW_NEW, _row(each, key)) for each in after.index.difference(before.index)]
    both = before.index.intersection(after.index)
    cells = _cells(before.loc[both], after.loc[both], table, key)
    return [*gone, *new, *lost, *come, *cells]


def _read(content: bytes) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(content), dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8-sig"
    )


def _by_key(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Put rows on their key and their number among those of the same key."""
    number = frame.groupby(list(key)).cumcount() if key else pd.Series(range(len(frame)))
    levels = [*(frame[name].to_numpy() for name in key), number.to_numpy()]
    return frame.set_axis(pd.MultiIndex.from_arrays(levels), axis=0)


def _row(name: tuple[object, ...], key: Sequence[str]) -> str:
    """Name a row by its key; one of several by its number too, from 1."""
    *values, number = name
    told = [f"{column}={value}" for column, value in zip(key, values, strict=True)]
    if not key or number:
        told.append(f"#{int(str(number)) + 1}")
    return ", ".join(told)


def _cells(
    before: pd.DataFrame, after: pd.DataFrame, table: Table, key: Sequence[str]
) -> list[Difference]:
    found: list[tuple[int, int, Difference]] = []
    for place, name in enumerate(before.columns):
        old, new = before[name].to_numpy(dtype=object), after[name].to_numpy(dtype=object)
        differ = old != new
        if differ.any():
            differ[differ] = ~_same_number(old[differ], new[differ], _unit(name, table))
        found += [
            (row, place, Difference(CELL, _row(before.index[row], key), name, old[row], new[row]))
            for row in np.flatnonzero(differ).tolist()
        ]
    return [each for *_, each in sorted(found, key=lambda told: told[:2])]


def _same_number(
    old: NDArray[np.object_], new: NDArray[np.object_], unit: Unit | None
) -> NDArray[np.bool_]:
    """Tell which texts are numbers that differ by a unit of the last place at most."""
    none = np.zeros(len(old), dtype=bool)
    if unit is None or not (unit.decimals or unit.significant):
        return none
    numbers = [
        pd.to_numeric(pd.Series(each), errors="coerce").to_numpy(float) for each in (old, new)
    ]
    place = np.full(len(old), -float(unit.decimals or 0))
    if unit.significant is not None:
        with np.errstate(divide="ignore"):
            place = np.floor(np.log10(np.fmax(*np.abs(numbers)))) - (unit.significant - 1)
    same: NDArray[np.bool_] = np.abs(numbers[0] - numbers[1]) <= 10.0**place * BARELY
    return same


def _unit(name: str, table: Table) -> Unit | None:
    """Find the unit of a column, one repeated for every rule by how its name ends."""
    known: dict[str, Column] = {column.id: column for column in table.columns}
    if name in known:
        return known[name].unit
    repeated = (*table.per_rule, *table.per_walk)
    ends = [column for column in repeated if name.endswith(f"_{column.id}")]
    return max(ends, key=lambda column: len(column.id)).unit if ends else None
