"""Finds tables that belong to a layer: people and names by a code, places by a name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from layers.places.names import plain_name
from layers.suggest.columns import guess_columns
from layers.suggest.guesses import Reason
from layers.suggest.kinds import COMMUNITIES, ISSUES, RESIDENTS, KindGuess
from layers.suggest.vocabulary import best_fit, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from layers.suggest.columns import Values
    from layers.suggest.found import Found, Known
    from layers.suggest.vocabulary import Vocabulary

_MOST = 0.8
_UNIQUE = 0.98
_YEARS = (1900, 2100)
_FEWEST = 3
"""Values from which on a match of two columns is no chance."""
_NUMERIC = 0.9
_ALIKE, _UNLIKE = 0.97, 0.9
"""How sure a key is whose columns are called alike, and another, if all of it is found."""
_KEYS = ("id", "name", "community", "parent")
"""Columns of ours by whose words a heading is known for a key."""
_NAMED = 0.6
_GROUPS = ("population", "children", "elderly", "women", "disabled", "low_income", "income")


@dataclass(frozen=True)
class Key:
    """
    Columns by which two tables belong together.

    Attributes
    ----------
    theirs, other
        The column of the layer, and that of the table.
    share
        Of the layer's values that the table has.
    where
        Rows of the table that count, such as those of the latest year.
    alike
        Whether the two are called alike.
    """

    theirs: str
    other: str
    share: float
    where: Mapping[str, str]
    alike: bool

    @property
    def sure(self) -> float:
        """How sure it is that the two mean the same."""
        return round(self.share * (_ALIKE if self.alike else _UNLIKE), 2)


@dataclass(frozen=True)
class Join:
    """A table that a layer looks up: in which file, by what, which of our columns it gives."""

    table: Found
    key: Key
    columns: Mapping[str, str]

    def keys(self) -> dict[str, Any]:
        """Write it as the recipe states it, with the form of the table's places."""
        sample, where = self.table.sample, {n: [text] for n, text in self.key.where.items()}
        join = {"file": sample.name, **sample.keys, "on": {self.key.theirs: self.key.other}}
        join |= {"columns": dict(self.columns), **({"where": where} if where else {})}
        if self.key.share < 1 and not self.places:  # who is not found there is unknown, not lost
            join["default"] = dict.fromkeys(self.columns.values(), "")
        return {"join": join, **(self.table.place.keys if self.places else {})}

    @property
    def places(self) -> bool:
        """Whether it gives where things are."""
        return not {"lon", "x", "position"}.isdisjoint(self.columns.values())

    @property
    def reason(self) -> Reason:
        """Why it is believed."""
        return Reason(
            "join",
            {
                "file": self.table.sample.name,
                "theirs": self.key.theirs,
                "other": self.key.other,
                "found_share": self.key.share,
                "sure": self.key.sure,
                "given": tuple(self.columns.values()),
            },
        )


def joined_layer(
    found: Found, others: Sequence[Found], communities: Found | None, known: Known
) -> tuple[Found, Join | None]:
    """Look for the table that gives a file what it lacks; the file may be of another kind by it."""
    tables = [each for each in others if each.is_table and each is not found]
    if found.place.shapes == "areas":
        return _areas(found, tables, communities, known)
    if found.kind.kind == ISSUES:
        return found, None if found.place.how else _community(found, tables, communities, known)
    if not found.place.how and found.kind.kind in known.kinds:
        return found, _placed(found, [each for each in others if each is not found], known)
    return found, None


def _areas(
    found: Found, tables: Sequence[Found], communities: Found | None, known: Known
) -> tuple[Found, Join | None]:
    """Look for the people of areas in a table beside them, and for the names of communities."""
    if found is not communities and found.kind.kind not in {RESIDENTS, COMMUNITIES}:
        return found, None
    wanted = ["population"] if found is communities else [*_GROUPS]
    wanted += ["name", "parent"] if found is communities else []
    wanted = [ours for ours in wanted if not _has(found.rows, ours, known.vocabulary)]
    for table in tables:
        join = _best(found, table, wanted, known.vocabulary)
        if join is None or (found is not communities and "population" not in join.columns.values()):
            continue
        if found is communities or found.stated.kind is not None:
            return found, join
        people = Reason("kind_joined", {"file": table.sample.name})
        return replace(found, kind=KindGuess(RESIDENTS, 0.75, (people,))), join
    return found, None


def _has(rows: Mapping[str, Values], ours: str, vocabulary: Vocabulary) -> bool:
    if ours == "population":
        return bool(population_column(rows, vocabulary, but=""))
    return any(guess.sure for guess in guess_columns(rows, [ours], types={}, vocabulary=vocabulary))


def _best(found: Found, table: Found, wanted: Sequence[str], vocabulary: Vocabulary) -> Join | None:
    """Join a table by its best key, if it gives anything that is wanted."""
    key = find_key(found.rows, table.rows, vocabulary)
    if key is None:
        return None
    rest = {name: values for name, values in table.rows.items() if name != key.other}
    given = {}
    if "population" in wanted and (people := population_column(rest, vocabulary, but=key.theirs)):
        given[people] = "population"
    others = [ours for ours in wanted if ours != "population"]
    guesses = guess_columns(rest, others, types={}, vocabulary=vocabulary, ignored=given)
    given |= {guess.theirs: guess.ours for guess in guesses if guess.sure}
    return Join(table, key, given) if given else None


def _community(
    found: Found, tables: Sequence[Found], communities: Found | None, known: Known
) -> Join | None:
    """Look for the table that says which community the codes of a register mean."""
    if communities is None:
        return None
    names = _names_of(communities)
    if any(_named(values, names) >= _MOST for values in found.rows.values()):
        return None
    for table in tables:
        key = find_key(found.rows, table.rows, known.vocabulary)
        if key is None:
            continue
        shares = {n: _named(v, names) for n, v in table.rows.items() if n != key.other}
        column = max(shares, key=lambda name: shares[name], default="")
        if column and shares[column] >= _MOST:
            return Join(table, key, {column: "community"})
    return None


def _names_of(communities: Found) -> set[str]:
    """Take whatever a community may be called: every text of its file that tells rows apart."""
    told = [v.every for v in communities.rows.values() if v.distinct > _MOST]
    return {name for text in told for name in map(plain_name, text.unique()) if name}


def _named(values: Values, names: set[str]) -> float:
    """Tell which share of the different texts of a column names a community."""
    texts = {name for name in map(plain_name, values.every.unique()) if name}
    return len(texts & names) / len(texts) if len(texts) >= _FEWEST else 0.0


def _placed(found: Found, others: Sequence[Found], known: Known) -> Join | None:
    """Look for the list that says where the named things are."""
    joins = [
        Join(each, key, {column.theirs: column.ours for column in each.place.columns})
        for each in others
        if each.place.how == "columns" and all(column.sure for column in each.place.columns)
        if (key := find_key(found.rows, _without_place(each), known.vocabulary))
    ]
    return max(joins, key=lambda join: join.key.sure, default=None)


def _without_place(found: Found) -> dict[str, Values]:
    places = {column.theirs for column in found.place.columns}
    return {name: values for name, values in found.rows.items() if name not in places}


def find_key(
    rows: Mapping[str, Values], table: Mapping[str, Values], vocabulary: Vocabulary
) -> Key | None:
    """Find the columns whose values tell which row of a table belongs to a row of a layer."""
    years = _latest_year(table)
    best: Key | None = None
    for theirs, values in rows.items():
        wanted = set(values.every[values.every != ""].unique())
        if len(wanted) < _FEWEST or not _may_be_key(theirs, values, vocabulary):
            continue
        for other, there in table.items():
            share = len(wanted & set(there.every.unique())) / len(wanted)
            key = Key(theirs, other, share, {}, plain(theirs) == plain(other))
            if share < _MOST or (best and key.sure <= best.sure):
                continue
            where = _selected(there, years, table)
            if where is not None:
                best = replace(key, where=where)
    return best


def _may_be_key(heading: str, values: Values, vocabulary: Vocabulary) -> bool:
    """Tell whether a column may name rows of another table; a number only if it is called so."""
    if values.numeric <= _NUMERIC or values.distinct >= _UNIQUE:
        return True
    return any(best_fit(heading, vocabulary.columns[ours])[0] >= _NAMED for ours in _KEYS)


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


def population_column(table: Mapping[str, Values], vocabulary: Vocabulary, *, but: str) -> str:
    """Find the column of a table that counts people; empty if none does for sure."""
    found = [
        (best_fit(name, vocabulary.columns["population"])[0], -place, name)
        for place, (name, values) in enumerate(table.items())
        if values.numeric > _MOST and name != but
    ]
    score, _, name = max(found, default=(0.0, 0, ""))
    return name if score >= _NAMED else ""
