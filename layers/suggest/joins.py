"""Finds tables that belong to a layer: population by a code, places by a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layers.suggest.vocabulary import best_fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from layers.suggest.columns import Values
    from layers.suggest.samples import Sample
    from layers.suggest.vocabulary import Vocabulary

_MOST = 0.8
_UNIQUE = 0.98
_YEARS = (1900, 2100)


@dataclass(frozen=True)
class Key:
    """Columns by which two tables belong together, and the share of the first that is found."""

    theirs: str
    other: str
    share: float
    where: Mapping[str, str]


def find_key(rows: Mapping[str, Values], table: Mapping[str, Values]) -> Key | None:
    """Find the columns whose values tell which row of a table belongs to a row of a layer."""
    years = _latest_year(table)
    best: Key | None = None
    for theirs, values in rows.items():
        wanted = set(values.every[values.every != ""].unique())
        if len(wanted) < 3 or values.distinct * len(values.every) < 3:  # noqa: PLR2004
            continue
        for other, there in table.items():
            share = len(wanted & set(there.every.unique())) / len(wanted)
            if share < _MOST or (best and share <= best.share):
                continue
            where = _selected(there, years, table)
            if where is not None:
                best = Key(theirs, other, share, where)
    return best


def _latest_year(table: Mapping[str, Values]) -> tuple[str, str] | None:
    for name, values in table.items():
        years = values.text[values.text.str.fullmatch(r"\d{4}")]
        low, high = _YEARS
        if len(years) == len(values.text) > 0 and years.between(str(low), str(high)).all():
            return name, str(values.every.max())
    return None


def _selected(
    key: Values, year: tuple[str, str] | None, table: Mapping[str, Values]
) -> dict[str, str] | None:
    """Select rows so that each key stands once: all of them, or those of the latest year."""
    if key.distinct >= _UNIQUE:
        return {}
    if year is None:
        return None
    column, latest = year
    chosen: pd.Series[str] = key.every[table[column].every == latest]
    return {column: latest} if chosen.is_unique and len(chosen) else None


def population_column(
    table: Mapping[str, Values], vocabulary: Vocabulary, *, but: str
) -> tuple[str, float]:
    """Find the column of a table that counts people, and how sure that is."""
    found = [
        (best_fit(name, vocabulary.columns["population"])[0], -place, name)
        for place, (name, values) in enumerate(table.items())
        if values.numeric > _MOST and name != but
    ]
    score, _, name = max(found, default=(0.0, 0, ""))
    return (name, score) if score >= 0.6 else ("", 0.0)  # noqa: PLR2004


def join_of(sample: Sample, key: Key, columns: Mapping[str, str]) -> dict[str, Any]:
    """Write a join as the recipe states it."""
    where = {name: [value] for name, value in key.where.items()}
    join = {"file": sample.name, **sample.keys, "on": {key.theirs: key.other}}
    return {**join, "columns": dict(columns), **({"where": where} if where else {})}
