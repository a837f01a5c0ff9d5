"""Quarantined rows as a table to correct, and corrected rows brought back into their layer."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from layers.formats.read import How, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.formats.table import Broken, Table
    from layers.recipe.schema import LayerRecipe

FOLDER = "corrections"
"""Of a city: one file a layer, named like it."""
FILE, ROW, CHECK, REASON, TEXT = "_file", "_row", "_check", "_reason", "_text"
SHAPE = "_shape"
_OURS = (FILE, ROW, CHECK, REASON, TEXT, SHAPE)
MOST_SIGNS = 30_000
"""Of a shape as text: spreadsheet programs cut longer cells off."""
_DIGITS = 8
"""Decimals of a coordinate: a millimetre in degrees."""
_SHOWN = 60
_GUARDED = "^'[' \u00a0\u3000]*[=+\\-@\t\r\n＝＋－＠]"
"""Beginnings of cells that were kept from being formulas."""


def correction_table(
    quarantine: pd.DataFrame, layer: str, *, shown: pd.DataFrame | None = None
) -> pd.DataFrame:
    """
    Lay the quarantined rows of a layer out as its source has them, with the reason beside.

    `_file`, `_row` and `_check` find a row again (`7#2` is the second part of row 7, as of a street
    in several lines); a row that could not be taken apart has its text in `_text` and empty cells
    to fill. `_shape` is the shape of a row as well-known text in the coordinates of its file; of
    one that is too long for a cell it is empty. Cells are those of `shown`, where it is given.
    """
    rows = quarantine[quarantine["layer"] == layer]
    contents = [json.loads(text) for text in rows["content"]]
    seen = contents if shown is None else map(json.loads, shown.loc[rows.index, "content"])
    cells = [each if isinstance(each, dict) else {TEXT: each} for each in seen]
    about = pd.DataFrame(
        {
            FILE: rows["file"].to_numpy(),
            ROW: [
                _row_name(row, part)
                for row, part in zip(rows["row"], _of(rows, "part", 0), strict=True)
            ],
            CHECK: [_mark(each) for each in contents],
            REASON: rows["reason"].to_numpy(),
        },
        dtype="str",
    )
    shapes = _of(rows, "shape", None)
    if any(shape is not None for shape in shapes):
        about[SHAPE] = [shape or "" for shape in shapes]
    table = pd.DataFrame(cells, index=about.index).fillna("").astype("str")
    return pd.concat([about, table], axis=1)


def _of(rows: pd.DataFrame, column: str, otherwise: object) -> list[Any]:
    """Take a column that not every quarantine has."""
    if column not in rows:
        return [otherwise] * len(rows)
    return [otherwise if pd.isna(value) else value for value in rows[column]]


def _row_name(row: object, part: float) -> str:
    return f"{row}" if not part else f"{row}#{int(part) + 1}"


def row_parts(table: Table) -> NDArray[np.int64]:
    """Count the rows that were made of one row of a file, such as the edges of a street."""
    numbers, at = table.numbers, np.arange(len(table.numbers))
    files = np.resize(table.file_of, len(numbers))
    # rows of one row stand together: 5 5 5 6 7 7 have the parts 0 1 2 0 0 1
    new = np.append(True, (np.diff(numbers) != 0) | (np.diff(files) != 0))[: len(at)]
    return np.asarray(at - np.maximum.accumulate(np.where(new, at, 0)), dtype=np.int64)


def written_shapes(shapes: NDArray[np.object_]) -> list[str]:
    """Write shapes as text; nothing for none, and for one too long for a cell."""
    texts = shapely.to_wkt(shapes, rounding_precision=_DIGITS)
    return ["" if text is None or len(text) > MOST_SIGNS else str(text) for text in texts]


def _mark(content: object) -> str:
    """Mark what a row held, so that a correction finds no other row in its place."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]


def with_corrections(
    table: Table, recipe: LayerRecipe, folders: Sequence[Path]
) -> tuple[Table, Mapping[str, str]]:
    """Bring the corrected rows of a layer back, where its city has a file of them."""
    path, name = folders[0] / FOLDER / f"{recipe.id}.csv", f"{FOLDER}/{recipe.id}.csv"
    if not os.path.lexists(path):
        return table, {}
    how, wanted = How(format="csv", encoding="utf-8-sig"), {FILE, ROW, CHECK}
    brought = read_table(path, name=name, entry=recipe.entry, how=how, columns=wanted)
    return _applied(table, _unguarded(brought.rows)), brought.files


def _unguarded(rows: pd.DataFrame) -> pd.DataFrame:
    plain: pd.DataFrame = rows.apply(
        lambda column: column.mask(column.str.contains(_GUARDED), column.str.slice(1))
    )
    return plain


def _applied(table: Table, brought: pd.DataFrame) -> Table:
    """Put each corrected row in place of its own; count those that fit none any more."""
    names, parts = list(table.files), row_parts(table)
    files = np.resize(table.file_of, len(table.numbers))
    at = {
        (names[file], _row_name(number, part)): place
        for place, (file, number, part) in enumerate(zip(files, table.numbers, parts, strict=True))
    }
    broken = {(names[file], str(bad.row)): (file, bad) for file, bad in table.broken}
    rows, corrected, stale = table.rows.copy(), np.zeros(len(table.rows), dtype=bool), 0
    shapes = _Shapes(table.geometry)
    mended: list[tuple[int, Broken, dict[str, str]]] = []
    for record in brought.to_dict("records"):
        key = (record.get(FILE, ""), record.get(ROW, ""))
        cells = {
            str(name): str(text)
            for name, text in record.items()
            if name in rows and name not in _OURS
        }
        if key in at and _mark(table.rows.iloc[at[key]].to_dict()) == record.get(CHECK):
            place = at[key]
            changed = any(table.rows[name].iloc[place] != text for name, text in cells.items())
            corrected[place] = shapes.take(place, str(record.get(SHAPE, ""))) or changed
            rows.loc[place, list(cells)] = list(cells.values())
        elif key in broken and _mark(broken[key][1].content) == record.get(CHECK):
            mended += [(*broken[key], cells)] if any(cells.values()) else []
        else:
            stale += 1
    remarks = {**table.remarks, **shapes.remarks()}
    table = replace(
        table, rows=rows, geometry=shapes.new, corrected=corrected, stale=stale, remarks=remarks
    )
    return _with_mended(table, mended) if mended else table


class _Shapes:
    """The shapes of a table, of which some are put right."""

    def __init__(self, own: NDArray[np.object_] | None) -> None:
        self.own, self.new = own, None if own is None else own.copy()
        self.unread: list[str] = []

    def take(self, place: int, text: str) -> bool:
        """Put a shape right, if its text is another; what is none is told of."""
        if self.own is None or self.new is None or not text.strip():
            return False
        if text == written_shapes(self.own[place : place + 1])[0]:
            return False
        shape = shapely.from_wkt(text, on_invalid="ignore")
        if shape is None:
            self.unread.append(text)
            return False
        self.new[place] = shape
        return True

    def remarks(self) -> dict[str, dict[str, object]]:
        """Tell of texts that are no shapes."""
        if not self.unread:
            return {}
        facts = {"shapes": len(self.unread), "found": self.unread[0][:_SHOWN]}
        return {"correction_unread": facts}


def _with_mended(table: Table, mended: list[tuple[int, Broken, dict[str, str]]]) -> Table:
    """Add rows that could not be taken apart before."""
    gone = {(file, bad.row) for file, bad, _ in mended}
    added = pd.DataFrame([cells for *_, cells in mended], columns=table.rows.columns).fillna("")
    count = len(mended)
    geometry = table.geometry
    if geometry is not None:
        geometry = np.append(geometry, np.full(count, None))
    return replace(
        table,
        rows=pd.concat([table.rows, added.astype("str")], ignore_index=True),
        numbers=np.append(table.numbers, [bad.row for _, bad, _ in mended]),
        file_of=np.append(np.resize(table.file_of, len(table.rows)), [file for file, *_ in mended]),
        geometry=geometry,
        closed=np.append(np.resize(table.closed, len(table.rows)), np.zeros(count, dtype=bool)),
        gaps=np.append(np.resize(table.gaps, len(table.rows)), np.zeros(count, dtype=bool)),
        corrected=np.append(table.corrected, np.ones(count, dtype=bool)),
        broken=tuple(each for each in table.broken if (each[0], each[1].row) not in gone),
    )
