"""Reads amounts and numbers of people, and tells what was assumed of their signs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from analysis.model.errors import SourceError
from layers.cleaning.numbers import may_be_thousands, proved_style, stated_style, to_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.cleaning.numbers import NumberStyle

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_MOST_PEOPLE = 1e10
_FEW, _MOST = 3, 0.5
"""A column so many and more than such a share of whose numbers of people are none is refused."""


def column_numbers(layer: Layer, column: str, *, whole: bool = False) -> Floats:
    """
    Read a column of ours, and tell what was assumed.

    Numbers of people come whole: where `1.234` may be thousands, `whole` refuses to guess.
    """
    text, recipe, account = layer.ours[column], layer.recipe, layer.account
    style = stated_style(recipe.decimal, recipe.thousands) or proved_style(
        text[account.alive], semicolons=layer.table.separator == ";"
    )
    numbers = to_numbers(text, style) * recipe.factors.get(column, 1.0)
    if not style.known:
        either = text.map(may_be_thousands).to_numpy(dtype=bool)
        if whole:
            raise _ambiguous(layer, column, either)
        found, sign = text[either].iloc[0], style.decimal
        account.note(either, "number_ambiguous", column=column, found=found, sign=sign)
    _note_signs(layer, text, style, numbers)
    return numbers


def people(layer: Layer) -> Floats:
    """Read numbers of people; what is none, or more than live on Earth, is missing."""
    text, account = layer.ours["population"], layer.account
    numbers = column_numbers(layer, "population", whole=True)
    numbers = np.where((numbers >= 0) & (numbers <= _MOST_PEOPLE), numbers, np.nan)
    written = account.alive & text.str.contains(r"\d", regex=True).to_numpy(dtype=bool)
    unread = written & np.isnan(numbers)
    if unread.sum() >= _FEW and unread.sum() > _MOST * written.sum():
        raise _unreadable(layer, text, unread, int(written.sum()))
    return numbers


def known_numbers(layer: Layer, column: str, *, least: float, most: float = np.inf) -> Floats:
    """Read a column of ours; what is no number from `least` to `most` is not known, and told."""
    text, numbers = layer.ours[column], column_numbers(layer, column)
    known = (numbers >= least) & (numbers <= most)
    unread = ~known & (text != "").to_numpy(dtype=bool)
    if (unread & layer.account.alive).any():
        found = text[unread].iloc[0]
        layer.account.repair(unread, "value_unreadable", column=column, found=found, type="number")
    return np.where(known, numbers, np.nan)


def _note_signs(layer: Layer, text: pd.Series[str], style: NumberStyle, numbers: Floats) -> None:
    """Tell of decimal commas that nobody stated, and of words and units that were read."""
    account, recipe = layer.account, layer.recipe
    read = np.isfinite(numbers) & account.alive
    if style.decimal == "," and style.known and not (recipe.decimal or recipe.thousands):
        commas = read & text.str.contains(",", regex=False).to_numpy(dtype=bool)
        if commas.any():
            found = text[commas].iloc[0]
            account.note(commas, "number_decimal_comma", column=text.name, found=found)
    if not text.str.isascii().all() or text.str.contains("[a-df-zA-DF-Z~]", regex=True).any():
        plain = text.str.fullmatch(r"[\s0-9.,+\-\u2212'\u2019eE\u00a0\u2009\u202f]*")
        worded = read & ~plain.to_numpy(dtype=bool)
        if worded.any():
            account.repair(worded, "number_worded", column=text.name, found=text[worded].iloc[0])


def _unreadable(layer: Layer, text: pd.Series[str], unread: Mask, total: int) -> SourceError:
    position, count = int(np.flatnonzero(unread)[0]), int(unread.sum())
    found, row = str(text.iloc[position]), layer.account.number(position)
    entry, column = layer.account.entry_of(position), layer.recipe.heading(str(text.name))
    msg = (
        f"{entry}: {count} of {total} values of {column} cannot be read as people"
        f" (such as {found!r}, row {row})."
    )
    return SourceError(
        msg,
        problem="numbers_unreadable",
        hint="Map the column that counts people to `population`, or state `decimal` or `thousands`;"
        " write ranges and words as one number.",
        entry=entry,
        column=column,
        ours=str(text.name),
        found=found,
        row=row,
        count=count,
        total=total,
    )


def _ambiguous(layer: Layer, column: str, either: Mask) -> SourceError:
    position = int(np.flatnonzero(either)[0])
    found = str(layer.ours[column].iloc[position])
    whole = re.sub(r"\D", "", found)
    row, heading = layer.account.number(position), layer.recipe.heading(column)
    entry = layer.account.entry_of(position)
    msg = (
        f"{entry}: {heading} {found} (row {row}) may be {whole} or a fraction; no value"
        " of the column proves which."
    )
    return SourceError(
        msg,
        problem="numbers_ambiguous",
        hint="State `thousands` or `decimal` of this layer in the recipe: the sign as it stands.",
        entry=entry,
        column=heading,
        ours=column,
        found=found,
        row=row,
        whole=whole,
    )
