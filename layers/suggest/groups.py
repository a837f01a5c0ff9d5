"""Tells what belongs to one facility, and what of residents is a share and no number of people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.model.contracts import GROUPS
from layers.suggest.guesses import ColumnGuess, Reason
from layers.suggest.vocabulary import best_fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from layers.suggest.columns import Values

_ONE_OF = 0.7
"""So few places for the rows, at most, where rows are pieces of them."""
_FEWEST = 3
_UNSURE, _GROUPED = 0.5, 0.8
_PLACE = ("lon", "lat", "x", "y", "position")


def group_of(
    rows: pd.DataFrame, columns: Sequence[ColumnGuess], join: Mapping[str, Any], *, counted: str
) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    """Find the rows that are one facility: alike in name and place, and unlike in the rest."""
    names = [guess.theirs for guess in columns if guess.sure and guess.ours == "name"]
    places = [guess.theirs for guess in columns if guess.sure and guess.ours in _PLACE]
    looked_up = not set(_PLACE).isdisjoint(join.get("columns", {}).values())
    if not (looked_up or (names and places)):
        return {}, ()
    pieces = rows.drop_duplicates()
    if looked_up and names and pieces[names[0]].nunique() > _ONE_OF * len(pieces):
        return {}, ()  # each has a name of its own
    # else what is where another list says is one facility with all that is there
    by = [*join["on"]] if looked_up else [names[0], *dict.fromkeys(places)]
    count = len(pieces[by].drop_duplicates())
    if len(pieces) < _FEWEST or count > _ONE_OF * len(pieces):
        return {}, ()
    free = counted if all(guess.ours != counted for guess in columns if guess.sure) else ""
    facts = {"by": ", ".join(by), "rows": len(pieces), "facilities": count}
    doubt = Reason("grouped", {**facts, "ours": free}) if free else Reason("grouped_plain", facts)
    return {"by": by, **({"count": free} if free else {})}, (doubt,)


def named_by_place(columns: Sequence[ColumnGuess], group: Mapping[str, Any]) -> list[ColumnGuess]:
    """Call facilities whose rows are pieces by what they are grouped by, and not by a piece."""
    by = group["by"][0] if group else ""
    if not by or any(guess.theirs == by and guess.ours == "name" for guess in columns):
        return list(columns)
    rest = [guess for guess in columns if guess.ours != "name" and guess.theirs != by]
    reason = Reason("column_grouping", {"heading": by, "ours": "name"})
    return [*rest, ColumnGuess(by, "name", _GROUPED, reason)]


def without_shares(
    columns: Sequence[ColumnGuess], rows: Mapping[str, Values], words: Sequence[str]
) -> tuple[list[ColumnGuess], tuple[Reason, ...]]:
    """Take no share of a group for a number of people, and say so; `words` tell a share."""
    checked: list[ColumnGuess] = []
    doubts: list[Reason] = []
    for guess in columns:
        if guess.ours in GROUPS and guess.sure and _is_share(guess.theirs, rows, words):
            facts = {"heading": guess.theirs, "ours": guess.ours}
            doubts.append(Reason("group_is_share", facts))
            checked.append(replace(guess, confidence=_UNSURE))
        else:
            checked.append(guess)
    return checked, tuple(doubts)


def _is_share(heading: str, rows: Mapping[str, Values], words: Sequence[str]) -> bool:
    """Tell a share by its heading, or by numbers up to 1 that are not whole."""
    if "%" in heading or best_fit(heading, words)[0] > 0:
        return True
    if heading not in rows:
        return False
    numbers = rows[heading].numbers
    numbers = numbers[np.isfinite(numbers)]
    return bool(len(numbers)) and bool(numbers.max() <= 1) and bool((numbers % 1 > 0).any())
