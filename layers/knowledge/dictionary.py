"""The output dictionary, `data/dictionary.toml`: what every column we write means."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.languages import with_every_language

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).resolve().parents[2] / "data" / "dictionary.toml"


@dataclass(frozen=True)
class Unit:
    """
    A unit, and how its numbers are rounded in every file.

    Attributes
    ----------
    id
        Stable key.
    title
        By language; empty where the column's own title says enough.
    decimals, significant
        Decimals, or significant digits, that are written; both `None` for what is no number.
    format
        Number format of a workbook's cell.
    time
        Form in which days or moments are written, as `strftime` reads it; empty for others.
    """

    id: str
    title: Mapping[str, str]
    decimals: int | None = None
    significant: int | None = None
    format: str = ""
    time: str = ""

    @property
    def shown(self) -> tuple[int, bool]:
        """Decimals that a reader sees, as in a workbook's cell; whether all of them are written."""
        if self.significant is not None:
            return self.significant, False
        _, _, places = self.format.rstrip("%").partition(".")
        return len(places), "#" not in places


@dataclass(frozen=True)
class Column:
    """
    A column of a file we write.

    Attributes
    ----------
    id
        Its name in the file.
    title, definition
        By language.
    unit
        Of its values.
    codes
        `(title, meaning)` by language of every value allowed; empty if it is no code.
    """

    id: str
    title: Mapping[str, str]
    unit: Unit
    definition: Mapping[str, str]
    codes: Mapping[str, Mapping[str, tuple[str, str]]]

    def title_read(self, language: str) -> str:
        """Title of values as they are read: a share in percent needs no unit."""
        return self.title[language] if self.unit.id == "share" else self.heading(language)

    def heading(self, language: str) -> str:
        """Title with the unit."""
        title, unit = self.title[language], self.unit.title[language]
        if not unit:
            return title
        return f"{title}（{unit}）" if language != "en" else f"{title} ({unit})"


@dataclass(frozen=True)
class Table:
    """
    A table we write, as a file, a sheet or a layer.

    Attributes
    ----------
    id
        Stable key.
    title
        By language.
    files
        Where it is found.
    columns
        In their order.
    per_rule
        Columns repeated for every rule of the standard, if any.
    per_walk
        Columns repeated for every rule judged by walking distance, if any.
    key
        Names of the columns that tell one row from another; empty where nobody compares rows.
    """

    id: str
    title: Mapping[str, str]
    files: tuple[str, ...]
    columns: tuple[Column, ...]
    per_rule: tuple[Column, ...] = ()
    per_walk: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dictionary:
    """
    Everything that `data/dictionary.toml` says.

    Attributes
    ----------
    tables
        By identifier.
    labels
        Words of the workbook, by key and language.
    methods
        What the figures mean and leave out, by language, in the order of reading.
    """

    tables: Mapping[str, Table]
    labels: Mapping[str, Mapping[str, str]]
    methods: tuple[Mapping[str, str], ...]


@lru_cache(maxsize=4)
def load_dictionary(file: Path = FILE) -> Dictionary:
    """Read the output dictionary."""
    content = with_every_language(tomllib.loads(file.read_text(encoding="utf-8")))
    return Dictionary(
        tables={name: _table(name, entry, content) for name, entry in content["table"].items()},
        labels=content["label"],
        methods=tuple(content["method"].values()),
    )


def _table(name: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> Table:
    known = content["column"] | entry.get("column", {})

    def columns(names: list[str]) -> tuple[Column, ...]:
        return tuple(_column(each, known[each], content) for each in names)

    return Table(
        id=name,
        title=entry["title"],
        files=tuple(entry["files"]),
        columns=columns(entry["columns"]),
        per_rule=columns(entry.get("per_rule", [])),
        per_walk=columns(entry.get("per_walk", [])),
        key=tuple(entry.get("key", ())),
    )


def _column(name: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> Column:
    groups = entry.get("codes", [])
    groups = [groups] if isinstance(groups, str) else groups
    return Column(
        id=name,
        title=entry["title"],
        unit=Unit(entry["unit"], **content["unit"][entry["unit"]]),
        definition=entry["definition"],
        codes={
            value: {language: (pair[0], pair[1]) for language, pair in pairs.items()}
            for group in groups
            for value, pairs in content["code"][group].items()
        },
    )
