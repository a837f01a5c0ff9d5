"""Reads enough of a file to guess what it holds, by the readers that load it later."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.model.errors import SourceError
from layers.formats.archives import unpacked
from layers.formats.headings import Stated as StatedHeadings
from layers.formats.headings import merged
from layers.formats.read import How, read_table
from layers.formats.text import longest_list, parse_json
from layers.recipe.schema import FILE_NAME
from layers.sources.files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layers.formats.table import Table

HEAD_BYTES = 8 << 20
"""Of a larger text file so much is looked at."""
_TEXT = (".csv", ".tsv", ".txt")
_HEADER_ROWS = range(2, 12)
_ENTRY = FILE_NAME


@dataclass(frozen=True)
class Sample:
    """
    A file, or one sheet of it, as far as it was looked at.

    Attributes
    ----------
    name
        As the recipe names the file.
    table
        Its rows, or the first of them.
    keys
        What the recipe must say for it to be read so.
    whole
        Whether these are all rows.
    """

    name: str
    table: Table
    keys: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = True

    @property
    def words(self) -> str:
        """Words of its name and of its sheet."""
        stem = self.name.split("/")[-1].removesuffix(".gz").rsplit(".", 1)[0]
        return f"{stem} {self.keys.get('layer', '')}".strip()

    @property
    def layout(self) -> tuple[object, ...]:
        """What files of one layer have in common."""
        place = "" if self.table.geometry is None else str(self.table.crs)
        return (*self.table.rows.columns, place, *sorted(self.keys.items()))


def read_samples(path: Path, name: str, *, keys: Mapping[str, Any]) -> list[Sample]:
    """Read the first table of a file, and the others of a workbook; some keys may be stated."""
    with _head(path) as (shown, whole):
        readable = name if whole else name.removesuffix(".gz")
        table, found = _read(shown, readable, keys)
        samples = [Sample(name, table, found, whole)]
        if not keys.get("layer"):
            for sheet in table.unread:
                other, own = _read(shown, readable, {**keys, "layer": sheet})
                samples.append(Sample(name, other, own, whole))
    return samples


@contextmanager
def _head(path: Path) -> Iterator[tuple[Path, bool]]:
    """Give a file, or a copy of its beginning where it is a long text."""
    name = path.name.lower()
    long = path.is_file() and not path.is_symlink() and name.removesuffix(".gz").endswith(_TEXT)
    data = _first_bytes(path) if long else b""
    if len(data) <= HEAD_BYTES:
        yield path, True
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name.removesuffix(".gz")
        copy.write_bytes(data[: data.rfind(b"\n", 0, HEAD_BYTES) + 1])
        yield copy, False


def _first_bytes(path: Path) -> bytes:
    packed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            return stream.read(HEAD_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return b""  # the reader says what is wrong with it


def _read(path: Path, name: str, keys: Mapping[str, Any]) -> tuple[Table, dict[str, Any]]:
    """Read a table, and find what its recipe must say beyond `keys`."""
    tried = dict(keys)
    try:
        table = _table(path, name, tried)
    except SourceError as error:
        tried |= _answer_to(error, path, name)
        table = _table(path, name, tried)
    if not tried.get("header_row") and not tried.get("names"):
        table, row = _below_title(path, name, tried, table)
        tried |= {"header_row": row} if row else {}
        table, more = _in_two_rows(path, name, tried, table)
        tried |= more
    if table.guessed and not tried.get("encoding"):
        tried["encoding"] = table.guessed
    return table, tried


def _table(path: Path, name: str, keys: Mapping[str, Any]) -> Table:
    headings = StatedHeadings(
        header_row=int(keys.get("header_row") or 0), names=tuple(keys.get("names") or ())
    )
    texts = {key: str(keys.get(key) or "") for key in ("format", "layer", "records", "encoding")}
    return read_table(path, name=name, entry=_ENTRY, how=How(**texts, headings=headings))


def _answer_to(error: SourceError, path: Path, name: str) -> dict[str, Any]:
    """Find the key that a reader asks for; where there is none, the error stands."""
    if error.problem == "records_elsewhere":
        records = _records_of(path, name)
        if records:
            return records
    if error.problem == "headings_missing":
        count = int(str(error.facts["columns"]))
        return {"names": [f"column {number}" for number in range(1, count + 1)]}
    raise error


def _records_of(path: Path, name: str) -> dict[str, Any]:
    opened = unpacked(read_file(path, name=name, entry=_ENTRY))
    content, _ = parse_json(opened, encoding="")
    if isinstance(content, dict) and isinstance(content.get("elements"), list):
        return {"format": "overpass"}
    longest = longest_list(content)
    return {"records": longest} if longest else {}


def _below_title(path: Path, name: str, keys: Mapping[str, Any], table: Table) -> tuple[Table, int]:
    """Look for headings below a title where the first row can be none."""
    if not _is_title(table):
        return table, 0
    for row in _HEADER_ROWS:
        try:
            other = _table(path, name, {**keys, "header_row": row})
        except SourceError:
            continue
        if not _is_title(other) and len(other.rows):
            return other, row
    return table, 0


def _in_two_rows(
    path: Path, name: str, keys: Mapping[str, Any], table: Table
) -> tuple[Table, dict[str, Any]]:
    """Look for headings in two rows, such as merged cells leave: blanks above, and blanks below."""
    if table.geometry is not None or not any(map(_is_unnamed, table.rows)):
        return table, {}
    for row in (1, *_HEADER_ROWS):
        with suppress(SourceError):
            rows = _table(path, name, {**keys, "header_row": row}).rows
            upper = ["" if _is_unnamed(each) else str(each) for each in rows]
            lower = rows.iloc[0].str.strip().tolist() if len(rows) > 1 else []
            found = merged(upper, lower) if "" in lower else []
            if found and any(upper):
                more = {"names": found, "header_row": row + 1}
                return _table(path, name, {**keys, **more}), more
    return table, {}


def _is_unnamed(heading: object) -> bool:
    """Tell whether a column has no name of its own."""
    return not str(heading).strip() or str(heading).startswith("(")


def _is_title(table: Table) -> bool:
    """Tell whether the headings are few for the rows below: cells or columns without a name."""
    names = [str(name).strip() for name in table.rows.columns]
    unnamed = sum(map(_is_unnamed, names))
    broken = len(table.broken)
    alone = len(names) == 1 and table.geometry is None
    return alone or 2 * unnamed > len(names) or broken > len(table.rows)
