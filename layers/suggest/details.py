"""Guesses what cells mean: the form of times, and what stands for our values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layers.cleaning.times import understand_times
from layers.cleaning.values import NO, SHOWN, YES, says_nothing
from layers.recipe.schema import FRONTAGE, MONITORING, SURVEY
from layers.suggest.columns import TIMES
from layers.suggest.guesses import SURE, ColumnGuess, Reason
from layers.suggest.vocabulary import known_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.suggest.columns import Values
    from layers.suggest.vocabulary import Vocabulary

ISSUES = "issues"
_ISO = r"\d{4}-\d\d-\d\d([T ]\d\d:?\d\d.*)?"
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M:%S %p", " %I:%M %p")
_DAYS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d")
_DAY_MONTH = {"%m/%d/%Y": "%d/%m/%Y", "%m-%d-%Y": "%d-%m-%Y"}
_MOST = 0.95
_UNSURE = 0.5
_MONTH_FIRST = ("America/", "US/", "Pacific/Honolulu")
"""Zones in which dates mostly have the month first."""


def form_of_times(
    columns: Sequence[ColumnGuess], rows: Mapping[str, Values], *, zone: str
) -> tuple[str, tuple[Reason, ...], bool]:
    """Find the form of a layer's times; whether it is certain, and what to say of it."""
    timed = [rows[guess.theirs] for guess in columns if guess.ours in TIMES]
    texts = [values.text.head(1000) for values in timed if not values.clock]
    text = pd.concat(texts, ignore_index=True) if texts else pd.Series([], dtype="str")
    text = text[~says_nothing(text)].reset_index(drop=True)
    if text.empty or text.str.fullmatch(_ISO).mean() >= _MOST:
        return "", (), True
    if text.str.fullmatch(r"\d{6,7}").mean() >= _MOST:
        return "roc", (Reason("times_roc", {"found": text.iloc[0]}),), True
    forms = [day + clock for day in _DAYS for clock in _CLOCKS]
    fitting = [form for form in forms if _share(text, form) >= _MOST]
    if not fitting:
        return _as_written(text)
    return _ordered(fitting, text, zone)


def _share(text: pd.Series[str], form: str) -> float:
    return float(pd.to_datetime(text, format=form, errors="coerce").notna().mean())


def _as_written(text: pd.Series[str]) -> tuple[str, tuple[Reason, ...], bool]:
    understood = understand_times(text, how="", zone="UTC")
    read = float(understood.times.notna().mean())
    if read >= _MOST:
        return "", (Reason("times_by_form", {"found": text.iloc[0]}),), True
    first = str(text[understood.times.isna()].iloc[0])
    return "", (Reason("times_unread", {"found": first, "share": 1 - read}),), read > 0.5  # noqa: PLR2004


def _ordered(
    fitting: list[str], text: pd.Series[str], zone: str
) -> tuple[str, tuple[Reason, ...], bool]:
    """Choose of day and month first, where both can be read: the zone's habit, and it is told."""
    form = fitting[0]
    day = form.split(" ", maxsplit=1)[0]
    other = form.replace(day, _DAY_MONTH.get(day, day))
    if other == form or other not in fitting:
        return form, (Reason("times_form", {"form": form, "found": text.iloc[0]}),), True
    month_first = zone.startswith(_MONTH_FIRST)
    chosen = form if month_first else other
    facts = {"found": text.iloc[0], "form": chosen, "other": other if month_first else form}
    return chosen, (Reason("times_ambiguous", facts),), False


def value_maps(
    kind: str,
    columns: Sequence[ColumnGuess],
    rows: Mapping[str, Values],
    *,
    types: Mapping[str, str],
    vocabulary: Vocabulary,
) -> tuple[dict[str, dict[str, str]], list[ColumnGuess], list[Reason]]:
    """Find what stands for our values; a column none of whose values is known is unsure."""
    maps: dict[str, dict[str, str]] = {}
    doubts: list[Reason] = []
    checked: list[ColumnGuess] = []
    for guess in columns:
        known = _group(kind, guess.ours, types, vocabulary)
        if known is None:
            checked.append(guess)
            continue
        found, unknown = _map(rows[guess.theirs].text, known, flag=types.get(guess.ours) == "flag")
        if found:
            maps[guess.ours] = found
        if unknown:
            facts = {"heading": guess.theirs, "ours": guess.ours, "found": _listed(unknown)}
            doubts.append(Reason("values_unknown", facts))
        known_none = bool(unknown) and not found
        sure = min(guess.confidence, _UNSURE) if known_none else guess.confidence
        checked.append(replace(guess, confidence=sure))
        if sure < SURE:
            maps.pop(guess.ours, None)
    return maps, checked, doubts


def _group(
    kind: str, ours: str, types: Mapping[str, str], vocabulary: Vocabulary
) -> Mapping[str, tuple[str, ...]] | None:
    if ours == "status":
        return vocabulary.cells["issue_status" if kind == ISSUES else "status"]
    if kind == SURVEY and ours == "answer":
        return vocabulary.cells["answer"]
    if kind in {FRONTAGE, MONITORING} and ours in {"signed", "result"}:
        return vocabulary.cells[ours]
    return vocabulary.cells["flag"] if types.get(ours) == "flag" else None


def _map(
    text: pd.Series[str], known: Mapping[str, tuple[str, ...]], *, flag: bool
) -> tuple[dict[str, str], list[str]]:
    values = list(text.value_counts().index)
    if flag and _are_counts(values):
        return {"0": "no", "*": "yes"}, []
    found = {value: ours for value in values if (ours := known_value(value, known))}
    understood = {*YES, *NO} if flag else set(known)
    unknown = [v for v in values if v not in found and v.casefold() not in understood]
    return {v: ours for v, ours in found.items() if v != ours}, unknown


def _are_counts(values: list[str]) -> bool:
    """Tell whether a flag is a number of things, of which 0 is none."""
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float)
    return bool(len(numbers)) and bool(np.isfinite(numbers).all()) and bool((numbers > 1).any())


def _listed(values: list[str]) -> str:
    more = f" … ({len(values)})" if len(values) > SHOWN else ""
    return ", ".join(value[:40] for value in values[:SHOWN]) + more


def merged(keys: Mapping[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Add keys of the recipe that say something."""
    return {**keys, **{key: value for key, value in more.items() if value}}
