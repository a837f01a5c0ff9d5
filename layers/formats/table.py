"""What a reader delivers: rows of text, geometry beside them, and what was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.model.errors import SourceError
from layers.texts.written import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.sources.opened import Opened


@dataclass(frozen=True)
class Broken:
    """
    A row of a file that could not be taken apart into its columns.

    Attributes
    ----------
    row
        Number of the row in its file, from 1, headings not counted.
    detail
        What is wrong with it.
    content
        Its text, as read.
    """

    row: int
    detail: str
    content: str


@dataclass(frozen=True)
class Table:
    """
    A table as read, every value as text.

    Attributes
    ----------
    rows
        Text in every cell, `""` where nothing stands; index from 0.
    numbers
        Number of each row in its file, from 1.
    geometry
        Geometry objects or `None` a row, in `crs`; `None` if the format has none.
    crs
        What the file says of itself, or `None` if it says nothing.
    crs_stated
        False where `crs` is only what its format takes for granted.
    file_of
        Name of the file each row came from, as a position in `files`.
    files
        sha256 of the bytes that were parsed, by name as in the recipe.
    broken
        Rows that could not be taken apart, by position in `files`.
    guessed
        Encoding that was guessed, or `""`.
    corrected
        Rows that a person has corrected and brought back; empty for none.
    stale
        Corrections that fit no row any more.
    closed
        Rows whose rings did not end where they begin and were closed; empty for none.
    gaps
        Edges of streets whose way names nodes that the file lacks; empty for none.
    unread
        Other sheets with rows, which the recipe does not name.
    from_1904
        Whether its bare numbers that are days count from 1904, as old workbooks of Macintosh do.
    valueless
        Cells of a sheet that hold a formula without a result, by number of the row and column.
    remarks
        What else a reader must know of all rows: rules of notes, with their facts.
    loose
        Records that may lack what others have; files of one layer need not have the same columns.
    headings
        Row in which the headings were found below others, though the recipe does not say so; or 0.
    separator
        Of the columns of a text file: `,`, `;`, `|` or a tab.
    """

    rows: pd.DataFrame
    numbers: NDArray[np.int64]
    geometry: NDArray[np.object_] | None = None
    crs: CRS | None = None
    crs_stated: bool = True
    file_of: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    files: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[tuple[int, Broken], ...] = ()
    guessed: str = ""
    corrected: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    stale: int = 0
    closed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    gaps: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    unread: tuple[str, ...] = ()
    from_1904: bool = False
    valueless: frozenset[tuple[int, str]] = frozenset()
    remarks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    loose: bool = False
    headings: int = 0
    separator: str = ""


def in_plane(table: Table, *, kind: str) -> Table:
    """Leave out the heights of vertices, which streets alone are asked for."""
    if table.geometry is None or kind == "streets":
        return table
    more = shapely.get_coordinate_dimension(table.geometry) > 2  # noqa: PLR2004
    if not more.any():
        return table
    flat = table.geometry.copy()
    flat[more] = shapely.force_2d(flat[more])
    return replace(table, geometry=flat)


def text_frame(records: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Lay records side by side as text."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: [as_text(record.get(name)) for record in records] for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)), dtype="str")


def chosen_layer(opened: Opened, present: Collection[str], layer: str) -> str:
    """Choose the layer that the recipe names, or the only one."""
    shown = ", ".join(present)
    if not present:
        raise opened.error(text="holds no layer.", problem="layer_none", hint="Get the file again.")
    if layer and layer not in present:
        raise opened.error(
            text=f"has no layer {layer!r}; present are {shown}.",
            problem="layer_unknown",
            hint="Correct `layer` in the recipe.",
            found=layer,
            allowed=shown,
        )
    if not layer and len(present) != 1:
        raise opened.error(
            text=f"has the layers {shown}; the recipe must say which.",
            problem="layer_several",
            hint="Name one of them as `layer` in the recipe.",
            allowed=shown,
        )
    return layer or next(iter(present))


def unique_names(opened: Opened, names: Sequence[str], *, columns: Collection[str]) -> list[str]:
    """Tell columns of one heading apart; refuse a heading that the recipe names and that is two."""
    plain = [name.strip() for name in names]
    counts = Counter(plain)
    for name, count in counts.items():
        if count > 1 and name in columns:
            raise opened.error(
                text=f"has several columns called {name!r}.",
                problem="column_twice",
                hint="Give each column its own heading.",
                column=name,
            )
    taken: set[str] = set()
    met: Counter[str] = Counter()
    for position, name in enumerate(plain):
        label = name
        while label in taken:
            met[name] += 1
            label = f"{name} ({met[name] + 1})".lstrip()
        plain[position] = label
        taken.add(label)
    return plain


def concatenate(tables: Sequence[Table], *, entry: str) -> Table:
    """Put the tables of one layer under each other."""
    if len(tables) == 1:
        return tables[0]
    first = tables[0]
    for table in tables:
        same = set(first.rows).issubset(table.rows) or first.loose
        if table.crs != first.crs or not same:
            raise _unlike(table, first, entry)
    names = list(dict.fromkeys(n for t in tables for n in t.rows)) if first.loose else first.rows
    kept = [table.rows.reindex(columns=list(names), fill_value="") for table in tables]
    rows = pd.concat(kept, ignore_index=True)
    geometry = None
    if first.geometry is not None:
        geometry = np.concatenate([t.geometry for t in tables if t.geometry is not None])
    files: dict[str, str] = {}
    for table in tables:
        files |= table.files
    return Table(
        rows=rows,
        numbers=np.concatenate([table.numbers for table in tables]),
        geometry=geometry,
        crs=first.crs,
        crs_stated=first.crs_stated,
        file_of=np.repeat(np.arange(len(tables)), [len(table.rows) for table in tables]),
        files=files,
        guessed=next(filter(None, (table.guessed for table in tables)), ""),
        broken=tuple((i, bad) for i, table in enumerate(tables) for _, bad in table.broken),
        closed=np.concatenate([np.resize(table.closed, len(table.rows)) for table in tables]),
        gaps=np.concatenate([np.resize(table.gaps, len(table.rows)) for table in tables]),
        unread=tuple(sheet for table in tables for sheet in table.unread),
        remarks=_remarks_of(tables),
        from_1904=any(table.from_1904 for table in tables),
        loose=first.loose,
        headings=max(table.headings for table in tables),
        separator=first.separator,
    )


def _remarks_of(tables: Sequence[Table]) -> dict[str, Mapping[str, object]]:
    """Join what is told of several tables; what they count is added up."""
    told: dict[str, Mapping[str, object]] = {}
    for table in tables:
        for rule, facts in table.remarks.items():
            before, new = told.get(rule, {}).get("count"), facts.get("count")
            if isinstance(before, int) and isinstance(new, int):
                facts = {**facts, "count": before + new}  # noqa: PLW2901  of both
            told[rule] = facts
    total = told.get("reply_partial", {}).get("total")
    if isinstance(total, int) and total <= sum(
        len(each.rows) + len(each.broken) for each in tables
    ):
        del told["reply_partial"]  # its pages are here, each a file
    return told


def _unlike(table: Table, first: Table, entry: str) -> SourceError:
    names = next(iter(table.files)), next(iter(first.files))
    lacking = ", ".join(sorted(set(map(str, first.rows)) - set(map(str, table.rows)))) or "nothing"
    msg = f"{entry}: {names[0]} is unlike {names[1]}: its CRS is another, or it lacks {lacking}."
    return SourceError(
        msg,
        problem="files_unlike",
        hint="Give each layout its own [[layers]] entry.",
        entry=entry,
        file=names[0],
        first=names[1],
        missing=lacking,
    )
