"""Guesses which kind of layer a file is: from its name, its shapes, its columns and its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.recipe.schema import (
    CLAUSE_VALUES,
    COUNTED,
    FRONTAGE,
    LAND_KINDS,
    MONITORING,
    SINGLE,
    SURVEY,
    ZONE,
)
from layers.suggest.columns import allowed_columns, guess_columns
from layers.suggest.guesses import Reason
from layers.suggest.vocabulary import best_fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.suggest.columns import Values
    from layers.suggest.places import Place
    from layers.suggest.vocabulary import Vocabulary

COMMUNITIES, RESIDENTS, ISSUES, STREETS = "communities", "residents", "issues", "streets"
UNPLACED = (ISSUES, SURVEY, CLAUSE_VALUES)
"""Kinds whose rows need no place."""
_OF_SURVEY = {"asked_at", "topic", "area", *COUNTED, *SINGLE}
_OF_ISSUES = {"reported_at", "category", "closed_at", "due_at", "status", "unit"}
_OF_CLAUSES = {"clause", "value", "day"}
_OF_FRONTAGES = {"signed", "result", "checked_at", "frontage_m"}
_OF_MONITORING = {
    "indicator",
    "sampled_at",
    "value",
    "limit",
    "upper_limit",
    "value_unit",
    "result",
}
_BY_NAME, _BY_VALUE = 0.55, 0.5
_MANY = 30
_TELLING = 0.5


@dataclass(frozen=True)
class KindGuess:
    """A kind of layer, how sure it is, and why."""

    kind: str
    confidence: float
    reasons: tuple[Reason, ...]


def guess_kind(
    words: str,
    rows: Mapping[str, Values],
    place: Place,
    *,
    count: int,
    types: Mapping[str, Mapping[str, str]],
    vocabulary: Vocabulary,
) -> KindGuess:
    """Guess the kind of a layer; `types` are the columns of each kind of facility."""
    scores: dict[str, float] = {}
    reasons: dict[str, list[Reason]] = {}

    def add(kind: str, score: float, reason: Reason) -> None:
        if score > 0:
            scores[kind] = scores.get(kind, 0.0) + score
            reasons.setdefault(kind, []).append(reason)

    for kind, phrases in vocabulary.layers.items():
        fitting, phrase = best_fit(words, phrases)
        add(kind, _BY_NAME * fitting, Reason("kind_name", {"word": phrase}))
        column, share = _told_by_values(rows, phrases)
        if kind in types:
            add(kind, _BY_VALUE * share, Reason("kind_values", {"heading": column}))
    for kind, score, reason in _by_content(rows, place, count, types, vocabulary):
        add(kind, score, reason)
    possible = {kind: score for kind, score in scores.items() if _possible(kind, place, types)}
    if not possible:
        return KindGuess("", 0.0, ())
    kind = max(possible, key=lambda each: possible[each])
    rivals = [score for other, score in possible.items() if other != kind]
    sure = min(0.99, possible[kind]) - max(0.0, max(rivals, default=0.0) - possible[kind] + 0.1)
    return KindGuess(kind, round(max(sure, 0.0), 2), tuple(reasons[kind]))


def _possible(kind: str, place: Place, types: Mapping[str, Mapping[str, str]]) -> bool:
    if kind in {COMMUNITIES, ZONE, *LAND_KINDS}:
        return place.shapes == "areas"
    if kind in {STREETS, FRONTAGE}:
        return place.shapes == "lines" or (kind == FRONTAGE and place.shapes in {"points", ""})
    if kind in {SURVEY, CLAUSE_VALUES}:
        return place.shapes == ""
    if kind == ISSUES:
        return place.shapes in {"points", ""}
    if kind in types:
        return place.shapes in {"points", "areas", ""}
    return kind != RESIDENTS or place.shapes in {"points", "areas"}


def _told_by_values(rows: Mapping[str, Values], phrases: tuple[str, ...]) -> tuple[str, float]:
    """Find a column most of whose cells name the kind."""
    for name, values in rows.items():
        if not 0 < values.kinds <= _MANY or values.numeric > _TELLING:
            continue
        counts = values.text.value_counts()
        told = [text for text in counts.index if best_fit(text, phrases)[0] >= _TELLING]
        share = float(counts[told].sum() / counts.sum())
        if share > _TELLING:
            return name, share
    return "", 0.0


def _by_content(
    rows: Mapping[str, Values],
    place: Place,
    count: int,
    types: Mapping[str, Mapping[str, str]],
    vocabulary: Vocabulary,
) -> list[tuple[str, float, Reason]]:
    """Tell what the shapes and the columns speak for."""
    columns = {
        kind: _sure_columns(kind, rows, place, types, vocabulary)
        for kind in (
            *(COMMUNITIES, RESIDENTS, ISSUES, SURVEY, CLAUSE_VALUES, FRONTAGE, MONITORING),
            *types,
        )
    }
    found = _by_shapes(place, named="name" in columns[COMMUNITIES])
    if "population" in columns[RESIDENTS] and place.how and count > _MANY:
        found.append((RESIDENTS, 0.45, _columns("population")))
    told = columns[ISSUES] & _OF_ISSUES
    if "reported_at" in told:
        found.append((ISSUES, 0.3 + 0.12 * (len(told) - 1), _columns(*sorted(told))))
    told = columns[SURVEY] & _OF_SURVEY
    if told >= {*COUNTED} or told >= {SINGLE[0], "topic"}:
        found.append((SURVEY, 0.35 + 0.12 * (len(told) - 1), _columns(*sorted(told))))
    told = columns[CLAUSE_VALUES] & _OF_CLAUSES
    if told >= {"clause", "value"}:
        found.append((CLAUSE_VALUES, 0.3 + 0.15 * len(told), _columns(*sorted(told))))
    told = columns[FRONTAGE] & _OF_FRONTAGES
    if len(told) > 1:
        found.append((FRONTAGE, 0.3 + 0.15 * len(told), _columns(*sorted(told))))
    told = columns[MONITORING] & _OF_MONITORING
    if "sampled_at" in told and len(told) > 1:
        found.append((MONITORING, 0.3 + 0.15 * len(told), _columns(*sorted(told))))
    for kind, own in types.items():
        told = columns[kind] & {*own, "status"}
        if place.shapes == "points" and "name" in columns[kind]:
            listed = _columns("name", *sorted(told))
            found.append((kind, min(0.15 + 0.05 * len(told), 0.3), listed))
    return found


def _by_shapes(place: Place, *, named: bool) -> list[tuple[str, float, Reason]]:
    reason = Reason("kind_shapes", {"shapes": place.shapes})
    if place.shapes == "lines":
        return [(STREETS, 0.6, reason)]
    if place.shapes != "areas":
        return []
    others = [(kind, 0.1, reason) for kind in (*LAND_KINDS, ZONE)]
    return [(COMMUNITIES, 0.35 if named else 0.25, reason), *others]


def _sure_columns(
    kind: str,
    rows: Mapping[str, Values],
    place: Place,
    types: Mapping[str, Mapping[str, str]],
    vocabulary: Vocabulary,
) -> set[str]:
    """Name our columns that a file has for sure, were it of a kind."""
    guesses = guess_columns(
        rows,
        allowed_columns(kind, types),
        types=types.get(kind, {}),
        vocabulary=vocabulary,
        ignored=[column.theirs for column in place.columns],
    )
    return {guess.ours for guess in guesses if guess.sure}


def _columns(*names: str) -> Reason:
    return Reason("kind_columns", {"columns": names})
