"""Words by which headings, file names and cells are known: `data/headings.toml`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from layers.knowledge.standards import DATA
from layers.languages import simplified
from layers.toml_entry import Entry, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from analysis.model.standards import Kind

TABLES = ("columns", "layers", "values", "standard", "zones", "parts")
OTHERWISE = "otherwise"
_ACCENTS = re.compile("[\u0300-\u036f]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHORT = 4
"""Letters from which on a word is known at the end of a longer one, such as `ntaname`."""


@dataclass(frozen=True)
class Vocabulary:
    """
    The words, in plain form.

    Attributes
    ----------
    columns
        By our column.
    layers
        By kind of layer.
    cells
        By our column, then by our value.
    standard
        Standard shown first, by time zone.
    zones
        By language, the zone meant where that of the nearest chief town is another.
    parts
        Words of headings that count a part of people or places.
    """

    columns: Mapping[str, tuple[str, ...]]
    layers: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, Mapping[str, tuple[str, ...]]]
    standard: Mapping[str, str]
    zones: Mapping[str, Mapping[str, str]]
    parts: tuple[str, ...]

    def is_part(self, heading: str, phrase: str) -> bool:
        """Tell whether a heading counts a part of what a phrase means, as `女厕蹲位` of `蹲位`."""
        return any(fit(plain(heading), word) and not fit(phrase, word) for word in self.parts)


def load_vocabulary(kinds: Mapping[str, Kind], path: Path = DATA / "headings.toml") -> Vocabulary:
    """Read the words; a kind of facility is known by its own names as well."""
    entry = Entry(read_toml(path.read_bytes(), entry=path.name), path.name, TABLES)
    layers = _phrases(entry, "layers")
    names = {kind.id: (kind.id, *kind.name.values()) for kind in kinds.values()}
    for kind, own in names.items():
        layers[kind] = tuple(dict.fromkeys((*layers.get(kind, ()), *map(plain, own))))
    values = Entry(entry.mapping("values"), f"{path.name}: values", entry.mapping("values"))
    zones = Entry(entry.mapping("zones"), f"{path.name}: zones", entry.mapping("zones"))
    return Vocabulary(
        columns=_phrases(entry, "columns"),
        layers=layers,
        cells={column: _phrases(values, column) for column in values.table},
        standard=entry.text_mapping("standard"),
        zones={language: zones.text_mapping(language) for language in zones.table},
        parts=_flat(entry.list_mapping("parts").values()),
    )


def _phrases(entry: Entry, key: str) -> dict[str, tuple[str, ...]]:
    """Take the words of every language together, in plain form, each once."""
    table = entry.mapping(key)
    inner = Entry(table, f"{entry.name}: {key}", table)
    return {name: _flat(inner.list_mapping(name).values()) for name in table}


def _flat(languages: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(word) for words in languages for word in words))


@lru_cache(maxsize=1 << 14)
def plain(text: str) -> str:
    """
    Write a heading as words alone: case, accents, humps and signs do not matter.

    Examples
    --------
    >>> plain("ParkName"), plain("Año_de Creación"), plain("公厕名称（必填）")
    ('park name', 'ano de creacion', '公厕名称 必填')
    """
    parted = _HUMP.sub(" ", text)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", parted))
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", bare).casefold())
    return " ".join(words)


def fit(heading: str, phrase: str) -> float:
    """
    Tell how well a heading fits a phrase, both plain, from 0 to 1.

    Examples
    --------
    >>> fit("name", "name"), fit("park name", "name"), fit("ntaname", "name"), fit("names", "name")
    (1.0, 0.85, 0.65, 0.0)
    """
    if not phrase or phrase not in heading:
        return 0.0
    if heading == phrase:
        return 1.0
    if _WIDE.search(phrase):
        return _fit_wide(heading, phrase)
    before, _, after = f" {heading} ".partition(f" {phrase} ")
    if before == f" {heading} ":
        return 0.65 if len(phrase) >= _SHORT and heading.endswith(phrase) else 0.0
    whole = {(False, True): 0.85, (True, False): 0.75}
    return whole.get((not before, not after), 0.7)


def _fit_wide(heading: str, phrase: str) -> float:
    """Fit a phrase of a script that does not part its words; a single sign says little."""
    long = len(phrase) > 1
    if heading.endswith(phrase):
        return 0.9 if long else 0.6
    if heading.startswith(phrase):
        return 0.75 if long else 0.3
    return 0.65 if long else 0.2


def best_fit(text: str, phrases: Iterable[str]) -> tuple[float, str]:
    """Find the phrase that fits best; of several that fit as well, the longest."""
    heading = simplified(plain(text))
    found = ((fit(heading, simplified(phrase)), len(phrase), phrase) for phrase in phrases)
    score, _, phrase = max(found, default=(0.0, 0, ""))
    return score, phrase


def known_value(text: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """Find our value that a cell's text means, or nothing."""
    cell = simplified(plain(text))
    return next((ours for ours, phrases in values.items() if cell in map(simplified, phrases)), "")
