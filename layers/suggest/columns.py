"""Guesses which column of theirs is which of ours, from headings and from values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.model.contracts import HANDLED, TIME_COLUMNS
from layers.cleaning.numbers import proved_style, to_numbers
from layers.cleaning.times import parse_times
from layers.cleaning.values import says_nothing
from layers.recipe.schema import COLUMNS, COUNTED, FACILITY_COLUMNS
from layers.suggest.guesses import ColumnGuess, Reason
from layers.suggest.vocabulary import best_fit, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from layers.suggest.vocabulary import Vocabulary

    Floats = NDArray[np.float64]

LOOKED_AT = 3000
"""Rows whose values are looked at, spread over the file."""
TIMES = (*TIME_COLUMNS, HANDLED, "asked_at", "checked_at", "sampled_at", "day")
NUMBERS = {"number"}
_LEAST = 0.3
_ROC_DAY = r"\d{6,7}"
_COORDINATES = r"[A-Z\s(]*-?\d+\.\d+[,;\s]+-?\d+\.\d+\W*"
_CODE = r"[\w./-]{1,20}"
_BY_VALUES = 0.7
_OPEN = 0.5
"""Confidence in one of several columns of times, none of which is proved to be the earliest."""
_CLOCK = r"(?:[上下]午|午[前後]|오[전후])?\s*\d{1,2}\s*[:：时時点點시]\s*(?:\d{1,2}.*)?"
_PARTED = ("population", "stalls")
"""Columns that count all, beside which others count a part."""


@dataclass(frozen=True)
class Values:
    """
    The values of one column.

    Attributes
    ----------
    text
        Those that are not empty, of the rows looked at.
    rows
        Rows looked at.
    every
        All values of the column.
    """

    text: pd.Series[str]
    rows: int
    every: pd.Series[str]

    @cached_property
    def filled(self) -> float:
        """Share of rows with a value."""
        return len(self.text) / self.rows if self.rows else 0.0

    @cached_property
    def distinct(self) -> float:
        """Share of different values among those that there are, over the whole column."""
        filled = self.every[self.every != ""]
        return filled.nunique() / len(filled) if len(filled) else 0.0

    @cached_property
    def kinds(self) -> int:
        """How many different values there are."""
        return int(self.text.nunique())

    @cached_property
    def numbers(self) -> Floats:
        """The numbers among them, missing where a text is none."""
        return to_numbers(self.text, proved_style(self.text))

    @cached_property
    def numeric(self) -> float:
        """Share of numbers."""
        return float(np.isfinite(self.numbers).mean()) if len(self.text) else 0.0

    @cached_property
    def times(self) -> float:
        """Share of texts that are times in some form that people write."""
        if self.text.empty:
            return 0.0
        text = self.text.head(300)
        text = text[~says_nothing(text)]
        if text.empty:
            return 0.0
        days = text.str.fullmatch(_ROC_DAY).mean() > 0.9  # noqa: PLR2004
        read = parse_times(text, how="roc" if days else "", zone="UTC").notna()
        written = text.str.contains(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}", regex=True)
        return float((read | written).mean())

    @cached_property
    def clock(self) -> bool:
        """Whether all of them are hours of a day without a day."""
        return len(self.text) > 0 and bool(self.text.head(300).str.fullmatch(_CLOCK).all())

    @cached_property
    def moments(self) -> pd.Series[pd.Timestamp]:
        """The times of the first rows, missing where a text is none."""
        return parse_times(self.every.head(300), how="", zone="UTC")

    @cached_property
    def length(self) -> float:
        """Mean length."""
        return float(self.text.str.len().mean()) if len(self.text) else 0.0


def values_of(rows: pd.DataFrame) -> dict[str, Values]:
    """Take the values of every column."""
    step = max(1, len(rows) // LOOKED_AT)
    part = rows.iloc[::step]
    return {
        str(name): Values(text[text != ""], len(part), rows[name].str.strip())
        for name in rows
        for text in (part[name].str.strip(),)
    }


def _id(values: Values) -> float:
    sound = values.filled > 0.95 and values.length <= 40  # noqa: PLR2004
    return 1.0 if sound and values.distinct >= 0.995 else 0.0  # noqa: PLR2004


def _name(values: Values) -> float:
    if values.numeric > 0.5 or values.kinds < min(2, values.rows):  # noqa: PLR2004
        return 0.0
    return min(1.0, 0.6 + values.distinct / 2)


def _parent(values: Values) -> float:
    grouped = values.kinds > 1 and values.distinct <= 0.7  # noqa: PLR2004
    return 1.0 if grouped else 0.2


def _number(values: Values) -> float:
    return 1.0 if values.numeric >= 0.6 else 0.1  # noqa: PLR2004


def _time(values: Values) -> float:
    return 1.0 if values.times >= 0.5 else 0.1  # noqa: PLR2004


def _code(values: Values) -> float:
    return 1.0 if 0 < values.kinds <= 60 else 0.2  # noqa: PLR2004


def _category(values: Values) -> float:
    few = values.distinct <= 0.5 or values.kinds <= 20  # noqa: PLR2004
    return 1.0 if few and values.numeric < 0.9 and values.kinds else 0.2  # noqa: PLR2004


def _address(values: Values) -> float:
    places = values.text.head(100).str.fullmatch(_COORDINATES)
    return 0.2 if not len(places) or places.mean() > 0.5 else 1.0  # noqa: PLR2004


def _text(values: Values) -> float:
    return 1.0 if values.filled else 0.2


FITS: dict[str, Callable[[Values], float]] = {
    "id": _id, "name": _name, "name_en": _name, "name_zh": _name, "parent": _parent,
    "parent_en": _parent, "parent_zh": _parent,
    "population": _number, "category": _category, "status": _code, "stage": _code,
    "source_level": _code, "address": _address, "class": _code, "unit": _code,
    "signed": _code, "result": _code, "street": _parent, "frontage_m": _number,
    "network": _code, "indicator": _code, "value_unit": _code,
    **dict.fromkeys(TIMES, _time), "topic": _category, "answer": _code, "clause": _code,
    **dict.fromkeys((*COUNTED, "weight"), _number),
}  # fmt: skip
"""How well values fit a column of ours; any other only needs some."""


def allowed_columns(kind: str, types: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Name our columns of a kind, but for its place."""
    return COLUMNS.get(kind, (*FACILITY_COLUMNS, *types.get(kind, ())))


def guess_columns(
    rows: Mapping[str, Values],
    ours: Iterable[str],
    *,
    types: Mapping[str, str],
    vocabulary: Vocabulary,
    ignored: Iterable[str] = (),
) -> list[ColumnGuess]:
    """Pair columns of theirs with ours, the surest first, each once."""
    ignored, ours = set(ignored), tuple(ours)
    pairs = [
        guess
        for column in ours
        for theirs, values in rows.items()
        if theirs not in ignored
        and (guess := _pair(theirs, values, column, types.get(column, ""), vocabulary))
    ]
    pairs.sort(key=lambda pair: (-pair.confidence, -_told(pair), rows[pair.theirs].length))
    taken: list[ColumnGuess] = []
    for pair in pairs:
        if not any(pair.ours == other.ours or pair.theirs == other.theirs for other in taken):
            taken.append(_earliest_of(pair, pairs, rows) if pair.ours in TIMES else pair)
    return taken + _translations(taken, rows, ours)


def _earliest_of(
    pair: ColumnGuess, pairs: Iterable[ColumnGuess], rows: Mapping[str, Values]
) -> ColumnGuess:
    """Take of several times whose headings say as much the earliest; else none is sure."""
    alike = [
        other
        for other in pairs
        if other.ours == pair.ours
        and (other.confidence, _told(other)) == (pair.confidence, _told(pair))
    ]
    if len(alike) == 1:
        return pair
    first = _earliest([other.theirs for other in alike], rows)
    found = next((other for other in alike if other.theirs == first), None)
    return found or replace(pair, confidence=min(pair.confidence, _OPEN))


def _earliest(names: Sequence[str], rows: Mapping[str, Values]) -> str:
    """Name the column of times that is never after another one, and before it at least once."""
    for name in names:
        mine = rows[name].moments
        others = [rows[other].moments for other in names if other != name]
        if all((mine <= other)[mine.notna() & other.notna()].all() for other in others) and all(
            (mine < other).any() for other in others
        ):
            return name
    return ""


def _with_clock(found: list[ColumnGuess], rows: Mapping[str, Values]) -> list[ColumnGuess]:
    """Put the hour beside the day of a report, where they stand in two columns."""
    used = {guess.theirs for guess in found}
    clocks = [name for name, values in rows.items() if name not in used and values.clock]
    days = [guess for guess in found if guess.ours in TIMES and guess.sure]
    made = list(found)
    for day in days:
        own = [name for name in clocks if plain(name)[:2] == plain(day.theirs)[:2]]
        own = own or (clocks if len(days) == 1 else [])
        times = rows[day.theirs].moments.dropna() if day.theirs in rows else None
        whole = None if times is None else times.dt.tz_localize(None)
        if len(own) == 1 and whole is not None and (whole.dt.floor("D") == whole).all():
            facts = {"heading": own[0], "ours": day.ours, "day": day.theirs}
            made.append(
                ColumnGuess(own[0], day.ours, day.confidence, Reason("column_clock", facts))
            )
            clocks.remove(own[0])
    return made


def _translations(
    taken: Iterable[ColumnGuess], rows: Mapping[str, Values], ours: Collection[str]
) -> list[ColumnGuess]:
    """Pair `street_en` with `parent_en` where `street` is `parent`: its other language."""
    have = {pair.ours for pair in taken} | {pair.theirs for pair in taken}
    return [
        ColumnGuess(theirs, column, pair.confidence, Reason("column_heading", facts))
        for pair in taken
        for ending in ("_en", "_zh")
        for theirs, column in ((pair.theirs + ending, pair.ours + ending),)
        if theirs in rows and column in ours and have.isdisjoint({theirs, column})
        for facts in ({"heading": theirs, "word": pair.theirs, "ours": column},)
    ]


def _told(pair: ColumnGuess) -> int:
    """Tell how much of a heading was understood: `created date` says more than `date`."""
    return len(str(pair.reason.facts["word"]))


def _pair(
    theirs: str, values: Values, column: str, what: str, vocabulary: Vocabulary
) -> ColumnGuess | None:
    heading, phrase = best_fit(theirs, (*vocabulary.columns.get(column, ()), plain(column)))
    if heading < _LEAST or (column in _PARTED and vocabulary.is_part(theirs, phrase)):
        return None
    fitting = FITS.get(column, _number if what in NUMBERS else _text)(values)
    score = round(min(heading * fitting, 0.99), 2)
    if column == "id" and fitting == 1.0:
        score = min(score + 0.1, 0.99)
    if score < _LEAST:
        return None
    facts = {"heading": theirs, "word": phrase, "ours": column}
    return ColumnGuess(theirs, column, score, Reason("column_heading", facts))


def add_by_values(
    kind: str, found: list[ColumnGuess], rows: Mapping[str, Values]
) -> list[ColumnGuess]:
    """Find columns by their values where headings do not tell them."""
    have = {guess.ours for guess in found}
    used = {guess.theirs for guess in found}
    free = {name: values for name, values in rows.items() if name not in used}
    if kind == "issues" and "reported_at" not in have:
        timed = [name for name, values in free.items() if values.times > 0.9]  # noqa: PLR2004
        first = _earliest(timed, free) if len(timed) > 1 else ""
        guesses = _first([first] if first else timed, "reported_at", "column_times")
        if len(timed) > 1 and not first:
            guesses = [replace(guess, confidence=_OPEN) for guess in guesses]
        found = [*found, *guesses]
    if kind == "issues":
        return _with_clock(found, rows)
    if kind == "communities" and "id" not in have:
        found = [*found, *_first(_codes(free), "id", "column_distinct")]
        free = {name: values for name, values in free.items() if name != found[-1].theirs}
    if kind == "communities" and "name" not in have:
        found = [*found, *_first(_names(free), "name", "column_distinct")]
    if kind == "communities" and "parent" not in have:
        used = {guess.theirs for guess in found}
        free = {name: values for name, values in free.items() if name not in used}
        found = [*found, *_first(_parents(free), "parent", "column_grouping")]
    return found


def _codes(free: Mapping[str, Values]) -> list[str]:
    """Find columns that number the rows, those of whole numbers and the shortest first."""
    coded = {
        name: (bool(values.text.str.contains(".", regex=False).any()), values.length)
        for name, values in free.items()
        if values.filled == 1 and values.distinct == 1 and values.text.str.fullmatch(_CODE).all()
    }
    return sorted(coded, key=lambda name: coded[name])


def _names(free: Mapping[str, Values]) -> list[str]:
    named = [
        name
        for name, values in free.items()
        if values.filled > 0.9 and values.numeric < 0.1 and values.distinct >= 0.8  # noqa: PLR2004
    ]
    return sorted(named, key=lambda name: free[name].length)


def _parents(free: Mapping[str, Values]) -> list[str]:
    grouping = [
        name
        for name, values in free.items()
        if values.filled > 0.95 and values.numeric < 0.1  # noqa: PLR2004
        and values.kinds > 1 and values.distinct <= 0.5  # noqa: PLR2004
    ]  # fmt: skip
    return sorted(grouping, key=lambda name: -free[name].kinds)


def _first(names: list[str], ours: str, code: str) -> list[ColumnGuess]:
    if not names:
        return []
    confidence = _BY_VALUES if len(names) == 1 else 0.62
    reason = Reason(code, {"heading": names[0], "ours": ours})
    return [ColumnGuess(names[0], ours, confidence, reason)]
