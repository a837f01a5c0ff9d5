"""Column mapping: a table as read into the columns of ours that the recipe names, as text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.model.errors import ColumnError, SourceError
from analysis.model.levels import LEVELS
from layers.cleaning.footers import leave_out_footers, leave_out_headings
from layers.cleaning.numbers import proved_style, stated_style, to_numbers
from layers.cleaning.values import SHOWN, note_unlisted
from layers.texts.proofs import has_bytes, is_filled, stripped
from layers.texts.written import as_text
from layers.toml_entry import ask_whether, near_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from layers.cleaning.numbers import NumberStyle
    from layers.cleaning.row_account import RowAccount
    from layers.formats.table import Table
    from layers.recipe.schema import Join, LayerRecipe

_NAMING = (
    *("id", "name", "name_en", "name_zh", "category", "unit"),
    *(f"{level}{ending}" for level in LEVELS for ending in ("", "_en", "_zh")),
)
_HIDDEN = "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff]"
"""Control characters, and marks without width that change how a text reads."""
_HIDDEN_BYTES = bytes((*range(0x20), 0x7F, 0xC2, 0xE2, 0xEF))
"""With which these begin in UTF-8, and a lost character, too."""


def check_columns(present: Iterable[str], needed: Iterable[str], *, entry: str) -> None:
    """Refuse a table that lacks a column which the recipe names."""
    present = list(present)
    missing = sorted(set(needed) - set(present))
    if missing:
        _check_separator(present, needed, entry=entry)
        near = near_match(missing[0], present)
        listed = ", ".join(present)
        hint = ask_whether(near)
        msg = f"{entry}: column {missing[0]!r} is missing; present are {listed}; {hint}"
        raise ColumnError(
            msg.rstrip("; "),
            problem="column_missing",
            hint=hint or "Correct `columns` in the recipe.",
            name=entry,
            missing=", ".join(missing),
            present=listed,
            near=near,
        )


def _check_separator(present: Sequence[str], needed: Iterable[str], *, entry: str) -> None:
    """Refuse a table of one column whose heading has all names wanted, apart by another sign."""
    parted = re.split(_OTHER_SIGN, present[0]) if len(present) == 1 else []
    if len(parted) > 1 and set(needed) <= {part.strip() for part in parted}:
        sign = re.findall(_OTHER_SIGN, present[0])[0]
        msg = f"{entry}: has the one column {present[0]!r}, as if {sign!r} stood between columns."
        raise ColumnError(
            msg,
            problem="column_separator",
            hint=f"Save it as CSV with commas, or replace {sign!r} by tabs.",
            name=entry,
            present=present[0],
            sign=sign,
        )


_OTHER_SIGN = r"\s{2,}|[，；、^~#!:]"
_MARKS = "*＊:： "
"""Around headings: of what must be filled in, and before the cells."""
_WIDE = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_BESIDE_WIDE = re.compile(rf"(?<={_WIDE}) | (?={_WIDE})")
_MIDNIGHT = r"[T ]00:00(?::00(?:\.0+)?)?$"
_NO_DAY = r"^(?:1899-12-3[01]|1900-01-0[01])[T ]"
"""Day of a cell that holds a time alone."""
_OF_A_DAY = r"0?\.\d+"
_SIGNS_OF_DATES = r"\d[-/.年월月]\d|[年月日]"


def with_alike_headings(table: Table, needed: Iterable[str]) -> Table:
    """Take a heading for that of the recipe where case, width or blanks alone differ."""
    needed = set(needed)
    missing = needed - set(table.rows.columns)
    if not missing:
        return table
    alike: dict[str, list[str]] = {}
    for name in [*missing, *(str(name) for name in table.rows if str(name) not in needed)]:
        alike.setdefault(_plain_heading(name), []).append(name)
    # of one plain form there must be one missing and one there: else nobody knows which is meant
    pairs = {there: wanted for wanted, *others in alike.values() if wanted in missing
             for there in others[:1] if len(others) == 1 and there not in missing}  # fmt: skip
    if not pairs:
        return table
    told = ", ".join(f"{there} = {wanted}" for there, wanted in sorted(pairs.items()))
    remarks = {**table.remarks, "headings_alike": {"found": told}}
    return replace(table, rows=table.rows.rename(columns=pairs), remarks=remarks)


def _plain_heading(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().strip(_MARKS).split())
    return _BESIDE_WIDE.sub("", plain)


def matches(column: pd.Series[str], patterns: Sequence[str]) -> NDArray[np.bool_]:
    """Find the cells that are one of some texts."""
    plain = [text for text in patterns if "*" not in text]
    mask = column.isin(plain).to_numpy(dtype=bool)
    for text in patterns:
        if "*" in text:
            expression = ".*".join(map(re.escape, text.split("*")))
            mask = mask | column.str.fullmatch(expression, flags=re.DOTALL).to_numpy(dtype=bool)
    return mask


def map_columns(
    table: Table, recipe: LayerRecipe, account: RowAccount, *, lookup: Table | None
) -> pd.DataFrame:
    """Select, look up, rename and translate."""
    _check_filled(table, recipe)
    _check_decoded(table, recipe)
    check_columns(table.rows.columns, recipe.needed(), entry=_named(recipe, table))
    rows = _stripped(table.rows)
    if recipe.missing:
        rows = rows.mask(rows.isin(recipe.missing), "")
    leave_out_headings(rows, table, recipe, account)
    leave_out_footers(rows, table, recipe, account)
    _select(rows, recipe, account)
    _quarantine_blank(rows, table, account)
    ours = _renamed(rows, recipe)
    if recipe.join is not None and lookup is not None:
        _look_up(ours, rows, recipe, lookup, account)
    for column, value in recipe.constants.items():
        ours[column] = value
    check_columns(ours.columns, recipe.value_maps, entry=f"{recipe.entry}: values")
    for column in recipe.value_maps:
        ours[column] = _translate(ours[column], recipe.value_maps[column], account)
    _note_characters(ours, account)
    return ours


def _renamed(rows: pd.DataFrame, recipe: LayerRecipe) -> pd.DataFrame:
    """Give columns our names; several of theirs may make one of ours."""
    sources: dict[str, list[pd.Series[str]]] = {}
    for theirs, targets in recipe.columns.items():
        for target in targets:
            sources.setdefault(target, []).append(rows[theirs])
    ours = pd.DataFrame(index=rows.index)
    for target, columns in sources.items():
        if len(columns) == 1:
            ours[target] = columns[0]
        elif recipe.combined[target] == "sum":
            ours[target] = _sum(columns, stated_style(recipe.decimal, recipe.thousands))
        elif recipe.combined[target] == "moment":
            ours[target] = _moment(columns)
        else:
            ours[target] = _joined(columns, "-")
    return ours


def _sum(columns: Sequence[pd.Series[str]], stated: NumberStyle | None) -> pd.Series[str]:
    """Add numbers; one that is missing leaves the sum unknown, one unreadable stays to be told."""
    blank = np.any([(column == "").to_numpy(dtype=bool) for column in columns], axis=0)
    parts = [to_numbers(column, stated or proved_style(column)) for column in columns]
    total = pd.Series(np.sum(parts, axis=0), index=columns[0].index)
    sign = stated.decimal if stated else "."
    text = total.map(lambda value: as_text(float(value)).replace(".", sign)).astype("str")
    unread = total.isna() & ~blank
    return text.mask(blank, "").mask(unread, _joined(columns, " + "))


def _moment(columns: Sequence[pd.Series[str]]) -> pd.Series[str]:
    """Put a date and a time beside each other, as cells of workbooks hold them, too."""
    date, *clocks = columns
    timed = np.any([(clock != "").to_numpy(dtype=bool) for clock in clocks], axis=0)
    date = date.mask(timed, date.str.replace(_MIDNIGHT, "", regex=True))
    clocks = [clock.str.replace(_NO_DAY, "", regex=True) for clock in clocks]
    share = [clock.where(clock.str.fullmatch(_OF_A_DAY)) for clock in clocks]
    written = date.str.contains(_SIGNS_OF_DATES, regex=True)
    clocks = [
        clock.mask(part.notna() & written, _clock(part))
        for clock, part in zip(clocks, share, strict=True)
    ]
    return _joined([date, *clocks], " ")


def _clock(share: pd.Series[str]) -> pd.Series[str]:
    """Write shares of a day, as workbooks count hours, as times."""
    seconds = (pd.to_numeric(share) * 86_400).round()
    return pd.to_datetime(seconds, unit="s", errors="coerce").dt.strftime("%H:%M:%S")


def _joined(columns: Sequence[pd.Series[str]], sign: str) -> pd.Series[str]:
    """Put texts beside each other; where the first is missing, there is nothing to add to."""
    first, *others = columns
    text = first
    for other in others:
        text = text.where(other == "", text + sign + other)
    return text.mask(first == "", "")


def _note_characters(ours: pd.DataFrame, account: RowAccount) -> None:
    """Quarantine identifiers that only look like others; note names that are not as they look."""
    for column in [name for name in _NAMING if name in ours]:
        if not has_bytes(ours[column], _HIDDEN_BYTES):
            continue
        hidden = ours[column].str.contains(_HIDDEN, regex=True).to_numpy(dtype=bool)
        if column == "id":
            account.quarantine(hidden, "identifier_hidden")
        else:
            account.note(hidden, "characters_hidden", column=column)
            lost = ours[column].str.contains("\ufffd", regex=False).to_numpy(dtype=bool)
            account.note(lost, "characters_lost", column=column)


def _check_decoded(table: Table, recipe: LayerRecipe) -> None:
    """Tell of the guess where headings are missing from a text whose encoding was guessed."""
    missing = sorted(recipe.needed() - set(table.rows.columns))
    if not (table.guessed and missing):
        return
    present = ", ".join(map(str, table.rows.columns))
    entry = _named(recipe, table)
    msg = (
        f"{entry}: column {missing[0]!r} is missing; the file states no encoding, and read as"
        f" {table.guessed} it has {present}."
    )
    raise ColumnError(
        msg,
        problem="column_undecoded",
        hint="State its `encoding` in the recipe, for example cp932, cp949 or big5hkscs.",
        name=entry,
        missing=", ".join(missing),
        present=present,
        encoding=table.guessed,
    )


def _named(recipe: LayerRecipe, table: Table) -> str:
    return f"{recipe.entry}: {', '.join(table.files)}"


def _stripped(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.apply(stripped) if len(rows) else rows


def _check_filled(table: Table, recipe: LayerRecipe) -> None:
    if len(table.rows) + len(table.broken) == 0:
        files = ", ".join(table.files)
        msg = f"{recipe.entry}: {files} has no rows; at least one is needed."
        raise SourceError(
            msg,
            problem="layer_empty",
            hint="Get the file again, or take this layer out of the recipe.",
            entry=recipe.entry,
            file=files,
        )


def _select(rows: pd.DataFrame, recipe: LayerRecipe, account: RowAccount) -> None:
    for column, patterns in recipe.where.items():
        account.leave_out(~matches(rows[column], patterns))
    for column, patterns in recipe.where_not.items():
        account.leave_out(matches(rows[column], patterns))
    if (recipe.where or recipe.where_not) and not account.alive.any():
        column = next(iter({**recipe.where, **recipe.where_not}))
        found = ", ".join(rows[column].value_counts().index[:SHOWN])
        msg = f"{recipe.entry}: where selects no row; {column} holds for example {found}."
        raise SourceError(
            msg,
            problem="nothing_selected",
            hint="Correct `where` in the recipe.",
            entry=recipe.entry,
            column=column,
            found=found,
        )


def _quarantine_blank(rows: pd.DataFrame, table: Table, account: RowAccount) -> None:
    blank = np.ones(len(rows), dtype=bool)
    for column in rows:
        if not blank.any():
            return
        blank &= ~is_filled(rows[column])
    if table.geometry is not None:
        blank &= shapely.is_missing(table.geometry)
    account.quarantine(blank, "blank_row")


def _key(rows: pd.DataFrame, columns: Iterable[str]) -> pd.Series[str]:
    first, *others = columns
    key = rows[first]
    for column in others:
        key = key + "\x1f" + rows[column]
    return key


def _look_up(
    ours: pd.DataFrame, rows: pd.DataFrame, recipe: LayerRecipe, lookup: Table, account: RowAccount
) -> None:
    join: Join = recipe.join  # type: ignore[assignment]
    needed = [*list(join.on.values()), *join.columns]
    check_columns(lookup.rows.columns, [*needed, *join.where], entry=_named(recipe, lookup))
    right = _stripped(lookup.rows)
    for column, patterns in join.where.items():
        right = right[matches(right[column], patterns)]
    right = right[list(dict.fromkeys(needed))].drop_duplicates()
    right = right.set_axis(pd.Index(_key(right, list(join.on.values()))), axis=0)
    ambiguous = right.index[right.index.duplicated()]
    right = right[~right.index.duplicated()]
    key = _key(rows, join.on)
    detail = key.str.replace("\x1f", ", ").to_numpy(dtype=object)
    on = ", ".join(join.on)
    account.quarantine(
        key.isin(ambiguous).to_numpy(dtype=bool), "match_ambiguous", detail=detail, heading=on
    )
    unmatched = ~key.isin(right.index).to_numpy(dtype=bool)
    if join.default:
        filled = ", ".join(f"{name} = {value}" for name, value in join.default.items())
        account.note(unmatched, "match_default", heading=on, value=filled)
    else:
        account.quarantine(unmatched, "match_missing", detail=detail, heading=on)
    for theirs, target in join.columns.items():
        ours[target] = key.map(right[theirs]).fillna(join.default.get(target, "")).astype("str")


def _translate(
    column: pd.Series[str], values: Mapping[str, str], account: RowAccount
) -> pd.Series[str]:
    """Translate by the first entry that matches; exact texts come before patterns."""
    result = column.copy()
    done = np.zeros(len(column), dtype=bool)
    for text in sorted(values, key=lambda text: "*" in text):
        hit = matches(column, [text]) & ~done
        result = result.mask(hit, values[text])
        done |= hit
    note_unlisted(column, ~done & (column != "").to_numpy(dtype=bool), account)
    return result.mask(~done, "")
