"""Quarantined rows as a table to correct, and corrected rows brought back into their layer."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.formats.read import How, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layers.formats.table import Broken, Table
    from layers.recipe.schema import LayerRecipe

FOLDER = "corrections"
"""Of a city: one file a layer, named like it."""
FILE, ROW, CHECK, REASON, TEXT = "_file", "_row", "_check", "_reason", "_text"
_OURS = (FILE, ROW, CHECK, REASON, TEXT)
_GUARDED = "^'[' \u00a0\u3000]*[=+\\-@\t\r\n＝＋－＠]"
"""Beginnings of cells that were kept from being formulas."""


def correction_table(
    quarantine: pd.DataFrame, layer: str, *, shown: pd.DataFrame | None = None
) -> pd.DataFrame:
    """
    Lay the quarantined rows of a layer out as its source has them, with the reason beside.

    `_file`, `_row` and `_check` find a row again; a row that could not be taken apart has its
    text in `_text` and empty cells to fill. Cells are those of `shown`, where it is given.
    """
    rows = quarantine[quarantine["layer"] == layer]
    contents = [json.loads(text) for text in rows["content"]]
    seen = contents if shown is None else map(json.loads, shown.loc[rows.index, "content"])
    cells = [each if isinstance(each, dict) else {TEXT: each} for each in seen]
    about = pd.DataFrame(
        {
            FILE: rows["file"].to_numpy(),
            ROW: rows["row"].astype("str").to_numpy(),
            CHECK: [_mark(each) for each in contents],
            REASON: rows["reason"].to_numpy(),
        },
        dtype="str",
    )
    table = pd.DataFrame(cells, index=about.index).fillna("").astype("str")
    return pd.concat([about, table], axis=1)


def _mark(content: object) -> str:
    """Mark what a row held, so that a correction finds no other row in its place."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]


def with_corrections(
    table: Table, recipe: LayerRecipe, folders: Sequence[Path]
) -> tuple[Table, Mapping[str, str]]:
    """Bring the corrected rows of a layer back, where its city has a file of them."""
    path, name = folders[0] / FOLDER / f"{recipe.id}.csv", f"{FOLDER}/{recipe.id}.csv"
    if recipe.kind == "streets" or not os.path.lexists(path):
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
    names = list(table.files)
    at = {
        (names[file], str(number)): place
        for place, (file, number) in enumerate(
            zip(np.resize(table.file_of, len(table.numbers)), table.numbers, strict=True)
        )
    }
    broken = {(names[file], str(bad.row)): (file, bad) for file, bad in table.broken}
    rows, corrected, stale = table.rows.copy(), np.zeros(len(table.rows), dtype=bool), 0
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
            corrected[place] = any(
                table.rows[name].iloc[place] != text for name, text in cells.items()
            )
            rows.loc[place, list(cells)] = list(cells.values())
        elif key in broken and _mark(broken[key][1].content) == record.get(CHECK):
            mended += [(*broken[key], cells)] if any(cells.values()) else []
        else:
            stale += 1
    table = replace(table, rows=rows, corrected=corrected, stale=stale)
    return _with_mended(table, mended) if mended else table


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
