"""Names of months in the languages of `data/months.toml`."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from layers.knowledge.standards import DATA
from layers.toml_entry import read_toml

if TYPE_CHECKING:
    from pathlib import Path

FILE = DATA / "months.toml"


def month_number(name: str) -> float:
    """
    Tell which month a name means, missing where it is none or may mean two.

    Examples
    --------
    >>> month_number("Febr."), month_number("août"), month_number("AOUT"), month_number("mei")
    (2.0, 8.0, 8.0, 5.0)
    """
    found = months_by_name().get(_plain(name), frozenset())
    return float(min(found)) if len(found) == 1 else float("nan")


@lru_cache
def months_by_name(path: Path = FILE) -> dict[str, frozenset[int]]:
    """List the months that each name may mean."""
    known: dict[str, frozenset[int]] = {}
    for months in read_toml(path.read_bytes(), entry=path.name).values():
        for number, names in enumerate(months, 1):
            for name in map(_plain, names.split()):
                known[name] = known.get(name, frozenset()) | {number}
    return known


def _plain(name: str) -> str:
    """Write a name without case, accents and the point of what is short."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFKC", bare).rstrip(".")
