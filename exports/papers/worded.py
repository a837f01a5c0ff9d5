"""Tables of the data dictionary as people read them: headings, codes and numbers in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.formats.csv import rounded
from exports.formats.terminal import written_cells
from exports.papers.model import Table
from exports.pictures.svg import plain
from layers.knowledge.dictionary import load_dictionary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from wording.speaker import Speaker


def worded_table(
    frame: pd.DataFrame,
    table: str,
    columns: Sequence[str],
    translate: Speaker,
    *,
    caption: str,
    heads: Mapping[str, str] | None = None,
) -> Table:
    """Write some columns of a table of the dictionary."""
    known = {column.id: column for column in load_dictionary().tables[table].columns}
    chosen = [known[name] for name in columns]
    values = rounded(frame.reset_index(drop=True), chosen)
    cells = [written_cells(values[each.id], each, translate.language) for each in chosen]
    return Table(
        caption=caption,
        heads=[(heads or {}).get(each.id, each.title_read(translate.language)) for each in chosen],
        rows=[[plain(cell) for cell in row] for row in zip(*cells, strict=True)],
        numeric=[bool(each.unit.format) for each in chosen],
    )
