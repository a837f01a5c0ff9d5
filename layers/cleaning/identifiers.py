"""Gives rows their identifiers, and finds rows and identifiers that stand twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.model.errors import IdentifierError
from layers.cleaning.values import says_nothing
from layers.texts.proofs import all_differ, casefolded, is_filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer

_AS_POWER = r"\d(?:[.,]\d+)?[eE]\+\d\d"
_LONG = r"\d{16,}"
_ROUNDED = r"\d{15}0+"
"""A spreadsheet program keeps 15 digits of a number."""
_FEW, _MOST = 3, 0.5
"""So many rows, and more than such a share, may not be lost to one column."""
_SPELLED = 1_000
"""Rows of repeated identifiers whose differences are spelled out."""


def identify(
    layer: Layer, *, keep_twice: bool, parts: NDArray[np.bool_] | None = None
) -> pd.Index[str]:
    """Give every row its identifier; rows that are parts of an earlier one keep its own."""
    ours, account = layer.ours, layer.account
    given = ours["id"] if "id" in ours else _made(layer)
    missing = ~is_filled(given)
    given = given.mask(missing, _made(layer)) if missing.any() else given
    if all_differ(casefolded(given)):
        account.labels = given
        account.repair(missing, "identifier_missing")
        return pd.Index(given, dtype="str")
    made = _made(layer)
    placeholder = given.duplicated(keep=False).to_numpy(dtype=bool) & says_nothing(given)
    missing = missing | placeholder
    given = given.mask(missing, made)
    destroyed = _destroyed(given)
    found = given[destroyed].iloc[0] if destroyed.any() else ""
    given = given.mask(destroyed, made)
    account.labels = given
    account.repair(missing, "identifier_missing")
    account.repair(destroyed, "identifier_destroyed", found=found)
    alike = given.where(account.alive).str.casefold().duplicated(keep=False)
    account.note((alike & ~given.duplicated(keep=False)).to_numpy(dtype=bool), "identifier_alike")
    twice = np.zeros(len(given), dtype=bool)
    twice[account.alive] = given[account.alive].duplicated().to_numpy(dtype=bool)
    if parts is not None:
        twice &= ~parts
    if keep_twice:
        account.repair(twice, "identifier_made_unique")
        given = given.mask(twice, given + "#" + made)
    else:
        _check_repeated(layer, given, twice)
        account.quarantine(twice, "identifier_twice", detail=_unlike(layer.ours, given, twice))
    identifiers: pd.Index[str] = pd.Index(given, dtype="str")
    return identifiers


def _check_repeated(layer: Layer, given: pd.Series[str], twice: NDArray[np.bool_]) -> None:
    """Refuse a column most of whose values repeat another: it numbers nothing."""
    count, total = int(twice.sum()), int(layer.account.alive.sum())
    if count < _FEW or count <= _MOST * total:
        return
    position = int(np.flatnonzero(twice)[0])
    theirs = next((name for name, ours in layer.recipe.columns.items() if "id" in ours), "id")
    found, row = given.iloc[position], layer.account.number(position)
    msg = (
        f"{layer.recipe.entry}: {count} of {total} rows repeat an identifier of {theirs!r} (such as"
        f" {found!r}, row {row})."
    )
    raise IdentifierError(
        msg,
        problem="identifiers_repeated",
        hint="Map the column that numbers the rows to `id`, or none: then rows are numbered.",
        entry=layer.recipe.entry,
        heading=theirs,
        ours="id",
        found=str(found)[:80],
        row=row,
        count=count,
        total=total,
    )


def _made(layer: Layer) -> pd.Series[str]:
    """Make an identifier of each row's number."""
    numbers = pd.Series(np.arange(1, len(layer.ours) + 1), index=layer.ours.index)
    return layer.recipe.id + "-" + numbers.astype("str")


def _destroyed(given: pd.Series[str]) -> NDArray[np.bool_]:
    """
    Find identifiers of which a spreadsheet program kept the first digits alone.

    It shows 330108202403050017 as 3.30108E+17 and saves it as 330108202403050000: what rows
    have in common then is no identifier.
    """
    if all_differ(given):
        return np.zeros(len(given), dtype=bool)
    short = given.str.fullmatch(_AS_POWER).to_numpy(dtype=bool)
    long = given.str.fullmatch(_LONG).to_numpy(dtype=bool)
    rounded = given.str.fullmatch(_ROUNDED).to_numpy(dtype=bool)
    lost = short | (long if (rounded == long).all() else short)
    return lost if given[lost].duplicated().any() else np.zeros(len(given), dtype=bool)


def further_parts(layer: Layer) -> NDArray[np.bool_]:
    """Find rows that repeat an earlier one in every column of ours, but not in geometry."""
    ours, account = layer.ours, layer.account
    parts = np.zeros(len(ours), dtype=bool)
    if "id" in ours:
        named = account.alive & (ours["id"] != "").to_numpy(dtype=bool)
        parts[named] = ours[named].duplicated().to_numpy(dtype=bool)
    return parts


def _unlike(
    ours: pd.DataFrame, given: pd.Series[str], twice: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Say for rows of one identifier in which of our columns they differ from the first."""
    detail = np.full(len(given), "", dtype=object)
    at = np.flatnonzero(twice)[:_SPELLED]
    if not len(at):
        return detail
    first = given.drop_duplicates()
    place = pd.Series(given.index.get_indexer(first.index), index=first)
    for position in at:
        one, other = ours.iloc[place[given.iloc[position]]], ours.iloc[position]
        differing = [name for name in ours if one[name] != other[name]]
        detail[position] = "; ".join(f"{name}: {one[name]} / {other[name]}" for name in differing)
    return detail


def quarantine_duplicates(layer: Layer) -> None:
    """Quarantine rows that repeat an earlier row in every column and in geometry."""
    rows, account = layer.table.rows, layer.account
    alike = account.alive.copy()
    if len(rows.columns):
        alike[alike] = rows[alike].duplicated(keep=False).to_numpy(dtype=bool)
    rows = rows[alike]
    if layer.table.geometry is not None:  # only of rows whose columns are alike does it decide
        rows = rows.assign(**{"\0geometry": shapely.to_wkb(layer.table.geometry[alike], hex=True)})
    duplicates = np.zeros(len(alike), dtype=bool)
    duplicates[alike] = rows.duplicated().to_numpy(dtype=bool)
    account.quarantine(duplicates, "row_twice")


def loaded_rows(
    frame: pd.DataFrame, identifiers: pd.Index[str], layer: Layer, *, index: str
) -> pd.DataFrame:
    """Take the rows that are loaded, under their identifiers."""
    alive = layer.account.alive
    if not alive.all():
        frame, identifiers = frame[alive], identifiers[alive]
    return frame.set_axis(pd.Index(identifiers, name=index, dtype="str"), axis=0)


def with_new_identifiers(frame: pd.DataFrame, layer: Layer, taken: pd.Index[str]) -> pd.DataFrame:
    """Put the layer's name before identifiers that an earlier layer of the city uses too."""
    clash = frame.index.isin(taken)
    if not clash.any():
        return frame
    layer.account.repair(layer.account.labelled(frame.index[clash]), "identifier_made_unique")
    renamed = frame.index.where(~clash, layer.recipe.id + ":" + frame.index)
    return frame.set_axis(renamed.rename(frame.index.name), axis=0)


def without_known(frame: pd.DataFrame, layer: Layer, taken: pd.Index[str]) -> pd.DataFrame:
    """Quarantine rows whose identifiers an earlier layer of the city has."""
    layer.account.quarantine(layer.account.labelled(taken), "identifier_twice")
    return frame[~frame.index.isin(taken)]
