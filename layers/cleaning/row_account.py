"""Keeps account of every row of a layer: selected, loaded, repaired or quarantined."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.city import FIRST_IDS, LayerReport, Note
from layers.recipe.corrections import row_parts, written_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from layers.formats.table import Table
    from layers.recipe.schema import LayerRecipe

    Mask = NDArray[np.bool_]

QUARANTINE_COLUMNS = ("layer", "file", "row", "id", "reason", "detail", "content")
FOUND_AGAIN = ("part", "shape")
"""Beside them, for corrections: which part of its row it is, and its shape as the file has it."""


_LOOKED_AT = 1000


class RowAccount:
    """
    The account of one layer; masks are as long as the table that was read.

    Attributes
    ----------
    alive
        Rows neither left out nor quarantined so far.
    labels
        Identifiers of the rows for notes, once they are known.
    shapes
        Geometry as the file has it, before it was moved anywhere; `None` where cells hold it.
    """

    def __init__(
        self, recipe: LayerRecipe, table: Table, shapes: NDArray[np.object_] | None = None
    ) -> None:
        count = len(table.rows)
        self._recipe, self._table, self.shapes = recipe, table, shapes
        self.alive: Mask = np.ones(count, dtype=bool)
        self.labels: pd.Series[str] | None = None
        self._not_selected: Mask = np.zeros(count, dtype=bool)
        self._repaired: Mask = np.zeros(count, dtype=bool)
        self._aside: dict[int, tuple[str, str]] = {}
        self._notes: list[tuple[str, str, Mask, dict[str, object]]] = []
        if table.corrected.any():
            self.repair(table.corrected, "row_corrected")
        if table.closed.any():
            self.repair(table.closed, "ring_closed")
        if table.gaps.any():
            self.note(table.gaps, "way_gap")

    @property
    def entry(self) -> str:
        """How messages call the layer."""
        return self._recipe.entry

    @property
    def from_1904(self) -> bool:
        """Whether bare numbers that are days count from 1904."""
        return self._table.from_1904

    def heading(self, ours: str) -> str:
        """Tell how the files call a column of ours."""
        return self._recipe.heading(ours)

    def leave_out(self, mask: Mask) -> None:
        """Count rows as not selected by the recipe."""
        self._not_selected |= mask & self.alive
        self.alive &= ~mask

    def quarantine(
        self, mask: Mask, rule: str, *, detail: str | NDArray[np.object_] = "", **facts: object
    ) -> None:
        """Quarantine rows; the first reason found for a row is the one that stands."""
        mask = mask & self.alive
        if mask.any():
            at = np.flatnonzero(mask).tolist()
            details = detail[mask] if isinstance(detail, np.ndarray) else [detail] * len(at)
            self._aside |= {i: (rule, str(each)) for i, each in zip(at, details, strict=True)}
            self.alive &= ~mask
            self._notes.append(("quarantined", rule, mask, facts))

    def repair(self, mask: Mask, rule: str, **facts: object) -> None:
        """Note rows whose content was changed."""
        mask = mask & self.alive
        if mask.any():
            self._repaired |= mask
            self._notes.append(("repaired", rule, mask, facts))

    def note(self, mask: Mask, rule: str, **facts: object) -> None:
        """Note rows that are loaded as they are, but that the reader should know of."""
        mask = mask & self.alive
        if mask.any():
            self._notes.append(("noted", rule, mask, facts))

    def label(self, position: int) -> str:
        """Name a row for a reader."""
        text = "" if self.labels is None else str(self.labels.iloc[position])
        return text or f"row {self._table.numbers[position]}"

    def entry_of(self, position: int) -> str:
        """Name the layer and the file that a row stands in."""
        names, of = list(self._table.files), self._table.file_of
        file = names[int(of[position])] if names and len(of) else ""
        return f"{self.entry}: {file}" if file else self.entry

    def number(self, position: int) -> str:
        """Give the number of a row in its file."""
        return str(self._table.numbers[position])

    def labelled(self, identifiers: pd.Index[str]) -> Mask:
        """Find the rows of some identifiers."""
        labels = pd.Series(dtype="str") if self.labels is None else self.labels
        return labels.isin(identifiers).to_numpy(dtype=bool)

    def report(self) -> LayerReport:
        """Sum up."""
        recipe, broken = self._recipe, len(self._table.broken)
        notes = [
            Note(
                layer=recipe.id,
                outcome=outcome,
                rule=rule,
                count=int(mask.sum()),
                first=tuple(self.label(i) for i in np.flatnonzero(mask)[:FIRST_IDS]),
                facts=facts,
            )
            for outcome, rule, mask, facts in self._notes
        ]
        notes += self._notes_of_table()
        return layer_report(
            recipe,
            files=self._table.files,
            notes=notes,
            rows_in=len(self.alive) + broken,
            not_selected=int(self._not_selected.sum()),
            loaded=int(self.alive.sum()),
            repaired=int((self._repaired & self.alive).sum()),
            quarantined=int((~self.alive & ~self._not_selected).sum()) + broken,
        )

    def _notes_of_table(self) -> list[Note]:
        """Say what reading the table showed, before any row was looked at."""
        recipe, notes = self._recipe, list[Note]()
        broken = len(self._table.broken)
        if broken:
            first = tuple(f"row {bad.row}" for _, bad in self._table.broken[:FIRST_IDS])
            notes.append(Note(recipe.id, "quarantined", "row_broken", broken, first))
        if self._table.guessed:
            facts = {"encoding": self._table.guessed, "found": _foreign_names(self._table)}
            rows = len(self._table.rows)
            notes.append(Note(recipe.id, "noted", "encoding_guessed", rows, facts=facts))
        if self._table.headings:
            facts = {"row": str(self._table.headings)}
            notes.append(Note(recipe.id, "noted", "headings_below", len(self.alive), facts=facts))
        if self._table.stale:
            notes.append(Note(recipe.id, "noted", "correction_stale", self._table.stale))
        if self._table.unread:
            facts = {"sheets": ", ".join(self._table.unread)}
            notes.append(Note(recipe.id, "noted", "sheets_unread", len(self.alive), facts=facts))
        for rule, told in self._table.remarks.items():
            notes.append(Note(recipe.id, "noted", rule, len(self.alive), facts=told))
        return notes

    def quarantined(self) -> pd.DataFrame:
        """List the quarantined rows."""
        table, names = self._table, list(self._table.files)
        positions = np.flatnonzero(~self.alive & ~self._not_selected)
        if not len(positions) and not table.broken:
            return pd.DataFrame(columns=[*QUARANTINE_COLUMNS, *FOUND_AGAIN])
        content = table.rows.iloc[positions].to_dict("records")
        rows: list[tuple[object, ...]] = [
            (
                names[table.file_of[position]],
                int(table.numbers[position]),
                "" if self.labels is None else str(self.labels.iloc[position]),
                *self._aside[int(position)],
                values,
            )
            for position, values in zip(positions, content, strict=True)
        ]
        rows += [
            (names[file], bad.row, "", "row_broken", bad.detail, bad.content)
            for file, bad in table.broken
        ]
        written = [
            (self._recipe.id, *what, json.dumps(values, ensure_ascii=False))
            for *what, values in rows
        ]
        frame = pd.DataFrame(written, columns=list(QUARANTINE_COLUMNS))
        whole = [""] * len(table.broken)
        shapes = None if self.shapes is None else written_shapes(self.shapes[positions]) + whole
        parts = [*row_parts(table)[positions].tolist(), *[0] * len(table.broken)]
        return frame.assign(part=parts, shape=shapes)


def _foreign_names(table: Table) -> str:
    """Show three texts by which a reader sees whether the encoding is right."""
    found: dict[str, None] = {}
    for name in map(str, table.rows):
        cells = [name, *table.rows[name].head(_LOOKED_AT)]
        found |= dict.fromkeys(cell[:30] for cell in cells if not cell.isascii())
    return ", ".join(list(found)[:3])


def layer_report(
    recipe: LayerRecipe, *, files: Mapping[str, str], notes: Sequence[Note], **counts: int
) -> LayerReport:
    """Sum up a layer: where it came from as its recipe says, and what became of its rows."""
    return LayerReport(
        id=recipe.id,
        kind=recipe.kind,
        files=dict(files),
        source=recipe.source,
        publication_date=recipe.publication_date,
        licence=recipe.licence,
        url=recipe.url,
        remark=dict(recipe.remark),
        notes=tuple(notes),
        edition="",
        **counts,
    )
